/** The test mint's WebSocket (NUT-17): tells of quotes that change, with good manners or as told. */
import type { ServerWebSocket } from 'bun'

/** How the next connections are treated, and those that are open from their next message on. */
export type NewsManners =
  | 'good'
  | 'refuses'
  | 'redirects'
  /** Never answers the request to open. */
  | 'hangs'
  /** Opens and says nothing. */
  | 'mute'
  | 'closes'
  | 'floods'
  | 'huge'
  | 'garbage'
  /** Calls every quote paid. */
  | 'lies'

type Topic = { readonly kind: string; readonly subId: string; readonly quote: string; told: string }
export type NewsSocket = ServerWebSocket<{ readonly topics: Topic[] }>

type Message = {
  readonly method?: string
  readonly id?: number
  readonly params?: { readonly kind?: string; readonly subId?: string; readonly filters?: readonly string[] }
}

/** `look` answers a quote as the mint shows it. */
export function createNews(look: (kind: string, quote: string) => Record<string, unknown> | undefined) {
  const sockets = new Set<NewsSocket>()
  let manners: NewsManners = 'good'
  let opened = 0

  function receive(socket: NewsSocket, text: string): void {
    const { method, id, params } = JSON.parse(text) as Message
    const { kind = '', subId = '', filters = [] } = params ?? {}
    if (manners === 'closes') socket.close()
    if (manners === 'garbage') socket.send('{"jsonrpc": ')
    if (manners === 'huge') socket.send(JSON.stringify({ jsonrpc: '2.0', padding: 'x'.repeat(1_000_000) }))
    if (['mute', 'closes', 'garbage', 'huge'].includes(manners)) return
    if (method === 'unsubscribe') {
      socket.data.topics.splice(0, Number.POSITIVE_INFINITY, ...socket.data.topics.filter((one) => one.subId !== subId))
    } else {
      if (filters.some((quote) => look(kind, quote) === undefined))
        return void socket.send(JSON.stringify({ jsonrpc: '2.0', error: { code: -32_602, message: 'unknown' }, id }))
      socket.data.topics.push(...filters.map((quote) => ({ kind, subId, quote, told: '' })))
    }
    socket.send(JSON.stringify({ jsonrpc: '2.0', result: { status: 'OK', subId }, id }))
    tell(socket)
  }

  function tell(socket: NewsSocket): void {
    for (const topic of socket.data.topics) {
      const shown = look(topic.kind, topic.quote)
      const payload = manners === 'lies' ? { ...shown, state: 'PAID' } : shown
      if (payload === undefined || payload.state === topic.told) continue
      topic.told = String(payload.state)
      const told = JSON.stringify({ jsonrpc: '2.0', method: 'subscribe', params: { subId: topic.subId, payload } })
      socket.send(told)
      if (manners === 'floods') for (let n = 0; n < 2000; n += 1) socket.send(flood(told, n))
    }
  }

  return {
    /** undefined: it may be opened. */
    refusal(): Promise<Response> | Response | undefined {
      if (manners === 'hangs') return new Promise<Response>(() => undefined)
      if (manners === 'refuses') return new Response('no', { status: 403 })
      if (manners === 'redirects')
        return new Response(null, { status: 302, headers: { location: 'http://127.0.0.1:9/' } })
      return undefined
    },
    handler: {
      open(socket: NewsSocket) {
        opened += 1
        sockets.add(socket)
      },
      message: (socket: NewsSocket, text: string | Buffer) => receive(socket, String(text)),
      close: (socket: NewsSocket) => void sockets.delete(socket),
    },
    /** Tells whoever listens what has changed. */
    changed(): void {
      for (const socket of sockets) tell(socket)
    },
    setManners(next: NewsManners): void {
      manners = next
    },
    opened: () => opened,
    listening: () => [...sockets].flatMap((socket) => socket.data.topics.map(({ kind, quote }) => ({ kind, quote }))),
    hangUp(): void {
      for (const socket of sockets) socket.close()
    },
  }
}

const flood = (told: string, n: number) => told.replace(/"state":"\w+"/, `"state":"${n % 2 === 0 ? 'PAID' : 'UNPAID'}"`)
