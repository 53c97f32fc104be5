/** Customers' tokens whose keyset ends soon, made again by the node itself (wallet 5.2). */
import { expect, test } from 'bun:test'
import { limits } from '../../core/limits'
import type { Refund } from '../../core/processes/payout-types'
import { createRefundRemaking } from '../../core/processes/refund-remaking'
import { createTrace } from '../../core/trace'
import { wish } from '../../events'
import { spends } from '../kit/charge'
import { type DepositKit, noLadder } from '../kit/deposits'
import { startEconomy } from '../kit/economy'
import { brokenInvariants } from '../kit/invariants'
import { walletOf } from '../kit/losses'
import { until } from '../kit/node'
import { accountOf, moneySuite } from '../kit/suite'
import { handTimers } from '../kit/timers'

const suite = moneySuite()
const { kit } = suite
const dayMs = 24 * 3600_000
const forever = Number.POSITIVE_INFINITY

const ready = (refund: Refund) => {
  if (!('is' in refund) || refund.is !== 'ready') throw new Error(`no token: ${JSON.stringify(refund)}`)
  return refund
}
/** As `core/scheduled.ts` makes it; `lines` are what its operator reads. */
function remaking(one: DepositKit, isBalanced = true) {
  const lines: string[] = []
  const trace = createTrace({ level: 'warn', format: 'json', now: one.now, write: (line) => lines.push(line) })
  return { ...createRefundRemaking({ ...one.payoutDeps, trace, isBalanced: () => isBalanced }), lines }
}
/** The mint's next keyset, which ends so many days from now, or never. */
async function nextKeyset(one: DepositKit, days?: number): Promise<string> {
  const finalExpiry = days === undefined ? {} : { finalExpiry: Math.floor((one.now() + days * dayMs) / 1000) }
  const { id } = one.mint.rotate('sat', finalExpiry)
  await one.desk().keysets(true)
  return id
}
async function redeemed(one: DepositKit, sat: number): Promise<string> {
  const token = one.mint.token(sat)
  await one.redeem(token)
  return one.sessionOf(token)
}
const earned = async (one: DepositKit, sat = 60) => spends(one, await redeemed(one, sat), sat * 1000)
/** A refund that nobody collected, of a keyset that ends in forty days; the mint signs with its next one by now. */
async function ending(one: DepositKit) {
  const keyset = await nextKeyset(one, 40)
  const session = await redeemed(one, 21)
  const refund = ready(await one.refund(session))
  await nextKeyset(one)
  return { keyset, session, refund }
}
/** Follows the swap that makes it again, if one does, to its end. */
async function over(one: DepositKit, { payout }: { readonly payout: string }): Promise<void> {
  const swap = await suite.log().log.claimedBy('reclaiming', payout)
  if (swap !== undefined) await one.swaps.follow(swap, forever)
}

test.each([100, 0])(
  'wallet 5.2 a refund whose keyset ends within seven days is made again once, and not on the day before (fee %d ppk)',
  async (feePpk) => {
    const one = kit({ feePpk, ladder: noLadder })
    const { session, refund, keyset } = await ending(one)
    await earned(one)
    const maker = remaking(one)
    one.turn(32 * dayMs)
    expect([await maker.round(), ready(await one.refund(session)).token]).toEqual([0, refund.token])
    one.turn(dayMs)
    expect(await maker.round()).toBe(1)
    const swap = (await suite.log().log.claimedBy('reclaiming', refund.payout)) ?? ''
    expect(await one.refund(session, 0)).toMatchObject({ is: 'pending' })
    await over(one, refund)
    const again = ready(await one.refund(session))
    expect([again.payout, again.sats, again.token === refund.token]).toEqual([refund.payout, refund.sats, false])
    const [planned] = await suite.log().log.read(swap, 0)
    expect(planned).toMatchObject({
      data: { then: { is: 'reissued', by: 'node', why: 'its keyset ends within 7 days' } },
      meta: { actor: 'node', door: 'node' },
    })
    // The new token is of a keyset that goes on, so that nothing is to be done.
    const before = one.mint.calls('swap')
    for (let day = 0; day < 8; day += 1) {
      one.turn(dayMs)
      expect([await maker.round(), await remaking(one).round()]).toEqual([0, 0])
    }
    expect(one.mint.calls('swap')).toBe(before)
    one.mint.expire(keyset)
    expect(await one.redeem(refund.token)).toHaveProperty('refused')
    expect(await one.redeem(again.token)).toMatchObject({ settled: true })
    await one.payouts.watch()
    expect([await accountOf(one, 'promised'), await accountOf(one, 'out'), await accountOf(one, 'locked')]).toEqual([
      0, 0, 0,
    ])
    expect(maker.lines).toEqual([])
  },
  20_000,
)

test('wallet 5.2 two looks at once make it again once, and while the books do not balance nothing is', async () => {
  const one = kit({ feePpk: 100 })
  const { session, refund } = await ending(one)
  await earned(one)
  one.turn(34 * dayMs)
  expect(await remaking(one, false).round()).toBe(0)
  const begun = await Promise.all([remaking(one).round(), remaking(one).round()])
  expect(begun.reduce((sum, count) => sum + count, 0)).toBe(1)
  const next = one.restart()
  await over(next, refund)
  expect(ready(await next.refund(session)).token === refund.token).toBe(false)
})

test('wallet 5.2 what lost a race for its counters is tried again with the next look, not a day later', async () => {
  const one = kit({ feePpk: 100 })
  const { session, refund } = await ending(one)
  await earned(one)
  one.turn(34 * dayMs)
  const { engine } = one.payoutDeps
  let races = 0
  const beaten: typeof engine = {
    ...engine,
    async execute(wishes, context) {
      if (races === 0) await redeemed(one, 5 + races++)
      return engine.execute(wishes, context)
    },
  }
  const maker = createRefundRemaking({ ...one.payoutDeps, engine: beaten, isBalanced: () => true })
  expect([await maker.round(), races, await maker.round()]).toEqual([0, 1, 1])
  await over(one, refund)
  expect(ready(await one.refund(session)).token === refund.token).toBe(false)
})

test('wallet 5.2 where the owner’s money does not bear the fee he hears of it once, and it is made again when it does', async () => {
  const one = kit({ feePpk: 100, ladder: noLadder })
  const { session, refund } = await ending(one)
  one.turn(34 * dayMs)
  const maker = remaking(one)
  for (let time = 0; time < 3; time += 1) {
    expect(await maker.round()).toBe(0)
    one.turn(limits.refundTryMs / 2)
  }
  expect(maker.lines.length).toBe(1)
  expect(maker.lines[0]).toContain(refund.payout)
  expect(ready(await one.refund(session)).token).toBe(refund.token)
  await earned(one)
  one.turn(limits.refundTryMs)
  expect(await maker.round()).toBe(1)
  await over(one, refund)
  expect(ready(await one.refund(session)).token === refund.token).toBe(false)
})

test('wallet 5.2, 8.1 without a keyset to go to, or once its mint called it expired, a token stays as it is', async () => {
  const one = kit({ feePpk: 100 })
  const ends = await nextKeyset(one, 40)
  const session = await redeemed(one, 21)
  const refund = ready(await one.refund(session))
  await earned(one)
  one.turn(34 * dayMs)
  expect(await remaking(one).round()).toBe(0)
  // One that ends before it is none to go to either.
  await nextKeyset(one, 1)
  expect(await remaking(one).round()).toBe(0)
  await nextKeyset(one)
  const stream = `mint-${one.purse().split('/')[0]}`
  const told = wish('mint', stream, { do: 'learn-expired', keysetId: ends, operation: 'swap-1' })
  await suite.log().engine.execute(told, { meta: { actor: 'test', door: 'node' } })
  expect([await remaking(one).round(), ready(await one.refund(session)).token]).toEqual([0, refund.token])
})

test('wallet 5.2, 8.1 what its mint refused as expired is left as it was, and tried once a day at most', async () => {
  const one = kit({ feePpk: 400 })
  const { session, refund, keyset } = await ending(one)
  await earned(one)
  one.turn(34 * dayMs)
  one.mint.expire(keyset)
  const maker = remaking(one)
  expect(await maker.round()).toBe(1)
  // A look while it is under way forgets nothing.
  expect(await maker.round()).toBe(0)
  await over(one, refund)
  expect([ready(await one.refund(session)).token, await maker.round()]).toEqual([refund.token, 0])
  one.turn(limits.refundTryMs)
  one.mint.expire(keyset, false)
  expect(await maker.round()).toBe(1)
  await over(one, refund)
  expect(ready(await one.refund(session)).token === refund.token).toBe(false)
  await until('nothing is locked', async () => {
    await one.swaps.resume()
    return (await accountOf(one, 'locked')) === 0
  })
}, 20_000)

test('wallet 5.2 a token that is spent already is found collected, one behind it is made again, a mint that is away waits', async () => {
  const one = kit({ feePpk: 100 })
  await nextKeyset(one, 40)
  const spent = ready(await one.refund(await redeemed(one, 21)))
  const session = await redeemed(one, 13)
  const behind = ready(await one.refund(session))
  await nextKeyset(one)
  await earned(one)
  one.mint.spend((one.payoutDeps.wallet.decodeToken(spent.token, one.mint.keysetIds()) ?? []) as never)
  one.turn(34 * dayMs)
  const maker = remaking(one)
  await one.mint.stop()
  expect(await maker.round()).toBe(0)
  one.mint.restart()
  one.turn(60_000)
  expect(await maker.round()).toBe(1)
  await over(one, behind)
  expect(ready(await one.refund(session)).token === behind.token).toBe(false)
  await one.payouts.watch()
  const state = async (payout: string) => (await suite.log().engine.state('payout', payout)).is
  expect([await state(spent.payout), await state(behind.payout)]).toEqual(['claimed', 'ready'])
})

test('wallet 5.2 the running node makes a customer’s token again by itself and leaves the owner’s own alone', async () => {
  let offsetMs = 0
  const now = () => Date.now() + offsetMs
  const timers = handTimers()
  const economy = await startEconomy({
    mint: { feePpk: 100, now },
    node: { now, ladder: noLadder, environment: { MINT_WAIT_S: '1' } },
  })
  try {
    const { mint, node, post } = economy
    const mintId = node.node.adminNode.mints.normalise(mint.url)?.mintId ?? ''
    const soon = mint.rotate('sat', { finalExpiry: Math.floor(now() / 1000) + 40 * 24 * 3600 }).id
    const give = async (sat: number) =>
      expect((await post('/v1/balance/donate', { token: mint.token(sat) })).status).toBe(200)
    await give(200)
    const key = await economy.key(64)
    const refund = async () => {
      const answer = await post('/v1/balance/refund', {}, key)
      return answer.status === 200 ? ((await answer.json()) as { token: string }).token : ''
    }
    const text = await refund()
    const own = (await node.call('payouts.toToken', { sat: 9, mint: mint.url })).result?.payout as string
    mint.rotate('sat')
    offsetMs += 34 * dayMs
    await give(40)
    const held = async (state: string) =>
      (await node.node.log.coins(`${mintId}/sat`)).filter((coin) => coin.state === state && coin.keysetId === soon)
    timers.turn(limits.maintenanceMs)
    await until('the coins at hand have left the keyset', async () => (await held('free')).length === 0)
    await until('nothing is under way', async () => (await node.node.log.claims('swap')).length === 0)
    timers.turn(limits.refundRemakingMs)
    await until('it is made again', async () => !['', text].includes(await refund()))
    timers.turn(limits.refundRemakingMs)
    await until('nothing is under way', async () => (await node.node.log.claims('swap')).length === 0)
    expect(await node.node.log.read(`payout-${own}`, 0)).not.toContainEqual(
      expect.objectContaining({ type: 'payout.reissued' }),
    )
    expect((await held('out')).reduce((sum, { amount }) => sum + amount, 0)).toBe(9)
    expect(await brokenInvariants({ log: node.node.log, wallet: await walletOf(node), mint, mintId })).toEqual([])
    expect((await node.call('books.check')).result).toMatchObject({ balanced: true })
  } finally {
    await economy.stop()
    timers.restore()
  }
}, 30_000)
