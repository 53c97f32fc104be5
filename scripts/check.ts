/** `bun run check`: format, lint, types, dead code, tests: what CI runs. */
import { bun, install, run } from './install'

await install()
const steps: readonly (readonly string[])[] = [
  [bun, 'x', 'biome', 'check', '--error-on-warnings', '.'],
  [bun, 'x', 'tsc', '-b'],
  [bun, 'x', 'knip', '--no-config-hints'],
  [bun, 'scripts/test.ts'],
]
for (const step of steps) {
  const code = await run(step)
  if (code !== 0) process.exit(code)
}
