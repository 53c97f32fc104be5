/** Which coins pay an amount: an exact match first (W-16), else the fewest that cover it and their own fee (wallet 5.2). */
import type { Coin, CoinRow } from '../../events'

export type Choice =
  | { readonly is: 'exact'; readonly coins: readonly CoinRow[] }
  | { readonly is: 'swap'; readonly coins: readonly CoinRow[]; readonly feeUnits: number }
  /** The coins cannot bear it; `most` is the largest amount that they can pay, in whole units. */
  | { readonly is: 'too-little'; readonly most: number }

export type KeysetFacts = {
  readonly feePpk: (keysetId: string) => number
  /** Coins of a keyset that ends soon are swapped, never handed out. */
  readonly mayLeave: (keysetId: string) => boolean
}

/** `free` in the order in which they should go: oldest keysets first. */
export function chooseCoins(free: readonly CoinRow[], units: number, facts: KeysetFacts): Choice {
  const exact = exactMatch(
    free.filter((coin) => facts.mayLeave(signerOf(coin))),
    units,
  )
  if (exact !== undefined) return { is: 'exact', coins: exact }
  const cover = covering(free, units, facts)
  if (cover !== undefined) return { is: 'swap', coins: cover, feeUnits: feeOf(cover, facts) }
  return { is: 'too-little', most: Math.max(0, sum(free) - feeOf(free, facts)) }
}

const mostChange = 8

/** Coins for an amount and their own fee, none of them handed out: as few and as little as can be. */
export function coverCoins(
  free: readonly CoinRow[],
  units: number,
  facts: KeysetFacts,
): { readonly coins: readonly CoinRow[]; readonly feeUnits: number } | undefined {
  const fee = (coins: readonly CoinRow[]) => feeOf(coins, facts)
  // A few units too many are change; far more would lie locked behind a slow payment.
  for (let more = 0; more <= mostChange; more += 1) {
    const coins = exactMatch(free, units + more)
    if (coins !== undefined && fee(coins) <= more) return { coins, feeUnits: fee(coins) }
  }
  const coins = covering(free, units, facts)
  return coins === undefined ? undefined : { coins, feeUnits: fee(coins) }
}

export const sum = (coins: readonly { readonly amount: number }[]): number =>
  coins.reduce((units, coin) => units + coin.amount, 0)

/** NUT-02: the fee of all inputs together, rounded up once. */
export const feeOf = (
  coins: readonly Pick<Coin, 'keysetId' | 'signedBy'>[],
  { feePpk }: Pick<KeysetFacts, 'feePpk'>,
): number => Math.ceil(coins.reduce((ppk, coin) => ppk + feePpk(signerOf(coin)), 0) / 1000)

/** The keyset whose coin it is to its mint: what its fee, its end and its proof go by. */
export const signerOf = ({ keysetId, signedBy }: Pick<Coin, 'keysetId' | 'signedBy'>): string => signedBy ?? keysetId

/** As events hold it. */
export const coinOf = ({ keysetId, counter, amount, c, signedBy }: Coin): Coin => ({
  keysetId,
  counter,
  amount,
  c,
  ...(signedBy === undefined ? {} : { signedBy }),
})

/** Largest first: with powers of two this finds a match wherever there is one. */
const largestFirst = (coins: readonly CoinRow[]): CoinRow[] => [...coins].sort((a, b) => b.amount - a.amount)

function exactMatch(coins: readonly CoinRow[], units: number): readonly CoinRow[] | undefined {
  const taken: CoinRow[] = []
  let left = units
  for (const coin of largestFirst(coins)) {
    if (coin.amount > left) continue
    taken.push(coin)
    left -= coin.amount
    if (left === 0) return taken
  }
  return undefined
}

/** One coin that is large enough, the smallest such; else large ones until the rest fits. Each taken coin has its fee. */
function covering(coins: readonly CoinRow[], units: number, facts: KeysetFacts): readonly CoinRow[] | undefined {
  const left = largestFirst(coins)
  const taken: CoinRow[] = []
  while (left.length > 0) {
    const missing = (coin: CoinRow) => units + feeOf([...taken, coin], facts) - sum(taken)
    const last = left.findLast((coin) => coin.amount >= missing(coin))
    if (last !== undefined) return [...taken, last]
    taken.push(left.shift() as CoinRow)
  }
  return undefined
}
