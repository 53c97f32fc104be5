/** What a session is at one instant, and what follows from that without a command. */
import type { KeyLimits } from '../../schema/session'
import { periodStart } from '../period'

export type Session = {
  readonly is: 'unknown' | 'open'
  readonly balanceMsat: number
  /** Balance by purse, in msat; the balance is their sum. */
  readonly shares: Readonly<Record<string, number>>
  readonly limits: KeyLimits
  readonly spentMsat: number
  /** Spent since the start of the limit's current period. */
  readonly period: { readonly startMs: number; readonly spentMsat: number }
  readonly requests: number
  /** Credits from outside: the balance version of contract 4.4. */
  readonly credits: number
  readonly label: string
  readonly latest: { readonly unit: 'sat' | 'msat'; readonly mint: string; readonly purse: string } | undefined
}

export const unlimited: KeyLimits = { balanceLimitMsat: null, balanceLimitReset: null, validUntil: null }

export const unopened: Session = {
  is: 'unknown',
  balanceMsat: 0,
  shares: {},
  limits: unlimited,
  spentMsat: 0,
  period: { startMs: 0, spentMsat: 0 },
  requests: 0,
  credits: 0,
  label: '',
  latest: undefined,
}

/** Spent as the limit counts it at `nowMs`: since the last UTC boundary, or ever (contract 3.5). */
export function spentInPeriodMsat(state: Session, nowMs: number): number {
  if (state.limits.balanceLimitReset === null) return state.spentMsat
  return periodStart(state.limits.balanceLimitReset, nowMs) === state.period.startMs ? state.period.spentMsat : 0
}

/** What the key's own limit still allows at `nowMs`, not counting holds; Infinity without a limit. */
export function limitLeftMsat(state: Session, nowMs: number): number {
  const { balanceLimitMsat } = state.limits
  return balanceLimitMsat === null
    ? Number.POSITIVE_INFINITY
    : Math.max(0, balanceLimitMsat - spentInPeriodMsat(state, nowMs))
}

export const isExpired = (state: Session, nowMs: number): boolean =>
  state.limits.validUntil !== null && nowMs >= state.limits.validUntil * 1000
