/**
 * Events on their way to one relay: sent at once or after the next connect, each with one outcome (R-133, R-135,
 * Who published learns the outcome within five seconds; what was not acknowledged by then stays a while, since
 * a relay that comes back gets it once more.
 */
import { limits } from '../limits'
import { durableKind, expirationOf, type NostrEvent } from './wrap'

export type Published =
  | { readonly is: 'ok' }
  | { readonly is: 'refused'; readonly reason: string }
  | { readonly is: 'timeout' | 'offline' | 'dropped' }

/** Other waits than those of `limits`: what a test would only sit through. */
export type RelayWaits = { readonly publishMs?: number; readonly resubscribeMs?: number }

type Waiting = {
  readonly frame: string
  readonly isLive: boolean
  /** Unix ms after which no relay takes it any more. */
  readonly endsAt: number
  sends: number
  /** Refused until we have signed in; repeated once. */
  auth: 'open' | 'wanted' | 'repeated'
  /** Why a relay that counts our events asked us to wait. */
  slowed: string | undefined
  /** undefined: who published was told already. */
  done: ((outcome: Published) => void) | undefined
}

export type Outbox = {
  readonly publish: (event: NostrEvent) => Promise<Published>
  /** The relay's word on one event; an empty id means the oldest that it has not yet answered. */
  readonly answered: (id: string, ok: boolean, reason: string) => void
  /** Connected anew: every unacknowledged one goes out once more. */
  readonly resend: () => void
  /** Signed in: what was refused for want of that is repeated; from now on at once. */
  readonly signedIn: () => void
  readonly close: () => void
}

/** `send` answers false while there is no connection; within `publishMs` an outcome is told. */
export function createOutbox(
  send: (frame: string) => boolean,
  now: () => number,
  publishMs: number = limits.relayPublishMs,
): Outbox {
  const waiting = new Map<string, Waiting>()
  let bytes = 0
  let isSignedIn = false
  let slowly: ReturnType<typeof setTimeout> | undefined

  function remove(id: string, outcome: Published): void {
    const one = waiting.get(id)
    if (one === undefined) return
    waiting.delete(id)
    bytes -= one.frame.length
    one.done?.(outcome)
  }

  function transmit(one: Waiting): void {
    if (send(one.frame)) one.sends += 1
  }

  /** What no relay would take any more goes, then the oldest live one: what nobody waits for any longer. */
  function makeRoom(): void {
    for (const [id, one] of waiting) if (one.endsAt <= now()) remove(id, { is: 'timeout' })
    while (waiting.size > limits.relayQueueEvents || bytes > limits.relayQueueBytes) {
      const oldest = [...waiting].find(([, { isLive }]) => isLive) ?? [...waiting][0]
      if (oldest === undefined) return
      remove(oldest[0], { is: 'dropped' })
    }
  }

  /** Five seconds are over: the outcome is told, the event may still leave with the next connection. */
  function tell(id: string): void {
    const one = waiting.get(id)
    if (one?.done === undefined) return
    one.done(one.slowed === undefined ? { is: one.sends > 0 ? 'timeout' : 'offline' } : refused(one.slowed))
    one.done = undefined
  }

  /** Some relays demand AUTH only now: repeated once when we are known, refused for good the second time. */
  function wantsAuth(id: string, one: Waiting, reason: string): void {
    if (one.auth === 'repeated') remove(id, refused(reason))
    else if (isSignedIn) {
      one.auth = 'repeated'
      transmit(one)
    } else one.auth = 'wanted'
  }

  /** `rate-limited` passes: repeated while it is of use. */
  function wait(id: string, one: Waiting, reason: string): void {
    if (one.sends >= limits.relayRateTries) {
      remove(id, refused(reason))
      return
    }
    one.slowed = reason
    slowly ??= setTimeout(() => {
      slowly = undefined
      for (const slowed of waiting.values()) if (slowed.slowed !== undefined) transmit(slowed)
    }, limits.relayRatePauseMs)
  }

  function answered(id: string, ok: boolean, reason: string): void {
    const known = id === '' ? [...waiting].find(([, { sends }]) => sends > 0)?.[0] : id
    const one = known === undefined ? undefined : waiting.get(known)
    if (known === undefined || one === undefined) return
    if (ok || reason.startsWith('duplicate:')) remove(known, { is: 'ok' })
    else if (reason.startsWith('auth-required')) wantsAuth(known, one, reason)
    else if (reason.startsWith('rate-limited')) wait(known, one, reason)
    else remove(known, refused(reason))
  }

  return {
    answered,
    publish: (event) =>
      new Promise((resolve) => {
        makeRoom()
        const frame = JSON.stringify(['EVENT', event])
        const timer = setTimeout(() => tell(event.id), publishMs)
        const done = (outcome: Published) => {
          clearTimeout(timer)
          resolve(outcome)
        }
        const endsAt = endOf(event)
        const one: Waiting = {
          frame,
          isLive: event.kind !== durableKind,
          endsAt,
          sends: 0,
          auth: 'open',
          slowed: undefined,
          done,
        }
        waiting.set(event.id, one)
        bytes += frame.length
        transmit(one)
        makeRoom()
      }),
    resend() {
      isSignedIn = false
      makeRoom()
      for (const [id, one] of waiting) {
        one.auth = 'open'
        // Told, and sent on two connections: this relay gives no OK for it.
        if (one.done === undefined && one.sends > 1) remove(id, { is: 'timeout' })
        else transmit(one)
      }
    },
    signedIn() {
      isSignedIn = true
      for (const one of waiting.values()) {
        if (one.auth !== 'wanted') continue
        one.auth = 'repeated'
        transmit(one)
      }
    },
    close() {
      clearTimeout(slowly)
      for (const id of [...waiting.keys()]) remove(id, { is: 'offline' })
    },
  }
}

/** Live wraps are taken while they are fresh, stored ones until they expire. */
const endOf = (event: NostrEvent): number =>
  event.kind === durableKind
    ? (expirationOf(event) ?? Number.POSITIVE_INFINITY) * 1000
    : event.created_at * 1000 + limits.liveWrapMs

const refused = (reason: string): Published => ({ is: 'refused', reason: shown(reason) })

/** Text of a relay never steers a terminal or fills a log. */
export const shown = (text: string): string =>
  text
    .slice(0, limits.relayTextChars)
    .replace(/[\p{C}"\\]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`)
    .slice(0, limits.relayTextChars)
