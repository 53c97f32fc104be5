/** How a balance lies over its purses: sums, what a payment leaves, and from where a charge is taken. */
import { asMsat, type Msat, type Share } from '../../schema/money'
import type { Merge } from '../decider'
import type { Session } from './state'

export const total = (shares: readonly Share[]): Msat => asMsat(shares.reduce((sum, { msat }) => sum + msat, 0))

export function without(state: Session, taken: readonly Share[]): Pick<Session, 'balanceMsat' | 'shares'> {
  const shares = { ...state.shares }
  for (const { purse, msat } of taken) {
    const left = (shares[purse] ?? 0) - msat
    if (left === 0) delete shares[purse]
    else shares[purse] = left
  }
  return { shares, balanceMsat: state.balanceMsat - total(taken) }
}

/** Charges draw from the smallest share first, so that few purses hold a key's money (wallet 15). */
export function drawn(shares: Session['shares'], amountMsat: number): Share[] {
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

/** Events of before a merge counted in `from`; from then on what is left of them lies in `to` (wallet 16). */
export function merged(state: Session, { from, to, mint }: Merge): Session {
  const latest = state.latest?.purse === from ? { ...state.latest, purse: to, mint } : state.latest
  const { [from]: msat, ...shares } = state.shares
  return msat === undefined
    ? { ...state, latest }
    : { ...state, latest, shares: { ...shares, [to]: (shares[to] ?? 0) + msat } }
}

export const sharesOf = ({ shares }: Session): Share[] =>
  Object.entries(shares).map(([purse, msat]) => ({ purse, msat: asMsat(msat) }))
