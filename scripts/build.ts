/** `bun run build`: the dashboard's static bundle in `dist/admin/`. */
import { buildDashboard } from './build-dashboard'
import { install } from './install'

await install()
await buildDashboard({ always: true })
