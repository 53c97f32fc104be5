/** `node-admin` as a process of its own: what it prints, and its exit code. */
import { join } from 'node:path'

const root = join(import.meta.dir, '../..')

export async function runConsole(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  stdin = '',
): Promise<{ readonly code: number; readonly out: string; readonly said: string }> {
  const child = Bun.spawn([process.execPath, 'core/console.ts', ...words], {
    cwd: root,
    env: { ...process.env, BTC_USD_SOURCES: 'fixed:100000', PRICE_FEED_URL: '', ...environment },
    stdin: new Blob([stdin]),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, said] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { code: await child.exited, out, said }
}
