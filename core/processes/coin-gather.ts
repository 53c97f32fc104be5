/** Many small coins are put together before they pay: a mint takes so many in one request and no more (wallet 8.1). */
import type { CoinLot } from '../../events'

/** So many coins of each kind, for one swap each. */
export type Groups = readonly (readonly CoinLot[])[]
/** Thousandths of a unit that a coin costs as an input. */
type PpkOf = (coin: CoinLot) => number

/** Groups of at most `cap` coins that become fewer, and the fee of all of them; undefined: no swap makes them fewer. */
export function gather(
  lots: readonly CoinLot[],
  ppkOf: PpkOf,
  cap: number,
): { readonly groups: Groups; readonly feeUnits: number } | undefined {
  const piles = lots.map((lot) => ({ ...lot, ppk: ppkOf(lot) }))
  const gaining = chunks(piles, cap).filter(isGain)
  if (gaining.length === 0) return undefined
  return {
    groups: gaining.map((group) => group.map(({ ppk: _, ...lot }) => lot)),
    feeUnits: gaining.reduce((units, group) => units + fee(group), 0),
  }
}

/** Largest amount that coins pay beside their fees, put together as often as it takes until one request holds them. */
export function mostPayable(lots: readonly CoinLot[], ppkOf: PpkOf, cap: number): number {
  let left: readonly Pile[] = lots.map((lot) => ({ amount: lot.amount, coins: lot.coins, ppk: ppkOf(lot) }))
  while (count(left) > cap) {
    const groups = chunks(left, cap)
    if (!groups.some(isGain)) break
    left = groups.flatMap((group) => (isGain(group) ? swapped(group) : group))
  }
  const [held = []] = chunks(left, cap)
  return Math.max(0, worth(held) - fee(held))
}

/** So many coins of an amount in units, and what each costs as an input. */
type Pile = { readonly amount: number; readonly coins: number; readonly ppk: number }

const count = (piles: readonly Pile[]): number => piles.reduce((all, { coins }) => all + coins, 0)
const worth = (piles: readonly Pile[]): number => piles.reduce((units, { amount, coins }) => units + amount * coins, 0)

/** NUT-02: rounded up once for each request. */
const fee = (piles: readonly Pile[]): number =>
  Math.ceil(piles.reduce((all, { ppk, coins }) => all + ppk * coins, 0) / 1000)

/** Largest coins first, `cap` of them in each. */
function chunks<One extends Pile>(piles: readonly One[], cap: number): readonly (readonly One[])[] {
  const groups: One[][] = []
  let group: One[] = []
  let room = 0
  for (const pile of piles.toSorted((a, b) => b.amount - a.amount))
    for (let left = pile.coins; left > 0; ) {
      if (room === 0) {
        group = []
        groups.push(group)
        room = cap
      }
      const coins = Math.min(left, room)
      group.push({ ...pile, coins })
      left -= coins
      room -= coins
    }
  return groups
}

/** Its value is more than nothing and has fewer coins afterwards. */
function isGain(group: readonly Pile[]): boolean {
  const value = worth(group) - fee(group)
  return value > 0 && powersOf(value).length < count(group)
}

/** New coins may cost what the dearest of the old ones did. */
function swapped(group: readonly Pile[]): readonly Pile[] {
  const ppk = Math.max(...group.map((pile) => pile.ppk))
  return powersOf(worth(group) - fee(group)).map((amount) => ({ amount, coins: 1, ppk }))
}

/** Powers of two that add up to an amount, as new coins do (NUT-02). */
const powersOf = (units: number): readonly number[] =>
  [...units.toString(2)].toReversed().flatMap((bit, place) => (bit === '1' ? [2 ** place] : []))
