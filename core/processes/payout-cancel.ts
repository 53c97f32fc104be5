/** What ends a payout whose coins a fence brought back: it never left, and its money is where it came from (wallet 6.5). */
import { type Engine, type Inline, promisedShares, type Wish, wish } from '../../events'
import { outRelease } from './daily-out'
import { hashClaim, type LightningPayout, payingClaim } from './melt-types'
import { changeAgain } from './one-shot-claim'

export const fencing = (payout: string, swap: string) => ({ kind: 'fencing', key: payout, owner: swap })

function openClaims(payout: string, { lightning }: LightningPayout) {
  const hash = 'invoice' in lightning ? [hashClaim(lightning.invoice.paymentHash, payout)] : []
  return [payingClaim(payout), ...hash]
}

/** Rides in the append that settles the fence. */
export async function cancelledBy(
  payout: string,
  swapId: string,
  engine: Engine,
): Promise<{ readonly wishes: readonly Wish[]; readonly inline: Inline }> {
  const state = await engine.state('payout', payout)
  if (state.is === 'unknown') throw new Error('a fence serves a payout that nobody knows')
  const { sessionId } = state.wish
  const shares = promisedShares(state)
  return {
    wishes: [
      wish('payout', payout, { do: 'cancel', swapId }),
      ...(sessionId === undefined ? [] : [wish('session', sessionId, { do: 'return', payoutId: payout, shares })]),
    ],
    inline: {
      releases: [
        { kind: 'fencing', key: payout },
        { kind: 'swapping', key: payout },
        outRelease(payout),
        ...(state.is === 'lightning' ? openClaims(payout, state) : []),
      ],
      claims: changeAgain(state.wish),
    },
  }
}
