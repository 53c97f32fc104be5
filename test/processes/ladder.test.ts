/** Which amounts new coins have: few enough, exact for any sum, and ready for the next payout (wallet 9.6). */
import { expect, test } from 'bun:test'
import { limits } from '../../core/limits'
import { amountsFor, rungsLacking } from '../../core/processes/ladder'
import { createMaintenance } from '../../core/processes/maintenance'
import { createChance } from '../bench/chance'
import { spends } from '../kit/charge'
import { type DepositKit, openDeposits } from '../kit/deposits'
import { fileLog } from '../kit/suite'

const { opened } = fileLog()

const keysetOf = (bits: number, feePpk = 0) => {
  const keys = Object.fromEntries(Array.from({ length: bits }, (_, bit) => [String(2 ** bit), 'key']))
  return { id: 'k', feePpk, keys: { id: 'k', unit: 'sat', keys } }
}
const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0)
const count = (amounts: readonly number[], amount: number) => amounts.filter((one) => one === amount).length
const rungs = Array.from({ length: 11 }, (_, bit) => 2 ** bit)
const freeAmounts = async (kit: DepositKit) =>
  (await opened().log.coins(kit.purse())).filter(({ state }) => state === 'free').map(({ amount }) => amount)
const countedBy = (amounts: readonly number[]): ReadonlyMap<number, number> =>
  new Map([...Map.groupBy(amounts, (amount) => amount)].map(([amount, all]) => [amount, all.length]))
const lacking = (amounts: readonly number[], feePpk = 0) =>
  rungsLacking('p', keysetOf(32, feePpk), [], {
    log: { freeAmounts: async () => countedBy(amounts) },
  })

test('wallet 9.6 any sum is met exactly, in wire order, by at most 64 outputs, whatever the purse lacks', () => {
  const chance = createChance(6)
  for (let n = 0; n < 5000; n += 1) {
    const bits = chance.whole(20, 53)
    const units = Math.floor(2 ** (chance.next() * bits))
    const wants = new Map(rungs.map((amount) => [amount, chance.whole(-3, 40)]))
    const most = chance.pick([8, 32, 64])
    const amounts = amountsFor(units, keysetOf(53), wants, most)
    expect(sum(amounts)).toBe(units)
    expect(amounts.length).toBeLessThanOrEqual(64)
    // Beyond `most` only where the plain split needs as many.
    expect(amounts.length).toBeLessThanOrEqual(Math.max(most, amountsFor(units, keysetOf(53)).length))
    expect(amounts).toEqual(amounts.toSorted((a, b) => a - b))
  }
})

test('wallet 9.6 an amount that a keyset cannot express is a bug that is named, not a plan', () => {
  expect(() => amountsFor(2 ** 20, keysetOf(8))).toThrow('do not fit')
})

test('wallet 9.6 lacking rungs come first, small ones before large ones, the rest is as few coins as can be', async () => {
  expect(amountsFor(16, keysetOf(32), await lacking([]))).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 4])
  const full = rungs.flatMap((amount) => Array.from({ length: 4 }, () => amount))
  expect(amountsFor(100, keysetOf(32), await lacking(full))).toEqual([4, 32, 64])
  expect(amountsFor(100, keysetOf(32), await lacking(full.slice(2)))).toEqual([1, 1, 2, 32, 64])
  const large = amountsFor(100_000, keysetOf(32), await lacking([]))
  expect(rungs.map((amount) => Math.min(4, count(large, amount)))).toEqual(rungs.map(() => 4))
  expect(count(large, 65_536)).toBe(1)
})

test('wallet 9.6 where a coin costs a fee half as many are kept, and none that is hardly worth it', async () => {
  expect((await lacking([1, 1, 2], 100)).get(1)).toBe(0)
  expect((await lacking([1, 1, 2], 100)).get(2)).toBe(1)
  expect([...(await lacking([], 1000)).keys()].toSorted((a, b) => a - b)[0]).toBe(16)
})

test('wallet 9.6 W-16 what a deposit left pays changes and refunds without a call to the mint', async () => {
  const kit = openDeposits(opened(), { keysetVersion: 'v2' })
  await kit.redeem(kit.mint.token(10_000))
  const swaps = kit.mint.calls('swap')
  for (const [units, spentMsat] of [
    [777, 333_000],
    [1200, 1000],
    [64, 27_000],
  ] as const) {
    const token = kit.mint.token(units)
    await kit.redeem(token)
    await spends(kit, kit.sessionOf(token), spentMsat)
    expect(await kit.refund(kit.sessionOf(token))).toMatchObject({ is: 'ready', sats: units - spentMsat / 1000 })
  }
  expect(kit.mint.calls('swap') - swaps).toBe(3)
  const amounts = await freeAmounts(kit)
  expect(amounts.length).toBeLessThanOrEqual(60)
  expect((await kit.sheet()).reduce((total, { msat }) => total + msat, 0n)).toBe(0n)
  await kit.close()
}, 20_000)

test('wallet 9.6, 5.5 putting coins together makes fewer of them, whatever the ladder lacks', async () => {
  const kit = openDeposits(opened())
  await kit.redeem(kit.mint.token(64, 'sat', { amounts: Array.from({ length: 64 }, () => 1) }))
  const maintenance = createMaintenance(kit.payoutDeps, { coinsInPurse: 10, coinsAtOnce: 12 })
  const before = (await freeAmounts(kit)).length
  expect(await maintenance.round()).toBe(1)
  await kit.swaps.resume()
  while ((await opened().log.claims('swap')).length > 0) await Bun.sleep(5)
  const after = await freeAmounts(kit)
  expect([sum(after), after.length <= before - 6]).toEqual([64, true])
  await kit.close()
})

test('W-02 wallet 9.6 outputs stand in the plan as they are sent: ascending by amount, then counter', async () => {
  const kit = openDeposits(opened())
  const token = kit.mint.token(500)
  await kit.redeem(token)
  const started = (await opened().log.list({ type: 'deposit.started', limit: 1 }))[0]?.data as {
    readonly attempt: { readonly outputs: readonly { readonly amount: number; readonly counter: number }[] }
  }
  const { outputs } = started.attempt
  expect(outputs).toEqual(outputs.toSorted((a, b) => a.amount - b.amount || a.counter - b.counter))
  expect(outputs.length).toBeWithin(5, limits.outputs)
  expect(sum(outputs.map(({ amount }) => amount))).toBe(500)
  await kit.close()
})
