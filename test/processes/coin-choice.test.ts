/** Which coins pay an amount: chosen by how many there are of each kind, as if every coin had been looked at (wallet 5.2). */
import { expect, test } from 'bun:test'
import { limits } from '../../core/limits'
import { chooseCoins, choosing, coverCoins, feeOf, largestFirst, sum } from '../../core/processes/coin-choice'
import { draftReclaim } from '../../core/processes/reclaims'
import { draftTokenWithdrawal } from '../../core/processes/withdrawals'
import type { CoinLot, CoinRow } from '../../events'
import { createChance } from '../bench/chance'
import { spends } from '../kit/charge'
import { lightningInvoice, stageOf, withdrawByLightning } from '../kit/melts'
import { until } from '../kit/node'
import { moneySuite } from '../kit/suite'

const suite = moneySuite()

type Coin = Pick<CoinLot, 'amount' | 'keysetId' | 'signedBy'>
type Facts = Parameters<typeof chooseCoins>[2]
const byAmount = (coins: readonly Coin[]) => coins.toSorted((a, b) => b.amount - a.amount)

/** The same rules coin by coin. */
function exactly(coins: readonly Coin[], units: number): Coin[] | undefined {
  const taken: Coin[] = []
  let left = units
  for (const coin of byAmount(coins)) {
    if (coin.amount > left) continue
    taken.push(coin)
    left -= coin.amount
    if (left === 0) return taken
  }
  return undefined
}
function cover(coins: readonly Coin[], units: number, facts: Facts): Coin[] | undefined {
  const left = byAmount(coins)
  const taken: Coin[] = []
  for (;;) {
    const last = left.findLast((coin) => coin.amount >= units + feeOf([...taken, coin], facts) - sum(taken))
    if (last !== undefined) return [...taken, last]
    const next = left.shift()
    if (next === undefined) return undefined
    taken.push(next)
  }
}
const spelled = (coins: readonly Coin[] | undefined) =>
  coins?.map(({ amount, keysetId, signedBy }) => `${amount} ${signedBy ?? keysetId}`).sort()
const eachOf = (lots: readonly CoinLot[]): readonly Coin[] =>
  lots.flatMap(({ coins, ...coin }) => Array.from({ length: coins }, () => coin))

test('wallet 5.2 W-16 what is chosen by counts is what is chosen coin by coin: exact, covering and too little', () => {
  const random = createChance(7).next
  const seen = new Set<string>()
  const ppk: Readonly<Record<string, number>> = { a: 0, b: 100, c: 400 }
  for (let n = 0; n < 1500; n += 1) {
    const lots: CoinLot[] = ['a', 'b'].flatMap((keysetId) =>
      Array.from({ length: 8 }, (_, bit) => ({ keysetId, amount: 2 ** bit, coins: Math.floor(random() * 4) }))
        .filter(({ coins }) => coins > 0)
        .map((lot) => (random() < 0.1 ? { ...lot, signedBy: 'c' } : lot)),
    )
    const facts: Facts = { feePpk: (id) => ppk[id] ?? 0, mayLeave: (id) => id !== 'c' || n % 2 === 0 }
    const units = 1 + Math.floor(random() * 900)
    const coins = eachOf(lots)
    const free = coins.filter(({ keysetId, signedBy }) => facts.mayLeave(signedBy ?? keysetId))
    const expected = exactly(free, units) ?? cover(coins, units, facts)
    const choice = chooseCoins(lots, units, facts, limits.swapInputs)
    expect([n, spelled(eachOf(choice.lots))]).toEqual([n, spelled(expected ?? [])])
    if (choice.is === 'swap') expect(choice.feeUnits).toBe(feeOf(expected ?? [], facts))
    if (choice.is === 'too-little') expect(choice.most).toBe(Math.max(0, sum(coins) - feeOf(coins, facts)))
    const melted = coverCoins(lots, units, facts, limits.swapInputs)
    const withChange = Array.from({ length: 9 }, (_, more) => [exactly(coins, units + more), more] as const).find(
      ([found, more]) => found !== undefined && feeOf(found, facts) <= more,
    )
    expect(spelled(melted && eachOf(melted.lots))).toEqual(spelled(withChange?.[0] ?? cover(coins, units, facts)))
    seen.add(choice.is)
  }
  expect([...seen].sort()).toEqual(['exact', 'swap', 'too-little'])
})

/** Coin by coin: groups of the largest that are left, and whether a swap makes one fewer. */
const groupsOf = (coins: readonly Coin[], cap: number): readonly (readonly Coin[])[] =>
  Array.from({ length: Math.ceil(coins.length / cap) }, (_, n) => byAmount(coins).slice(n * cap, (n + 1) * cap))
const bitsOf = (units: number) => [...units.toString(2)].filter((bit) => bit === '1').length
const netOf = (coins: readonly Coin[], facts: Facts) => sum(coins) - feeOf(coins, facts)
const isFewer = (coins: readonly Coin[], facts: Facts) =>
  netOf(coins, facts) > 0 && bitsOf(netOf(coins, facts)) < coins.length

/** New coins cost what the dearest of the old ones did. */
function mostOf(coins: readonly Coin[], facts: Facts, cap: number): number {
  let left = coins
  while (left.length > cap && groupsOf(left, cap).some((group) => isFewer(group, facts)))
    left = groupsOf(left, cap).flatMap((group) => {
      if (!isFewer(group, facts)) return group
      const [dearest] = group.toSorted((a, b) => facts.feePpk(b.keysetId) - facts.feePpk(a.keysetId))
      const value = netOf(group, facts)
      return Array.from({ length: 12 }, (_, bit) => 2 ** bit)
        .filter((amount) => (value & amount) > 0)
        .map((amount) => ({ ...(dearest as Coin), amount }))
    })
  return Math.max(0, netOf(groupsOf(left, cap)[0] ?? [], facts))
}

test('wallet 5.2, 8.1 what is put together by counts is what is put together coin by coin, and holds the bound', () => {
  const random = createChance(11).next
  const seen = new Set<string>()
  const ppk: Readonly<Record<string, number>> = { a: 0, b: 100, c: 400 }
  for (let n = 0; n < 1000; n += 1) {
    const lots: CoinLot[] = ['a', 'b', 'c'].flatMap((keysetId) =>
      Array.from({ length: 3 }, (_, bit) => ({ keysetId, amount: 2 ** bit, coins: Math.floor(random() * 12) })).filter(
        ({ coins }) => coins > 0,
      ),
    )
    const facts: Facts = { feePpk: (id) => ppk[id] ?? 0, mayLeave: (id) => id !== 'c' || n % 2 === 0 }
    const cap = 4 + Math.floor(random() * 8)
    const units = 1 + Math.floor(random() * 110)
    const coins = eachOf(lots)
    const exact = exactly(
      coins.filter(({ keysetId }) => facts.mayLeave(keysetId)),
      units,
    )
    const covered = cover(coins, units, facts)
    const gaining = groupsOf(covered ?? [], cap).filter((group) => isFewer(group, facts))
    const choice = chooseCoins(lots, units, facts, cap)
    const isWithin = (found: readonly Coin[] | undefined) => found !== undefined && found.length <= cap
    const most = mostOf(coins, facts, cap)
    const expected = isWithin(exact)
      ? 'exact'
      : isWithin(covered)
        ? 'swap'
        : gaining.length > 0 && most >= units
          ? 'gather'
          : exact === undefined
            ? 'too-little'
            : 'exact'
    expect([n, choice.is]).toEqual([n, expected])
    if (choice.is === 'swap') expect(spelled(eachOf(choice.lots))).toEqual(spelled(covered))
    if (choice.is === 'exact') expect(spelled(eachOf(choice.lots))).toEqual(spelled(exact))
    if (choice.is === 'too-little') expect(choice.most).toBe(most)
    if (choice.is === 'gather') {
      expect(choice.groups.map((group) => spelled(eachOf(group)))).toEqual(gaining.map(spelled))
      expect(choice.feeUnits).toBe(gaining.reduce((all, group) => all + feeOf(group, facts), 0))
      expect(spelled(choice.exact && eachOf(choice.exact))).toEqual(spelled(exact))
    }
    seen.add(choice.is === 'exact' && (exact?.length ?? 0) > cap ? 'exact above the bound' : choice.is)
  }
  expect([...seen].sort()).toEqual(['exact', 'exact above the bound', 'gather', 'swap', 'too-little'])
})

test('wallet 5.2 a refund, a withdrawal, a payment and a token made again read the coins they take, not all of the purse', async () => {
  const one = suite.kit({ feePpk: 100 })
  const { log } = suite.log()
  const key = one.mint.token(600)
  await one.redeem(key)
  const other = one.mint.token(900)
  await one.redeem(other)
  await spends(one, one.sessionOf(other), 800_000)
  const read: number[] = []
  const { coins, freeCoins } = log
  const counting = Object.assign(log as { coins: unknown; freeCoins: typeof freeCoins }, {
    coins: undefined,
    async freeCoins(...asked: Parameters<typeof freeCoins>) {
      const rows = await freeCoins(...asked)
      read.push(rows.length)
      return rows
    },
  })
  try {
    const refund = await one.refund(one.sessionOf(key))
    expect(refund).toMatchObject({ is: 'ready', sats: 599 })
    const asked = { command: 'c', mint: undefined, unit: 'sat', units: 3, by: 'owner', door: 'console' } as const
    expect(await draftTokenWithdrawal(asked, one.payoutDeps)).toHaveProperty('payout')
    const payout = 'payout' in refund ? refund.payout : ''
    expect(await draftReclaim({ payout, into: 'reissued', by: 'owner' }, one.payoutDeps)).toHaveProperty('swap')
    const paid = await withdrawByLightning(one, 40, lightningInvoice(40, one.now()))
    void one.melts.follow(paid, 1)
    await until('it is locked', async () => {
      await one.swaps.resume()
      await one.melts.resume()
      return ['planned', 'paid'].includes(await stageOf(one, paid))
    })
    await until('it is paid', async () => (await stageOf(one, paid)) === 'paid')
  } finally {
    Object.assign(counting, { coins, freeCoins })
  }
  expect(read.length).toBeGreaterThanOrEqual(4)
})

test('W-11 coins that others took between the count and the reading are not reckoned with: the choice is made anew', async () => {
  const coin = (amount: number, counter: number): CoinRow => ({
    ...{ seedId: 's', keysetId: 'k', c: '', purse: 'p', state: 'free' },
    amount,
    counter,
  })
  let free = [coin(8, 1), coin(8, 2), coin(4, 3)]
  let looks = 0
  const log = {
    async held() {
      looks += 1
      const lots = Map.groupBy(free, ({ amount }) => amount)
      return {
        free: [...lots].map(([amount, all]) => ({ amount, keysetId: 'k', coins: all.length })),
        hasLocked: false,
      }
    },
    async freeCoins(_: string, lots: readonly CoinLot[]) {
      if (looks === 1) free = free.filter(({ counter }) => counter !== 2)
      return lots.flatMap((lot) => free.filter(({ amount }) => amount === lot.amount).slice(0, lot.coins))
    },
  }
  const facts: Facts = { feePpk: () => 0, mayLeave: () => true }
  const chosen = await choosing('p', (held) => chooseCoins(held.free, 16, facts, limits.swapInputs), { log })
  expect([looks, chosen.is, chosen.coins]).toEqual([2, 'too-little', []])
  const other = await choosing('p', (held) => chooseCoins(held.free, 12, facts, limits.swapInputs), { log })
  expect(other.coins.map(({ counter }) => counter)).toEqual([1, 3])
})

test('wallet 5.2 the log counts free coins by amount, keyset and signer, and reads so many of each, the oldest first', async () => {
  const one = suite.kit()
  const { log } = suite.log()
  await one.redeem(one.mint.token(21, 'sat', { amounts: [8, 8, 4, 1] }))
  const all = (await log.coins(one.purse())).filter(({ state }) => state === 'free')
  const { free, hasLocked } = await log.held(one.purse())
  expect([sum(free), hasLocked]).toEqual([21, false])
  expect(eachOf(largestFirst(free)).map(({ amount }) => amount)).toEqual(
    all.map(({ amount }) => amount).sort((a, b) => b - a),
  )
  const wanted = free.map((lot) => ({ ...lot, coins: 1 }))
  const rows = await log.freeCoins(one.purse(), wanted)
  for (const { amount } of wanted) {
    const first = all.find((coin) => coin.amount === amount)
    expect(rows.filter((row) => row.amount === amount)).toEqual(first === undefined ? [] : [first])
  }
  expect(await log.freeCoins(one.purse(), [{ keysetId: 'other', amount: 8, coins: 1 }])).toEqual([])
  expect(await log.freeCoins(one.purse(), [{ ...(wanted[0] as CoinLot), signedBy: 'other' }])).toEqual([])
})
