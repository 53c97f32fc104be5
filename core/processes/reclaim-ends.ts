/**
 * How a reclaim ends whose coins did not come back (wallet 5.2, 6.5): its token is collected, or waits as it did before.
 * Coins that were added for the fee were in a request that left, so that only a swap of their own frees them (W-06).
 */
import { type Coin, type CoinMove, wish } from '../../events'
import type { Case } from './drive-types'
import { placesOf } from './payout-coins'
import { isSame } from './reclaim-late'
import type { Beside } from './swap-divide'
import { draftSwap } from './swap-plan'
import type { OpenSwapOfOurs, SwapDeps } from './swap-types'
import { secretOf } from './token-text'

/** What its append writes beside it. */
export type Unreclaimed = Beside & { readonly addedFreed?: true }

type Reclaim = Case<OpenSwapOfOurs>
type Plan = OpenSwapOfOurs['plan']

export function createReclaimEnds(deps: SwapDeps) {
  const { engine, wallet } = deps

  /** Whoever holds the token was first: it is collected; partly so it stays as it is. */
  async function lost({ operation, state, looks }: Reclaim): Promise<Unreclaimed | undefined> {
    const { plan } = state
    const { parent = '' } = plan
    const unspent = new Set(looks.at(-1)?.unspentYs)
    const payout = await engine.state('payout', parent)
    // Found made again by another swap meanwhile, it is a token of other coins (wallet 9.8).
    const isOfThese = payout.is === 'ready' && isSame(payout.ready.send, plan.inputs)
    const isCollected = isOfThese && plan.inputs.every((coin) => !unspent.has(wallet.yOf(secretOf(wallet, coin))))
    if (!isCollected) return addedBack(operation, plan, waitsAgain(parent))
    return addedBack(operation, plan, {
      wishes: [wish('payout', parent, { do: 'claim', seenAt: deps.now() })],
      inline: { releases: [reclaiming(parent)], moves: movesOf(plan.inputs, 'out', 'spent') },
    })
  }

  /** Its mint takes a keyset of its coins for expired (wallet 8.1, 12003): they are their holder's, whatever they are worth. */
  const expired = ({ operation, state: { plan } }: Reclaim): Promise<Unreclaimed | undefined> =>
    addedBack(operation, plan, waitsAgain(plan.parent ?? ''))

  /** undefined: its mint does not answer. */
  async function addedBack(operation: string, { purse, added }: Plan, ended: Beside): Promise<Unreclaimed | undefined> {
    if (added.length === 0) return ended
    const [place] = placesOf([purse], deps)
    if (place === undefined) return undefined
    const wanted = { reason: 'fence' as const, parent: operation, inputs: added, added: [], sendUnits: 0 }
    const fence = await draftSwap(place, wanted, deps)
    const { claims = [], moves = [] } = ended.inline
    // Worth no more than their own fee they cannot be fenced. Their request held coins that somebody else has spent, or
    // that its mint takes no more, and a swap is processed as a whole or not at all: it never will be.
    if ('refused' in fence && fence.refused === 'fees-exceed-value') {
      const freed = [...moves, ...movesOf(added, 'locked', 'free')]
      return { ...ended, addedFreed: true, inline: { ...ended.inline, moves: freed } }
    }
    if (!('swap' in fence)) return undefined
    return {
      wishes: [...ended.wishes, fence.wish],
      inline: {
        ...ended.inline,
        ...fence.inline,
        claims: [...claims, ...(fence.inline.claims ?? [])],
        moves,
      },
    }
  }

  return { lost, expired }
}

const reclaiming = (payout: string) => ({ kind: 'reclaiming', key: payout })
export const uncollected = (payout: string) => ({ kind: 'uncollected', key: payout, owner: 'payout' })

/** The token is whole for all that is known: its holder asks for it, and is asked about, as before. */
export const waitsAgain = (payout: string): Beside => ({
  wishes: [],
  inline: { releases: [reclaiming(payout), uncollected(payout)], claims: [uncollected(payout)] },
})

export const movesOf = (
  coins: readonly Pick<Coin, 'keysetId' | 'counter'>[],
  from: CoinMove['from'],
  to: CoinMove['to'],
): readonly CoinMove[] => coins.map(({ keysetId, counter }) => ({ keysetId, counter, from, to }))
