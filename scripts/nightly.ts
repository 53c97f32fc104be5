/** `bun run nightly`: the matrices and soaks in their full sizes; says at its end what it covered. */
import { bun, root } from './install'

const soakRuns = process.env.SOAK_RUNS ?? '30'
const paths = ['test/chaos', 'test/processes', 'test/promises', 'test/stories', 'test/backup']
const child = Bun.spawn([bun, 'scripts/test.ts', ...paths], {
  cwd: root,
  env: { ...process.env, NIGHTLY: '1', SOAK_RUNS: soakRuns },
  stdout: 'inherit',
  stderr: 'inherit',
})
const code = await child.exited
process.stdout.write(`\nnightly: ${paths.join(' ')}; every kill point with every fault, ${soakRuns} soaks\n`)
process.exit(code)
