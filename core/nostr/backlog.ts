/**
 * What a relay stored for us is read page by page. Relays cut long backlogs, each at a length of its own, so
 * older ones are asked for until a page brings nothing new.
 */
import { limits } from '../limits'

type Page = { readonly subscription: string; readonly until: number }

export type Backlog = {
  /** A new catch-up begins with the main subscription. */
  readonly begin: (subscription: string) => void
  /** One event of any subscription, unverified. */
  readonly heard: (subscription: string, event: unknown) => void
  /** All that is stored for a subscription has come: the next page to ask for, or undefined. */
  readonly ended: (subscription: string, sinceS: number) => Page | undefined
}

export function createBacklog(): Backlog {
  let awaited: string | undefined
  let pages = 0
  let fresh = 0
  let oldestS = Number.POSITIVE_INFINITY
  let untilS = Number.POSITIVE_INFINITY
  let known = new Set<string>()

  function finish(): undefined {
    awaited = undefined
    known = new Set()
  }

  return {
    begin(subscription) {
      awaited = subscription
      pages = 0
      fresh = 0
      oldestS = Number.POSITIVE_INFINITY
      untilS = Number.POSITIVE_INFINITY
      known = new Set()
    },
    heard(subscription, event) {
      if (subscription !== awaited || known.size >= limits.wrapIds) return
      const { id, created_at } = (event ?? {}) as { readonly id?: unknown; readonly created_at?: unknown }
      if (typeof id !== 'string' || id.length !== 64 || typeof created_at !== 'number' || known.has(id)) return
      known.add(id)
      fresh += 1
      oldestS = Math.min(oldestS, created_at)
    },
    ended(subscription, sinceS) {
      if (subscription !== awaited) return undefined
      if (fresh === 0 || oldestS < sinceS || pages >= limits.relayPages) return finish()
      // The oldest second is asked for again: a page may have been cut in its midst.
      untilS = oldestS < untilS ? oldestS : untilS - 1
      pages += 1
      fresh = 0
      awaited = `page${pages}`
      return { subscription: awaited, until: untilS }
    },
  }
}
