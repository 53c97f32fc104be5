/** The admin relays together: publish to all, hear from any, know which of them is deaf (remote-admin 11). */
import { limits } from '../limits'
import type { Trace } from '../trace'
import { createCanary, type Echo } from './canary'
import type { Published, RelayWaits } from './outbox'
import { openRelay, type RelayHealth, type Route } from './relay-link'
import type { Inbox, NostrEvent } from './wrap'

export type Relays = {
  /** One outcome per relay; no relay at all is no success. */
  readonly publish: (event: NostrEvent) => Promise<ReadonlyMap<string, Published>>
  readonly catchUp: () => void
  readonly health: () => readonly (RelayHealth & Echo)[]
  /** Ends every timer and socket. */
  readonly close: () => void
}

export function openRelays(deps: {
  readonly urls: readonly string[]
  readonly inboxes: () => readonly Inbox[]
  readonly routeTo: (url: string) => Promise<Route>
  /** An event for one of the inboxes, unverified; `url` is where it came from. */
  readonly onEvent: (event: unknown, url: string) => void
  readonly canaryMs: () => number
  readonly now: () => number
  readonly trace: Trace
  readonly waits?: RelayWaits | undefined
}): Relays {
  const { trace } = deps
  let deafTold = false

  const links = deps.urls.slice(0, limits.adminRelays).map((url) =>
    openRelay({
      ...deps,
      url,
      onEvent: (event) => {
        if (!canary.isOwn(event, url)) deps.onEvent(event, url)
      },
    }),
  )
  const linkTo = (url: string) => links.find((link) => link.url === url)
  const canary = createCanary({
    inbox: () => deps.inboxes()[0],
    send(event) {
      const open = links.filter((link) => link.isOpen())
      for (const link of open) void link.publish(event)
      return open.map(({ url }) => url)
    },
    onHeard: (url) => linkTo(url)?.markHeard(),
    onDeaf(url) {
      trace.warn('An admin relay takes what we send and delivers nothing', { relay: url })
      linkTo(url)?.rebuild()
    },
    onJudged: tellIfDeaf,
    everyMs: deps.canaryMs,
    now: deps.now,
  })

  function tellIfDeaf(): void {
    const isDeaf = links.length > 0 && links.every((link) => link.health().state !== 'live')
    if (isDeaf && !deafTold) trace.error('No admin relay delivers: remote commands do not reach this node')
    if (!isDeaf && deafTold) trace.info('An admin relay delivers again')
    deafTold = isDeaf
  }

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
    health: () => links.map((link) => ({ ...link.health(), ...canary.echo(link.url) })),
    close() {
      canary.close()
      clearInterval(regular)
      for (const link of links) link.close()
    },
  }
}
