/** `bun run nightly`: the matrices and soaks in their full sizes; says at its end what it covered. */
import { bun, root } from './install'

const soakRuns = process.env.SOAK_RUNS ?? '30'
const given = process.argv.slice(2)
const paths =
  given.length > 0
    ? given
    : ['chaos', 'processes', 'promises', 'stories', 'backup', 'admin', 'money', 'proxy', 'log', 'web'].map(
        (room) => `test/${room}`,
      )
const child = Bun.spawn([bun, 'scripts/test.ts', ...paths], {
  cwd: root,
  env: { ...process.env, NIGHTLY: '1', SOAK_RUNS: soakRuns },
  stdout: 'pipe',
  stderr: 'pipe',
})
const covered = new Map<string, { passed: number; failed: number; ms: number }>()
await Promise.all([follow(child.stdout, process.stdout), follow(child.stderr, process.stderr)])
const code = await child.exited
process.stdout.write('\nnightly covered:\n')
for (const [file, { passed, failed, ms }] of [...covered].sort())
  process.stdout.write(`  ${file}: ${passed} passed, ${failed} failed, ${Math.round(ms / 1000)} s\n`)
process.stdout.write(`every kill point with every fault, ${soakRuns} soaks\n`)
process.exit(code)

/** Passes a stream on, and counts under each file's name what the runner says of its tests. */
async function follow(stream: ReadableStream<Uint8Array>, out: NodeJS.WriteStream): Promise<void> {
  const decoder = new TextDecoder()
  let file = ''
  let rest = ''
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
    out.write(chunk)
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      file = /^(test\/\S+\.test\.ts):/.exec(line)?.[1] ?? file
      const [, verdict, took = '0', unit] = /^\((pass|fail)\) .*?(?:\[([\d.]+)(ms|s)\])?$/.exec(line) ?? []
      if (verdict === undefined) continue
      const sum = covered.get(file) ?? { passed: 0, failed: 0, ms: 0 }
      covered.set(file, {
        passed: sum.passed + (verdict === 'pass' ? 1 : 0),
        failed: sum.failed + (verdict === 'fail' ? 1 : 0),
        ms: sum.ms + Number(took) * (unit === 's' ? 1000 : 1),
      })
    }
  }
}
