/** A node as a process of its own: for kills that are real, and for exit codes. */
import { join } from 'node:path'
import { copyCluster } from './log'
import { createTestMint } from './mint'
import { createTestUpstream } from './upstream'

const root = join(import.meta.dir, '../..')

export type ChildNode = {
  readonly child: Bun.Subprocess<'ignore', 'pipe', 'pipe'>
  readonly url: string
  /** All that it printed so far. */
  readonly printed: () => string
}

/** What every test node is told: no request leaves for a host outside this machine. */
export const childEnvironment = (data: string): Record<string, string> => ({
  ROUTSTR_DATA_DIR: data,
  PORT: '0',
  BTC_USD_SOURCES: 'fixed:100000',
  PRICE_FEED_URL: '',
  LOG_FORMAT: 'json',
})

/** A data directory as a first start leaves it, without events: saves the seconds of initdb. */
export async function prepareData(data: string): Promise<void> {
  await copyCluster(data, 'log')
  await copyCluster(data, 'views')
}

export function spawnNode(environment: Readonly<Record<string, string>>): Bun.Subprocess<'ignore', 'pipe', 'pipe'> {
  return Bun.spawn([process.execPath, 'core/main.ts'], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
}

/** Starts a node and waits until it listens; throws with what it said when it ends before. */
export async function startChild(environment: Readonly<Record<string, string>>): Promise<ChildNode> {
  const child = spawnNode(environment)
  const reader = child.stdout.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let url: string | undefined
  while (url === undefined) {
    const next = await reader.read()
    if (next.done) throw new Error(`the node ended: ${text}${await new Response(child.stderr).text()}`)
    text += decoder.decode(next.value, { stream: true })
    url = /endpoint\s+(http\S+)\/v1/.exec(text)?.[1]
  }
  // Read on, so that a full pipe never stops it.
  void (async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) text += decoder.decode(next.value)
  })().catch(() => undefined)
  return { child, url, printed: () => text }
}

/** Runs a node that is meant to end by itself; answers its exit code and what it said on stderr. */
export async function runNode(
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly said: string }> {
  const child = spawnNode(environment)
  const said = await new Response(child.stderr).text()
  return { code: await child.exited, said }
}

/** A mint and an upstream with one model beside a node of its own process, and what that node is told of them. */
export function startTrade(data: string) {
  const mint = createTestMint()
  const upstream = createTestUpstream({
    models: [
      {
        id: 'gpt-x',
        context_length: 10_000,
        max_completion_tokens: 2000,
        pricing: { prompt: '0.000001', completion: '0.000002' },
      },
    ],
  })
  return {
    mint,
    upstream,
    environment: {
      ...childEnvironment(data),
      CASHU_MINTS: mint.url,
      UPSTREAM_BASE_URL: upstream.url,
      UPSTREAM_API_KEY: 'k-12345678',
    },
    stop: () => Promise.all([mint.stop(), upstream.stop()]),
  }
}
