/** Many small coins are put together, coins of keysets that ended leave, and nobody loses a sat beyond the fee (wallet 5.5). */
import { expect, test } from 'bun:test'
import { createMaintenance } from '../../core/processes/maintenance'
import { type DepositKit, noLadder, openDeposits } from '../kit/deposits'
import { until } from '../kit/node'
import { fileLog } from '../kit/suite'

const { opened } = fileLog()

const account = async (one: DepositKit, name: string) =>
  Number((await one.sheet()).find((row) => row.account === name)?.msat ?? 0n)
const coinsOf = async (one: DepositKit) => {
  const purse = (await one.sheet())[0]?.purse ?? ''
  return (await opened().log.coins(purse)).filter(({ state }) => state === 'free')
}
async function rounds(one: DepositKit, isDone: () => Promise<boolean>): Promise<void> {
  const { round } = createMaintenance(one.payoutDeps, { coinsInPurse: 20, coinsAtOnce: 8 })
  one.swaps.start()
  await until('the wallet is in order', async () => {
    await round()
    await one.swaps.resume()
    return (await account(one, 'locked')) === 0 && (await isDone())
  })
}

test('wallet 5.5 coins of a keyset that is not active any more leave it, less the fee', async () => {
  const one = openDeposits(opened(), { feePpk: 100, ladder: noLadder })
  await one.redeem(one.mint.token(127))
  const before = await account(one, 'free')
  one.mint.rotate('sat')
  await one.desk().keysets(true)
  const [old] = await coinsOf(one)
  await one.redeem(one.mint.token(3))
  await rounds(one, async () => (await coinsOf(one)).every(({ keysetId }) => keysetId !== old?.keysetId))
  expect(await account(one, 'owner:mintFees')).toBe(1000)
  expect(await account(one, 'free')).toBe(before + 2000 - 1000)
  expect((await one.sheet()).reduce((sum, row) => sum + row.msat, 0n)).toBe(0n)
  expect(BigInt(one.mint.outstanding('sat')) * 1000n).toBe(BigInt(await account(one, 'free')))
  await one.close()
})

test('wallet 5.5 above its bound of coins the smallest of a purse are put together, batch by batch', async () => {
  const one = openDeposits(opened(), { ladder: noLadder })
  // Redeemed coins come as powers of two: many tokens of one sat leave many coins of one.
  for (let n = 0; n < 24; n += 1) await one.redeem(one.mint.token(1))
  expect((await coinsOf(one)).length).toBe(24)
  await rounds(one, async () => (await coinsOf(one)).length <= 20)
  expect(await account(one, 'free')).toBe(24_000)
  expect(BigInt(one.mint.outstanding('sat')) * 1000n).toBe(24_000n)
  await one.close()
})

test('wallet 8.1 a fee that rises above what the coins are worth is no lie: they wait, and go on when it falls', async () => {
  const one = openDeposits(opened(), { ladder: noLadder })
  for (let n = 0; n < 24; n += 1) await one.redeem(one.mint.token(1))
  let swaps = 0
  one.onStop(async (place) => {
    if (place !== 'swap: before the swap') return
    swaps += 1
    one.mint.raiseFees(swaps < 4 ? 3000 : 0)
  })
  await rounds(one, async () => (await coinsOf(one)).length <= 20)
  const mint = await opened().engine.state('mint', `mint-${one.purse().split('/')[0]}`)
  expect([swaps >= 4, mint.suspended]).toEqual([true, undefined])
  expect(await account(one, 'free')).toBe(24_000)
  await one.close()
})
