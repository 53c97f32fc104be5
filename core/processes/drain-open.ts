/** What open payouts keep back in a purse that is drained: the coins that they are about to take there (wallet 5.6). */
import type { Floor } from './floor'
import type { PayoutDeps } from './payout-types'

/**
 * msat. A refund of money in several purses is handed out at one mint: where the coins here are too few for all of it, or
 * the owner has too little here to stand for what lies elsewhere, its part here keeps nothing back. It follows, and he is
 * paid where all of it lies then. Call it in the owner lane, where such refunds take their coins.
 */
export async function keptMsat(
  { purse, freeMsat, openMsat, spendableMsat }: Floor,
  { log, engine }: Pick<PayoutDeps, 'log' | 'engine'>,
): Promise<number> {
  let kept = openMsat
  for (const { key } of await log.claims('coinless')) {
    const state = await engine.state('payout', key)
    if (state.is !== 'requested' || state.wish.sessionId === undefined) continue
    const { msat, shares } = state.wish
    const hereMsat = shares.reduce((sum, share) => sum + (share.purse === purse ? share.msat : 0), 0)
    const isElsewhereToo = hereMsat > 0 && hereMsat < msat
    if (isElsewhereToo && (freeMsat < msat || spendableMsat < msat - hereMsat)) kept -= hereMsat
  }
  return kept
}
