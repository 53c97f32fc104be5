/** The admin relays together: publish to all, hear from any, know which of them is deaf (remote-admin 11). */
import { limits } from '../limits'
import type { Trace } from '../trace'
import type { Published } from './outbox'
import { openRelay, type RelayHealth } from './relay-link'
import { type Inbox, makeRumor, type NostrEvent, publicKeyOf, wrapRumor } from './wrap'

export type Relays = {
  /** One outcome per relay; no relay at all is no success. */
  readonly publish: (event: NostrEvent) => Promise<ReadonlyMap<string, Published>>
  readonly catchUp: () => void
  readonly health: () => readonly (RelayHealth & { readonly echoMs: number | undefined })[]
  /** Ends every timer and socket. */
  readonly close: () => void
}

type Canary = { readonly id: string; readonly sentAt: number; readonly missing: Set<string> }

const canaryKind = 24_911
/** Misses in a row after which a relay counts as deaf. */
const mostMisses = 2

export function openRelays(deps: {
  readonly urls: readonly string[]
  readonly inboxes: () => readonly Inbox[]
  /** An event for one of the inboxes, unverified; `url` is where it came from. */
  readonly onEvent: (event: unknown, url: string) => void
  readonly canaryMs: () => number
  readonly now: () => number
  readonly trace: Trace
}): Relays {
  const { now, trace } = deps
  const echoMs = new Map<string, number>()
  const misses = new Map<string, number>()
  let canary: Canary | undefined
  let deafTold = false

  const links = deps.urls.slice(0, limits.adminRelays).map((url) =>
    openRelay({
      url,
      inboxes: deps.inboxes,
      now,
      onEvent: (event) => {
        if (!isCanary(event, url)) deps.onEvent(event, url)
      },
    }),
  )

  /** Our own wrap comes back: matched by its id, not opened. */
  function isCanary(event: unknown, url: string): boolean {
    if (canary === undefined || (event as { id?: unknown } | null)?.id !== canary.id) return false
    canary.missing.delete(url)
    echoMs.set(url, now() - canary.sentAt)
    misses.set(url, 0)
    links.find((link) => link.url === url)?.markHeard()
    return true
  }

  function sing(): void {
    judge()
    const [inbox] = deps.inboxes()
    if (inbox === undefined) return
    const content = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')
    const nowS = Math.floor(now() / 1000)
    const author = publicKeyOf(inbox.secret)
    const rumor = makeRumor({ author, recipient: inbox.publicKey, kind: canaryKind, content, nowS })
    const event = wrapRumor(rumor, { secret: inbox.secret, recipient: inbox.publicKey }, { is: 'live' }, nowS)
    canary = { id: event.id, sentAt: now(), missing: new Set(links.map(({ url }) => url)) }
    for (const link of links) void link.publish(event)
  }

  function judge(): void {
    for (const url of canary?.missing ?? []) {
      const missed = (misses.get(url) ?? 0) + 1
      misses.set(url, missed)
      if (missed < mostMisses) continue
      misses.set(url, 0)
      links.find((link) => link.url === url)?.rebuild()
    }
    const isDeaf = links.length > 0 && links.every((link) => link.health().state !== 'live')
    if (isDeaf && !deafTold) trace.error('No admin relay delivers: remote commands do not reach this node', {})
    if (!isDeaf && deafTold) trace.info('An admin relay delivers again')
    deafTold = isDeaf
  }

  let beat: ReturnType<typeof setTimeout> | undefined
  function schedule(): void {
    beat = setTimeout(
      () => {
        sing()
        schedule()
      },
      deps.canaryMs() * (0.9 + Math.random() * 0.2),
    )
  }
  if (links.length > 0) schedule()
  const catchUp = () => {
    for (const link of links) link.catchUp()
  }
  const regular = setInterval(catchUp, limits.relayCatchUpMs)

  return {
    async publish(event) {
      const outcomes = await Promise.all(links.map(async (link) => [link.url, await link.publish(event)] as const))
      return new Map(outcomes)
    },
    catchUp,
    health: () => links.map((link) => ({ ...link.health(), echoMs: echoMs.get(link.url) })),
    close() {
      clearTimeout(beat)
      clearInterval(regular)
      for (const link of links) link.close()
    },
  }
}
