/** Coins that a mint restored for an open operation, as they may be booked: a restore gives spent ones too (T11, wallet 6.1). */
import { type Coin, type Wish, wish } from '../../events'
import type { DepositDeps } from './deposit-types'
import { isPutBack } from './doubted-coins'
import type { MintDesk } from './mint-desk'
import { statesOf } from './recover-types'

/** `free` of them are ours; what the others were is lost by these wishes, which ride in the same append. */
export type Bookable = { readonly free: readonly Coin[]; readonly wishes: readonly Wish[] }

export const asMade = (coins: readonly Coin[]): Bookable => ({ free: coins, wishes: [] })

/**
 * Coins to keep, once NUT-07 was asked of them. undefined: nothing may be booked yet. Spent before they were ours, their
 * mint is not believed, unless the operation was put back with its log: then this node had them before (wallet 12.4).
 */
export async function bookable(
  operation: string,
  { purse, coins }: { readonly purse: string; readonly coins: readonly Coin[] },
  desk: MintDesk,
  { log, wallet, now, trace }: Pick<DepositDeps, 'log' | 'wallet' | 'now' | 'trace'>,
): Promise<Bookable | undefined> {
  const states = await statesOf(coins, desk, wallet)
  if (states === undefined || states.includes('PENDING')) return undefined
  const spent = coins.filter((_, index) => states[index] === 'SPENT')
  if (spent.length === 0) return asMade(coins)
  if (!(await isPutBack(operation, log))) {
    await desk.suspend('own-coin-spent', operation)
    return undefined
  }
  trace.error('Coins of this wallet were spent since its backup', { purse, coins: spent.length })
  const look = {
    at: now(),
    unspent: coins.length - spent.length,
    pending: 0,
    spent: spent.length,
    restored: coins.length,
  }
  const evidence = { kind: 'put-back', looks: [look], sends: 0 }
  return {
    free: coins.filter((coin) => !spent.includes(coin)),
    wishes: [wish('mint', `mint-${purse.split('/')[0]}`, { do: 'lose-coins', purse, coins: spent, evidence })],
  }
}
