/** Small coins, two thousand by night, at a mint that takes few of them, seldom: they become fewer, and nothing is lost (P-17, wallet 5.5). */
import { expect, test } from 'bun:test'
import { limits } from '../../core/limits'
import { createMaintenance } from '../../core/processes/maintenance'
import { until } from '../kit/node'
import { isNightly } from '../kit/sizes'
import { accountOf, moneySuite } from '../kit/suite'

const suite = moneySuite()

const size = isNightly
  ? { coins: 2000, cap: 100, perMinute: 20, inPurse: limits.coinsInPurse }
  : { coins: 150, cap: 20, perMinute: 12, inPurse: 40 }
const perToken = 50

test('P-17 small coins, an input cap and few calls a minute with 429: consolidation finishes, honours Retry-After and costs its exact fees', async () => {
  const ladder = { coins: size.coins, coinsWithFee: size.coins, largest: 1 }
  const one = suite.kit({ feePpk: 100, ladder, rates: { maxInputs: size.cap, moneyPerMinute: size.perMinute } })
  const free = async () => (await one.opened.log.coins(one.purse())).filter(({ state }) => state === 'free')
  // Each token costs a sat, and what it leaves is coins of one.
  for (let n = 0; n < size.coins / perToken; n += 1)
    await one.redeem(one.mint.token(perToken + 1, 'sat', { amounts: [32, 16, 2, 1] }))
  expect((await free()).length).toBe(size.coins)
  Object.assign(ladder, { coins: 0, coinsWithFee: 0 })
  one.swaps.start()
  const maintenance = createMaintenance(one.payoutDeps, { ...limits, coinsInPurse: size.inPurse })
  // One round after the other: only the mint and its queue slow them.
  await until(
    'the coins are few',
    async () => {
      // While the mint wants quiet no round begins anything, and time passes.
      if ((await maintenance.round()) === 0) one.turn(50)
      return (await accountOf(one, 'locked')) === 0 && (await free()).length <= size.inPurse
    },
    isNightly ? 300_000 : 60_000,
  )
  const { rates } = one.mint
  expect([rates.limited() > 0, rates.early(), rates.mostInputs() <= size.cap]).toEqual([true, 0, true])
  const feesMsat = await accountOf(one, 'owner:mintFees')
  expect(await accountOf(one, 'free')).toBe(size.coins * 1000 - feesMsat)
  expect(one.mint.outstanding('sat') * 1000).toBe(size.coins * 1000 - feesMsat)
  expect(feesMsat).toBe(1000 * (await feesOfSwaps(one.opened.log)))
  expect((await one.sheet()).reduce((msat, row) => msat + row.msat, 0n)).toBe(0n)
}, 360_000)

/** Units: of each swap that is settled a tenth of its coins, rounded up once (NUT-02). */
async function feesOfSwaps(log: ReturnType<typeof suite.log>['log']): Promise<number> {
  let units = 0
  for (const name of await log.streams('swap-')) {
    const events = await log.read(name, 0)
    const planned = events.find(({ type }) => type === 'swap.planned')?.data as
      | { inputs: readonly unknown[] }
      | undefined
    if (events.some(({ type }) => type === 'swap.settled')) units += Math.ceil((planned?.inputs.length ?? 0) / 10)
  }
  return units
}
