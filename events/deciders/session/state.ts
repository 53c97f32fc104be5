/** What a session is at one instant, and what follows from that without a command. */
import type { KeyLimits, KeyPayout } from '../../schema/session'
import { type SpentDay, spentIn } from './days'

export type Session = {
  /** An ended key is as unknown to its holder as one that never was. */
  readonly is: 'unknown' | 'open' | 'ended'
  readonly frozen: boolean
  /** Unix seconds; without `until` nothing of it can be refunded any more. */
  readonly revoked: { readonly at: number; readonly until: number | undefined } | undefined
  readonly balanceMsat: number
  /** Balance by purse, in msat; the balance is their sum. */
  readonly shares: Readonly<Record<string, number>>
  readonly limits: KeyLimits
  readonly payout: KeyPayout | undefined
  /** Requests in flight at once; null: as the node's setting says. */
  readonly maxParallel: number | null
  readonly spentMsat: number
  /** Of it, what no longer counts: a parent let the child's spending begin anew. */
  readonly forgivenMsat: number
  /** Spent on each of the newest days, oldest first, less what no longer counts: a limit of any period may come. */
  readonly days: readonly SpentDay[]
  readonly requests: number
  /** Session whose balance this key spends: it has none of its own. */
  readonly parent: string | undefined
  readonly children: readonly string[]
  /** A payment for one request: no key opens it, and what is left of it is its token's change. */
  readonly isOneShot: boolean
  /** The owner's own: what it spends is no revenue. */
  readonly test?: true | undefined
  /** Credits from outside: the balance version of contract 4.4. */
  readonly credits: number
  /** Payouts that were taken from the balance. */
  readonly debits: number
  readonly label: string
  readonly latest: { readonly unit: 'sat' | 'msat'; readonly mint: string; readonly purse: string } | undefined
}

export const unlimited: KeyLimits = { balanceLimitMsat: null, balanceLimitReset: null, validUntil: null }

export const unopened: Session = {
  is: 'unknown',
  frozen: false,
  revoked: undefined,
  balanceMsat: 0,
  shares: {},
  limits: unlimited,
  payout: undefined,
  maxParallel: null,
  spentMsat: 0,
  forgivenMsat: 0,
  days: [],
  requests: 0,
  parent: undefined,
  children: [],
  isOneShot: false,
  credits: 0,
  debits: 0,
  label: '',
  latest: undefined,
}

/** Spent as its holder sees it: since the last reset by its parent. */
export const countedMsat = (state: Session): number => state.spentMsat - state.forgivenMsat

/** Spent as the limit counts it at `nowMs`: since the last UTC boundary, or ever (contract 3.5). */
export function spentInPeriodMsat(state: Session, nowMs: number): number {
  const { balanceLimitReset } = state.limits
  return balanceLimitReset === null ? countedMsat(state) : spentIn(balanceLimitReset, state.days, nowMs)
}

/** What the key's own limit still allows at `nowMs`, not counting holds; Infinity without a limit. */
export function limitLeftMsat(state: Session, nowMs: number): number {
  const { balanceLimitMsat } = state.limits
  return balanceLimitMsat === null
    ? Number.POSITIVE_INFINITY
    : Math.max(0, balanceLimitMsat - spentInPeriodMsat(state, nowMs))
}

/** Unix seconds from which the key is expired, by its limits or by its holder's own wish; null: never. */
export function expiresAtS({ limits, payout }: Session): number | null {
  const times = [limits.validUntil, payout?.expiresAt ?? null].filter((time) => time !== null)
  return times.length === 0 ? null : Math.min(...times)
}

function isExpired(state: Session, nowMs: number): boolean {
  const at = expiresAtS(state)
  return at !== null && nowMs >= at * 1000
}

/** What a key may do (contract 3.6), from the best to the worst. */
export const keyStates = ['open', 'expired', 'frozen', 'revoked', 'ended'] as const
export type KeyState = (typeof keyStates)[number]

/** State of an opened key at `nowMs`. */
export function keyStateOf(state: Session, nowMs: number): KeyState {
  if (state.is === 'ended') return 'ended'
  if (state.revoked !== undefined) return 'revoked'
  if (state.frozen) return 'frozen'
  return isExpired(state, nowMs) ? 'expired' : 'open'
}

/** A revoked key is refunded until its day; every other one as long as it exists (contract 3.6). */
export const isRefundable = ({ revoked }: Session, nowMs: number): boolean =>
  revoked === undefined || (revoked.until !== undefined && nowMs < revoked.until * 1000)
