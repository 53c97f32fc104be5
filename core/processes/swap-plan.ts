/** Plans of swaps of our own coins (wallet 5.5): what the append writes that begins one. */
import {
  type CoinLot,
  type CoinRow,
  type CoinsHeld,
  type Inline,
  type SwapCommand,
  type Wish,
  wish,
} from '../../events'
import { limits } from '../limits'
import { choosing, coinOf, feeOf, sum } from './coin-choice'
import { factsOf, type Place, payoutAttempt, within } from './payout-coins'
import type { PayoutDeps } from './payout-types'

type Plan = Extract<SwapCommand, { do: 'plan' }>['plan']
type Coin = Plan['inputs'][number]

export type SwapWanted = Pick<Plan, 'reason' | 'parent' | 'then'> & {
  readonly inputs: readonly Coin[]
  /** Free coins that pay the fee beside the inputs. */
  readonly added: readonly Coin[]
  /** Units that go into a new token; the rest, less the fee, comes back. */
  readonly sendUnits: number
  /** Units of what comes back that get coins of their own, so that they add up exactly. */
  readonly keepApart?: number
}
export type SwapDraft = { readonly swap: string; readonly wish: Wish; readonly inline: Inline }
export type NoSwap =
  | { readonly refused: 'fees-exceed-value' }
  | { readonly unreachable: 'down' | 'limited' | 'suspended' }

/** Counters are taken with the append; coins that were free become locked, others stay what they are. */
export async function draftSwap(place: Place, wanted: SwapWanted, deps: PayoutDeps): Promise<SwapDraft | NoSwap> {
  const { desk, unit, purse, mint } = place
  const keyset = await within(desk.outputKeyset(unit), deps)
  if ('unreachable' in keyset) return keyset
  const facts = await factsOf(place, deps)
  const { reason, parent, then, sendUnits, keepApart = 0 } = wanted
  const [inputs, added] = [wanted.inputs.map(coinOf), wanted.added.map(coinOf)]
  const feeUnits = feeOf([...inputs, ...added], facts)
  const keepUnits = sum(inputs) + sum(added) - feeUnits - sendUnits
  if (keepUnits < 0 || sendUnits + keepUnits === 0) return { refused: 'fees-exceed-value' }
  const used = [...inputs, ...added]
  const locking = reason === 'fence' || reason === 'reclaim' ? added : used
  const most = mostOutputs(reason, used.length, parent !== undefined)
  const made = await payoutAttempt(
    { n: 1, sendUnits, keepUnits, keepApart, most, feeUnits, purse, leaving: locking, keyset, skip: 0 },
    deps,
  )
  const swap = `swap-${Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex')}`
  const plan: Plan = {
    purse,
    mint: mint.url,
    reason,
    ...(parent === undefined ? {} : { parent }),
    ...(then === undefined ? {} : { then }),
    inputs,
    added,
    attempt: made.attempt,
  }
  return {
    swap,
    wish: wish('swap', swap, { do: 'plan', plan }),
    inline: {
      cursors: [made.cursor],
      moves: locking.map(({ keysetId, counter }) => ({ keysetId, counter, from: 'free', to: 'locked' })),
      claims: [{ kind: 'swap', key: swap, owner: reason }],
    },
  }
}

/** Small coins are put together to become fewer, whatever the ladder lacks; for a payment as few as can be. */
function mostOutputs(reason: SwapWanted['reason'], inputs: number, isForPayout: boolean): number {
  if (reason === 'fence') return 0
  if (reason !== 'consolidate') return limits.outputs
  return isForPayout ? 0 : inputs >> 1
}

/** The smallest free coin that pays for itself and for `inputs`; none where the mint takes no fee. */
export async function feeCoins(
  place: Place,
  inputs: readonly Coin[],
  deps: PayoutDeps,
): Promise<readonly CoinRow[] | undefined> {
  const facts = await factsOf(place, deps)
  if (feeOf(inputs, facts) === 0) return []
  const smallest = ({ free }: CoinsHeld) => {
    const pays = (lot: CoinLot) => lot.amount >= feeOf([...inputs, { ...lot, coins: 1 }], facts)
    const found = free.filter(pays).toSorted((a, b) => a.amount - b.amount)[0]
    return { lots: found === undefined ? [] : [{ ...found, coins: 1 }] }
  }
  const { coins } = await choosing(place.purse, smallest, deps)
  return coins.length === 0 ? undefined : coins
}
