/** One relay, one socket: subscribed, authenticated when asked, rebuilt when lost, silent after `close`. */
import { makeAuthEvent } from 'nostr-tools/nip42'
import { finalizeEvent } from 'nostr-tools/pure'
import { limits } from '../limits'
import { createOutbox, type Published } from './outbox'
import { durableKind, type Inbox, liveKind, type NostrEvent } from './wrap'

export type RelayState = 'connecting' | 'live' | 'deaf' | 'down'
export type RelayHealth = {
  readonly url: string
  readonly state: RelayState
  /** Unix ms of the last change of state, of the last frame in and out. */
  readonly since: number
  readonly lastIn: number | undefined
  readonly lastOut: number | undefined
  readonly auth: 'none' | 'ok' | 'refused'
  readonly lastNotice: string | undefined
  readonly refusals: number
  readonly oversized: number
}

export type RelayLink = {
  readonly url: string
  readonly publish: (event: NostrEvent) => Promise<Published>
  /** Asks again for what may have been missed. */
  readonly catchUp: () => void
  /** It stays open but delivers nothing: the socket is rebuilt. */
  readonly rebuild: () => void
  readonly markHeard: () => void
  readonly health: () => RelayHealth
  readonly close: () => void
}

type Deps = {
  readonly url: string
  readonly inboxes: () => readonly Inbox[]
  /** A frame `EVENT` for one of our subscriptions; its content is unverified. */
  readonly onEvent: (event: unknown) => void
  readonly now: () => number
}

const mainId = 'inbox'

export function openRelay(deps: Deps): RelayLink {
  const { url, now } = deps
  let socket: WebSocket | undefined
  let closed = false
  let failures = 0
  let openedAt = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  let opening: ReturnType<typeof setTimeout> | undefined
  let resubscribe: ReturnType<typeof setTimeout> | undefined
  let authId: string | undefined
  let page = { count: 0, events: 0, oldest: Number.POSITIVE_INFINITY }
  let health: RelayHealth = {
    url,
    state: 'connecting',
    since: now(),
    lastIn: undefined,
    lastOut: undefined,
    auth: 'none',
    lastNotice: undefined,
    refusals: 0,
    oversized: 0,
  }
  const outbox = createOutbox((frame) => send(frame))

  function to(state: RelayState): void {
    if (health.state !== state) health = { ...health, state, since: now() }
  }

  function send(frame: string): boolean {
    if (socket?.readyState !== WebSocket.OPEN) return false
    socket.send(frame)
    health = { ...health, lastOut: now() }
    return true
  }

  function connect(): void {
    if (closed) return
    const own = new WebSocket(url)
    socket = own
    opening = setTimeout(() => own.close(), limits.relayConnectMs)
    own.onopen = () => {
      clearTimeout(opening)
      openedAt = now()
      to('live')
      subscribe()
      outbox.resend()
    }
    own.onmessage = (message) => {
      if (socket === own) receive(message.data)
    }
    own.onclose = () => lost(own)
    own.onerror = () => undefined
  }

  function lost(own: WebSocket): void {
    if (socket !== own) return
    clearTimeout(opening)
    clearTimeout(resubscribe)
    socket = undefined
    if (closed) return
    to('down')
    // A connection that lived is no reason to wait long.
    if (openedAt !== 0 && now() - openedAt > limits.relayStableMs) failures = 0
    openedAt = 0
    const steps = limits.relayBackOffMs
    const waitMs = (steps[Math.min(failures, steps.length - 1)] ?? 0) * (0.8 + Math.random() * 0.4)
    failures += 1
    retry = setTimeout(connect, waitMs)
  }

  const filter = (more: Readonly<Record<string, number>> = {}) => ({
    kinds: [durableKind, liveKind],
    '#p': deps.inboxes().map(({ publicKey }) => publicKey),
    since: Math.floor(now() / 1000) - limits.wrapAgeS,
    ...more,
  })

  /** Computed anew at each connect, never advanced by what came. */
  function subscribe(): void {
    page = { count: 0, events: 0, oldest: Number.POSITIVE_INFINITY }
    send(JSON.stringify(['REQ', mainId, filter()]))
  }

  function receive(data: unknown): void {
    if (typeof data !== 'string' || data.length > limits.frameBytes) {
      health = { ...health, oversized: health.oversized + 1 }
      return
    }
    health = { ...health, lastIn: now() }
    const [type, first, second, third] = parsed(data) ?? []
    if (type === 'EVENT' && typeof first === 'string') received(first, second)
    else if (type === 'EOSE') endOfStored(String(first))
    else if (type === 'OK') acknowledged(String(first), second === true, String(third ?? ''))
    else if (type === 'CLOSED') unsubscribed(String(first), String(second ?? ''))
    else if (type === 'AUTH') authenticate(String(first))
    else if (type === 'NOTICE') health = { ...health, lastNotice: escaped(String(first)) }
  }

  function received(subscription: string, event: unknown): void {
    const at = (event as { created_at?: unknown } | null)?.created_at
    if (typeof at === 'number') {
      page.events += 1
      page.oldest = Math.min(page.oldest, at)
    }
    if (subscription === mainId || subscription.startsWith('page')) deps.onEvent(event)
  }

  /** Relays cut long backlogs: what is older is asked for page by page, at most twenty. */
  function endOfStored(subscription: string): void {
    if (subscription.startsWith('page')) send(JSON.stringify(['CLOSE', subscription]))
    const full = page.events >= limits.relayPageEvents && Number.isFinite(page.oldest)
    const until = page.oldest - 1
    const count = page.count + 1
    page = { count, events: 0, oldest: Number.POSITIVE_INFINITY }
    if (full && count <= limits.relayPages)
      send(JSON.stringify(['REQ', `page${count}`, { ...filter({ until, limit: limits.relayPageEvents }) }]))
  }

  function acknowledged(id: string, ok: boolean, reason: string): void {
    if (id === authId) {
      health = { ...health, auth: ok ? 'ok' : 'refused' }
      authId = undefined
      if (!ok) return
      // What was refused before we were known is asked for and sent once more.
      subscribe()
      outbox.resend()
      return
    }
    if (!ok && reason.startsWith('auth-required')) return
    if (!ok && !reason.startsWith('duplicate:')) health = { ...health, refusals: health.refusals + 1 }
    outbox.settle(id, ok || reason.startsWith('duplicate:') ? { is: 'ok' } : { is: 'refused', reason: escaped(reason) })
  }

  function unsubscribed(subscription: string, reason: string): void {
    if (subscription !== mainId || reason.startsWith('auth-required')) return
    clearTimeout(resubscribe)
    resubscribe = setTimeout(subscribe, limits.relayResubscribeMs)
  }

  /** With each inbox key in use, never with an admin's key. A refusal marks the relay, nothing loops. */
  function authenticate(challenge: string): void {
    if (challenge.length > 500) return
    for (const { secret } of deps.inboxes()) {
      const event = finalizeEvent({ ...makeAuthEvent(url, challenge), created_at: Math.floor(now() / 1000) }, secret)
      authId = event.id
      send(JSON.stringify(['AUTH', event]))
    }
    // Some relays acknowledge no AUTH: the subscription is asked for again all the same.
    subscribe()
  }

  connect()
  return {
    url,
    publish: outbox.publish,
    catchUp: subscribe,
    rebuild() {
      to('deaf')
      socket?.close()
    },
    markHeard() {
      if (socket?.readyState === WebSocket.OPEN) to('live')
    },
    health: () => health,
    close() {
      closed = true
      clearTimeout(retry)
      clearTimeout(opening)
      clearTimeout(resubscribe)
      outbox.close()
      socket?.close()
      socket = undefined
    },
  }
}

function parsed(data: string): readonly unknown[] | undefined {
  try {
    const frame: unknown = JSON.parse(data)
    return Array.isArray(frame) ? frame : undefined
  } catch {
    return undefined
  }
}

/** Text of a relay never steers a terminal or fills a log. */
const escaped = (text: string): string => JSON.stringify(text.slice(0, 200)).slice(1, -1)
