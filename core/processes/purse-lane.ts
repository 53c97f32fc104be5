/** One choice of coins at a time in each purse: many that choose at once would all choose the same ones (wallet 5.2). */
import { createLanes, type Lanes } from '../lanes'

export type PurseLane = (purse: string) => Lanes

export function createPurseLanes(): PurseLane {
  const lanes = new Map<string, Lanes>()

  return (purse) => {
    const lane = lanes.get(purse) ?? createLanes(1)
    lanes.set(purse, lane)
    return lane
  }
}
