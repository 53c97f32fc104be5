/**
 * The test relay (remote-admin 15): NIP-01, 09, 11, 40, 42 and 70 in memory, on loopback, with faults to be switched on
 * while it runs. `bun test/kit/relay.ts` runs one by hand.
 */
import { type Filter, matchFilter } from 'nostr-tools/filter'
import { type Event, verifyEvent } from 'nostr-tools/pure'
import { createStore, expiresAt, isEphemeral } from './relay/store'

export type RelayFault =
  | 'drop'
  | 'duplicate'
  | 'ok-unstored'
  | 'ok-false'
  | 'no-ok'
  | 'altered-content'
  | 'altered-signature'
  | { readonly delayMs: number }
export type RelayOptions = {
  readonly port?: number
  readonly auth?: 'off' | 'challenge' | 'required' | 'lazy'
  readonly refuseAuth?: boolean
  readonly refusedKinds?: readonly number[]
  readonly mostFrameBytes?: number
  readonly ephemeralPastS?: number
  readonly futureS?: number
  /** Unix seconds. */
  readonly nowS?: () => number
  readonly cap?: number
  readonly ignoreSince?: boolean
}
type Client = {
  readonly challenge: string
  readonly keys: Set<string>
  readonly filters: Map<string, readonly Filter[]>
}
type Socket = Bun.ServerWebSocket<Client>

export type TestRelay = {
  readonly url: string
  /** Frames received, parsed, oldest first; and those sent. */
  readonly received: readonly (readonly unknown[])[]
  readonly sent: readonly string[]
  readonly sockets: () => number
  readonly opened: () => number
  readonly events: () => readonly Event[]
  /** Decides per published event; undefined: as a good relay. */
  readonly setFault: (fault: ((event: Event) => RelayFault | undefined) | undefined) => void
  readonly setDeaf: (deaf: boolean) => void
  /** Ends every subscription without a word. */
  readonly loseSubscriptions: () => void
  readonly kick: () => void
  readonly sendRaw: (frame: string) => void
  readonly deliver: (event: Event) => void
  readonly stop: () => Promise<void>
  readonly restart: (options?: { readonly keep?: boolean }) => void
}

export function createTestRelay(options: RelayOptions = {}): TestRelay {
  const store = createStore()
  const clients = new Set<Socket>()
  const received: (readonly unknown[])[] = []
  const sent: string[] = []
  let fault: ((event: Event) => RelayFault | undefined) | undefined
  let deaf = false
  let opened = 0
  const auth = options.auth ?? 'off'
  const nowS = options.nowS ?? (() => Math.floor(Date.now() / 1000))

  function send(socket: Socket, ...frame: readonly unknown[]): void {
    const text = JSON.stringify(frame)
    sent.push(text)
    socket.send(text)
  }

  function onFrame(socket: Socket, text: string | Buffer) {
    if (typeof text !== 'string' || text.length > (options.mostFrameBytes ?? 262_144))
      return send(socket, 'NOTICE', 'error: frame too large')
    let frame: readonly unknown[]
    try {
      frame = JSON.parse(text) as readonly unknown[]
    } catch {
      return send(socket, 'NOTICE', 'error: not JSON')
    }
    received.push(frame)
    if (deaf && frame[0] !== 'EVENT') return
    if (frame[0] === 'EVENT') publish(socket, frame[1] as Event)
    else if (frame[0] === 'REQ') subscribe(socket, String(frame[1]), frame.slice(2) as Filter[])
    else if (frame[0] === 'CLOSE') socket.data.filters.delete(String(frame[1]))
    else if (frame[0] === 'AUTH') authenticate(socket, frame[1] as Event)
    else send(socket, 'NOTICE', 'error: unknown frame')
  }

  function publish(socket: Socket, event: Event) {
    const told = fault?.(event)
    const ok = (good: boolean, why = '') => {
      if (told !== 'no-ok') send(socket, 'OK', event.id, good, why)
    }
    if (told === 'ok-false') return ok(false, 'blocked: by order of the test')
    if (told === 'drop') return
    if (told === 'ok-unstored') return ok(true)
    const refusal = refusalOf(socket, event)
    if (refusal !== undefined) return ok(false, refusal)
    const kept = isEphemeral(event.kind) ? 'stored' : store.add(event)
    ok(true, kept === 'duplicate' ? 'duplicate: have it' : '')
    if (kept !== 'stored') return
    if (typeof told === 'object') setTimeout(() => deliver(event), told.delayMs)
    else if (told === 'altered-content' || told === 'altered-signature') {
      deliver(
        told === 'altered-content' ? { ...event, content: `${event.content}x` } : { ...event, sig: '0'.repeat(128) },
      )
      deliver(event)
    } else {
      deliver(event)
      if (told === 'duplicate') deliver(event)
    }
  }

  function refusalOf(socket: Socket, event: Event): string | undefined {
    if (!isEvent(event) || !verifyEvent({ ...event })) return 'invalid: signature'
    if (options.refusedKinds?.includes(event.kind)) return `blocked: kind ${event.kind}`
    if (event.created_at > nowS() + (options.futureS ?? 900)) return 'invalid: from the future'
    if (isEphemeral(event.kind) && event.created_at < nowS() - (options.ephemeralPastS ?? 60)) return 'invalid: too old'
    if (expiresAt(event) <= nowS()) return 'invalid: expired'
    const isProtected = event.tags.some((tag) => tag[0] === '-')
    if (isProtected && !socket.data.keys.has(event.pubkey)) return 'auth-required: protected'
    return mayUse(socket) ? undefined : 'auth-required: sign in first'
  }

  /** Whoever was refused for lack of a name gets the challenge, at the latest now. */
  function mayUse(socket: Socket): boolean {
    if (auth === 'off' || auth === 'challenge' || socket.data.keys.size > 0) return true
    if (auth === 'lazy') send(socket, 'AUTH', socket.data.challenge)
    return false
  }

  function authenticate(socket: Socket, event: Event) {
    const challenge = event.tags?.find((tag) => tag[0] === 'challenge')?.[1]
    const good =
      isEvent(event) && event.kind === 22_242 && verifyEvent({ ...event }) && challenge === socket.data.challenge
    if (!good || options.refuseAuth === true) return send(socket, 'OK', event.id, false, 'restricted: not you')
    socket.data.keys.add(event.pubkey)
    send(socket, 'OK', event.id, true, '')
  }

  function subscribe(socket: Socket, id: string, filters: readonly Filter[]) {
    if (!mayUse(socket)) return send(socket, 'CLOSED', id, 'auth-required: sign in first')
    const asked = filters.map((filter) => (options.ignoreSince === true ? { ...filter, since: 0 } : filter))
    socket.data.filters.set(id, asked)
    const found = new Map(
      asked.flatMap((filter) => store.find(filter, nowS(), options.cap ?? 500)).map((event) => [event.id, event]),
    )
    for (const event of found.values()) if (mayRead(socket, event)) send(socket, 'EVENT', id, event)
    send(socket, 'EOSE', id)
  }

  /** Wraps are shown to those only for whom they are, once the relay knows who asks. */
  function mayRead(socket: Socket, event: Event): boolean {
    if (auth === 'off' || (event.kind !== 1059 && event.kind !== 21_059)) return true
    return event.tags.some((tag) => tag[0] === 'p' && socket.data.keys.has(tag[1] ?? ''))
  }

  function deliver(event: Event): void {
    if (deaf) return
    for (const socket of clients)
      for (const [id, filters] of socket.data.filters)
        if (mayRead(socket, event) && filters.some((filter) => matchFilter(filter, event)))
          send(socket, 'EVENT', id, event)
  }

  const listen = (port: number) =>
    Bun.serve<Client>({
      port,
      hostname: '127.0.0.1',
      fetch(request, server) {
        const data: Client = { challenge: crypto.randomUUID(), keys: new Set(), filters: new Map() }
        if (server.upgrade(request, { data })) return undefined
        return Response.json({
          name: 'test relay',
          supported_nips: [1, 9, 11, 40, 42, 70],
          limitation: { max_limit: options.cap ?? 500, auth_required: auth === 'required' },
        })
      },
      websocket: {
        open(socket) {
          clients.add(socket)
          opened += 1
          if (auth === 'challenge' || auth === 'required') send(socket, 'AUTH', socket.data.challenge)
        },
        message: onFrame,
        close: (socket) => void clients.delete(socket),
      },
    })
  let server = listen(options.port ?? 0)
  const port = server.port ?? 0
  const kick = () => {
    for (const socket of clients) socket.terminate()
  }

  return {
    url: `ws://127.0.0.1:${port}`,
    received,
    sent,
    sockets: () => clients.size,
    opened: () => opened,
    events: store.all,
    setFault(wanted) {
      fault = wanted
    },
    setDeaf(wanted) {
      deaf = wanted
    },
    loseSubscriptions() {
      for (const socket of clients) socket.data.filters.clear()
    },
    kick,
    sendRaw(frame) {
      for (const socket of clients) socket.send(frame)
    },
    deliver,
    async stop() {
      kick()
      await server.stop(true)
    },
    restart({ keep = true } = {}) {
      if (!keep) store.clear()
      server = listen(port)
    },
  }
}

const isEvent = (event: unknown): event is Event =>
  typeof event === 'object' &&
  event !== null &&
  typeof (event as Event).id === 'string' &&
  Array.isArray((event as Event).tags)

if (import.meta.main) process.stdout.write(`test relay at ${createTestRelay({ port: 7777 }).url}\n`)
