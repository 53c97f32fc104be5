/** Which coins pay an amount: an exact match first (W-16), else the fewest that cover it and their own fee (wallet 5.2). */
import { type Coin, type CoinLot, type CoinRow, type CoinsHeld, type Log, wholeParts } from '../../events'
import { limits } from '../limits'
import { type Groups, gather, mostPayable } from './coin-gather'

/** `lots`: how many coins of each kind. */
export type Choice =
  | { readonly is: 'exact'; readonly lots: Lots }
  | { readonly is: 'swap'; readonly lots: Lots; readonly feeUnits: number }
  /** More coins than one request holds are put together first. `exact`: handed over where the mint is away. */
  | {
      readonly is: 'gather'
      readonly lots: readonly []
      readonly groups: Groups
      readonly feeUnits: number
      readonly exact?: Lots
    }
  /** The coins cannot bear it; `most` is the largest amount that they can pay, in whole units. */
  | { readonly is: 'too-little'; readonly lots: readonly []; readonly most: number }

export type KeysetFacts = {
  readonly feePpk: (keysetId: string) => number
  /** Coins of a keyset that ends soon are swapped, never handed out. */
  readonly mayLeave: (keysetId: string) => boolean
  /** Its mint calls it expired: its coins pay nothing (wallet 8.1). */
  readonly isExpired?: (keysetId: string) => boolean
}

type Lots = readonly CoinLot[]

/**
 * Chooses among what a purse holds and reads only the coins chosen; anew where somebody else was first meanwhile. Whose
 * they are is decided by the append that moves them.
 */
export async function choosing<Made extends { readonly lots: Lots }>(
  purse: string,
  choose: (held: CoinsHeld) => Made,
  { log }: { readonly log: Pick<Log, 'held' | 'freeCoins'> },
): Promise<Made & { readonly coins: readonly CoinRow[] }> {
  for (let race = 0; race < limits.refundRaces; race += 1) {
    const made = choose(await log.held(purse))
    const coins = made.lots.length === 0 ? [] : await log.freeCoins(purse, made.lots)
    if (coins.length === countOf(made.lots)) return { ...made, coins }
  }
  throw new Error('a choice of coins lost too many races')
}

/** `free` in the order in which they should go: oldest keysets first. `cap`: coins in one request. */
export function chooseCoins(held: Lots, units: number, facts: KeysetFacts, cap: number): Choice {
  const free = payingOf(held, facts)
  const exact = exactMatch(
    free.filter((lot) => facts.mayLeave(signerOf(lot))),
    units,
  )
  if (exact !== undefined && countOf(exact) <= cap) return { is: 'exact', lots: exact }
  const cover = covering(free, units, facts)
  if (cover !== undefined && countOf(cover) <= cap) return { is: 'swap', lots: cover, feeUnits: feeOf(cover, facts) }
  const most = mostPayable(free, ppkBy(facts), cap)
  const gathered = cover === undefined || most < units ? undefined : gather(cover, ppkBy(facts), cap)
  if (gathered !== undefined) return { is: 'gather', lots: [], ...gathered, ...(exact === undefined ? {} : { exact }) }
  return exact === undefined ? { is: 'too-little', lots: [], most } : { is: 'exact', lots: exact }
}

/** Without those that pay nothing any more. */
export const payingOf = (lots: Lots, { isExpired }: KeysetFacts): Lots =>
  lots.filter((lot) => isExpired?.(signerOf(lot)) !== true)

const mostChange = 8

/** Coins for an amount and their own fee, none of them handed out: as few and little as can be, perhaps above `cap`. */
export function coverCoins(
  held: Lots,
  units: number,
  facts: KeysetFacts,
  cap: number,
): { readonly lots: Lots; readonly feeUnits: number } | undefined {
  const free = payingOf(held, facts)
  const fee = (lots: Lots) => feeOf(lots, facts)
  // A few units too many are change; far more would lie locked behind a slow payment.
  for (let more = 0; more <= mostChange; more += 1) {
    const lots = exactMatch(free, units + more)
    if (lots !== undefined && countOf(lots) <= cap && fee(lots) <= more) return { lots, feeUnits: fee(lots) }
  }
  const lots = covering(free, units, facts)
  return lots === undefined ? undefined : { lots, feeUnits: fee(lots) }
}

/** The first so many of them. */
export function firstOf(lots: Lots, coins: number): Lots {
  const taken: CoinLot[] = []
  let left = coins
  for (const lot of lots) {
    if (left === 0) break
    taken.push({ ...lot, coins: Math.min(left, lot.coins) })
    left -= Math.min(left, lot.coins)
  }
  return taken
}

/** What a coin costs as an input, by the keyset that signed it. */
export const ppkBy =
  ({ feePpk }: Pick<KeysetFacts, 'feePpk'>) =>
  (coin: Pick<Coin, 'keysetId' | 'signedBy'>): number =>
    feePpk(signerOf(coin))

/** A coin by itself counts once. */
type Counted = { readonly coins?: number }

export const countOf = (lots: readonly Counted[]): number => lots.reduce((all, { coins = 1 }) => all + coins, 0)

export const sum = (lots: readonly ({ readonly amount: number } & Counted)[]): number =>
  lots.reduce((units, { amount, coins = 1 }) => units + amount * coins, 0)

/** NUT-02: the fee of all inputs together, rounded up once. */
export const feeOf = (
  lots: readonly (Pick<Coin, 'keysetId' | 'signedBy'> & Counted)[],
  { feePpk }: Pick<KeysetFacts, 'feePpk'>,
): number => Math.ceil(lots.reduce((ppk, lot) => ppk + feePpk(signerOf(lot)) * (lot.coins ?? 1), 0) / 1000)

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
export const largestFirst = (lots: Lots): Lots => lots.toSorted((a, b) => b.amount - a.amount)

function exactMatch(free: Lots, units: number): Lots | undefined {
  const taken: CoinLot[] = []
  let left = units
  for (const lot of largestFirst(free)) {
    const coins = Math.min(lot.coins, wholeParts(left, lot.amount))
    if (coins === 0) continue
    taken.push({ ...lot, coins })
    left -= coins * lot.amount
    if (left === 0) return taken
  }
  return undefined
}

/** One coin that is large enough, the smallest such; else large ones until the rest fits. Each taken coin has its fee. */
function covering(free: Lots, units: number, { feePpk }: KeysetFacts): Lots | undefined {
  const lots = largestFirst(free).map((lot) => ({ lot, ppk: feePpk(signerOf(lot)), coins: 0 }))
  let takenUnits = 0
  let takenPpk = 0
  for (;;) {
    const isLeft = ({ lot, coins }: (typeof lots)[number]) => coins < lot.coins
    const covers = ({ lot, ppk }: (typeof lots)[number]) =>
      takenUnits + lot.amount >= units + Math.ceil((takenPpk + ppk) / 1000)
    const last = lots.findLast((one) => isLeft(one) && covers(one))
    const next = last ?? lots.find(isLeft)
    if (next === undefined) return undefined
    next.coins += 1
    takenUnits += next.lot.amount
    takenPpk += next.ppk
    if (last !== undefined) return lots.filter(({ coins }) => coins > 0).map(({ lot, coins }) => ({ ...lot, coins }))
  }
}
