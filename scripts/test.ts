/** `bun run test`: every test that this machine can run; what it cannot is named, and with CI=true that is a failure. */
import { chromiumPath } from '../test/kit/chromium'
import { buildDashboard } from './build-dashboard'
import { bun, install, root, run } from './install'

/** As many as the smallest machine that runs them has cores; whoever is done first takes the next file of the other. */
const processes = 2
/** Files with failures that are run again, alone; with more of them it is no matter of load. */
const mostAgain = 3
const web = 'test/web'

await install()
await buildDashboard()
// In a process of its own: this one began before its packages were there, and its Workers would not find them.
if ((await run([bun, 'test/kit/make-clusters.ts'])) !== 0) process.exit(1)
const chosen = process.argv.slice(2)
const paths = chosen.length > 0 ? chosen : ['test/']
const isWithoutWeb = chromiumPath() === undefined && paths.some((path) => web.startsWith(path) || path.startsWith(web))
if (isWithoutWeb)
  process.stdout.write(
    `skipped: ${web}, because no Chromium is installed (Debian: apt-get install chromium-headless-shell)\n`,
  )
const counts = await withoutLoad(
  await runTests([...(isWithoutWeb ? ['--path-ignore-patterns', `${web}/**`] : []), ...paths]),
)
const skipped = counts.skipped + (isWithoutWeb ? 1 : 0)
const isFailure = counts.failed > 0 || (process.env.CI === 'true' && skipped > 0)
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
process.exit(isFailure ? 1 : 0)

type Counts = Awaited<ReturnType<typeof runTests>>

/** What fails beside others on a busy machine and passes alone is no failure, but is named: its test waits too short. */
async function withoutLoad(counts: Counts): Promise<Counts> {
  const files = Object.keys(counts.failures)
  if (counts.failed === 0 || files.length > mostAgain || files.length === 0) return counts
  let { passed, failed } = counts
  for (const file of files) {
    const again = await runTests([file])
    const names = counts.failures[file] ?? []
    if (again.failed > 0 || again.passed === 0) continue
    passed += names.length
    failed -= names.length
    for (const name of names) process.stdout.write(`failed beside others, passed alone: ${file}: ${name}\n`)
  }
  return { ...counts, passed, failed: Math.max(0, failed) }
}

async function runTests(paths: readonly string[]) {
  // Whole matrices and what restores real directories many times: `bun run nightly`.
  const byDay = process.env.NIGHTLY === '1' ? [] : ['--path-ignore-patterns', '**/*.nightly.test.ts']
  const how = [
    `--parallel=${processes}`,
    '--no-isolate',
    ...byDay,
    '--timeout',
    '30000',
    '--preload',
    './test/kit/deny-network.ts',
  ]
  const child = Bun.spawn([bun, 'test', ...how, ...paths], {
    cwd: root,
    stdout: 'pipe',
    stderr: 'pipe',
    env: process.env,
  })
  const [out, err] = await Promise.all([tee(child.stdout, process.stdout), tee(child.stderr, process.stderr)])
  const code = await child.exited
  const text = `${out}\n${err}`
  const count = (word: string) => Number(new RegExp(`^\\s*(\\d+) ${word}\\b`, 'm').exec(text)?.[1] ?? 0)
  const counts = {
    passed: count('pass'),
    failed: count('fail'),
    skipped: count('skip') + count('todo'),
    failures: failuresIn(text),
  }
  // A crash of the runner itself must not look like success.
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

/** Names of the failed tests by their file, as far as the output tells it. */
function failuresIn(text: string): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {}
  // The list at the end repeats them without their files.
  const [run = ''] = text.split(/^\d+ tests? failed:$/m)
  let file = ''
  for (const line of run.split('\n')) {
    file = /^(test\/\S+\.test\.ts):$/.exec(line)?.[1] ?? file
    const name = /^\(fail\) (.*) \[[\d.]+m?s\]$/.exec(line)?.[1]
    if (name !== undefined && file !== '') found[file] = [...(found[file] ?? []), name]
  }
  return found
}

async function tee(stream: ReadableStream<Uint8Array>, out: NodeJS.WriteStream): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
    out.write(chunk)
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}
