/** The whole economy on loopback: test mint, upstream and relay, and a real node with a funded key (configuration 1). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createTestMint } from './mint'
import { until } from './node'
import { createTestRelay } from './relay'
import { createTestUpstream, gptX } from './upstream'

type Variables = Readonly<Record<string, string | undefined>>
/** Whatever the node is to be stopped with at the end. */
type Closer = () => Promise<void> | void

const root = join(import.meta.dir, '../..')
const fundedSat = 10_000
/** A first start makes two databases: some seconds, more on a busy machine. */
const startWaitMs = 120_000
const say = (text: string) => process.stdout.write(`${text}\n`)

/** Runs until SIGINT or SIGTERM. Answers the exit code: 0 for a clean end, the node's own if it ended by itself. */
export async function runDemo(variables: Variables): Promise<number> {
  const closers: Closer[] = []
  const signal = firstSignal()
  try {
    const neighbours = startNeighbours(closers)
    const node = spawnNode(neighbours.environment, variables, closers)
    const started = await Promise.race([signal, node.exited, node.ready.then(() => 'ready' as const)])
    if (started === 'ready') {
      const key = await fund(node.said().url, neighbours.token())
      say(welcome(node.said(), key, neighbours))
    }
    const end = await Promise.race([signal, node.exited])
    return typeof end === 'number' ? end : await node.stop()
  } catch (error) {
    process.stderr.write(`demo: ${String((error as Error)?.message ?? error)}\n`)
    return 1
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

function firstSignal(): Promise<'signal'> {
  return new Promise((done) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => done('signal'))
  })
}

type Neighbours = {
  readonly mintUrl: string
  readonly upstreamUrl: string
  readonly relayUrl: string
  readonly token: () => string
  /** What the node has to know of them. */
  readonly environment: Readonly<Record<string, string>>
}

/** Everybody the node deals with. */
function startNeighbours(closers: Closer[]): Neighbours {
  const mint = createTestMint({ units: ['sat', 'msat'], feePpk: 100 })
  const upstream = createTestUpstream({ models: [gptX] })
  const relay = createTestRelay()
  closers.push(mint.stop, upstream.stop, relay.stop)
  return {
    mintUrl: mint.url,
    upstreamUrl: upstream.url,
    relayUrl: relay.url,
    token: () => mint.token(fundedSat),
    environment: {
      CASHU_MINTS: mint.url,
      UPSTREAM_BASE_URL: upstream.url,
      UPSTREAM_API_KEY: 'demo-upstream-key',
      UPSTREAM_KIND: 'generic',
      ADMIN_RELAYS: relay.url,
      NAME: 'Demo node',
    },
  }
}

/** Variables of the operator's shell that may reach the demo's node: none that names a real upstream, mint or key. */
const inherited = ['PATH', 'HOME', 'TMPDIR', 'TERM', 'NO_COLOR', 'HOST', 'LOG_LEVEL', 'LOG_FORMAT', 'ADMIN_PASSWORD']

type Said = { readonly url: string; readonly dashboard: string }

/** The real start path, as a process of its own. It keeps a given data directory; a temporary one goes with it. */
function spawnNode(neighbours: Readonly<Record<string, string>>, variables: Variables, closers: Closer[]) {
  const given = variables.ROUTSTR_DATA_DIR
  const temporary = given === undefined ? mkdtempSync(join(tmpdir(), 'routstr-demo-')) : undefined
  if (temporary !== undefined) closers.push(() => rmSync(temporary, { recursive: true, force: true }))
  const passed = Object.fromEntries(inherited.flatMap((name) => (variables[name] ? [[name, variables[name]]] : [])))
  const child = Bun.spawn([process.execPath, 'core/main.ts'], {
    cwd: root,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
    env: {
      ...passed,
      PORT: variables.PORT ?? '0',
      ROUTSTR_DATA_DIR: resolve(given ?? join(temporary ?? '', 'data')),
      // A demo asks nobody outside this machine.
      BTC_USD_SOURCES: 'fixed:100000',
      PRICE_FEED_URL: '',
      LOG_FORMAT: passed.LOG_FORMAT ?? (process.stdout.isTTY ? 'pretty' : 'json'),
      ...neighbours,
    },
  })
  const lines = readLines(child.stdout)
  return {
    ready: lines.ready,
    said: lines.said,
    exited: child.exited,
    stop(): Promise<number> {
      child.kill('SIGTERM')
      return child.exited
    },
  }
}

/** Passes the node's lines on to the terminal and picks out where it listens. */
function readLines(stdout: ReadableStream<Uint8Array>) {
  let url = ''
  let dashboard = ''
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>()
  async function pump(): Promise<void> {
    const decoder = new TextDecoder()
    let open = ''
    for await (const bytes of stdout as unknown as AsyncIterable<Uint8Array>) {
      process.stdout.write(bytes)
      if (dashboard !== '') continue
      const text = open + decoder.decode(bytes, { stream: true })
      url ||= /^endpoint\s+(http\S+)\/v1$/m.exec(text)?.[1] ?? ''
      dashboard = /^dashboard\s+(http\S+)$/m.exec(text)?.[1] ?? ''
      open = text.slice(text.lastIndexOf('\n') + 1)
      if (dashboard !== '') isReady()
    }
  }
  void pump().catch(() => undefined)
  return { ready, said: (): Said => ({ url, dashboard }) }
}

/** A key with money on it, bought as any client buys one: with a token (contract 4.1). */
async function fund(url: string, token: string): Promise<string> {
  await until('a model is sold', () => sells(url), startWaitMs)
  const response = await fetch(`${url}/v1/balance/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ initial_balance_token: token }),
  })
  const { api_key } = (await response.json()) as { readonly api_key?: string }
  if (api_key === undefined) throw new Error(`the node did not take the token (${response.status})`)
  return api_key
}

async function sells(url: string): Promise<boolean> {
  const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { readonly data: readonly unknown[] }
  return data.length > 0
}

/** Single quotes hold the JSON, so that the lines work in any shell by copy and paste. */
const welcome = ({ url, dashboard }: Said, key: string, { mintUrl, upstreamUrl, relayUrl }: Neighbours): string => `
The demo runs. All money is of the test mint: it is worth nothing.

endpoint   ${url}/v1
dashboard  ${dashboard}
mint       ${mintUrl}
upstream   ${upstreamUrl}
relay      ${relayUrl}  (admin inbox: node.status over HTTP names it)

A paid answer (the key holds ${fundedSat} sat less the mint's fee):

curl -sS ${url}/v1/chat/completions -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '{"model":"${String(gptX.id)}","messages":[{"role":"user","content":"Hello"}],"max_tokens":50}'

What is left:

curl -sS ${url}/v1/balance/info -H 'Authorization: Bearer ${key}'

Another token, to pay with as a key of its own:

curl -sS ${mintUrl}/__token -d '{"amount":100,"unit":"sat"}'

Ctrl-C ends everything (pid ${process.pid}).
`
