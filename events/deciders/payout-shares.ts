/** Where the money of a payout lies (wallet 16). */
import type { Share } from '../schema/money'
import type { Payout } from './payout'

/** Where a payout's money is promised: what was moved lies in the purse that pays. */
export function promisedShares(state: Payout): readonly Share[] {
  if (state.is === 'unknown') return []
  const place = placeOf(state)
  if (place === undefined || place.moved.length === 0) return state.wish.shares
  const elsewhere = new Set(place.moved.map(({ purse }) => purse))
  const movedMsat = place.moved.reduce((msat, share) => msat + share.msat, 0)
  const stayed = state.wish.shares.filter(({ purse }) => !elsewhere.has(purse))
  const here = stayed.reduce((msat, share) => msat + share.msat, 0) + movedMsat
  return [{ purse: place.purse, msat: here as Share['msat'] }]
}

function placeOf(state: Exclude<Payout, { is: 'unknown' }>) {
  if (state.is === 'planned') return state.plan
  if (state.is === 'lightning') return state.lightning.is === 'planned' ? state.lightning.plan : undefined
  return 'ready' in state ? state.ready : undefined
}
