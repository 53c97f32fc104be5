/** What the test relay keeps: NIP-01 kinds, NIP-09 deletions, NIP-40 expirations. */
import { type Filter, matchFilter } from 'nostr-tools/filter'
import type { Event } from 'nostr-tools/pure'

export const isEphemeral = (kind: number): boolean => kind >= 20_000 && kind < 30_000
const isReplaceable = (kind: number): boolean => kind === 0 || kind === 3 || (kind >= 10_000 && kind < 20_000)
const isAddressable = (kind: number): boolean => kind >= 30_000 && kind < 40_000
const valuesOf = (event: Event, name: string): readonly string[] =>
  event.tags.filter((tag) => tag[0] === name).map((tag) => tag[1] ?? '')

export const expiresAt = (event: Event): number => Number(valuesOf(event, 'expiration')[0] ?? Number.POSITIVE_INFINITY)

/** Newest first; of two of one second the lower id. */
const byAge = (a: Event, b: Event): number => b.created_at - a.created_at || (a.id < b.id ? -1 : 1)

export function createStore() {
  let events: Event[] = []

  function add(event: Event): 'stored' | 'duplicate' | 'superseded' {
    if (events.some(({ id }) => id === event.id)) return 'duplicate'
    const older = events.filter((known) => isSame(known, event))
    if (older.some((known) => byAge(known, event) < 0)) return 'superseded'
    events = events.filter((known) => !older.includes(known))
    events.push(event)
    if (event.kind === 5) remove(event)
    return 'stored'
  }

  /** By its author, and a wrap by whom it was for (NIP-59). */
  function remove(deletion: Event): void {
    const ids = valuesOf(deletion, 'e')
    events = events.filter(
      (event) =>
        !ids.includes(event.id) ||
        !(event.pubkey === deletion.pubkey || (event.kind === 1059 && valuesOf(event, 'p').includes(deletion.pubkey))),
    )
  }

  return {
    add,
    /** Stored events of a filter, newest first, at most `cap`. */
    find: (filter: Filter, nowS: number, cap: number): readonly Event[] =>
      events
        .filter((event) => expiresAt(event) > nowS && matchFilter(filter, event))
        .sort(byAge)
        .slice(0, Math.min(cap, filter.limit ?? cap)),
    all: () => events,
    clear(): void {
      events = []
    },
  }
}

function isSame(known: Event, event: Event): boolean {
  if (known.kind !== event.kind || known.pubkey !== event.pubkey) return false
  if (isReplaceable(event.kind)) return true
  return isAddressable(event.kind) && valuesOf(known, 'd')[0] === valuesOf(event, 'd')[0]
}
