/** What a mint still takes of coins that expired beside others comes back; of the rest nothing moves (wallet 8.1, W-06). */
import { expect, test } from 'bun:test'
import { draftLoss, expiredAt } from '../../core/processes/expired-coins'
import { createMaintenance } from '../../core/processes/maintenance'
import { cancelledBy } from '../../core/processes/payout-cancel'
import { type DepositKit, noLadder, openDeposits } from '../kit/deposits'
import { until } from '../kit/node'
import { fileLog } from '../kit/suite'

const { opened } = fileLog()

const account = async (one: DepositKit, name: string) =>
  Number((await one.sheet()).find((row) => row.account === name)?.msat ?? 0n)
const waiting = async (one: DepositKit) => {
  const [mint] = one.payoutDeps.mints()
  return mint === undefined ? [] : expiredAt(mint, one.payoutDeps)
}
async function giveUp(one: DepositKit): Promise<void> {
  const { engine } = opened()
  const [row] = await waiting(one)
  if (row === undefined) throw new Error('nothing waits')
  const cancelled = (payout: string, swap: string) => cancelledBy(payout, swap, engine)
  const draft = await draftLoss(row, { ...one.payoutDeps, cancelled })
  if (draft === undefined) throw new Error('nothing could be drafted')
  const meta = { actor: 'owner', door: 'console' } as const
  expect(await engine.execute(draft.wishes, { ...draft.inline, meta })).toHaveProperty('position')
}

test('wallet 8.1, W-06 in a swap of two keysets the one that still lives comes back, and only the other waits', async () => {
  const one = openDeposits(opened(), { ladder: noLadder })
  const { mint } = one
  await one.redeem(mint.token(127))
  const [old = ''] = mint.keysetIds()
  mint.rotate('sat')
  await one.desk().keysets(true)
  await one.redeem(mint.token(63))
  mint.rotate('sat')
  await one.desk().keysets(true)
  // Two coins of the expired one stay free: a swap takes eleven of the thirteen.
  mint.expire(old)
  const { round } = createMaintenance(one.payoutDeps, { coinsInPurse: 500, coinsAtOnce: 11 })
  one.swaps.start()
  expect(await round()).toBe(1)
  await until('it is known what waits', async () => (await waiting(one)).length === 1)
  const [{ keysetId, msat, swaps } = { keysetId: '', msat: 0, swaps: [] }] = await waiting(one)
  expect([keysetId, msat, swaps.length]).toEqual([old, 127_000, 1])
  // What was only beside them is free again, and nothing is planned with the others any more.
  expect((await account(one, 'free')) + (await account(one, 'locked'))).toBe(190_000)
  expect((await account(one, 'free')) >= 63_000).toBe(true)
  await until('maintenance plans nothing with them', async () => (await round()) === 0)
  expect(await account(one, 'owner:losses')).toBe(0)
  await giveUp(one)
  expect(await account(one, 'owner:losses')).toBe(127_000)
  // The others leave their keyset, which ended too.
  await until('nothing is under way', async () => (await round()) === 0 && (await account(one, 'locked')) === 0)
  expect(await account(one, 'free')).toBe(63_000)
  expect(await waiting(one)).toEqual([])
  expect((await one.sheet()).reduce((sum, row) => sum + row.msat, 0n)).toBe(0n)
  await one.close()
}, 30_000)

test('wallet 8.1 a mint that takes them again before anybody gave them up closes the swap by itself', async () => {
  const one = openDeposits(opened(), { ladder: noLadder })
  const { mint } = one
  const token = mint.token(15)
  await one.redeem(token)
  const [old = ''] = mint.keysetIds()
  mint.rotate('sat')
  await one.desk().keysets(true)
  mint.expire(old)
  const { round } = createMaintenance(one.payoutDeps, { coinsInPurse: 500, coinsAtOnce: 2 })
  one.swaps.start()
  expect(await round()).toBe(1)
  await until('it waits', async () => (await waiting(one)).length === 1)
  mint.expire(old, false)
  one.turn(3600)
  await until('it is settled', async () => {
    await one.swaps.resume()
    return (await account(one, 'locked')) === 0
  })
  expect([await account(one, 'free'), await account(one, 'owner:losses')]).toEqual([15_000, 0])
  expect(await waiting(one)).toEqual([])
  // What stayed free under that keyset pays again.
  expect(await one.refund(one.sessionOf(token))).toMatchObject({ is: 'ready', sats: 15 })
  await one.close()
}, 30_000)

test('wallet 8.1 12001 for coins of a keyset that their mint lists no more waits for the owner too, after one new plan', async () => {
  const one = openDeposits(opened(), { ladder: noLadder })
  const { mint } = one
  await one.redeem(mint.token(15))
  const [old = ''] = mint.keysetIds()
  mint.rotate('sat')
  await one.desk().keysets(true)
  const foreign = mint.token(31, 'sat', { keysetId: old })
  mint.forget(old)
  const { round } = createMaintenance(one.payoutDeps, { coinsInPurse: 500, coinsAtOnce: 2 })
  one.swaps.start()
  const swaps = mint.calls('swap')
  expect(await round()).toBe(1)
  await until('it waits', async () => (await waiting(one)).length === 1)
  // The clock of a kit runs on: it may have asked once more.
  expect(mint.calls('swap') - swaps).toBeWithin(2, 5)
  expect((await waiting(one)).map(({ keysetId }) => keysetId)).toEqual([old])
  // A customer's token of it is refused, and stays his.
  expect(await one.redeem(foreign)).toHaveProperty('refused')
  expect(await account(one, 'customers')).toBe(-15_000)
  await giveUp(one)
  expect(await account(one, 'owner:losses')).toBe(15_000)
  expect((await one.sheet()).reduce((sum, row) => sum + row.msat, 0n)).toBe(0n)
  await one.close()
}, 30_000)
