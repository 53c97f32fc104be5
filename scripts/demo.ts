/** `bun run demo`: the whole economy on loopback in one terminal, until Ctrl-C (configuration 1). */
import { buildDashboard } from './build-dashboard'
import { install } from './install'

await install()
await buildDashboard()
// Imported only now: on a fresh clone its packages were not there before.
const { runDemo } = await import('../test/kit/demo')
process.exit(await runDemo(process.env))
