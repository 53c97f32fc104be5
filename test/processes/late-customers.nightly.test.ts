/** What a late mint had of a customer's is the customer's when it is found: a token made again, change of his payment (wallet 9.8). */
import { expect, test } from 'bun:test'
import type { Refund } from '../../core/processes/payout-types'
import { draftReclaim } from '../../core/processes/reclaims'
import { asMsat, wish } from '../../events'
import { spends } from '../kit/charge'
import type { DepositKit } from '../kit/deposits'
import { openTestViews } from '../kit/log'
import { finish, lightningInvoice } from '../kit/melts'
import { until } from '../kit/node'
import { spread } from '../kit/sizes'
import { accountOf, moneySuite } from '../kit/suite'

const suite = moneySuite()
const engine = () => suite.log().engine
const meta = { actor: 'test', door: 'node' } as const
const accounts = async (one: DepositKit, ...names: readonly string[]) =>
  Promise.all(names.map((name) => accountOf(one, name)))
const ready = (refund: Refund) => {
  if (!('is' in refund) || refund.is !== 'ready') throw new Error(`no token: ${JSON.stringify(refund)}`)
  return refund
}
const waiting = async (one: DepositKit) =>
  (await suite.log().log.claims('late')).filter(({ key }) => key.startsWith(one.purse().split('/')[0] ?? '-'))

/** A refund is made again: the mint does it, loses its answer, and does not know its own signatures for a while. */
async function lostRemake(one: DepositKit) {
  const token = one.mint.token(21)
  await one.redeem(token)
  const other = one.mint.token(128, 'sat', { amounts: [64, 32, 16, 8, 4, 2, 1, 1] })
  await one.redeem(other)
  await spends(one, one.sessionOf(other), 100_000)
  const session = one.sessionOf(token)
  const refund = ready(await one.refund(session))
  const draft = await draftReclaim({ payout: refund.payout, into: 'reissued', by: 'owner' }, one.payoutDeps)
  if (!('swap' in draft)) throw new Error(JSON.stringify(draft))
  await engine().execute(draft.wishes, { ...draft.inline, meta })
  one.mint.fault({ path: 'swap', kind: 'drop-after', times: 1 })
  one.mint.fault({ path: 'restore', kind: 'restore-empty', times: 99 })
  await one.swaps.follow(draft.swap, Number.POSITIVE_INFINITY)
  await until('nothing is fenced any more', async () => {
    await one.swaps.resume()
    return (await suite.log().log.claims('swap')).length === 0
  })
  one.mint.clearFaults()
  expect([(await engine().state('swap', draft.swap)).is, (await engine().state('payout', refund.payout)).is]).toEqual([
    'rejected',
    'claimed',
  ])
  return { session, refund, swap: draft.swap }
}

test.each(spread([400, 0], 2))(
  'P-02 P-30 wallet 9.8 a token made again that its mint had lost waits for its customer once it is found (fee %d ppk)',
  async (feePpk) => {
    const one = suite.kit({ feePpk })
    const { session, refund, swap } = await lostRemake(one)
    expect(await accounts(one, 'promised', 'out')).toEqual([0, 0])
    const earnedBefore = await accountOf(one, 'owner:recovered')
    expect(await one.lateRestores.round()).toBe(1)
    expect(await accounts(one, 'promised', 'out', 'locked')).toEqual([-refund.sats * 1000, refund.sats * 1000, 0])
    expect(await accountOf(one, 'owner:recovered')).toBe(earnedBefore)
    expect((await engine().state('swap', swap)).is).toBe('settled')
    const again = ready(await one.refund(session))
    expect([again.payout, again.sats, again.token === refund.token]).toEqual([refund.payout, refund.sats, false])
    // Once: neither another night nor another process gives it twice.
    expect(await one.restart().lateRestores.round()).toBe(0)
    expect((await waiting(one)).filter(({ key }) => key.endsWith(swap))).toEqual([])
    expect(await one.redeem(again.token)).toMatchObject({ settled: true })
    await one.payouts.watch()
    expect(await accounts(one, 'promised', 'out')).toEqual([0, 0])
    expect(await one.events(refund.payout)).toEqual([
      'payout.requested',
      'payout.ready',
      'payout.handed',
      'payout.claimed',
      'payout.reissued',
      'payout.handed',
      'payout.claimed',
    ])
  },
)

test('wallet 9.8, 12.3 a search for coins leaves a token made again to its customer, and a night that dies gives it once', async () => {
  const one = suite.kit()
  const { session, refund } = await lostRemake(one)
  expect(await one.recover()).toMatchObject({ state: 'done', importedMsat: 0 })
  for (const place of ['reclaim: before it is found', 'reclaim: after it is found']) {
    one.onStop(async (at) => {
      if (at === place) throw new Error('killed')
    })
    await one.restart().lateRestores.round()
  }
  one.onStop(async () => undefined)
  await one.restart().lateRestores.round()
  expect(await accounts(one, 'promised', 'out')).toEqual([-21_000, 21_000])
  expect(ready(await one.refund(session)).payout).toBe(refund.payout)
  expect(await waiting(one)).toEqual([])
})

test('I7 wallet 9.8 the read models of a token that was found are the same when they are built anew', async () => {
  const one = suite.kit()
  const views = await openTestViews(`${suite.path}/live`, suite.log().log)
  const { refund } = await lostRemake(one)
  await one.lateRestores.round()
  const rows = async (models: typeof views) => {
    await models.caughtUp(suite.log().log.head(), 10_000)
    return Promise.all(
      ['transfers', 'balance_sheet'].map((table) => models.sql.query(`select * from ${table} order by 1`)),
    )
  }
  const anew = await openTestViews(`${suite.path}/anew`, suite.log().log)
  const [transfers] = await rows(anew)
  expect(transfers).toContainEqual(expect.objectContaining({ id: refund.payout, state: 'ready', endedAt: null }))
  expect(await rows(anew)).toEqual(await rows(views))
  await views.close()
  await anew.close()
}, 30_000)

/**
 * A customer's payment of 98 sat out of 100, for which the coins at hand are 104: four of them are the owner's. Its mint
 * calls it paid before it signs the change of five.
 */
async function paidWithoutChange(one: DepositKit) {
  const token = one.mint.token(104, 'sat', { amounts: [64, 32, 8] })
  await one.redeem(token)
  await spends(one, one.sessionOf(token), 4000)
  const session = one.sessionOf(token)
  one.mint.setLightning({ fee: 1, reserve: 2, lateChange: true })
  const invoice = lightningInvoice(98, one.now())
  const payout = `payout-${crypto.randomUUID().replaceAll('-', '')}`
  const shares = [{ purse: one.purse(), msat: asMsat(100_000) }]
  const { credits } = await engine().state('session', session)
  const asked = { purpose: 'refund-lightning', try: 1, by: session, requestId: 'r', destination: invoice } as const
  await engine().execute(
    [
      wish('session', session, { do: 'debit', payoutId: payout, shares, balanceVersion: credits, heldMsat: 0 }),
      wish('payout', payout, {
        do: 'request',
        wish: { ...asked, sessionId: session, balanceVersion: credits, msat: 100_000, shares },
      }),
    ],
    {
      meta,
      claims: [
        { kind: 'paying', key: payout, owner: 'payout' },
        { kind: 'coinless', key: payout, owner: 'lightning' },
      ],
    },
  )
  expect(await finish(one, payout)).toBe('paid')
  return { session, payout, invoice }
}
const balanceOf = async (session: string) => (await engine().state('session', session)).balanceMsat

test('wallet 5.4, 6.4, 16 change of a customer’s payment that its mint signs late goes back to his key, what lay beyond it to the owner, once', async () => {
  const one = suite.kit()
  const { session, invoice } = await paidWithoutChange(one)
  const before = await balanceOf(session)
  one.mint.signChange(invoice)
  // A search for coins leaves it to the night.
  expect(await one.recover()).toMatchObject({ state: 'done', importedMsat: 0 })
  expect(await one.lateRestores.round()).toBe(1)
  expect((await balanceOf(session)) - before).toBe(1000)
  expect(await accounts(one, 'customers', 'free', 'owner:recovered')).toEqual([-1000, 5000, -4000])
  expect(await one.restart().lateRestores.round()).toBe(0)
  expect(await waiting(one)).toEqual([])
  expect(ready(await one.refund(session)).sats).toBe(1)
})

test('wallet 9.8 of a key that has ended meanwhile late change is the owner’s, as all that was left on it', async () => {
  const one = suite.kit()
  const { session, invoice } = await paidWithoutChange(one)
  const { debits } = await engine().state('session', session)
  const ended = await engine().execute(
    [
      wish('session', session, { do: 'revoke', at: one.now(), until: undefined, reason: 'test' }),
      wish('session', session, { do: 'end', nowMs: one.now(), heldMsat: 0, debits }),
    ],
    { meta },
  )
  expect(ended).toHaveProperty('position')
  one.mint.signChange(invoice)
  expect(await one.lateRestores.round()).toBe(1)
  expect(await accounts(one, 'customers', 'free', 'owner:recovered')).toEqual([0, 5000, -5000])
})
