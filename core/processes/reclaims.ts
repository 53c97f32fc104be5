/**
 * Tokens that nobody collected (wallet 5.2): made again for their customer, taken by the operator past their age, or,
 * the owner's own, taken back. Their coins are swapped; whoever holds the old token may still be first.
 */
import type { Inline, Wish } from '../../events'
import { feeOf, sum } from './coin-choice'
import { floorsOf } from './floor'
import { tokenCap } from './input-cap'
import { factsOf, msatPer, type Place, placesOf, within } from './payout-coins'
import type { PayoutDeps } from './payout-types'
import { draftSwap, feeCoins, type NoSwap } from './swap-plan'
import { type BelowFloor, belowFloor } from './withdrawals'

export type Reclaim = {
  readonly payout: string
  readonly into: 'reissued' | 'swept' | 'taken-back'
  readonly by: string
  readonly why?: string
}
export type ReclaimDraft = { readonly swap: string; readonly wishes: readonly Wish[]; readonly inline: Inline }
export type NoReclaim =
  | NoSwap
  | { readonly unknown: true }
  | { readonly refused: 'payout-not-uncollected'; readonly state: string }
  | { readonly refused: 'payout-not-theirs' | 'refund-being-reclaimed' | 'no-coins-for-the-fee' | 'mint-unknown' }
  /** Its mint takes them in parts only, between which its holder could come. */
  | { readonly refused: 'partly-collected' | 'token-above-input-cap' }
  | BelowFloor

/** What the command's own append writes. Call it in the owner lane. */
export async function draftReclaim(asked: Reclaim, deps: PayoutDeps): Promise<ReclaimDraft | NoReclaim> {
  const { payout, into, by, why } = asked
  const state = await deps.engine.state('payout', payout)
  if (state.is === 'unknown') return { unknown: true }
  if ((state.wish.sessionId === undefined) !== (into === 'taken-back')) return { refused: 'payout-not-theirs' }
  if (state.is !== 'ready') return { refused: 'payout-not-uncollected', state: state.is }
  if ((await deps.log.claimedBy('reclaiming', payout)) !== undefined) return { refused: 'refund-being-reclaimed' }
  const { purse, send } = state.ready
  const [place] = placesOf([purse], deps)
  if (place === undefined) return { refused: 'mint-unknown' }
  const cap = await tokenCap(place.mint.mintId, deps)
  if (cap !== undefined && send.length > cap) return { refused: 'token-above-input-cap' }
  const isWhole = await whole(place, send, deps)
  if (isWhole !== true) return isWhole
  const added = into === 'reissued' ? await feeCoins(place, send, deps) : []
  if (added === undefined) return { refused: 'no-coins-for-the-fee' }
  const floor = (await floorsOf(deps)).get(purse)
  // The fee of a token of the same face is the owner's: above the floor, like all that he spends.
  const feeMsat = feeOf([...send, ...added], await factsOf(place, deps)) * msatPer(place.unit)
  if (into === 'reissued' && feeMsat > (floor?.spendableMsat ?? 0)) return belowFloor(floor)
  const draft = await draftSwap(
    place,
    {
      reason: 'reclaim',
      parent: payout,
      then: { is: into, by, ...(why === undefined ? {} : { why }) },
      inputs: send,
      added,
      sendUnits: into === 'reissued' ? sum(send) : 0,
    },
    deps,
  )
  if (!('swap' in draft)) return draft
  return {
    swap: draft.swap,
    wishes: [draft.wish],
    inline: {
      ...draft.inline,
      releases: [{ kind: 'uncollected', key: payout }],
      claims: [...(draft.inline.claims ?? []), { kind: 'reclaiming', key: payout, owner: draft.swap }],
    },
  }
}

/** ms since the token was made as it is: one that was made again is young again. undefined: there is none. */
export async function tokenAgeMs(
  payout: string,
  { log, now }: Pick<PayoutDeps, 'log' | 'now'>,
): Promise<number | undefined> {
  const made = (await log.read(payout, 0)).findLast(({ type }) => type === 'payout.ready' || type === 'payout.reissued')
  return made === undefined ? undefined : now() - made.at
}

/** A token of which some coins are spent stays as it is; one that is spent whole is found by the watch. */
async function whole(
  { desk }: Place,
  coins: readonly { readonly keysetId: string; readonly counter: number; readonly amount: number }[],
  deps: PayoutDeps,
): Promise<true | NoReclaim> {
  const { wallet } = deps
  const ys = coins.map(({ keysetId, counter, amount }) => wallet.yOf(wallet.derive(keysetId, counter, amount).secret))
  const answer = await within(
    desk.call(() => desk.client.states(ys)),
    deps,
  )
  if (answer === undefined || 'unreachable' in answer || answer.is !== 'done')
    return { unreachable: desk.health().state === 'limited' ? 'limited' : 'down' }
  const unspent = answer.value.filter(({ state }) => state === 'UNSPENT').length
  if (unspent === ys.length) return true
  return unspent === 0 ? { refused: 'payout-not-uncollected', state: 'claimed' } : { refused: 'partly-collected' }
}
