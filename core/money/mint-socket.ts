/**
 * News of a mint (NUT-17): one WebSocket, a bounded number of quotes, and nothing that it says is believed: news only
 * wakes who then asks (wallet 13). Opened while somebody listens, rebuilt when lost, slower and slower.
 */
import { limits } from '../limits'

export type Topic = { readonly kind: 'bolt11_mint_quote' | 'bolt11_melt_quote'; readonly quoteId: string }

export type MintSocket = {
  /** Hears of a quote from now on; of too many the oldest is heard of no more, and only asked for. */
  readonly follow: (topic: Topic, onNews: () => void) => void
  readonly unfollow: (quoteId: string) => void
  readonly isOpen: () => boolean
  readonly close: () => void
}

/** How long things take; tests hurry. */
export type SocketWaits = {
  readonly backOffMs: readonly number[]
  readonly connectMs: number
  readonly answerMs: number
}

type Followed = Topic & {
  readonly subId: string
  readonly onNews: () => void
  state: string
  wokenAt: number
  isDue: boolean
}

export function createMintSocket(deps: {
  /** Of the mint, http or https. */
  readonly url: string
  /** Asked before each connect: whether the mint is still trusted and its address one that may be contacted. */
  readonly mayConnect: () => Promise<boolean>
  readonly now: () => number
  readonly waits?: SocketWaits | undefined
}): MintSocket {
  const { now, waits = limits.socketWaits } = deps
  const url = `${deps.url.replace(/^http/, 'ws')}/v1/ws`
  /** By quote, the oldest first. */
  const followed = new Map<string, Followed>()
  let socket: WebSocket | undefined
  let isClosed = false
  let isConnecting = false
  let failures = 0
  let openedAt = 0
  let requests = 0
  let heard = { since: 0, messages: 0 }
  let retry: ReturnType<typeof setTimeout> | undefined
  let patience: ReturnType<typeof setTimeout> | undefined

  function follow(topic: Topic, onNews: () => void): void {
    if (isClosed || followed.has(topic.quoteId)) return
    const [oldest] = followed.keys()
    if (followed.size >= limits.socketTopics && oldest !== undefined) unfollow(oldest)
    const one = { ...topic, subId: crypto.randomUUID(), onNews, state: 'UNPAID', wokenAt: 0, isDue: false }
    followed.set(topic.quoteId, one)
    if (socket?.readyState === WebSocket.OPEN) subscribe(one)
    else if (socket === undefined && retry === undefined) void connect()
  }

  function unfollow(quoteId: string): void {
    const one = followed.get(quoteId)
    if (one === undefined) return
    followed.delete(quoteId)
    if (followed.size === 0) letGo()
    else send('unsubscribe', { subId: one.subId })
  }

  async function connect(): Promise<void> {
    if (isConnecting) return
    isConnecting = true
    retry = undefined
    const isAllowed = await deps.mayConnect().catch(() => false)
    isConnecting = false
    if (isClosed || followed.size === 0) return
    if (!isAllowed) return again(longest)
    // What is compressed is only measured once it is inflated.
    const own = new WebSocket(url, { perMessageDeflate: false })
    socket = own
    patience = setTimeout(() => lost(own), waits.connectMs)
    own.onopen = () => {
      openedAt = now()
      heard = { since: now(), messages: 0 }
      // A mint answers each subscription at once; one that says nothing is no source of news.
      clearTimeout(patience)
      patience = setTimeout(() => lost(own), waits.answerMs)
      for (const one of followed.values()) subscribe(one)
    }
    own.onmessage = ({ data }) => {
      if (socket === own) receive(own, data)
    }
    own.onclose = () => lost(own)
    own.onerror = () => undefined
  }

  const longest = waits.backOffMs.length - 1

  function lost(own: WebSocket, atLeast = 0): void {
    if (socket !== own) return
    // A connection that lived is no reason to wait long.
    if (openedAt !== 0 && now() - openedAt > limits.socketStableMs) failures = 0
    drop()
    again(atLeast)
  }

  /** Let go of at once: a peer that is gone answers no closing handshake either. */
  function drop(): void {
    const own = socket
    socket = undefined
    openedAt = 0
    clearTimeout(patience)
    own?.terminate()
  }

  function letGo(): void {
    clearTimeout(retry)
    retry = undefined
    drop()
  }

  function again(atLeast: number): void {
    if (isClosed || followed.size === 0) return
    failures = Math.max(failures, atLeast)
    const waitMs = waits.backOffMs[Math.min(failures, longest)] ?? 0
    failures += 1
    retry = setTimeout(() => void connect(), waitMs * (0.8 + Math.random() * 0.4))
  }

  function subscribe({ kind, subId, quoteId }: Followed): void {
    send('subscribe', { kind, subId, filters: [quoteId] })
  }

  function send(method: 'subscribe' | 'unsubscribe', params: Readonly<Record<string, unknown>>): void {
    if (socket?.readyState !== WebSocket.OPEN) return
    socket.send(JSON.stringify({ jsonrpc: '2.0', method, params, id: requests }))
    requests += 1
  }

  /** A mint that floods us or sends what is too large is not listened to for the longest while. */
  function receive(own: WebSocket, data: unknown): void {
    if (now() - heard.since >= minuteMs) heard = { since: now(), messages: 0 }
    heard.messages += 1
    const isTooLarge = typeof data !== 'string' || data.length > limits.socketMessageChars
    if (isTooLarge || heard.messages > limits.socketMessagesPerMinute) {
      lost(own, longest)
      return
    }
    clearTimeout(patience)
    const { subId, quote, state } = notificationIn(data)
    const one = quote === undefined ? undefined : followed.get(quote)
    if (one === undefined || one.subId !== subId || state === undefined || state === one.state) return
    one.state = state
    wake(one)
  }

  /** At most once in a while, however often the mint changes its mind; the newest news is never dropped. */
  function wake(one: Followed): void {
    if (one.isDue) return
    const waitMs = Math.max(0, one.wokenAt + limits.socketWakeMs - now())
    one.isDue = true
    setTimeout(() => {
      one.isDue = false
      one.wokenAt = now()
      if (followed.get(one.quoteId) === one) one.onNews()
    }, waitMs)
  }

  return {
    follow,
    unfollow,
    isOpen: () => socket?.readyState === WebSocket.OPEN,
    close() {
      isClosed = true
      followed.clear()
      letGo()
    },
  }
}

const minuteMs = 60_000

/** Which quote of which subscription is said to be in which state; newer mints count what was paid and issued. */
function notificationIn(text: string): {
  readonly subId?: unknown
  readonly quote?: string
  readonly state?: string
} {
  try {
    const { params } = JSON.parse(text) as {
      readonly params?: { readonly subId?: unknown; readonly payload?: Payload }
    }
    const { quote, state, amount_paid, amount_issued } = params?.payload ?? {}
    if (typeof quote !== 'string') return {}
    const counted = Number(amount_issued ?? 0) > 0 ? 'ISSUED' : Number(amount_paid ?? 0) > 0 ? 'PAID' : 'UNPAID'
    return { subId: params?.subId, quote, state: typeof state === 'string' ? state : counted }
  } catch {
    return {}
  }
}
type Payload = {
  readonly quote?: unknown
  readonly state?: unknown
  readonly amount_paid?: unknown
  readonly amount_issued?: unknown
}
