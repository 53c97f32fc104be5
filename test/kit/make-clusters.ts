/** Makes the clusters that tests copy, before several test processes begin and each would. */
import { readyClusters } from './cluster'

await readyClusters()
