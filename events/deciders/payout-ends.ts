/** How a payout by token ends: its coins are out, back, or gone (wallet 5.2). */
import type { Coin } from '../schema/deposit'
import { type PayoutEvent, whoseMoney } from '../schema/payout'
import type { Payout, PayoutCommand, PayoutRefusal } from './payout'
import { isSame, promisedShares } from './payout-shares'

export const sum = (coins: readonly Coin[]): number => coins.reduce((units, coin) => units + coin.amount, 0)
export const movedOn: PayoutRefusal = { refused: 'payout-moved-on' }
/** Purses were merged since the caller looked: he reckons again. */
export const sharesMerged: PayoutRefusal = { refused: 'shares-merged' }

export function settle(
  state: Payout,
  command: Extract<PayoutCommand, { do: 'settle' }>,
): PayoutEvent[] | PayoutRefusal {
  if (state.is !== 'planned') return movedOn
  const { purse, mint, moved, inputs } = state.plan
  const { seedId, token } = command
  const [send, keep] = [[...command.send], [...command.keep]]
  const feeUnits = sum(inputs) - sum(send) - sum(keep)
  return [
    { type: 'payout.ready', data: { purse, mint, moved, seedId, send, keep, feeUnits, token, exactMatch: false } },
  ]
}

/** Coins that were out came back: a customer's money is owed until it is swept, the owner's own is simply his again. */
export function reclaimed(
  state: Payout,
  command: Extract<PayoutCommand, { do: 'reissue' | 'sweep' | 'take-back' }>,
): PayoutEvent[] | PayoutRefusal {
  const isLate = command.do === 'reissue' && command.isLate === true && state.is === 'claimed'
  if (state.is !== 'ready' && !isLate) return movedOn
  const isOwners = whoseMoney(state.wish.purpose) === 'owner'
  const { swapId } = command
  const { purse, send } = state.ready
  if (command.do === 'reissue') {
    if (isOwners) return { refused: 'payout-not-theirs' }
    if (sum(command.send) !== sum(send)) throw new Error('a token made again has another value')
    const { seedId, token } = command
    const found = isLate ? { found: { purse, units: sum(send) } } : {}
    return [{ type: 'payout.reissued', data: { swapId, seedId, send: [...command.send], token, ...found } }]
  }
  if (isOwners !== (command.do === 'take-back')) return { refused: 'payout-not-theirs' }
  const { by } = command
  return command.do === 'take-back'
    ? [{ type: 'payout.taken-back', data: { swapId, purse, units: sum(send), by } }]
    : [{ type: 'payout.swept', data: { swapId, purse, units: sum(send), by, reason: command.reason } }]
}

/** Nothing that was handed out can be taken back here; locked coins are named with what became of them. */
export function reject(
  state: Payout,
  command: Extract<PayoutCommand, { do: 'reject' }>,
): PayoutEvent[] | PayoutRefusal {
  if (state.is !== 'requested' && state.is !== 'planned') return movedOn
  const { reason, evidence } = command
  const shares = [...promisedShares(state)]
  if (command.shares !== undefined && !isSame(shares, command.shares)) return sharesMerged
  const whose = whoseMoney(state.wish.purpose)
  if (state.is === 'requested') return [{ type: 'payout.rejected', data: { reason, whose, shares } }]
  const fate = reason === 'coins-gone' ? ('lost' as const) : ('freed' as const)
  const coins = { purse: state.plan.purse, units: sum(state.plan.inputs), fate }
  return [
    {
      type: 'payout.rejected',
      data: { reason, whose, shares, coins, ...(evidence === undefined ? {} : { evidence }) },
    },
  ]
}
