/** Shares follow what arrived (wallet 5.6): two purses are merged while nothing else is decided or written. */
import { asMsat, coinlessShares, type Msat, type OpenDrain, wish } from '../../events'
import type { DrainDeps } from './drain-types'
import { type Floor, floorsOf, isAnyMoving } from './floor'

/** What customers are owed in a purse without coins of their own: balances, and payouts that hold none yet. */
export type Owed = { readonly sharesMsat: Msat; readonly promisedMsat: Msat }

export async function owedIn(purse: string, { engine, log }: Books): Promise<Owed> {
  const { sheet, coinless } = await log.holdings()
  const balances = sheet.find((row) => row.purse === purse && row.account === 'customers')
  let promisedMsat = 0
  for (const payout of coinless)
    for (const share of coinlessShares(await engine.state('payout', payout)))
      if (share.purse === purse) promisedMsat += share.msat
  return { sharesMsat: asMsat(0 - Number(balances?.msat ?? 0n)), promisedMsat: asMsat(promisedMsat) }
}

/**
 * Merges if what lies free above the floor of the other purse covers all of it: what arrived, and where no more can be
 * moved (`isAll`) also what else the owner has there, for he bears the fees. Answers whether it did.
 */
export async function mergeIfCovered(
  drain: string,
  { plan, arrivedMsat, mergedMsat }: OpenDrain,
  isAll: boolean,
  deps: DrainDeps,
): Promise<boolean> {
  const { engine } = deps
  const { purse: from, to } = plan
  if ('address' in to) return false
  return deps.ownerLane(() =>
    engine.alone(async (execute) => {
      const { sharesMsat, promisedMsat } = await owedIn(from, deps)
      const owedMsat = sharesMsat + promisedMsat
      if (owedMsat === 0 || (!isAll && arrivedMsat - mergedMsat < owedMsat)) return false
      if (!deps.isBalanced() || (await isAnyMoving(deps)) || (await isSuspended(to.purse, deps))) return false
      const floor = (await floorsOf(deps)).get(to.purse)
      if (floor === undefined || bearableMsat(floor, arrivedMsat - mergedMsat) < owedMsat) return false
      await deps.stopHere('drain: before the merge')
      const done = await execute(
        [
          wish('node', 'node', { do: 'merge-purses', from, to: to.purse, mint: to.mint, sharesMsat, promisedMsat }),
          wish('drain', drain, { do: 'merge', sharesMsat, promisedMsat }),
        ],
        { meta: { actor: plan.by, door: 'node', cause: drain } },
      )
      await deps.stopHere('drain: after the merge')
      if ('refused' in done) throw new Error(`purses could not be merged: ${done.refused}`)
      deps.trace.info('Customers’ balances followed their coins to another mint', { from, to: to.purse, owedMsat })
      return true
    }),
  )
}

/**
 * What shares may follow to: all that is free above the floor there but what arrived for customers of other drains. The
 * cost of paying everyone out is the owner's to find, and no customer waits for it.
 */
export const bearableMsat = ({ overMsat, feesMsat, arrivedMsat }: Floor, ownMsat: number): number =>
  overMsat + feesMsat - (arrivedMsat - Math.max(0, ownMsat))

type Books = Pick<DrainDeps, 'engine' | 'log'>

/** Nothing of customers is left in the purse, and nothing is under way that could bring it back. */
export async function isDrained(purse: string, deps: Books): Promise<boolean> {
  if (await isBusy(purse, deps)) return false
  const { sharesMsat, promisedMsat } = await owedIn(purse, deps)
  return sharesMsat + promisedMsat === 0
}

/** Coins are locked there, or tokens of there are being redeemed. */
export async function isBusy(purse: string, { engine, log }: Books): Promise<boolean> {
  if ((await log.held(purse)).hasLocked) return true
  for (const { key } of await log.claims('open')) {
    const state = await engine.state('deposit', key)
    if (state.is === 'open' && state.plan.purse === purse) return true
  }
  return false
}

async function isSuspended(purse: string, { engine }: DrainDeps): Promise<boolean> {
  return (await engine.state('mint', `mint-${purse.split('/')[0]}`)).suspended !== undefined
}
