/** What ends a payout whose coins a fence brought back: it never left, and its money is where it came from (wallet 6.5). */
import {
  asMsat,
  type Engine,
  foundPaid,
  type Inline,
  isPaidBefore,
  paidFrom,
  promisedShares,
  type Wish,
  wish,
} from '../../events'
import { outRelease } from './daily-out'
import { hashClaim, type LightningPayout, payingClaim } from './melt-types'
import { changeAgain } from './one-shot-claim'

type Beside = { readonly wishes: readonly Wish[]; readonly inline: Inline }

export const fencing = (payout: string, swap: string) => ({ kind: 'fencing', key: payout, owner: swap })

function openClaims(payout: string, { lightning }: LightningPayout) {
  const hash = 'invoice' in lightning ? [hashClaim(lightning.invoice.paymentHash, payout)] : []
  return [payingClaim(payout), ...hash]
}

/** Its coins came back, for the payment was made with others: only what is above the invoice goes back. */
function paidBefore(
  payout: string,
  swapId: string,
  asked: LightningPayout['wish'],
  from: Parameters<typeof foundPaid>[1],
): Beside {
  const { purse, returnedMsat } = foundPaid(asked, from)
  const shares = [{ purse, msat: asMsat(returnedMsat) }]
  const { sessionId } = asked
  return {
    wishes: [
      wish('payout', payout, { do: 'cancel', swapId }),
      ...(sessionId === undefined || returnedMsat === 0
        ? []
        : [wish('session', sessionId, { do: 'return', payoutId: payout, shares })]),
    ],
    inline: { releases: [{ kind: 'fencing', key: payout }, payingClaim(payout)] },
  }
}

/** Rides in the append that settles the fence. */
export async function cancelledBy(payout: string, swapId: string, engine: Engine): Promise<Beside> {
  const state = await engine.state('payout', payout)
  if (state.is === 'unknown') throw new Error('a fence serves a payout that nobody knows')
  if (state.is === 'lightning' && state.lightning.is === 'planned' && isPaidBefore(state.lightning))
    return paidBefore(payout, swapId, state.wish, paidFrom(state.lightning))
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
