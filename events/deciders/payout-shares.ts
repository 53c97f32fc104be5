/** Where the money of a payout lies (wallet 16). */
import { asMsat, type Share } from '../schema/money'
import type { PayoutEvent } from '../schema/payout'
import type { Merge } from './decider'
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

/** Of a customer's payout that holds no coins yet: such a one moves with its purse (wallet 5.6). */
export function coinlessShares(state: Payout): readonly Share[] {
  const isCoinless = state.is === 'requested' || (state.is === 'lightning' && beforeCoins.includes(state.lightning.is))
  return isCoinless && state.wish.sessionId !== undefined ? state.wish.shares : []
}
const beforeCoins: readonly string[] = ['requested', 'resolved', 'quoted']

/** What a merge makes of a payout: one that waits for coins waits for those of the other purse, by a quote of there. */
export function mergedPayout(state: Payout, { from, to }: Merge): Payout {
  const shares = coinlessShares(state)
  if (!shares.some(({ purse }) => purse === from)) return state
  if (state.is !== 'requested' && state.is !== 'lightning') return state
  const gone = new Set([from, to])
  const msat = shares.reduce((sum, share) => sum + (gone.has(share.purse) ? share.msat : 0), 0)
  const place = shares.findIndex(({ purse }) => gone.has(purse))
  const kept = shares.map((share, at) => (at === place ? { purse: to, msat: asMsat(msat) } : share))
  const wish = { ...state.wish, shares: kept.filter(({ purse }, at) => at === place || !gone.has(purse)) }
  if (state.is === 'requested') return { ...state, wish }
  const { lightning } = state
  const isQuotedThere = lightning.is === 'quoted' && lightning.quote.purse === from
  if (!isQuotedThere) return { ...state, wish }
  return { ...state, wish, lightning: { is: 'resolved', invoice: lightning.invoice, tries: lightning.tries } }
}

type Requested = Extract<PayoutEvent, { type: 'payout.requested' }>['data']

/** Whether all that lies elsewhere is moved to where the coins are: purses may have merged since they were chosen. */
export function fits(
  { shares }: Pick<Requested, 'shares'>,
  { purse, moved }: { readonly purse: string; readonly moved: readonly Share[] },
): boolean {
  return isSame(
    shares.filter((share) => share.purse !== purse),
    moved,
  )
}

/** `seen`: shares as a caller reckoned with them. */
export const isSame = (shares: readonly Share[], seen: readonly Share[]): boolean =>
  shares.length === seen.length &&
  shares.every(({ purse, msat }, at) => seen[at]?.purse === purse && seen[at].msat === msat)

function placeOf(state: Exclude<Payout, { is: 'unknown' }>) {
  if (state.is === 'planned') return state.plan
  if (state.is === 'lightning') return state.lightning.is === 'planned' ? state.lightning.plan : undefined
  return 'ready' in state ? state.ready : undefined
}
