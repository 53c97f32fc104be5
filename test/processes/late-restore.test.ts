/** What was given up and was processed after all is found by night, and belongs to whom it belonged (wallet 9.8). */
import { expect, test } from 'bun:test'
import { limits } from '../../core/limits'
import { lateDue, lateNext } from '../../core/processes/late-look'
import { placesOf } from '../../core/processes/payout-coins'
import { draftSwap } from '../../core/processes/swap-plan'
import { unlimited, wish } from '../../events'
import { spends } from '../kit/charge'
import type { DepositKit } from '../kit/deposits'
import { openTestViews } from '../kit/log'
import { earned, finish, lightningInvoice, withdrawByLightning } from '../kit/melts'
import { until } from '../kit/node'
import { moneySuite } from '../kit/suite'

const { log: opened, path, kit: kitWith } = moneySuite()
const kit = () => kitWith({ keysetVersion: 'v2' })

const day = 24 * 3600_000
const accounts = async (one: DepositKit) =>
  Object.fromEntries(
    (await one.sheet()).filter(({ msat }) => msat !== 0n).map(({ account, msat }) => [account, Number(msat)]),
  )
const balanceOf = async (session: string) => (await opened().engine.state('session', session)).balanceMsat
const waiting = async (one: DepositKit) =>
  (await opened().log.claims('late')).filter(({ key }) => key.startsWith(one.purse().split('/')[0] ?? '-'))

/** The first copy of the swap stays under way while the mint refuses what comes after it. */
async function refusedWhileUnderWay(one: DepositKit, token: string): Promise<void> {
  one.mint.fault({ path: 'swap', kind: 'zombie' })
  one.mint.fault({ path: 'swap', kind: 'code', code: 10001, times: 99 })
  expect(await one.redeem(token)).toMatchObject({ refused: 'token-rejected' })
  one.mint.clearFaults()
}
/** The mint has processed it, loses its answer, and does not know its own signatures for a while. */
function forgetful(one: DepositKit): void {
  one.mint.fault({ path: 'swap', kind: 'drop-after' })
  one.mint.fault({ path: 'restore', kind: 'restore-empty', times: 99 })
}

test('wallet 9.8 a token that was refused and processed later is credited to its own key, once', async () => {
  const one = kit()
  const token = one.mint.token(21)
  await refusedWhileUnderWay(one, token)
  expect(await one.lateRestores.round()).toBe(0)
  one.mint.wakeZombies()
  expect(await one.lateRestores.round()).toBe(1)
  expect(await balanceOf(one.sessionOf(token))).toBe(21_000)
  expect(await accounts(one)).toEqual({ free: 21_000, customers: -21_000 })
  // Presented again it is known as credited, by this process too, which had called it dead.
  expect(await one.redeem(token)).toMatchObject({ settled: true, amountMsat: 21_000 })
  expect(await one.restart().lateRestores.round()).toBe(0)
  expect(await waiting(one)).toEqual([])
})

test('wallet 9.8, 12.3 a search for coins leaves a late token to the customer whose it is', async () => {
  const one = kit()
  const token = one.mint.token(6)
  await refusedWhileUnderWay(one, token)
  one.mint.wakeZombies()
  expect(await one.recover()).toMatchObject({ state: 'done', importedMsat: 0 })
  expect(await one.lateRestores.round()).toBe(1)
  expect(await accounts(one)).toEqual({ free: 6000, customers: -6000 })
})

test('wallet 9.8 a token that was called spent elsewhere is credited when its mint finds its own signatures again', async () => {
  const one = kit()
  const token = one.mint.token(13)
  forgetful(one)
  expect(await one.redeem(token)).toMatchObject({ refused: 'token-spent' })
  one.mint.clearFaults()
  const again = one.restart()
  expect(await again.lateRestores.round()).toBe(1)
  expect(await accounts(one)).toEqual({ free: 13_000, customers: -13_000 })
  expect(await one.events((await opened().log.list({ type: 'deposit.settled', limit: 1 }))[0]?.stream ?? '')).toEqual([
    'deposit.started',
    'deposit.rejected',
    'deposit.settled',
  ])
})

test('wallet 9.8, 5.1 a top-up that comes late to a key that ended is the money of its own token', async () => {
  const one = kit()
  const first = one.mint.token(5)
  await one.redeem(first)
  const target = one.sessionOf(first)
  const token = one.mint.token(8)
  const own = one.sessionOf(token)
  forgetful(one)
  const topUp = { text: token, via: 'topup', sessionId: own, target, limits: unlimited, requestId: 'r' } as const
  expect(await one.deposits.redeem(topUp, Number.POSITIVE_INFINITY)).toMatchObject({ refused: 'token-spent' })
  one.mint.clearFaults()
  const ended = await opened().engine.execute(
    [
      wish('session', target, { do: 'revoke', at: one.now(), until: undefined, reason: 'test' }),
      wish('session', target, { do: 'end', nowMs: one.now(), heldMsat: 0, debits: 0 }),
    ],
    { meta: { actor: 'test', door: 'node' } },
  )
  expect(ended).toHaveProperty('position')
  expect(await one.lateRestores.round()).toBe(1)
  expect([await balanceOf(target), await balanceOf(own)]).toEqual([0, 8000])
  expect(await accounts(one)).toMatchObject({ free: 13_000, customers: -8000 })
})

test('W-10 wallet 9.8 a token that is presented again for another key while the night looks at it is that key’s', async () => {
  const one = kit()
  const token = one.mint.token(13)
  const shot = `session-${'e'.repeat(64)}`
  one.mint.fault({ path: 'swap', kind: 'zombie' })
  one.mint.fault({ path: 'swap', kind: 'code', code: 10001, times: 99 })
  const once = {
    text: token,
    via: 'x-cashu',
    sessionId: shot,
    target: shot,
    limits: unlimited,
    requestId: 'r',
  } as const
  expect(await one.deposits.redeem(once, Number.POSITIVE_INFINITY)).toMatchObject({ refused: 'token-rejected' })
  one.mint.clearFaults()
  one.mint.wakeZombies()
  // The night has read the plan of the first time, and waits for its mint.
  one.mint.fault({ path: 'restore', kind: 'delay-after', ms: 1000, times: 1 })
  one.mint.fault({ path: 'swap', kind: 'delay-before', ms: 2000, times: 1 })
  const night = one.restart()
  const round = night.lateRestores.round()
  await until('the night asks', async () => one.mint.calls('restore') > 1)
  const again = night.redeem(token)
  await round
  expect(await again).toMatchObject({ settled: true })
  expect([await balanceOf(one.sessionOf(token)), await balanceOf(shot)]).toEqual([13_000, 0])
  expect(await accounts(one)).toEqual({ free: 13_000, customers: -13_000 })
  await night.lateRestores.round()
  expect(await waiting(one)).toEqual([])
})

test('wallet 9.8 a refund whose coins were called gone keeps its state, and what comes back is the owner’s', async () => {
  const one = kit()
  const token = one.mint.token(64, 'sat', { amounts: [64] })
  await one.redeem(token)
  await spends(one, one.sessionOf(token), 3000)
  forgetful(one)
  expect(await one.refund(one.sessionOf(token))).toEqual({ is: 'reversed' })
  one.mint.clearFaults()
  expect(await accounts(one)).toEqual({ customers: -61_000, 'owner:earned': -3000, 'owner:losses': 64_000 })
  expect(await one.lateRestores.round()).toBe(1)
  expect(await accounts(one)).toEqual({
    free: 64_000,
    customers: -61_000,
    'owner:earned': -3000,
    'owner:losses': 64_000,
    'owner:recovered': -64_000,
  })
  const [scanned] = await opened().log.list({ type: 'mint.scanned', limit: 1 })
  expect(scanned?.data).toMatchObject({ recoveredUnits: 64, unattributedUnits: 0 })
  expect(await one.lateRestores.round()).toBe(0)
})

test('wallet 9.8 so it is with a swap of our own', async () => {
  const one = kit()
  await one.redeem(one.mint.token(32, 'sat', { amounts: [32] }))
  const [place] = placesOf([one.purse()], one.payoutDeps)
  if (place === undefined) throw new Error('no purse')
  const inputs = (await opened().log.coins(one.purse())).filter(({ state }) => state === 'free')
  const draft = await draftSwap(
    place,
    { reason: 'split', inputs, added: [], sendUnits: 0, keepApart: 5 },
    one.payoutDeps,
  )
  if (!('swap' in draft)) throw new Error('no swap')
  await opened().engine.execute(draft.wish, { ...draft.inline, meta: { actor: 'test', door: 'node' } })
  forgetful(one)
  await one.swaps.follow(draft.swap, Number.POSITIVE_INFINITY)
  one.mint.clearFaults()
  expect(await opened().engine.state('swap', draft.swap)).toMatchObject({ is: 'rejected' })
  expect(await one.lateRestores.round()).toBe(1)
  expect(await opened().engine.state('swap', draft.swap)).toMatchObject({ is: 'rejected' })
  expect(await accounts(one)).toMatchObject({ free: 32_000, 'owner:recovered': -32_000, 'owner:losses': 32_000 })
})

test('wallet 9.8 who was rejected rightly is looked at for two days, and a mint that is away for longer', async () => {
  const one = kit()
  const proofs = one.mint.proofs(4)
  const token = one.mint.encode(proofs)
  one.mint.spend(proofs)
  expect(await one.redeem(token)).toMatchObject({ refused: 'token-spent' })
  expect(await one.lateRestores.round()).toBe(0)
  expect(await waiting(one)).toHaveLength(1)
  one.turn(day + limits.lateMs)
  one.mint.fault({ path: 'checkstate', kind: 'status', times: 9 })
  expect(await one.lateRestores.round()).toBe(0)
  expect(await waiting(one)).toHaveLength(1)
  one.mint.clearFaults()
  expect(await one.lateRestores.round()).toBe(0)
  expect(await waiting(one)).toEqual([])
})

test('I7 wallet 9.8 the read models of a late credit are the same when they are built anew', async () => {
  const one = kit()
  const token = one.mint.token(9)
  const views = await openTestViews(`${path}/live`, opened().log)
  await refusedWhileUnderWay(one, token)
  one.mint.wakeZombies()
  await one.lateRestores.round()
  const rows = async (models: typeof views) => {
    await models.caughtUp(opened().log.head(), 10_000)
    return Promise.all(
      ['transfers', 'sessions', 'balance_sheet'].map((table) => models.sql.query(`select * from ${table} order by 1`)),
    )
  }
  const anew = await openTestViews(`${path}/anew`, opened().log)
  expect(await rows(anew)).toEqual(await rows(views))
  await views.close()
  await anew.close()
}, 30_000)

test('wallet 6.4 9.8 change that a mint signs long after it called the payment paid is found by night', async () => {
  const one = kit()
  await earned(one)
  one.mint.setLightning({ fee: 1, reserve: 8, lateChange: true })
  const invoice = lightningInvoice(33, one.now())
  const payout = await withdrawByLightning(one, 33, invoice)
  expect(await finish(one, payout)).toBe('paid')
  const [asked] = await waiting(one)
  expect(asked?.key).toContain(payout)
  const before = await accounts(one)
  expect(await one.lateRestores.round()).toBe(0)
  one.mint.signChange(invoice)
  expect(await one.lateRestores.round()).toBe(1)
  const after = await accounts(one)
  const foundMsat = (after.free ?? 0) - (before.free ?? 0)
  expect(foundMsat).toBeGreaterThan(0)
  expect(after['owner:recovered']).toBe(-foundMsat)
  expect(await waiting(one)).toEqual([])
})

test('wallet 9.8 a night looks at the oldest of each mint, and a search for coins spares the same ones', async () => {
  const ofMint = (mint: string, count: number) =>
    Array.from({ length: count }, (_, n) => ({ key: `${mint}:deposit-${(n * 7919) % count}`, owner: String(n) }))
  const many = ofMint('a', limits.lateAtOnce + 50).toSorted((one, other) => (one.key < other.key ? -1 : 1))
  const waiting = [...many, ...ofMint('b', 3)]
  const due = lateDue(waiting)
  expect(due.filter(({ key }) => key.startsWith('a:')).map(({ owner }) => Number(owner))).toEqual(
    Array.from({ length: limits.lateAtOnce }, (_, n) => n),
  )
  expect(due.filter(({ key }) => key.startsWith('b:'))).toHaveLength(3)
  const spared = await lateNext({ claims: async () => waiting })
  expect(spared).toEqual(due.map(({ key }) => key.slice(2)))
})
