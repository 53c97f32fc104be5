/** `bun run start`: installs, builds the dashboard when its sources changed, and becomes the node. */
import { buildDashboard } from './build-dashboard'
import { bun, install, root } from './install'

await install()
await buildDashboard()
const child = Bun.spawn([bun, 'core/main.ts'], {
  cwd: root,
  stdin: 'inherit',
  stdout: 'inherit',
  stderr: 'inherit',
  env: process.env,
})
// Signals go on to the node; its exit code is ours.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
process.exit(await child.exited)
