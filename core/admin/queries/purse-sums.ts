/** What lies in each purse and what of it is owed to customers, as every page tells it (wallet 15). */
import { heldAccounts, listBalances, owedAccounts, ownersTokens } from '../../../events'
import type { Sql } from '../../../events/sql'
import { numberOf } from '../rows'

type Sums = { readonly totalMsat: number; readonly owedMsat: number }
export type PurseSums = ReadonlyMap<string, Sums>

/** By purse. The owner's own tokens that wait for their holder have left. */
export async function purseSums(sql: Sql): Promise<PurseSums> {
  const purses = new Map<string, Sums>()
  const add = (purse: string, totalMsat: number, owedMsat: number) => {
    const sums = purses.get(purse) ?? { totalMsat: 0, owedMsat: 0 }
    purses.set(purse, { totalMsat: sums.totalMsat + totalMsat, owedMsat: sums.owedMsat + owedMsat })
  }
  for (const { purse, account, msat } of await listBalances(sql)) {
    const amount = numberOf(msat)
    add(purse, heldAccounts.includes(account) ? amount : 0, owedAccounts.includes(account) ? -amount : 0)
  }
  for (const { purse, msat } of await ownersTokens(sql)) if (purses.has(purse)) add(purse, -numberOf(msat), 0)
  return purses
}
