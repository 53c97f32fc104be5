/** `bun scripts/with-install.ts <program> …`: installs what is missing, then runs the program. */
import { bun, install, run } from './install'

await install()
process.exit(await run([bun, ...process.argv.slice(2)]))
