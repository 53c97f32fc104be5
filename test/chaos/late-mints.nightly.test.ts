/**
 * What a hasty wallet gets wrong: a mint that works late or answers nothing. Each holds by one policy of wallet 2, and
 * `negative-controls.nightly.test.ts` runs them with that policy replaced by a wrong one.
 */
import { expect, test } from 'bun:test'
import { draftTokenWithdrawal } from '../../core/processes/withdrawals'
import { wish } from '../../events'
import { spends } from '../kit/charge'
import { brokenIn } from '../kit/invariants'
import { lightningInvoice, stageOf, withdrawByLightning } from '../kit/melts'
import { until } from '../kit/node'
import { moneySuite } from '../kit/suite'

const suite = moneySuite()

test('W-06 I2 I5 a payment that looks unpaid for a while is not released on that: it is paid late, and booked so', async () => {
  const one = suite.kit({ feePpk: 100 })
  const token = one.mint.token(500, 'sat', { amounts: [256, 128, 64, 32, 16, 4] })
  await one.redeem(token)
  await spends(one, one.sessionOf(token), 400_000)
  one.mint.setLightning({ outcome: 'pending', fee: 1, reserve: 2 })
  const to = lightningInvoice(46, one.now())
  const payout = await withdrawByLightning(one, 46, to)
  void one.melts.follow(payout, 1)
  await until('it is on its way', () => one.mint.melts().some(({ state }) => state === 'PENDING'))
  const quote = one.mint.melts().at(-1)
  if (quote === undefined) throw new Error('no quote')
  quote.state = 'UNPAID'
  await one.opened.engine.execute(wish('payout', payout, { do: 'want-cancel', why: 'owner', by: 'owner' }), {
    meta: { actor: 'owner', door: 'console' },
  })
  const isTakenBack = async () => (await stageOf(one, payout)) === 'rejected'
  await until('it is fenced, or given up', async () => {
    one.melts.wake(payout)
    return (await isTakenBack()) || (await one.opened.log.claimedBy('fencing', payout)) !== undefined
  })
  quote.state = 'PENDING'
  one.mint.endMelt(to, 'paid')
  await until('the payment has its end', async () => {
    await one.swaps.resume()
    await one.melts.resume()
    return (await isTakenBack()) || (await stageOf(one, payout)) === 'paid'
  })
  expect(await brokenIn(one)).toEqual([])
  expect(await stageOf(one, payout)).toBe('paid')
})

test('W-05 I1 a mint that did the work, lost its answer and then says 400: what it signed is credited', async () => {
  const one = suite.kit()
  const token = one.mint.token(21)
  one.mint.fault({ path: 'swap', kind: 'drop-after' })
  one.mint.fault({ path: 'checkstate', kind: 'status', status: 503 })
  const outcome = await one.redeem(token)
  expect(await brokenIn(one)).toEqual([])
  expect(outcome).toMatchObject({ settled: true, amountMsat: 21_000 })
})

test('W-06 I2 inputs of a request that the mint works on late look unspent, and are not free for that', async () => {
  const one = suite.kit()
  const token = one.mint.token(64, 'sat', { amounts: [64] })
  await one.redeem(token)
  await spends(one, one.sessionOf(token), 10_000)
  one.mint.fault({ path: 'swap', kind: 'zombie' })
  const refund = await one.refund(one.sessionOf(token))
  one.mint.wakeZombies()
  expect(await brokenIn(one)).toEqual([])
  expect(refund).toMatchObject({ is: 'ready', sats: 54 })
})

test('W-03 W-11 I6 eight deposits at once: no counter is taken twice', async () => {
  const one = suite.kit()
  // The keyset is known, so that all eight take their counters in one breath.
  await one.redeem(one.mint.token(1))
  const outcomes = await Promise.all(Array.from({ length: 8 }, (_, n) => one.redeem(one.mint.token(40 + n))))
  expect(await brokenIn(one)).toEqual([])
  expect(outcomes.map((outcome) => 'settled' in outcome)).toEqual(Array.from({ length: 8 }, () => true))
})

test('W-11 A1 eight withdrawals of the same coins at once: each coin is in one token', async () => {
  const one = suite.kit()
  for (let n = 0; n < 4; n += 1) {
    const token = one.mint.token(16)
    await one.redeem(token)
    await spends(one, one.sessionOf(token), 16_000)
  }
  const asked = { mint: undefined, unit: 'sat', units: 16, by: 'owner', door: 'console' } as const
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const draft = await draftTokenWithdrawal({ ...asked, command: crypto.randomUUID() }, one.payoutDeps)
      if (!('payout' in draft)) return
      await one.opened.engine.execute(draft.wishes, { ...draft.inline, meta: { actor: 'owner', door: 'console' } })
    }),
  )
  expect(await brokenIn(one)).toEqual([])
})
