/** Begins the swaps that put coins together for one payout, which waits for them (wallet 5.5, 8.1). */
import { limits } from '../limits'
import { countOf } from './coin-choice'
import type { Groups } from './coin-gather'
import type { Place } from './payout-coins'
import type { PayoutDeps } from './payout-types'
import { draftSwap } from './swap-plan'

/**
 * As many as may run at once; the payout comes again for the others, and for what somebody else took meanwhile. Only the
 * coins of one group are read at a time: those of the one before are locked by then. Answers how many were begun.
 */
export async function beginGathering(place: Place, payout: string, groups: Groups, deps: PayoutDeps): Promise<number> {
  let begun = 0
  for (const group of groups.slice(0, limits.gatherAtOnce)) {
    const inputs = await deps.log.freeCoins(place.purse, group)
    if (inputs.length < countOf(group)) break
    const wanted = { reason: 'consolidate' as const, parent: payout, inputs, added: [], sendUnits: 0 }
    const draft = await draftSwap(place, wanted, deps)
    if (!('swap' in draft)) break
    const outcome = await deps.engine.execute(draft.wish, { ...draft.inline, meta: { actor: 'node', door: 'node' } })
    if ('position' in outcome) begun += 1
  }
  return begun
}
