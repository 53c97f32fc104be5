/** A flight that broke for a reason nobody foresaw ends no operation: a timer takes it up again, without a restart (W-15). */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { limits } from '../../core/limits'
import { createMaintenance } from '../../core/processes/maintenance'
import { spends } from '../kit/charge'
import type { DepositKit } from '../kit/deposits'
import { earned, lightningInvoice, stageOf, withdrawByLightning } from '../kit/melts'
import { until } from '../kit/node'
import { accountOf, moneySuite } from '../kit/suite'
import { type HandTimers, handTimers } from '../kit/timers'

const { kit } = moneySuite()
let timers: HandTimers
beforeEach(() => {
  timers = handTimers()
})
afterEach(() => timers.restore())

/** The next flight that comes to this place breaks there. */
function breaksOnce(one: DepositKit, place: string): () => boolean {
  let broke = false
  one.onStop(async (at) => {
    if (at !== place || broke) return
    broke = true
    throw new Error('nobody foresaw this')
  })
  return () => broke
}
/** Whatever would go on by itself has had its time. */
const settled = () => Bun.sleep(50)

test('W-15 a deposit whose flight broke is taken up by the timer, and credited once', async () => {
  const one = kit()
  one.deposits.start()
  const broke = breaksOnce(one, 'deposit: before the swap')
  const token = one.mint.token(21)
  expect(await one.redeem(token)).toMatchObject({ pending: true })
  timers.turn(limits.takeUpMs - 1)
  await settled()
  expect([broke(), one.mint.calls('swap'), await accountOf(one, 'customers')]).toEqual([true, 0, 0])
  timers.turn(1)
  await until('it is credited', async () => (await accountOf(one, 'customers')) === -21_000)
  timers.turn(10 * limits.takeUpMs)
  await settled()
  expect([one.mint.calls('swap'), await one.redeem(token)]).toMatchObject([1, { settled: true, amountMsat: 21_000 }])
}, 30_000)

test.each(['payout: before the swap', 'payout: after the swap', 'payout: before it is ready'])(
  'W-15 a refund whose flight broke %s is taken up by the timer, and debited once',
  async (place) => {
    const one = kit()
    one.payouts.start()
    const token = one.mint.token(64)
    await one.redeem(token)
    const session = one.sessionOf(token)
    await spends(one, session, 1000)
    const broke = breaksOnce(one, place)
    expect(await one.refund(session, 0)).toMatchObject({ is: 'pending' })
    await until('it broke', broke)
    await settled()
    const open = async () => (await one.opened.log.claims('swapping')).length
    expect(await open()).toBe(1)
    timers.turn(limits.takeUpMs)
    await until('it is ready', async () => (await open()) === 0)
    expect(await one.refund(session)).toMatchObject({ is: 'ready', sats: 63 })
    expect((await one.events(session)).filter((type) => type === 'session.debited')).toHaveLength(1)
  },
  30_000,
)

test('W-15 a swap of our own and a payment by Lightning whose flights broke are taken up by their timers', async () => {
  const one = kit()
  await earned(one)
  one.swaps.start()
  one.melts.start()
  const broke = breaksOnce(one, 'melt: before the send')
  const payout = await withdrawByLightning(one, 100, lightningInvoice(100, one.now()))
  await until('it broke', broke)
  await settled()
  timers.turn(limits.takeUpMs)
  await until('it is paid', async () => (await stageOf(one, payout)) === 'paid')
  const swapBroke = breaksOnce(one, 'swap: before the swap')
  await createMaintenance(one.payoutDeps, { coinsInPurse: 2, coinsAtOnce: 8 }).round()
  await until('it broke', swapBroke)
  await settled()
  expect((await one.opened.log.claims('swap')).length).toBe(1)
  timers.turn(limits.takeUpMs)
  await until('it is settled', async () => (await one.opened.log.claims('swap')).length === 0)
}, 30_000)

test('A6 once they are stopped no timer of these processes is left', () => {
  const one = kit()
  const before = timers.set()
  for (const process of [one.deposits, one.payouts, one.swaps, one.melts]) process.start()
  expect(timers.set() - before).toBeGreaterThanOrEqual(4)
  for (const process of [one.deposits, one.payouts, one.swaps, one.melts]) process.stop()
  expect(timers.set()).toBe(before)
}, 30_000)
