/** A reclaim that its mint refuses for an expired keyset ends: whoever holds the token has what he had (wallet 5.2, 8.1, W-06). */
import { expect, test } from 'bun:test'
import { draftLoss, expiredAt } from '../../core/processes/expired-coins'
import { cancelledBy } from '../../core/processes/payout-cancel'
import type { Refund } from '../../core/processes/payout-types'
import { draftReclaim, type Reclaim } from '../../core/processes/reclaims'
import { spends } from '../kit/charge'
import { type DepositKit, noLadder, openDeposits } from '../kit/deposits'
import { startEconomy } from '../kit/economy'
import { brokenInvariants } from '../kit/invariants'
import { walletOf } from '../kit/losses'
import { until } from '../kit/node'
import { accountOf, moneySuite } from '../kit/suite'

const suite = moneySuite()
const { kit } = suite
const forever = Number.POSITIVE_INFINITY
const meta = { actor: 'owner', door: 'console' } as const

const ready = (refund: Refund) => {
  if (!('is' in refund) || refund.is !== 'ready') throw new Error(`no token: ${JSON.stringify(refund)}`)
  return refund
}
const engine = () => suite.log().engine
const claimed = async (kind: string, key: string) => (await suite.log().log.claimedBy(kind, key)) !== undefined
const waiting = async (one: DepositKit) => {
  const [mint] = one.payoutDeps.mints()
  return mint === undefined ? [] : expiredAt(mint, one.payoutDeps)
}
async function rotated(one: DepositKit): Promise<string> {
  const old = one.mint.keysetIds().at(-1) ?? ''
  one.mint.rotate('sat')
  await one.desk().keysets(true)
  return old
}
async function refundOf(one: DepositKit, sat: number) {
  const token = one.mint.token(sat)
  await one.redeem(token)
  const session = one.sessionOf(token)
  return { session, refund: ready(await one.refund(session)) }
}
/** Coins of the owner's, which pay fees. */
async function earned(one: DepositKit, amounts: number[]) {
  const sat = amounts.reduce((sum, amount) => sum + amount, 0)
  const token = one.mint.token(sat, 'sat', { amounts })
  await one.redeem(token)
  await spends(one, one.sessionOf(token), sat * 1000)
}
/** A refund that nobody collected, of a keyset that its mint takes no more; the owner's coins are of the next one. */
async function expiredRefund(one: DepositKit) {
  const { session, refund } = await refundOf(one, 21)
  const old = await rotated(one)
  await earned(one, [32, 16, 8, 4, 2, 1, 1])
  one.mint.expire(old)
  return { session, refund, old }
}
async function begin(one: DepositKit, payout: string, into: Reclaim['into'] = 'reissued'): Promise<string> {
  const draft = await draftReclaim({ payout, into, by: 'owner' }, one.payoutDeps)
  if (!('swap' in draft)) throw new Error(JSON.stringify(draft))
  expect(await engine().execute(draft.wishes, { ...draft.inline, meta })).toHaveProperty('position')
  return draft.swap
}
/** Its end, and that of the fence beside it. */
async function over(one: DepositKit, swap: string): Promise<void> {
  await Promise.race([one.swaps.follow(swap, forever), Bun.sleep(3000)])
  expect(await engine().state('swap', swap)).toMatchObject({ is: 'rejected', why: 'expired' })
  await until('nothing is locked', async () => {
    await one.swaps.resume()
    return (await accountOf(one, 'locked')) === 0
  })
}

test.each([
  ['reissued', 400],
  // A coin that is worth no more than its own fee: no fence of it would be worth one.
  ['reissued', 100],
  ['reissued', 0],
  ['swept', 100],
] as const)(
  'P-30 wallet 5.2, 8.1 of a refund whose keyset expired nothing is %s, and its customer has the token he had (fee %d ppk)',
  async (into, feePpk) => {
    const one = kit({ feePpk })
    const { session, refund } = await expiredRefund(one)
    const free = await accountOf(one, 'free')
    for (let time = 0; time < 2; time += 1) {
      const swap = await begin(one, refund.payout, into)
      expect(await one.refund(session, 0)).toMatchObject({ is: 'pending' })
      await over(one, swap)
      expect(ready(await one.refund(session)).token).toBe(refund.token)
      expect([await claimed('reclaiming', refund.payout), await claimed('uncollected', refund.payout)]).toEqual([
        false,
        true,
      ])
      expect(await claimed('late', `${one.purse().split('/')[0]}:${swap}`)).toBe(true)
    }
    // Coins that are out are nothing that its owner could give up.
    expect(await waiting(one)).toEqual([])
    const feeMsat = feePpk === 400 ? 2000 : 0
    expect([await accountOf(one, 'free'), await accountOf(one, 'owner:mintFees')]).toEqual([free - feeMsat, feeMsat])
    expect([await accountOf(one, 'promised'), await accountOf(one, 'owner:losses')]).toEqual([-refund.sats * 1000, 0])
    // The mint takes it after all: it is as good as it was.
    one.mint.expire(one.mint.keysetIds()[0] ?? '', false)
    expect(await one.redeem(refund.token)).toMatchObject({ settled: true })
    await one.payouts.watch()
    expect(await accountOf(one, 'promised')).toBe(0)
  },
  20_000,
)

/** A refund of the mint's newest keyset, and coins of the owner's whose keyset it takes no more. */
async function expiredFeeCoin(one: DepositKit) {
  await earned(one, [32, 4, 2])
  const old = await rotated(one)
  const found = await refundOf(one, 21)
  one.mint.expire(old)
  return { ...found, old }
}
/** By the owner's word, once the coin for the fee waits for it beside what is free. */
async function givenUp(one: DepositKit): Promise<void> {
  await until('the coin waits', async () => {
    await one.swaps.resume()
    return (await waiting(one)).some(({ swaps }) => swaps.length === 1)
  })
  const [row] = await waiting(one)
  if (row === undefined) throw new Error('nothing waits')
  expect(row.msat).toBe(36_000)
  const cancelled = (payout: string, of: string) => cancelledBy(payout, of, engine())
  const loss = await draftLoss(row, { ...one.payoutDeps, cancelled })
  if (loss === undefined) throw new Error('nothing could be drafted')
  expect(await engine().execute(loss.wishes, { ...loss.inline, meta })).toHaveProperty('position')
  expect([await accountOf(one, 'locked'), await accountOf(one, 'owner:losses')]).toEqual([0, 36_000])
  expect(await waiting(one)).toEqual([])
}
const sheetSum = async (one: DepositKit) => (await one.sheet()).reduce((sum, { msat }) => sum + msat, 0n)

test('W-06 wallet 8.1 where the coin for the fee expired, the token waits as before and the coin for the owner’s word', async () => {
  const one = openDeposits(suite.log(), { feePpk: 400, ladder: noLadder })
  const { session, refund } = await expiredFeeCoin(one)
  const swap = await begin(one, refund.payout)
  await Promise.race([one.swaps.follow(swap, forever), Bun.sleep(3000)])
  expect(ready(await one.refund(session)).token).toBe(refund.token)
  await givenUp(one)
  expect(await sheetSum(one)).toBe(0n)
  expect(await one.redeem(refund.token)).toMatchObject({ settled: true })
  await one.close()
}, 20_000)

test('P-02 wallet 9.8 a late copy is the customer’s also where the coin for its fee was given up meanwhile', async () => {
  const one = openDeposits(suite.log(), { feePpk: 400, ladder: noLadder })
  const { session, refund, old } = await expiredFeeCoin(one)
  one.mint.fault({ path: 'swap', kind: 'zombie', times: 1 })
  const swap = await begin(one, refund.payout)
  await Promise.race([one.swaps.follow(swap, forever), Bun.sleep(3000)])
  await givenUp(one)
  one.mint.expire(old, false)
  one.mint.wakeZombies()
  expect(await one.lateRestores.round()).toBe(1)
  const again = ready(await one.refund(session))
  expect([again.sats, again.token === refund.token]).toEqual([refund.sats, false])
  expect([await sheetSum(one), await accountOf(one, 'promised')]).toEqual([0n, -refund.sats * 1000])
  // What came back beside it is the owner's, once it is searched for.
  expect(await one.recover()).toMatchObject({ state: 'done', importedMsat: 2000 })
  expect([await sheetSum(one), await accountOf(one, 'free')]).toEqual([0n, 2000])
  expect(await one.redeem(again.token)).toMatchObject({ settled: true })
  await one.close()
}, 20_000)

test.each(['swap: before the swap', 'swap: after the swap'])(
  'P-01 W-09 a process that dies %s of it has given it up after the restart, once it has looked twice',
  async (place) => {
    const one = kit({ feePpk: 400 })
    const { session, refund } = await expiredRefund(one)
    let dead = false
    one.onStop(async (at) => {
      if (at !== place || dead) return
      dead = true
      throw new Error('killed')
    })
    const swap = await begin(one, refund.payout)
    void one.swaps.resume()
    await until('it died', () => dead)
    one.swaps.stop()
    const next = one.restart()
    await next.swaps.resume()
    await over(next, swap)
    expect(ready(await next.refund(session)).token).toBe(refund.token)
    const rejected = (await suite.log().log.read(swap, 0)).find(({ type }) => type === 'swap.rejected')
    const { evidence } = (rejected?.data ?? {}) as { evidence?: { looks: { at: number; unspent: number }[] } }
    const looks = evidence?.looks ?? []
    expect((looks.at(-1)?.at ?? 0) - (looks[0]?.at ?? 0)).toBeGreaterThanOrEqual(30_000)
    expect(looks.every(({ unspent }) => unspent > 0)).toBe(true)
  },
  20_000,
)

/** Made again in vain, while the first copy of the request is still on its way; the mint takes the keyset after all. */
async function copyOnItsWay(one: DepositKit) {
  const found = await expiredRefund(one)
  one.mint.fault({ path: 'swap', kind: 'zombie', times: 1 })
  const swap = await begin(one, found.refund.payout)
  await over(one, swap)
  one.mint.expire(found.old, false)
  return { ...found, swap }
}

test('P-02 wallet 9.8 a late copy of it that is processed after all gives the customer his new token by night', async () => {
  const one = kit()
  const { session, refund, swap } = await copyOnItsWay(one)
  one.mint.wakeZombies()
  expect(await one.lateRestores.round()).toBe(1)
  expect((await engine().state('swap', swap)).is).toBe('settled')
  const again = ready(await one.refund(session))
  expect([again.sats, again.token === refund.token]).toEqual([refund.sats, false])
  expect(await one.redeem(again.token)).toMatchObject({ settled: true })
  await one.payouts.watch()
  expect([await accountOf(one, 'promised'), await accountOf(one, 'out')]).toEqual([0, 0])
}, 20_000)

test('P-02 wallet 9.8 a second try that was drafted before the late copy is found takes nothing of the new token', async () => {
  const one = kit()
  const { session, refund } = await copyOnItsWay(one)
  const draft = await draftReclaim({ payout: refund.payout, into: 'reissued', by: 'owner' }, one.payoutDeps)
  if (!('swap' in draft)) throw new Error(JSON.stringify(draft))
  one.mint.wakeZombies()
  expect(await one.lateRestores.round()).toBe(1)
  const again = ready(await one.refund(session))
  expect(await engine().execute(draft.wishes, { ...draft.inline, meta })).toHaveProperty('position')
  await until('the second has lost', async () => {
    await one.swaps.follow(draft.swap, 1000)
    return (await engine().state('swap', draft.swap)).is === 'rejected'
  })
  expect(ready(await one.refund(session)).token).toBe(again.token)
  expect([await accountOf(one, 'promised'), await accountOf(one, 'out')]).toEqual([
    -refund.sats * 1000,
    refund.sats * 1000,
  ])
  expect([await one.redeem(again.token), await one.payouts.watch()]).toMatchObject([{ settled: true }, undefined])
  expect([await accountOf(one, 'promised'), await accountOf(one, 'out')]).toEqual([0, 0])
}, 20_000)

test('P-02 wallet 9.8 a second try is under way when the late copy is found: the token is still the customer’s, once', async () => {
  const one = kit()
  const { session, refund } = await copyOnItsWay(one)
  const second = await begin(one, refund.payout)
  one.mint.wakeZombies()
  expect(await one.lateRestores.round()).toBe(0)
  await until('the second has lost', async () => {
    await one.swaps.follow(second, 1000)
    return (await engine().state('swap', second)).is === 'rejected'
  })
  expect(await one.lateRestores.round()).toBe(1)
  const again = ready(await one.refund(session))
  expect([again.sats, again.token === refund.token]).toEqual([refund.sats, false])
  expect(await one.lateRestores.round()).toBe(0)
  expect(await one.redeem(again.token)).toMatchObject({ settled: true })
  await one.payouts.watch()
  expect([await accountOf(one, 'promised'), await accountOf(one, 'out')]).toEqual([0, 0])
}, 20_000)

test('P-30 wallet 5.2, 8.1 by command: 200 for the customer who asks, the owner’s own token is not collected, books equal', async () => {
  const economy = await startEconomy({ mint: { feePpk: 100 }, node: { ladder: noLadder } })
  try {
    const { mint, node, post } = economy
    const give = async (sat: number) =>
      expect((await post('/v1/balance/donate', { token: mint.token(sat) })).status).toBe(200)
    await give(200)
    const key = await economy.key(64)
    const ask = () => post('/v1/balance/refund', {}, key)
    const refund = (await (await ask()).json()) as { token: string; refund_id: string }
    const own = (await node.call('payouts.toToken', { sat: 9, mint: mint.url })).result?.payout as string
    const [old = ''] = mint.keysetIds()
    mint.rotate('sat')
    await give(40)
    mint.expire(old)
    for (let time = 0; time < 2; time += 1) {
      expect((await node.call('refunds.makeAgain', { refund: refund.refund_id })).error).toBeUndefined()
      expect((await node.call('payouts.takeBack', { payout: own })).error).toBeUndefined()
      await until('both have ended', async () => (await node.node.log.claims('reclaiming')).length === 0)
      const answer = await ask()
      expect([answer.status, ((await answer.json()) as { token: string }).token]).toEqual([200, refund.token])
    }
    const rows = (await node.call('payouts.list')).result?.rows as { payout: string; state: string }[]
    expect(rows.filter(({ payout }) => [own, refund.refund_id].includes(payout)).map(({ state }) => state)).toEqual([
      'uncollected',
      'uncollected',
    ])
    await until('nothing is under way', async () => (await node.node.log.claims('swap')).length === 0)
    const mintId = node.node.adminNode.mints.normalise(mint.url)?.mintId ?? ''
    const watched = { log: node.node.log, wallet: await walletOf(node), mint, mintId }
    expect(await brokenInvariants(watched)).toEqual([])
    expect((await node.call('books.check')).result).toMatchObject({ balanced: true })
  } finally {
    await economy.stop()
  }
}, 30_000)
