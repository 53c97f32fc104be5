/** `bun run test`: every test that this machine can run; what it cannot is named, and with CI=true that is a failure. */
import { existsSync } from 'node:fs'
import { Glob } from 'bun'
import { buildDashboard } from './build-dashboard'
import { bun, install, root } from './install'

await install()
await buildDashboard()
// Imported only now: on a fresh clone its packages were not there before.
const { clusterTemplate } = await import('../test/kit/cluster')
await clusterTemplate()
const chosen = process.argv.slice(2)
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)
const web = [...new Glob('test/web/*.test.ts').scanSync({ cwd: root })]
let passed = 0
let failed = 0
let skipped = 0
if (chosen.length > 0) await runLane([chosen])
// Two lanes side by side: one computes, the other mostly waits for relays, clocks and a browser.
else await Promise.all([runLane([computing()]), runLane([waiting(), ...(web.length > 0 ? [['test/web']] : [])])])
const isFailure = failed > 0 || (process.env.CI === 'true' && skipped > 0)
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
process.exit(isFailure ? 1 : 0)

/** Every folder of tests but those that run by themselves, or in the other lane. */
function computing(): string[] {
  const folders = 'deciders engine log projections money processes proxy contract promises stories chaos kit'.split(' ')
  return ['test/tidy.test.ts', ...folders.map((folder) => `test/${folder}`)].filter(exists)
}

function waiting(): string[] {
  return ['test/admin', 'test/nostr'].filter(exists)
}

function exists(path: string): boolean {
  return existsSync(`${root}/${path}`)
}

/** Suites one after the other. */
async function runLane(suites: readonly (readonly string[])[]): Promise<void> {
  for (const suite of suites) {
    if (suite.includes('test/web') && chromium === undefined) {
      process.stdout.write('skipped: test/web, because no Chromium is installed (Debian: apt-get install chromium)\n')
      skipped += 1
      continue
    }
    const counts = await runSuite(suite)
    passed += counts.passed
    failed += counts.failed
    skipped += counts.skipped
  }
}

async function runSuite(paths: readonly string[]) {
  const child = Bun.spawn([bun, 'test', '--timeout', '30000', '--preload', './test/kit/deny-network.ts', ...paths], {
    cwd: root,
    stdout: 'pipe',
    stderr: 'pipe',
    env: process.env,
  })
  const [out, err] = await Promise.all([tee(child.stdout, process.stdout), tee(child.stderr, process.stderr)])
  const code = await child.exited
  const text = `${out}\n${err}`
  const count = (word: string) => Number(new RegExp(`^\\s*(\\d+) ${word}\\b`, 'm').exec(text)?.[1] ?? 0)
  const counts = { passed: count('pass'), failed: count('fail'), skipped: count('skip') + count('todo') }
  // A crash of the runner itself must not look like success.
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
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
