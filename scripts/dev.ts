/** `bun run dev`: the node with reload, and Vite's own server for the dashboard. */
import { bun, install, root } from './install'

await install()
const programs = [
  [bun, '--watch', 'core/main.ts'],
  [bun, 'node_modules/vite/bin/vite.js', '--config', 'admin-web/vite.config.ts'],
]
const children = programs.map((command) =>
  Bun.spawn(command, { cwd: root, stdin: 'ignore', stdout: 'inherit', stderr: 'inherit', env: process.env }),
)
const end = () => {
  for (const child of children) child.kill()
}
process.on('SIGINT', end)
process.on('SIGTERM', end)
await Promise.race(children.map((child) => child.exited))
end()
