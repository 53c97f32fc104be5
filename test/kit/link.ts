/** The relay link by itself, with an inbox of its own and everything it hears. */
import { generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import type { RelayWaits } from '../../core/nostr/outbox'
import type { Route } from '../../core/nostr/relay-link'
import { openRelays, type Relays } from '../../core/nostr/relays'
import { makeRumor, type NostrEvent, wrapRumor } from '../../core/nostr/wrap'
import { createTrace } from '../../core/trace'
import { until } from './node'

export type TestLink = {
  readonly relays: Relays
  readonly heard: readonly NostrEvent[]
  readonly lines: readonly string[]
  /** A wrap for the inbox of this link, by nobody in particular. */
  readonly wrap: (delivery?: 'live' | 'durable') => NostrEvent
  readonly inbox: string
  /** Resolves once so many relays deliver. */
  readonly live: (count?: number) => Promise<void>
}

export function openLink(
  urls: readonly string[],
  options: {
    readonly canaryMs?: number
    readonly now?: () => number
    readonly routeTo?: (url: string) => Promise<Route>
    readonly waits?: RelayWaits
  } = {},
): TestLink {
  const secret = generateSecretKey()
  const inbox = { secret, publicKey: getPublicKey(secret) }
  const heard: NostrEvent[] = []
  const lines: string[] = []
  const now = options.now ?? Date.now
  const nowS = () => Math.floor(now() / 1000)
  const relays = openRelays({
    urls,
    inboxes: () => [inbox],
    routeTo: options.routeTo ?? (async () => ({ proxy: undefined })),
    onEvent: (event) => heard.push(event as NostrEvent),
    canaryMs: () => options.canaryMs ?? 60_000,
    now,
    waits: options.waits,
    trace: createTrace({ level: 'info', format: 'json', now, write: (text) => lines.push(text) }),
  })

  function wrap(delivery: 'live' | 'durable' = 'durable'): NostrEvent {
    const author = generateSecretKey()
    const rumor = makeRumor({
      author: getPublicKey(author),
      recipient: inbox.publicKey,
      kind: 24_910,
      content: 'x',
      nowS: nowS(),
    })
    const way = delivery === 'live' ? ({ is: 'live' } as const) : ({ is: 'durable', ttlS: 600 } as const)
    return wrapRumor(rumor, { secret: author, recipient: inbox.publicKey }, way, nowS())
  }

  return {
    relays,
    heard,
    lines,
    wrap,
    inbox: inbox.publicKey,
    live: (count = 1) =>
      until('the link is live', () => relays.health().filter(({ state }) => state === 'live').length === count),
  }
}
