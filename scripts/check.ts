/** `bun run check`: format, lint, types, dead code, tests: what CI runs. */
import { bun, install, run } from './install'

await install()
const checks: readonly (readonly string[])[] = [
  ['biome', 'check', '--error-on-warnings', '.'],
  ['tsc', '-b'],
  ['knip', '--no-config-hints'],
]
// Beside the tests, which wait a third of their time; what they counted is the last line.
const [checked, tested] = await Promise.all([allOf(checks), run([bun, 'scripts/test.ts'])])
if (checked !== undefined) process.stderr.write(`error: ${checked} found something, see above\n`)
process.exit(checked === undefined ? tested : 1)

/** Names the first that fails. */
async function allOf(commands: typeof checks): Promise<string | undefined> {
  for (const command of commands) if ((await run([bun, 'x', ...command])) !== 0) return command[0]
  return undefined
}
