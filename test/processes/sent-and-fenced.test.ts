/** A payout that was sent, then fenced, is still one that was sent: a fence that fails gives it back with its past (W-07). */
import { expect, test } from 'bun:test'
import { unlimited, wish } from '../../events'
import { spends } from '../kit/charge'
import { brokenIn } from '../kit/invariants'
import { earned, lightningInvoice, stageOf, withdrawByLightning } from '../kit/melts'
import { until } from '../kit/node'
import { moneySuite } from '../kit/suite'

const { kit } = moneySuite()

test('W-06 W-07 coins that were sent once stay locked, however often the customer asks while their fence fails', async () => {
  const one = kit()
  one.swaps.start()
  one.payouts.start()
  const first = one.mint.token(2)
  await one.redeem(first)
  const session = one.sessionOf(first)
  for (let n = 1; n < 12; n += 1) {
    const text = one.mint.token(2)
    const deposit = { text, via: 'topup', sessionId: one.sessionOf(text), target: session, requestId: 'r' } as const
    await one.deposits.redeem({ ...deposit, limits: unlimited }, Number.POSITIVE_INFINITY)
  }
  await spends(one, session, 1000)
  // The first send breaks off and is carried out later; the second is refused as too large, which divides the payout.
  one.mint.fault({ path: 'swap', kind: 'zombie', times: 1 })
  one.mint.fault({ path: 'swap', kind: 'code', code: 11014, times: 1 })
  let isDown = false
  one.onStop(async (place) => {
    if (place !== 'swap: before the swap' || isDown) return
    isDown = true
    await one.mint.stop()
  })
  const fences = async () => {
    const states = await Promise.all(
      (await one.opened.log.streams('swap-')).map((stream) => one.opened.engine.state('swap', stream)),
    )
    return states.filter((state) => state.is === 'rejected' && state.plan.reason === 'fence').length
  }
  let isOver = false
  const asks = async () => {
    while (!isOver) {
      await one.payouts.refund(session, 'r', 0)
      await new Promise((go) => setImmediate(go))
    }
  }
  const asking = Promise.all([asks(), asks(), asks(), asks()])
  await until('a fence failed', async () => (await fences()) > 0)
  await Bun.sleep(300)
  isOver = true
  await asking
  const [payout = ''] = (await one.opened.log.claims('swapping')).map(({ key }) => key)
  expect((await one.opened.engine.state('payout', payout)).is).toBe('planned')
  one.mint.restart()
  one.mint.wakeZombies()
  const refund = async () => one.payouts.refund(session, 'r', 1000)
  const isReady = async () => {
    const answer = await refund()
    return 'is' in answer && answer.is === 'ready'
  }
  await until('the refund is ready', isReady, 20_000)
  expect(await refund()).toMatchObject({ is: 'ready', sats: 23 })
  expect(await brokenIn(one)).toEqual([])
}, 60_000)

test('wallet 6.1, 6.5 W-05 a mint that took the coins of a payment and calls it unpaid is fenced later and later, and never pays for nothing', async () => {
  const one = kit()
  await earned(one)
  const { engine, log } = one.opened
  one.swaps.start()
  one.mint.fault({ path: 'melt', kind: 'drop-after', times: 1 })
  const payout = await withdrawByLightning(one, 100, lightningInvoice(100, one.now()))
  void one.melts.resume()
  const call = (state: 'PAID' | 'UNPAID') => {
    for (const melt of one.mint.melts()) (melt as { state: string }).state = state
  }
  await until('the coins are taken', () => one.mint.melts().some(({ state }) => state === 'PAID'))
  call('UNPAID')
  const meta = { actor: 'owner', door: 'console' } as const
  await engine.execute(wish('payout', payout, { do: 'want-cancel', why: 'owner', by: 'owner' }), { meta })
  one.melts.start()
  const [mint] = one.payoutDeps.mints()
  const isSuspended = async () => (await engine.state('mint', `mint-${mint?.mintId}`)).suspended === 'lied'
  await until('nothing more is planned there', isSuspended, 20_000)
  const from = one.now()
  await until('a day passes', () => one.now() - from > 24 * 3600_000, 20_000)
  expect((await log.streams('swap-')).length).toBeLessThan(12)
  expect(await stageOf(one, payout)).toBe('planned')
  call('PAID')
  one.melts.wake(payout)
  await until('it is paid', async () => (await stageOf(one, payout)) === 'paid')
  expect(await brokenIn(one)).toEqual([])
}, 60_000)
