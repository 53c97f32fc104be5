/**
 * Which amounts new outputs have (wallet 9.6): a purse keeps a few coins of each small power of two, the rungs of a
 * ladder, so that most refunds and changes are an exact match. What the rungs do not lack is split greedily.
 */
import type { Coin, Log } from '../../events'
import { limits } from '../limits'
import type { KnownKeyset } from './mint-desk'

/** Coins of each rung, and the largest one in units. */
export type Ladder = { readonly coins: number; readonly coinsWithFee: number; readonly largest: number }

/** Coins that a purse lacks, by their amount in units. */
export type Rungs = ReadonlyMap<number, number>

const noRungs: Rungs = new Map()

/** Largest first: what the keyset has keys for, powers of two at every mint (NUT-02). */
const amountsOf = ({ keys }: Pick<KnownKeyset, 'keys'>): readonly number[] =>
  Object.keys(keys.keys)
    .map(Number)
    .filter((amount) => Number.isSafeInteger(amount) && amount > 0)
    .sort((a, b) => b - a)

/**
 * Amounts that add up to `units`, ascending as they stand on the wire (W-02): lacking rungs first, small ones before
 * large ones, while all of it fits into `most` outputs. Throws where the keyset cannot express the amount in 64.
 */
export function amountsFor(
  units: number,
  keyset: Pick<KnownKeyset, 'id' | 'keys'>,
  lacking: Rungs = noRungs,
  most: number = limits.outputs,
): readonly number[] {
  const amounts = amountsOf(keyset)
  const parts: number[] = []
  let left = units
  for (const amount of amounts.toReversed())
    for (let missing = lacking.get(amount) ?? 0; missing > 0; missing -= 1) {
      if (amount > left || parts.length + 1 + greedy(left - amount, amounts).length > most) break
      parts.push(amount)
      left -= amount
    }
  const rest = greedy(left, amounts)
  const sum = rest.reduce((total, amount) => total + amount, 0)
  if (sum !== left || parts.length + rest.length > limits.outputs)
    throw new Error(`${units} units do not fit into ${limits.outputs} outputs of keyset ${keyset.id}`)
  return [...parts, ...rest].sort((a, b) => a - b)
}

/** At most one more than the outputs of a request. */
function greedy(units: number, amounts: readonly number[]): number[] {
  const parts: number[] = []
  let left = units
  for (const amount of amounts)
    while (left >= amount && parts.length <= limits.outputs) {
      parts.push(amount)
      left -= amount
    }
  return parts
}

/**
 * What the purse lacks of its ladder once free coins of it are `leaving`. Where the mint takes a fee for each coin half as many are
 * kept, and none that is worth less than ten times its own.
 */
export async function rungsLacking(
  purse: string,
  keyset: Pick<KnownKeyset, 'feePpk' | 'keys'>,
  leaving: readonly Pick<Coin, 'amount'>[],
  { log, ladder = limits.ladder }: { readonly log: Pick<Log, 'freeAmounts'>; readonly ladder?: Ladder | undefined },
): Promise<Rungs> {
  const rungs = amountsOf(keyset).filter(
    (amount) => amount <= ladder.largest && amount * 1000 >= limits.rungFees * keyset.feePpk,
  )
  const wanted = keyset.feePpk > 0 ? ladder.coinsWithFee : ladder.coins
  const have = new Map(await log.freeAmounts(purse, rungs, wanted + leaving.length))
  for (const { amount } of leaving) have.set(amount, (have.get(amount) ?? 0) - 1)
  return new Map(rungs.map((amount) => [amount, wanted - (have.get(amount) ?? 0)]))
}
