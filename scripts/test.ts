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
const suites = chosen.length > 0 ? [chosen] : [plainSuites(), ...(web.length > 0 ? [['test/web']] : [])]
let passed = 0
let failed = 0
let skipped = 0
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
const isFailure = failed > 0 || (process.env.CI === 'true' && skipped > 0)
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
process.exit(isFailure ? 1 : 0)

/** Every folder of tests but those that run by themselves. */
function plainSuites(): string[] {
  return [
    'test/tidy.test.ts',
    'test/deciders',
    'test/engine',
    'test/log',
    'test/projections',
    'test/money',
    'test/processes',
    'test/proxy',
    'test/contract',
    'test/admin',
    'test/nostr',
    'test/promises',
    'test/stories',
    'test/chaos',
    'test/kit',
  ].filter((path) => existsSync(`${root}/${path}`))
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
