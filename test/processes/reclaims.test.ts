/** Tokens that nobody collected: made again, taken, or collected first after all; and fences (wallet 5.2, 5.5, 6.5). */
import { expect, test } from 'bun:test'
import type { Refund } from '../../core/processes/payout-types'
import { draftReclaim, type Reclaim } from '../../core/processes/reclaims'
import { spends } from '../kit/charge'
import type { DepositKit } from '../kit/deposits'
import { until } from '../kit/node'
import { spread } from '../kit/sizes'
import { accountOf, moneySuite } from '../kit/suite'

const suite = moneySuite()
const { kit } = suite

const ready = (refund: Refund) => {
  if (!('is' in refund) || refund.is !== 'ready') throw new Error(`no token: ${JSON.stringify(refund)}`)
  return refund
}
/** A key with a refund that waits to be collected, and coins of somebody else beside it. */
async function uncollected(one: DepositKit, sat = 21) {
  const token = one.mint.token(sat)
  await one.redeem(token)
  const other = one.mint.token(64, 'sat', { amounts: [32, 16, 8, 4, 2, 1, 1] })
  await one.redeem(other)
  // The owner earned some of it: fees of tokens made again are his.
  await spends(one, one.sessionOf(other), 30_000)
  const session = one.sessionOf(token)
  return { session, refund: ready(await one.refund(session)) }
}
async function begin(one: DepositKit, asked: Reclaim): Promise<string> {
  const draft = await draftReclaim(asked, one.payoutDeps)
  if (!('swap' in draft)) throw new Error(JSON.stringify(draft))
  const done = await suite
    .log()
    .engine.execute(draft.wishes, { ...draft.inline, meta: { actor: 'owner', door: 'console' } })
  expect(done).toHaveProperty('position')
  return draft.swap
}
/** The token is to be made again, and its holder is first. */
async function loseReclaim(one: DepositKit, refund: ReturnType<typeof ready>): Promise<void> {
  let taken = false
  one.onStop(async (place) => {
    if (place !== 'swap: before the swap' || taken) return
    taken = true
    await one.redeem(refund.token)
  })
  const swap = await begin(one, { payout: refund.payout, into: 'reissued', by: 'owner' })
  await one.swaps.follow(swap, forever)
  expect(await swapState(swap)).toBe('rejected')
  expect((await suite.log().engine.state('payout', refund.payout)).is).toBe('claimed')
}
const forever = Number.POSITIVE_INFINITY
const swapState = async (swap: string) => (await suite.log().engine.state('swap', swap)).is

test.each(spread([400, 0], 2))(
  'P-30 wallet 5.2 made again: the same face value in a new token, the old one is dead (fee %d ppk)',
  async (feePpk) => {
    const one = kit({ feePpk })
    const { session, refund } = await uncollected(one)
    const swap = await begin(one, { payout: refund.payout, into: 'reissued', by: 'owner' })
    expect(await one.refund(session, 0)).toMatchObject({ is: 'pending' })
    await one.swaps.follow(swap, forever)
    const again = ready(await one.refund(session))
    expect([again.payout, again.sats]).toEqual([refund.payout, refund.sats])
    expect(again.token).not.toBe(refund.token)
    expect(await one.redeem(refund.token)).toMatchObject({ refused: 'token-spent' })
    expect(await accountOf(one, 'promised')).toBe(-refund.sats * 1000)
    expect(await one.redeem(again.token)).toMatchObject({ settled: true })
    await one.payouts.watch()
    expect([await accountOf(one, 'out'), await accountOf(one, 'promised'), await accountOf(one, 'locked')]).toEqual([
      0, 0, 0,
    ])
  },
)

test('wallet 6.1, 8.1 a token that is made again is ready though its mint was caught in a lie meanwhile', async () => {
  const one = kit({ feePpk: 0 })
  const { session, refund } = await uncollected(one)
  one.mint.fault({ path: 'swap', kind: 'count-wrong' })
  const swap = await begin(one, { payout: refund.payout, into: 'reissued', by: 'owner' })
  await Promise.race([one.swaps.follow(swap, forever), Bun.sleep(5000)])
  expect([await swapState(swap), await one.desk().isSuspended()]).toEqual(['settled', true])
  const again = ready(await one.refund(session))
  expect([again.sats, again.token === refund.token]).toEqual([refund.sats, false])
})

test('P-30 wallet 5.2 taken past its age: the money is the operator’s and the key is told so', async () => {
  const one = kit({ feePpk: 100 })
  const { session, refund } = await uncollected(one)
  const swap = await begin(one, { payout: refund.payout, into: 'swept', by: 'owner', why: 'old' })
  await one.swaps.follow(swap, forever)
  expect(await one.refund(session)).toEqual({ is: 'swept', payout: refund.payout })
  expect([await accountOf(one, 'promised'), await accountOf(one, 'owner:swept')]).toEqual([0, -refund.sats * 1000])
  await one.payouts.watch()
  expect(await one.refund(session)).toEqual({ is: 'swept', payout: refund.payout })
})

test.each([0, 400])(
  'wallet 6.1 whoever holds the token was first: it is collected, added coins come back (fee %d ppk)',
  async (feePpk) => {
    const one = kit({ feePpk })
    const { session, refund } = await uncollected(one)
    const free = await accountOf(one, 'free')
    await loseReclaim(one, refund)
    // A fence takes the coins back that were to pay the fee.
    await one.restart().swaps.resume()
    await until('nothing is locked', async () => (await accountOf(one, 'locked')) === 0)
    expect(await accountOf(one, 'promised')).toBe(0)
    expect(ready(await one.refund(session)).token).toBe(refund.token)
    expect(await accountOf(one, 'free')).toBeGreaterThan(free)
  },
)

test('wallet 6.5 I3 a lost reclaim ends also where the coin that was added for its fee is worth no more than its own', async () => {
  const one = kit({ feePpk: 100 })
  const { session, refund } = await uncollected(one)
  await loseReclaim(one, refund)
  expect([await accountOf(one, 'locked'), await accountOf(one, 'promised')]).toEqual([0, 0])
  expect(ready(await one.refund(session)).token).toBe(refund.token)
})

test('W-10 P-02 a token that is made again is not called collected because our own swap spent its coins', async () => {
  const one = kit({ feePpk: 100 })
  const { session, refund } = await uncollected(one)
  const before = one.mint.calls('swap')
  one.mint.fault({ path: 'swap', kind: 'delay-after', ms: 1000, times: 1 })
  const swap = await begin(one, { payout: refund.payout, into: 'reissued', by: 'owner' })
  const followed = one.swaps.follow(swap, forever)
  await until('the mint works on it', async () => one.mint.calls('swap') > before)
  await Bun.sleep(200)
  await Promise.all([one.payouts.askToken(refund.payout), one.payouts.watch()])
  expect((await suite.log().engine.state('payout', refund.payout)).is).toBe('ready')
  await followed
  const again = ready(await one.refund(session))
  expect([again.sats, again.token === refund.token]).toEqual([refund.sats, false])
  expect(await one.redeem(again.token)).toMatchObject({ settled: true })
  await one.payouts.watch()
  expect([await accountOf(one, 'out'), await accountOf(one, 'promised')]).toEqual([0, 0])
})

test('W-07 a reclaim that never left leaves the token as it was', async () => {
  const one = kit()
  const { session, refund } = await uncollected(one)
  const swap = await begin(one, { payout: refund.payout, into: 'reissued', by: 'owner' })
  await one.mint.stop()
  await one.swaps.follow(swap, forever)
  one.mint.restart()
  expect(await swapState(swap)).toBe('rejected')
  expect(ready(await one.refund(session)).token).toBe(refund.token)
})

test('wallet 5.2 a token that is spent in part stays as it is, an unknown or collected one is refused', async () => {
  const one = kit()
  const { refund } = await uncollected(one)
  const asked = { payout: refund.payout, into: 'reissued', by: 'owner' } as const
  expect(await draftReclaim({ ...asked, into: 'taken-back' }, one.payoutDeps)).toEqual({ refused: 'payout-not-theirs' })
  expect(await draftReclaim({ ...asked, payout: 'payout-1' }, one.payoutDeps)).toEqual({ unknown: true })
  const proofs = one.payoutDeps.wallet.decodeToken(refund.token, one.mint.keysetIds()) ?? []
  one.mint.spend(proofs.slice(0, 1) as never)
  expect(await draftReclaim(asked, one.payoutDeps)).toEqual({ refused: 'partly-collected' })
  one.mint.spend(proofs.slice(1) as never)
  expect(await draftReclaim(asked, one.payoutDeps)).toMatchObject({ refused: 'payout-not-uncollected' })
  await one.payouts.watch()
  expect(await draftReclaim(asked, one.payoutDeps)).toMatchObject({ state: 'claimed' })
})

test('W-06 wallet 6.5 fees that rise above what a refund locked: its coins come back by a fence, the key gets its money', async () => {
  const one = kit()
  const token = one.mint.token(64)
  await one.redeem(token)
  const session = one.sessionOf(token)
  await spends(one, session, 1000)
  one.onStop(async (place) => {
    if (place === 'payout: before the swap') one.mint.raiseFees(3000)
  })
  const asked = one.refund(session)
  await until('a fence is planned', async () => (await suite.log().log.claims('fencing')).length > 0)
  one.onStop(async () => undefined)
  await one.swaps.resume()
  await until('nothing is locked', async () => (await accountOf(one, 'locked')) === 0)
  expect(await asked).toMatchObject({ is: 'pending' })
  expect([await accountOf(one, 'customers'), await accountOf(one, 'promised')]).toEqual([-63_000, 0])
  expect([await accountOf(one, 'free'), await accountOf(one, 'owner:mintFees')]).toEqual([61_000, 3000])
  expect(await suite.log().log.claims('fencing')).toEqual([])
})

test.each(
  ['swap: before the swap', 'swap: after the swap', 'swap: before it is settled', 'swap: after it is settled'].flatMap(
    (place) => spread(['none', 'drop-before', 'drop-after'] as const, 2).map((fault) => [place, fault] as const),
  ),
)(
  'P-01 wallet 7 a process that dies %s, fault %s, has made the token again once after the restart',
  async (place, fault) => {
    const one = kit({ feePpk: 100 })
    const { session, refund } = await uncollected(one)
    let dead = false
    one.onStop(async (at) => {
      if (at !== place || dead) return
      dead = true
      throw new Error('killed')
    })
    if (fault !== 'none') one.mint.fault({ path: 'swap', kind: fault, times: 1 })
    const swap = await begin(one, { payout: refund.payout, into: 'reissued', by: 'owner' })
    void one.swaps.resume()
    await until('it died', () => dead)
    one.swaps.stop()
    const again = one.restart()
    await again.swaps.resume()
    await until('the swap has its end', async () => (await swapState(swap)) !== 'planned')
    expect(await swapState(swap)).toBe('settled')
    const made = ready(await again.refund(session))
    expect([made.payout, made.sats, made.token === refund.token]).toEqual([refund.payout, refund.sats, false])
    expect(await accountOf(one, 'locked')).toBe(0)
  },
)
