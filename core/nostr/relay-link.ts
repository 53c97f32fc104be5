/** One relay, one socket: subscribed, signed in when asked, rebuilt when lost, silent after `close`. */
import { limits } from '../limits'
import { createBacklog } from './backlog'
import { createOutbox, type Published, type RelayWaits, shown } from './outbox'
import { createRelayAuth } from './relay-auth'
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
  /** By the word before the colon of NIP-01. */
  readonly refusedBy: Readonly<Record<string, number>>
  readonly oversized: number
}

/** How a relay may be reached now: its address is looked at before each connect. */
export type Route = { readonly proxy: string | undefined } | { readonly refused: string }

export type RelayLink = {
  readonly url: string
  readonly publish: (event: NostrEvent) => Promise<Published>
  /** Asks again for what may have been missed. */
  readonly catchUp: () => void
  /** It stays open but delivers nothing: deaf until it is heard again, and the socket is rebuilt. */
  readonly rebuild: () => void
  readonly markHeard: () => void
  readonly isOpen: () => boolean
  readonly health: () => RelayHealth
  readonly close: () => void
}

type Deps = {
  readonly url: string
  readonly inboxes: () => readonly Inbox[]
  readonly routeTo: (url: string) => Promise<Route>
  /** A frame `EVENT` for one of our subscriptions; its content is unverified. */
  readonly onEvent: (event: unknown) => void
  readonly now: () => number
  readonly waits?: RelayWaits | undefined
}

const mainId = 'inbox'
const refusalWords = ['duplicate', 'pow', 'blocked', 'rate-limited', 'invalid', 'restricted', 'mute', 'error']
const isOnion = (url: string): boolean => URL.parse(url)?.hostname.endsWith('.onion') === true

export function openRelay(deps: Deps): RelayLink {
  const { url, now } = deps
  let socket: WebSocket | undefined
  let closed = false
  let isDeaf = false
  let failures = 0
  let openedAt = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  let opening: ReturnType<typeof setTimeout> | undefined
  let resubscribe: ReturnType<typeof setTimeout> | undefined
  const { publishMs, resubscribeMs: firstMs = limits.relayResubscribeMs } = deps.waits ?? {}
  let resubscribeMs = firstMs
  let health: RelayHealth = {
    url,
    state: 'connecting',
    since: now(),
    lastIn: undefined,
    lastOut: undefined,
    auth: 'none',
    lastNotice: undefined,
    refusals: 0,
    refusedBy: {},
    oversized: 0,
  }
  const outbox = createOutbox(send, now, publishMs)
  const backlog = createBacklog()
  const signIn = createRelayAuth({
    url,
    inboxes: deps.inboxes,
    nowS: () => Math.floor(now() / 1000),
    send: (event) => send(JSON.stringify(['AUTH', event])),
    onEnd(auth) {
      if (auth !== undefined) health = { ...health, auth }
      if (auth === 'refused') return
      // What was refused before we were known is asked for and sent once more.
      subscribe()
      outbox.signedIn()
    },
  })

  function to(state: RelayState): void {
    if (health.state !== state) health = { ...health, state, since: now() }
  }

  function send(frame: string): boolean {
    if (socket?.readyState !== WebSocket.OPEN) return false
    socket.send(frame)
    health = { ...health, lastOut: now() }
    return true
  }

  async function connect(): Promise<void> {
    const route = await deps.routeTo(url).catch((error: unknown) => ({ refused: String(error) }))
    if (closed) return
    if ('refused' in route) {
      health = { ...health, lastNotice: shown(route.refused) }
      return again()
    }
    const own = new WebSocket(url, route.proxy === undefined ? {} : { proxy: route.proxy })
    socket = own
    opening = setTimeout(() => lost(own), isOnion(url) ? limits.relayOnionConnectMs : limits.relayConnectMs)
    own.onopen = () => {
      clearTimeout(opening)
      openedAt = now()
      to(isDeaf ? 'deaf' : 'live')
      signIn.reset()
      subscribe()
      outbox.resend()
    }
    own.onmessage = (message) => {
      if (socket === own) receive(message.data)
    }
    own.onclose = () => lost(own)
    own.onerror = () => undefined
  }

  /** Let go of at once: a peer that is gone answers no closing handshake either. */
  function lost(own: WebSocket): void {
    if (socket !== own) return
    socket = undefined
    own.terminate()
    clearTimeout(opening)
    clearTimeout(resubscribe)
    signIn.reset()
    // A connection that lived is no reason to wait long.
    if (openedAt !== 0 && now() - openedAt > limits.relayStableMs) failures = 0
    openedAt = 0
    again()
  }

  function again(): void {
    to(isDeaf ? 'deaf' : 'down')
    const steps = limits.relayBackOffMs
    const waitMs = (steps[Math.min(failures, steps.length - 1)] ?? 0) * (0.8 + Math.random() * 0.4)
    failures += 1
    retry = setTimeout(() => void connect(), waitMs)
  }

  const sinceS = () => Math.floor(now() / 1000) - limits.wrapAgeS
  const filter = () => ({
    kinds: [durableKind, liveKind],
    '#p': deps.inboxes().map(({ publicKey }) => publicKey),
    since: sinceS(),
  })

  /** Computed anew at each connect, never advanced by what came. */
  function subscribe(): void {
    clearTimeout(resubscribe)
    backlog.begin(mainId)
    send(JSON.stringify(['REQ', mainId, filter()]))
  }

  function receive(data: unknown): void {
    if (typeof data !== 'string' || Buffer.byteLength(data) > limits.frameBytes) {
      health = { ...health, oversized: health.oversized + 1 }
      return
    }
    health = { ...health, lastIn: now() }
    const [type, first, second, third] = parsed(data) ?? []
    if (type === 'EVENT' && typeof first === 'string') received(first, second)
    else if (type === 'EOSE') endOfStored(String(first))
    else if (type === 'OK') acknowledged(String(first), second === true, String(third ?? ''))
    else if (type === 'CLOSED') unsubscribed(String(first), String(second ?? ''))
    else if (type === 'AUTH' && typeof first === 'string') signIn.challenged(first)
    else if (type === 'NOTICE') health = { ...health, lastNotice: shown(String(first)) }
  }

  function received(subscription: string, event: unknown): void {
    backlog.heard(subscription, event)
    if (subscription === mainId || subscription.startsWith('page')) deps.onEvent(event)
  }

  function endOfStored(subscription: string): void {
    if (subscription === mainId) resubscribeMs = firstMs
    if (subscription.startsWith('page')) send(JSON.stringify(['CLOSE', subscription]))
    const page = backlog.ended(subscription, sinceS())
    if (page === undefined) return
    const older = { ...filter(), until: page.until, limit: limits.relayPageEvents }
    send(JSON.stringify(['REQ', page.subscription, older]))
  }

  function acknowledged(id: string, ok: boolean, reason: string): void {
    if (signIn.answered(id, ok)) return
    if (!ok) {
      const word = refusalWords.find((one) => reason.startsWith(`${one}:`)) ?? 'other'
      const refusedBy = { ...health.refusedBy, [word]: (health.refusedBy[word] ?? 0) + 1 }
      const counts = word !== 'duplicate' && !reason.startsWith('auth-required')
      if (counts) health = { ...health, refusals: health.refusals + 1, refusedBy }
    }
    outbox.answered(id, ok, reason)
  }

  /** Asked for again after a while, longer each time; for want of sign-in that follows by itself, else much later. */
  function unsubscribed(subscription: string, reason: string): void {
    if (subscription !== mainId) return
    clearTimeout(resubscribe)
    const waitMs = reason.startsWith('auth-required') ? limits.relayResubscribeMaxMs : resubscribeMs
    resubscribeMs = Math.min(limits.relayResubscribeMaxMs, resubscribeMs * 2)
    resubscribe = setTimeout(subscribe, waitMs)
  }

  void connect()
  return {
    url,
    publish: outbox.publish,
    catchUp: subscribe,
    rebuild() {
      if (socket?.readyState !== WebSocket.OPEN) return
      isDeaf = true
      lost(socket)
    },
    markHeard() {
      isDeaf = false
      if (socket?.readyState === WebSocket.OPEN) to('live')
    },
    isOpen: () => socket?.readyState === WebSocket.OPEN,
    health: () => health,
    close() {
      closed = true
      for (const timer of [retry, opening, resubscribe]) clearTimeout(timer)
      signIn.reset()
      outbox.close()
      const own = socket
      socket = undefined
      own?.terminate()
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
