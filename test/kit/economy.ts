/** A mint, an upstream and a node that sells, with the few calls that a client makes. */
import { createTestMint, type TestMint, type TestMintOptions } from './mint'
import { startNode, type TestNode, type TestNodeOptions, until } from './node'
import { createTestUpstream, type TestUpstream, type TestUpstreamOptions } from './upstream'

export type Json = Readonly<Record<string, unknown>>
export type ErrorEnvelope = {
  readonly type: string
  readonly error: { readonly message: string; readonly type: string; readonly code: string; readonly details?: Json }
  readonly detail: { readonly error: unknown }
  readonly request_id: string
}
export type Info = {
  readonly api_key: string
  readonly balance: number
  readonly reserved: number
  readonly available: number
  readonly total_requests: number
  readonly total_spent: number
  readonly state: string
}

export type Economy = {
  readonly mint: TestMint
  readonly upstream: TestUpstream
  readonly node: TestNode
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Response>
  /** JSON unless the body is text already. */
  readonly post: (
    path: string,
    body: unknown,
    bearer?: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Response>
  readonly chat: (bearer: string, more?: Json) => Promise<Response>
  readonly info: (bearer: string) => Promise<Info>
  /** A key with exactly this balance. */
  readonly key: (sat: number) => Promise<string>
  readonly stop: () => Promise<void>
}

/** `B` of contract 6.4 with a cap: small, cheap, and of known size. */
export const chatBody: Json = {
  model: 'gpt-x',
  messages: [{ role: 'user', content: 'a'.repeat(300) }],
  max_tokens: 100,
}

export async function startEconomy(
  options: {
    readonly mint?: TestMintOptions
    readonly upstream?: TestUpstreamOptions
    readonly node?: TestNodeOptions
    /** Further mints that the node accepts. */
    readonly mints?: readonly string[]
  } = {},
): Promise<Economy> {
  const mint = createTestMint(options.mint)
  const upstream = createTestUpstream(options.upstream)
  const node = await startNode({
    ...options.node,
    environment: {
      CASHU_MINTS: [mint.url, ...(options.mints ?? [])].join(','),
      UPSTREAM_BASE_URL: upstream.url,
      UPSTREAM_API_KEY: 'canary-upstream-key',
      ...options.node?.environment,
    },
  })
  const get: Economy['get'] = (path, headers = {}) => fetch(`${node.url}${path}`, { headers, redirect: 'manual' })
  await until('the models are listed', async () => {
    const { data } = (await (await get('/v1/models')).json()) as { data: unknown[] }
    return data.length > 0 || options.upstream?.models?.length === 0
  })
  const post: Economy['post'] = (path, body, bearer, headers = {}) =>
    fetch(`${node.url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  const info: Economy['info'] = async (bearer) =>
    (await (await get('/v1/balance/info', { authorization: `Bearer ${bearer}` })).json()) as Info
  return {
    mint,
    upstream,
    node,
    get,
    post,
    info,
    chat: (bearer, more = {}) => post('/v1/chat/completions', { ...chatBody, ...more }, bearer),
    key: async (sat) => (await info(mint.token(sat))).api_key,
    async stop() {
      await node.stop()
      await mint.stop()
      await upstream.stop()
    },
  }
}

export const errorOf = async (response: Response): Promise<ErrorEnvelope['error']> =>
  ((await response.json()) as ErrorEnvelope).error

/** The data of every event of a stream, `[DONE]` as that text. */
export async function eventsOf(response: Response): Promise<readonly (Json | '[DONE]')[]> {
  const text = await response.text()
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice('data: '.length))
    .map((data) => (data === '[DONE]' ? data : (JSON.parse(data) as Json)))
}
