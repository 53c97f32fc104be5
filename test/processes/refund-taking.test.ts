/** Refunds past their age, taken by the node itself where the owner switched that on (wallet 5.2, P-30). */
import { expect, test } from 'bun:test'
import type { Refund } from '../../core/processes/payout-types'
import { draftReclaim } from '../../core/processes/reclaims'
import { createRefundTaking, type TakeWishes } from '../../core/processes/refund-taking'
import { signIn } from '../kit/browser'
import type { DepositKit } from '../kit/deposits'
import { startEconomy } from '../kit/economy'
import { until } from '../kit/node'
import { accountOf, moneySuite } from '../kit/suite'
import { handTimers } from '../kit/timers'

/** Of the log, and of whoever looks how old its tokens are. */
let offsetMs = 0
const now = () => Date.now() + offsetMs
const suite = moneySuite(now)
const { kit } = suite
const dayMs = 24 * 3600_000
const forever = Number.POSITIVE_INFINITY

const ready = (refund: Refund) => {
  if (!('is' in refund) || refund.is !== 'ready') throw new Error(`no token: ${JSON.stringify(refund)}`)
  return refund
}
async function uncollected(one: DepositKit, sat = 21) {
  const token = one.mint.token(sat)
  await one.redeem(token)
  const session = one.sessionOf(token)
  return { session, refund: ready(await one.refund(session)) }
}
/** As `core/parts.ts` makes it, with the wishes of the test. */
const taking = (one: DepositKit, wishes: TakeWishes = { isOn: true, days: 180 }, isBalanced = true) =>
  createRefundTaking({ ...one.payoutDeps, now, wishes: () => wishes, isBalanced: () => isBalanced })
const stateOf = async (payout: string) => (await suite.log().engine.state('payout', payout)).is
const swapsOf = (one: DepositKit) => one.mint.calls('swap')
/** Follows the swap that takes it, if one does, to its end. */
async function over(one: DepositKit, { payout }: { readonly payout: string }): Promise<void> {
  const swap = await suite.log().log.claimedBy('reclaiming', payout)
  if (swap !== undefined) await one.swaps.follow(swap, forever)
}

test('P-30 switched off, or with books that do not balance, nothing is ever taken by itself', async () => {
  const one = kit()
  const { session, refund } = await uncollected(one)
  offsetMs += 4000 * dayMs
  const before = swapsOf(one)
  expect(await taking(one, { isOn: false, days: 30 }).round()).toBe(0)
  expect(await taking(one, { isOn: true, days: 30 }, false).round()).toBe(0)
  expect([ready(await one.refund(session)).token, swapsOf(one)]).toEqual([refund.token, before])
})

test('P-30 wallet 5.2 switched on it takes what is past its days, as the node’s own act, and not a day before', async () => {
  const one = kit({ feePpk: 100 })
  const { session, refund } = await uncollected(one)
  const taker = taking(one)
  offsetMs += 180 * dayMs - 60_000
  expect([await taker.round(), await stateOf(refund.payout)]).toEqual([0, 'ready'])
  const young = await uncollected(one, 13)
  offsetMs += 60_000
  expect(await taker.round()).toBe(1)
  await over(one, refund)
  expect(await one.refund(session)).toEqual({ is: 'swept', payout: refund.payout })
  expect(ready(await one.refund(young.session)).token).toBe(young.refund.token)
  expect(await accountOf(one, 'owner:swept')).toBe(-refund.sats * 1000)
  expect(await accountOf(one, 'promised')).toBe(-young.refund.sats * 1000)
  const [swept] = (await suite.log().log.read(refund.payout, 0)).filter(({ type }) => type === 'payout.swept')
  expect(swept?.data).toMatchObject({ by: 'node', reason: 'uncollected for 180 days' })
  expect(swept?.meta).toMatchObject({ actor: 'node', door: 'node' })
})

test('P-30 two looks at once, and any later one, take a refund once', async () => {
  const one = kit()
  const { refund } = await uncollected(one)
  offsetMs += 181 * dayMs
  const before = swapsOf(one)
  const begun = await Promise.all([taking(one).round(), taking(one).round()])
  expect(begun.reduce((sum, count) => sum + count, 0)).toBe(1)
  await over(one, refund)
  expect(await taking(one).round()).toBe(0)
  expect([await stateOf(refund.payout), swapsOf(one) - before]).toEqual(['ended', 1])
  expect(await accountOf(one, 'owner:swept')).toBe(-refund.sats * 1000)
})

test('W-07 P-30 a node that dies between its decision and the mint takes the refund once, in its next life', async () => {
  const one = kit()
  const { session, refund } = await uncollected(one)
  offsetMs += 181 * dayMs
  const before = swapsOf(one)
  expect(await taking(one).round()).toBe(1)
  const next = one.restart()
  // It is decided already: the new process only ends it.
  expect(await taking(next).round()).toBe(0)
  await over(next, refund)
  expect(await next.refund(session)).toEqual({ is: 'swept', payout: refund.payout })
  expect([swapsOf(next) - before, await accountOf(next, 'owner:swept')]).toEqual([1, -refund.sats * 1000])
})

test('P-30 a token that was made again is young again', async () => {
  const one = kit()
  const { session, refund } = await uncollected(one)
  offsetMs += 100 * dayMs
  const draft = await draftReclaim({ payout: refund.payout, into: 'reissued', by: 'owner' }, one.payoutDeps)
  if (!('swap' in draft)) throw new Error(JSON.stringify(draft))
  const meta = { actor: 'owner', door: 'console' } as const
  await suite.log().engine.execute(draft.wishes, { ...draft.inline, meta })
  await one.swaps.follow(draft.swap, forever)
  const again = ready(await one.refund(session))
  offsetMs += 100 * dayMs
  expect([await taking(one).round(), ready(await one.refund(session)).token]).toEqual([0, again.token])
  offsetMs += 80 * dayMs
  expect(await taking(one).round()).toBe(1)
  await over(one, refund)
})

test('wallet 5.2 one that its customer spent in part stays as it is, and holds up nobody behind it', async () => {
  const one = kit()
  const partly = await uncollected(one, 21)
  const behind = await uncollected(one, 13)
  const proofs = one.payoutDeps.wallet.decodeToken(partly.refund.token, one.mint.keysetIds()) ?? []
  one.mint.spend(proofs.slice(0, 1) as never)
  offsetMs += 181 * dayMs
  const taker = taking(one)
  expect(await taker.round()).toBe(1)
  await over(one, behind.refund)
  expect([await stateOf(partly.refund.payout), await stateOf(behind.refund.payout)]).toEqual(['ready', 'ended'])
  const asked = one.mint.calls('checkstate')
  expect([await taker.round(), one.mint.calls('checkstate')]).toEqual([0, asked])
  // What is left is its holder's.
  one.mint.spend(proofs.slice(1) as never)
  await one.payouts.askToken(partly.refund.payout)
  expect(await stateOf(partly.refund.payout)).toBe('claimed')
})

test('P-30 P-38 only a fresh yes of the owner switches it on, and then the running node takes what is old', async () => {
  const timers = handTimers()
  const economy = await startEconomy({ node: { now } })
  try {
    const { node, post } = economy
    const password = 'a password of the tests'
    await node.call('security.setPassword', { password })
    const changes = { 'refunds.takeByItself': true }
    const { ask } = await signIn(node, password)
    expect((await ask('settings.apply', { changes })).error?.data.reason).toBe('STEP_UP_REQUIRED')
    const key = await economy.key(30)
    const refund = async () => (await post('/v1/balance/refund', {}, key)).status
    expect(await refund()).toBe(200)
    const passed = await ask('settings.apply', { changes }, { 'x-admin-password': password })
    expect(passed.result).toMatchObject({ changed: ['refunds.takeByItself'] })
    offsetMs += 181 * dayMs
    timers.turn(3600_000)
    await until('it is taken', async () => (await refund()) === 410)
    expect((await node.call('books.check')).result).toMatchObject({ balanced: true })
  } finally {
    await economy.stop()
    timers.restore()
  }
}, 60_000)
