/** A client of one streamed chat, without a node around it: from an upstream's events to the bytes that left. */
import { type ChatStream, chatStream, type Ending } from '../../core/proxy/chat-stream'
import type { CostObject } from '../../core/proxy/cost'
import { callUpstream } from '../../core/upstream/call'
import type { Json, Seen } from '../../core/upstream/seen'
import type { SseEvent } from '../../core/upstream/sse'
import type { Behaviour, TestUpstream } from './upstream'

/** F1 of contract 6.4, 1000 and 500 tokens. */
export const cost: CostObject = {
  total_msats: 2000,
  input_msats: 1000,
  output_msats: 1000,
  base_msats: 0,
  cache_read_msats: 0,
  cache_creation_msats: 0,
  input_tokens: 1000,
  output_tokens: 500,
  cache_read_input_tokens: 0,
  cache_creation_input_tokens: 0,
  total_usd: 0.002,
  sats_cost: 2,
  estimated: false,
  remaining_balance_msats: 7000,
}

export type Settled = { readonly seen: Seen; readonly ending: Ending }
export type Asked = { readonly stream: ReadableStream<Uint8Array>; readonly settled: Settled[] }

/** `settle` may answer nothing: then the charge is `cost`. */
export function served(events: AsyncIterator<SseEvent, undefined>, wish: Partial<ChatStream> = {}): Asked {
  const settled: Settled[] = []
  const stream = chatStream({
    events,
    abort: () => undefined,
    model: 'public/gpt-x',
    provider: 'generic',
    requestId: 'r1',
    keepaliveMs: 60_000,
    drainMs: 60_000,
    ...wish,
    async settle(seen, ending) {
      settled.push({ seen, ending })
      return (await wish.settle?.(seen, ending)) ?? { ok: true, cost }
    },
  })
  return { stream, settled }
}

/** Through a real socket and the real call. */
export async function behaving(
  upstream: TestUpstream,
  behaviour: Behaviour,
  wish: Partial<ChatStream> = {},
  idleMs = 5000,
): Promise<Asked> {
  upstream.next(behaviour)
  const messages = [{ role: 'user', content: 'hi' }]
  const body = { model: 'gpt-x', messages, stream: true, stream_options: { include_usage: true } }
  const attempt = await callUpstream(
    { kind: 'generic', baseUrl: upstream.url, credential: undefined, headers: {}, secrets: [] },
    {
      path: '/chat/completions',
      body: JSON.stringify(body),
      stream: true,
      bounds: { firstByteMs: 5000, idleMs, totalMs: 10_000 },
      userAgent: 'test',
      openAiBeta: undefined,
      clientGone: new AbortController().signal,
      drainMs: 5000,
    },
  )
  if (attempt.is !== 'stream') throw new Error(`no stream but ${JSON.stringify(attempt)}`)
  return served(attempt.events, { abort: attempt.abort, ...wish })
}

export async function* said(...events: readonly (Json | string)[]): AsyncGenerator<SseEvent, undefined> {
  for (const event of events) yield { name: undefined, data: typeof event === 'string' ? event : JSON.stringify(event) }
}

export const chunk = (delta: Json, finish: string | null = null, index = 0): Json => ({
  id: 'u1',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'gpt-x',
  choices: [{ index, delta, finish_reason: finish }],
})

export type Read = { readonly text: string; readonly lines: readonly string[]; readonly objects: readonly Json[] }
export async function read({ stream }: Asked): Promise<Read> {
  const text = await new Response(stream).text()
  const lines = text.split('\n\n').slice(0, -1)
  if (text !== lines.map((line) => `${line}\n\n`).join('')) throw new Error('a torn last event')
  const objects = lines.filter((line) => line.startsWith('data: {')).map((line) => JSON.parse(line.slice(6)) as Json)
  return { text, lines, objects }
}
export const finalOf = ({ objects }: Read): Json => objects.at(-1) ?? {}
