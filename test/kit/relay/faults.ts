/** What a bad relay does with one event that it accepted. */
import type { Event } from 'nostr-tools/pure'

export type RelayFault =
  /** Taken without a word and lost. */
  | 'drop'
  | 'duplicate'
  /** Held back until the next event went out. */
  | 'reorder'
  | 'ok-unstored'
  | 'ok-false'
  | 'no-ok'
  /** A damaged copy under the true id goes first. */
  | 'altered-content'
  | 'altered-signature'
  /** Refused for now with this text, as by a relay that counts. */
  | { readonly refuse: string }
  | { readonly delayMs: number }

/** Hands events on as the fault wants it. */
export function createDelivery(deliver: (event: Event) => void) {
  const held: Event[] = []

  return (event: Event, fault: RelayFault | undefined): void => {
    if (fault === 'reorder') {
      held.push(event)
      return
    }
    if (typeof fault === 'object' && 'delayMs' in fault) {
      setTimeout(() => deliver(event), fault.delayMs)
      return
    }
    if (fault === 'altered-content') deliver({ ...event, content: `${event.content}x` })
    if (fault === 'altered-signature') deliver({ ...event, sig: '0'.repeat(128) })
    deliver(event)
    if (fault === 'duplicate') deliver(event)
    for (const late of held.splice(0)) deliver(late)
  }
}

/** Counts the events of one socket; false when it is over its rate. */
export function createRate(perSecond: number | undefined, nowS: () => number) {
  let second = 0
  let count = 0
  return (): boolean => {
    if (perSecond === undefined) return true
    if (second !== nowS()) count = 0
    second = nowS()
    count += 1
    return count <= perSecond
  }
}
