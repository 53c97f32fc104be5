/** Payments by Lightning that die at every step, with and without a lost answer: paid once or given back, never both (wallet 7). */
import { expect, test } from 'bun:test'
import { wish } from '../../events'
import { spends } from '../kit/charge'
import type { DepositKit } from '../kit/deposits'
import { die, earned, finish, lightningInvoice, withdrawByLightning } from '../kit/melts'
import { until } from '../kit/node'
import { spread } from '../kit/sizes'
import { accountOf, moneySuite } from '../kit/suite'

const suite = moneySuite()
const { kit } = suite

const invoice = (one: DepositKit, sat: number) => lightningInvoice(sat, one.now())
const withdraw = (one: DepositKit, sat: number, to = invoice(one, sat)) => withdrawByLightning(one, sat, to)
const places = [
  'melt: before the invoice is kept',
  'melt: after the quote',
  'melt: before the lock',
  'melt: after the lock',
  'melt: before the send',
  'melt: after the send',
  'melt: before it is booked',
  'melt: after it is booked',
]
const faults = spread(['none', 'drop-before', 'drop-after', 'delay'] as const, 2)

test.each(places.flatMap((place) => faults.map((fault) => [place, fault] as const)))(
  'P-01 wallet 7/17-20 a process that dies %s, fault %s, has paid once after the restart',
  async (place, fault) => {
    const one = kit({ feePpk: 100 })
    await earned(one)
    one.mint.setLightning({ fee: 1, reserve: 4, silentChange: fault === 'delay' })
    let dead = false
    one.onStop(async (at) => {
      if (at !== place || dead) return
      dead = true
      throw new Error('killed')
    })
    if (fault === 'drop-before' || fault === 'drop-after') one.mint.fault({ path: 'melt', kind: fault, times: 1 })
    one.swaps.start()
    const payout = await withdraw(one, 100)
    void one.melts.resume()
    await until('it died', () => dead)
    expect(await finish(die(one), payout)).toBe('paid')
    expect(one.mint.lightningOutMsat()).toBe(101_000)
    expect([await accountOf(one, 'locked'), await accountOf(one, 'promisedOwner')]).toEqual([0, 0])
    expect(await accountOf(one, 'owner:lightningFees')).toBe(1000)
  },
)

test.each([
  ['paid', 'paid', 101_000],
  ['failed', 'rejected', 0],
] as const)(
  'P-01 wallet 7/19 a process that dies when the mint has answered before it paid: in the end %s, once',
  async (outcome, end, outMsat) => {
    const one = kit({ feePpk: 100 })
    await earned(one)
    one.mint.setLightning({ outcome, fee: 1, reserve: 4, answersFirst: true })
    let dead = false
    one.onStop(async (at) => {
      if (at !== 'melt: after the send' || dead) return
      dead = true
      throw new Error('killed')
    })
    one.swaps.start()
    const payout = await withdraw(one, 100)
    void one.melts.resume()
    await until('it died', () => dead)
    expect(await finish(die(one), payout)).toBe(end)
    expect(one.mint.lightningOutMsat()).toBe(outMsat)
    expect([await accountOf(one, 'locked'), await accountOf(one, 'promisedOwner')]).toEqual([0, 0])
    expect(await suite.log().log.claims('fencing')).toEqual([])
  },
)

test.each(
  spread(
    ['swap: after the swap', 'swap: before the swap', 'swap: before it is settled', 'swap: after it is settled'],
    2,
  ),
)('wallet 7/22 a process that dies %s of a fence: the payment is given back, or it won, never both', async (place) => {
  for (const wins of ['fence', 'payment'] as const) {
    const one = kit({ feePpk: 100 })
    await earned(one)
    one.mint.setLightning({ outcome: 'failed' })
    let dead = false
    one.onStop(async (at) => {
      if (at !== place || dead) return
      dead = true
      if (wins === 'payment' && place === 'swap: before the swap') one.mint.setLightning({ fee: 1 })
      throw new Error('killed')
    })
    const payout = await withdraw(one, 46)
    one.swaps.start()
    void one.melts.resume()
    await until('a fence is planned', async () => (await suite.log().log.claimedBy('fencing', payout)) !== undefined)
    await until('it died', () => dead)
    expect(await finish(die(one), payout)).toBe('rejected')
    expect(one.mint.lightningOutMsat()).toBe(0)
    expect([await accountOf(one, 'locked'), await accountOf(one, 'owner:withdrawn')]).toEqual([0, 0])
    expect(await suite.log().log.claimedBy('paying', payout)).toBeUndefined()
  }
})

test('wallet 6.5 a late payment that wins against its fence is booked as paid', async () => {
  const one = kit({ feePpk: 100 })
  await earned(one)
  one.mint.setLightning({ outcome: 'pending', fee: 1, reserve: 2 })
  const to = invoice(one, 46)
  const payout = await withdraw(one, 46, to)
  void one.melts.follow(payout, 1)
  await until('it hangs', () => one.mint.melts().some(({ state }) => state === 'PENDING'))
  // The mint says unpaid for a moment, so a fence is planned; its coins are pending, and then the payment succeeds.
  one.onStop(async (at) => {
    if (at === 'swap: after the swap' && one.mint.melts().at(-1)?.state === 'PENDING') one.mint.endMelt(to, 'paid')
  })
  const quote = one.mint.melts().at(-1)
  if (quote === undefined) throw new Error('no quote')
  quote.state = 'UNPAID'
  await suite.log().engine.execute(wish('payout', payout, { do: 'want-cancel', why: 'owner', by: 'owner' }), {
    meta: { actor: 'owner', door: 'console' },
  })
  one.melts.wake(payout)
  await until('a fence is planned', async () => {
    one.melts.wake(payout)
    return (await suite.log().log.claimedBy('fencing', payout)) !== undefined
  })
  quote.state = 'PENDING'
  expect(await finish(one, payout)).toBe('paid')
  expect(one.mint.lightningOutMsat()).toBe(47_000)
})

test('wallet 5.4 little is locked behind a slow payment: a large coin is split first', async () => {
  const one = kit()
  const token = one.mint.token(512, 'sat', { amounts: [512] })
  await one.redeem(token)
  await spends(one, one.sessionOf(token), 500_000)
  one.mint.setLightning({ outcome: 'pending', fee: 1, reserve: 2 })
  const to = invoice(one, 10)
  const payout = await withdraw(one, 10, to)
  void one.melts.follow(payout, 1)
  await until('it is on its way', async () => {
    await one.swaps.resume()
    return one.mint.melts().some(({ state }) => state === 'PENDING')
  })
  expect(await accountOf(one, 'locked')).toBeLessThanOrEqual(24_000)
  one.mint.endMelt(to, 'paid')
  expect(await finish(one, payout)).toBe('paid')
})

test('wallet 6.4 a keyset that rotates between plan and send: the blanks are planned anew, the change is kept', async () => {
  const one = kit()
  await earned(one)
  one.mint.setLightning({ fee: 1, reserve: 9 })
  let rotated = false
  one.onStop(async (at) => {
    if (at !== 'melt: before the send' || rotated) return
    rotated = true
    one.mint.rotate('sat')
  })
  const payout = await withdraw(one, 100)
  expect(await finish(one, payout)).toBe('paid')
  expect(rotated).toBe(true)
  expect(await accountOf(one, 'owner:lightningFees')).toBe(1000)
})
