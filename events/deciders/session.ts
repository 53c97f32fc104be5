/** The rules of a session. Holds are promises in memory; their sum arrives in the command. */
import { asMsat, type Msat, type Share } from '../schema/money'
import type { Charged, KeyLimits, Origin, SessionEvent } from '../schema/session'
import type { Decider } from './decider'
import { periodStart } from './period'

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

/** A charge as its request reports it: the decider adds what could be taken and from which purses. */
export type SessionCharge = Omit<Charged, 'shares' | 'costMsat' | 'shortfallMsat'> & { readonly costMsat: Msat }

export type SessionCommand =
  | { readonly do: 'open'; readonly origin: Origin; readonly limits: KeyLimits }
  | {
      readonly do: 'credit'
      readonly depositId: string
      readonly amountMsat: Msat
      readonly feeMsat: Msat
      readonly purse: string
      readonly unit: 'sat' | 'msat'
      readonly mint: string
    }
  | { readonly do: 'charge'; readonly charge: SessionCharge; readonly othersHeldMsat: number }
  | {
      readonly do: 'debit'
      readonly payoutId: string
      readonly shares: readonly Share[]
      /** Credits that the session had when the payout was reckoned. */
      readonly balanceVersion: number
      readonly heldMsat: number
    }
  | { readonly do: 'return'; readonly payoutId: string; readonly shares: readonly Share[] }
  /** Ends a one-shot payment: what is less than a unit of its purse is the node's. */
  | { readonly do: 'round'; readonly unitMsat: number }
  | { readonly do: 'rename'; readonly label: string }

export type SessionRefusal = {
  readonly refused: 'session-unknown' | 'requests-ongoing' | 'balance-moved'
}

export const unlimited: KeyLimits = { balanceLimitMsat: null, balanceLimitReset: null, validUntil: null }

export const session: Decider<Session, SessionCommand, SessionEvent, SessionRefusal> = {
  initial: {
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
  },

  decide(state, command) {
    if (command.do === 'open')
      return state.is === 'open'
        ? []
        : [{ type: 'session.opened', data: { origin: command.origin, limits: command.limits } }]
    if (state.is === 'unknown') return { refused: 'session-unknown' }
    switch (command.do) {
      case 'credit': {
        const { do: _, ...data } = command
        return [{ type: 'session.credited', data }]
      }
      case 'charge':
        return charge(state, command.charge, command.othersHeldMsat)
      case 'debit':
        return debit(state, command)
      case 'return': {
        const { payoutId, shares } = command
        return [{ type: 'session.returned', data: { payoutId, amountMsat: total(shares), shares: [...shares] } }]
      }
      case 'round':
        return round(state, command.unitMsat)
      case 'rename':
        return state.label === command.label ? [] : [{ type: 'session.renamed', data: { label: command.label } }]
      default:
        return command satisfies never
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'session.opened':
        return { ...state, is: 'open', limits: event.data.limits }
      case 'session.credited': {
        const { amountMsat, purse, unit, mint } = event.data
        return {
          ...state,
          balanceMsat: state.balanceMsat + amountMsat,
          shares: { ...state.shares, [purse]: (state.shares[purse] ?? 0) + amountMsat },
          credits: state.credits + 1,
          latest: { unit, mint, purse },
        }
      }
      case 'session.charged':
        return charged(state, event.data)
      case 'session.debited':
        return { ...state, ...without(state, event.data.shares) }
      case 'session.returned': {
        const shares = { ...state.shares }
        for (const { purse, msat } of event.data.shares) shares[purse] = (shares[purse] ?? 0) + msat
        return { ...state, balanceMsat: state.balanceMsat + event.data.amountMsat, shares }
      }
      case 'session.rounded':
        return { ...state, ...without(state, event.data.shares) }
      case 'session.renamed':
        return { ...state, label: event.data.label }
      default:
        return event satisfies never
    }
  },
}

const total = (shares: readonly Share[]) => asMsat(shares.reduce((sum, { msat }) => sum + msat, 0))

/** A payout takes what is there now, or nothing: while a request runs its cost is not known yet (contract 4.4). */
function debit(state: Session, command: Extract<SessionCommand, { do: 'debit' }>): SessionEvent[] | SessionRefusal {
  const { payoutId, shares } = command
  if (command.heldMsat > 0) return { refused: 'requests-ongoing' }
  const isThere = shares.every(({ purse, msat }) => msat <= (state.shares[purse] ?? 0))
  if (state.credits !== command.balanceVersion || !isThere) return { refused: 'balance-moved' }
  return [{ type: 'session.debited', data: { payoutId, amountMsat: total(shares), shares: [...shares] } }]
}

/** A whole unit could still leave: it is never taken. */
function round({ balanceMsat, shares }: Session, unitMsat: number): SessionEvent[] | SessionRefusal {
  if (balanceMsat >= unitMsat) return { refused: 'balance-moved' }
  if (balanceMsat === 0) return []
  const left = Object.entries(shares).map(([purse, msat]): Share => ({ purse, msat: asMsat(msat) }))
  return [{ type: 'session.rounded', data: { shares: left } }]
}

function without(state: Session, taken: readonly Share[]): Pick<Session, 'balanceMsat' | 'shares'> {
  const shares = { ...state.shares }
  for (const { purse, msat } of taken) {
    const left = (shares[purse] ?? 0) - msat
    if (left === 0) delete shares[purse]
    else shares[purse] = left
  }
  return { shares, balanceMsat: state.balanceMsat - total(taken) }
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

/** A cost above the hold may use what is free, never what other requests were promised (contract 6.6). */
function charge(state: Session, wish: SessionCharge, othersHeldMsat: number): SessionEvent[] {
  const freeMsat = Math.max(0, state.balanceMsat - othersHeldMsat)
  const reachableMsat = Math.min(
    freeMsat,
    Math.max(limitLeftMsat(state, wish.at) - othersHeldMsat, Math.min(wish.holdMsat, freeMsat)),
  )
  const costMsat = asMsat(Math.min(wish.costMsat, reachableMsat))
  const shortfallMsat = asMsat(wish.costMsat - costMsat)
  return [
    {
      type: 'session.charged',
      data: {
        ...wish,
        costMsat,
        shortfallMsat,
        split: shrunk(wish.split, shortfallMsat),
        shares: drawn(state.shares, costMsat),
      },
    },
  ]
}

/** What cannot be paid leaves the output part first, then the input, then the base (contract 6.6). */
function shrunk(split: Charged['split'], byMsat: number): Charged['split'] {
  if (byMsat === 0) return split
  const fromOutput = Math.min(byMsat, split.outputMsat)
  const fromInput = Math.min(byMsat - fromOutput, split.inputMsat)
  const inputMsat = asMsat(split.inputMsat - fromInput)
  const cacheReadMsat = asMsat(Math.min(split.cacheReadMsat, inputMsat))
  return {
    outputMsat: asMsat(split.outputMsat - fromOutput),
    inputMsat,
    baseMsat: asMsat(split.baseMsat - (byMsat - fromOutput - fromInput)),
    cacheReadMsat,
    cacheCreationMsat: asMsat(Math.min(split.cacheCreationMsat, inputMsat - cacheReadMsat)),
  }
}

/** Charges draw from the smallest share first, so that few purses hold a key's money (wallet 15). */
function drawn(shares: Session['shares'], amountMsat: number): Share[] {
  const taken: Share[] = []
  let left = amountMsat
  const smallestFirst = Object.entries(shares).sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
  for (const [purse, haveMsat] of smallestFirst) {
    const takeMsat = Math.min(left, haveMsat)
    if (takeMsat > 0) taken.push({ purse, msat: asMsat(takeMsat) })
    left -= takeMsat
  }
  return taken
}

function charged(state: Session, data: Charged): Session {
  return {
    ...state,
    ...without(state, data.shares),
    spentMsat: state.spentMsat + data.costMsat,
    period: periodAfter(state, data),
    requests: state.requests + 1,
  }
}

function periodAfter(state: Session, data: Charged): Session['period'] {
  const { balanceLimitReset } = state.limits
  if (balanceLimitReset === null) return state.period
  const startMs = periodStart(balanceLimitReset, data.at)
  if (startMs < state.period.startMs) return state.period
  const earlierMsat = startMs === state.period.startMs ? state.period.spentMsat : 0
  return { startMs, spentMsat: earlierMsat + data.costMsat }
}
