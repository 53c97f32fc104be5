/** `bun run bench`: the benchmarks of `test/bench/`, or `bench seed <requests> <sessions>` (configuration 1). */
import { install } from './install'

await install()
const [first, ...others] = process.argv.slice(2)
// Imported only now: on a fresh clone its packages were not there before.
if (first === 'seed') process.exit(await (await import('../test/bench/seed')).seedCommand(others))
if (process.argv.includes('web')) await (await import('./build-dashboard')).buildDashboard()
const { benchCommand } = await import('../test/bench/run')
process.exit(await benchCommand(process.argv.slice(2)))
