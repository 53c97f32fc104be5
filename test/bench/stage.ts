/** Everything that is measured, each in a process of its own: mock upstream, bare proxy, and the real node on disk. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { childEnvironment, prepareData, startChild } from '../kit/child'
import { createTestMint } from '../kit/mint'
import { until } from '../kit/node'

export type Place = 'direct' | 'proxy' | 'node'
export const places: readonly Place[] = ['direct', 'proxy', 'node']

export type Stage = {
  /** Where a chat is posted to. */
  readonly chatUrl: Readonly<Record<Place, string>>
  readonly nodeUrl: string
  /** The node's data directory. */
  readonly directory: string
  readonly nodePid: number
  readonly proxyPid: number
  /** From the start of the process until it listened. */
  readonly startMs: number
  /** Keys with more money than a run can spend. */
  readonly keys: readonly [string, ...string[]]
  readonly mintUrl: string
  /** A token of proofs of these amounts, in sat. */
  readonly token: (amounts: readonly number[]) => string
  readonly upstreamCalls: () => Promise<number>
  /** One admin command through the console's door. */
  readonly call: (method: string, params?: object) => Promise<Readonly<Record<string, unknown>>>
  readonly info: (key: string) => Promise<Info>
  readonly stop: () => Promise<void>
}
export type Info = { readonly reserved: number; readonly total_requests: number; readonly total_spent: number }

const here = import.meta.dir
const keyCount = 64
/** 2^23 sat: nine million requests of the mock's price on one key. */
const fundedSat = 8_388_608

export const chat = (more: object = {}): string =>
  JSON.stringify({
    model: 'gpt-x',
    messages: [{ role: 'user', content: 'a'.repeat(300) }],
    max_tokens: 100,
    ...more,
  })

/** On a temporary data directory, or on a given one, which is kept. */
export async function startStage(
  given: string | undefined,
  environment: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  const temporary = given === undefined ? mkdtempSync(join(tmpdir(), 'routstr-bench-')) : undefined
  const data = resolve(given ?? join(temporary ?? '', 'data'))
  await prepareData(data)
  const mint = createTestMint()
  const upstream = await startProgram('mock-upstream.ts')
  const proxy = await startProgram('bare-proxy.ts', upstream.url)
  const began = performance.now()
  const node = await startChild({
    ...childEnvironment(data),
    CASHU_MINTS: mint.url,
    UPSTREAM_BASE_URL: `${upstream.url}/v1`,
    UPSTREAM_API_KEY: 'bench-upstream-key',
    UPSTREAM_KIND: 'generic',
    LOG_LEVEL: 'warn',
    ...environment,
  })
  const startMs = performance.now() - began
  const sells = async () => ((await getJson(`${node.url}/v1/models`)).data as readonly unknown[]).length > 0
  await until('a model is sold', sells, 60_000)
  const path = '/v1/chat/completions'
  return {
    chatUrl: { direct: upstream.url + path, proxy: proxy.url + path, node: node.url + path },
    nodeUrl: node.url,
    directory: data,
    nodePid: node.child.pid,
    proxyPid: proxy.child.pid,
    startMs,
    keys: await fundKeys(node.url, () => mint.token(fundedSat)),
    mintUrl: mint.url,
    token: (amounts) =>
      mint.token(
        amounts.reduce((sat, amount) => sat + amount, 0),
        'sat',
        { amounts },
      ),
    upstreamCalls: async () => (await getJson(`${upstream.url}/__calls`)).calls as number,
    async call(method, params = {}) {
      const [url = '', token = ''] = readFileSync(join(data, 'console.token'), 'utf8').trim().split('\n')
      const sent = { id: crypto.randomUUID(), method, params }
      const { result } = await postJson(`${url}/admin/api/rpc`, sent, token)
      return (result ?? {}) as Readonly<Record<string, unknown>>
    },
    info: async (key) => (await getJson(`${node.url}/v1/balance/info`, key)) as unknown as Info,
    async stop() {
      for (const { child } of [node, proxy, upstream]) {
        child.kill('SIGTERM')
        await child.exited
      }
      await mint.stop()
      if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true })
    },
  }
}

async function fundKeys(nodeUrl: string, token: () => string): Promise<readonly [string, ...string[]]> {
  const keys: string[] = []
  for (let n = 0; n < keyCount; n += 1) {
    const { api_key } = await postJson(`${nodeUrl}/v1/balance/create`, { initial_balance_token: token() })
    if (typeof api_key !== 'string') throw new Error('the node did not take a token')
    keys.push(api_key)
  }
  const [first = '', ...others] = keys
  return [first, ...others]
}

/** A program of this folder; it says `ready <url>`, and what else there is to know, once it listens. */
export async function startProgram(file: string, ...words: readonly string[]) {
  const child = Bun.spawn([process.execPath, join(here, file), ...words], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const reader = child.stdout.getReader()
  const { value } = await reader.read()
  const [url, ...told] = /ready (.+)/.exec(new TextDecoder().decode(value))?.[1]?.trim().split(' ') ?? []
  if (url === undefined) throw new Error(`${file} did not start`)
  return { child, url, words: told }
}

type Json = Readonly<Record<string, unknown>>
const headersOf = (bearer: string | undefined): Record<string, string> =>
  bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }

const getJson = async (url: string, bearer?: string): Promise<Json> =>
  (await (await fetch(url, { headers: headersOf(bearer) })).json()) as Json

async function postJson(url: string, body: object, bearer?: string): Promise<Json> {
  const headers = { 'content-type': 'application/json', ...headersOf(bearer) }
  return (await (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).json()) as Json
}
