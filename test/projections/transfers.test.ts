/** Rows of transfers: what moved, and what a bitcoin cost then, there and in a key's past (dashboard 3, Units; D-011). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { findTransfer, listTimeline, newestVersion } from '../../events'
import samples from '../golden/events.json'
import { openTestLog, openTestViews, type TestLog, temporaryDirectory } from '../kit/log'
import { createPast, type Past, purse } from '../kit/past'

const directory = temporaryDirectory()
let opened: TestLog
let views: Awaited<ReturnType<typeof openTestViews>>
let past: Past
/** The first sample of the newest version of a type. */
const sample = (type: string) => samples.find((one) => one.type === type && one.v === newestVersion(type))?.data

beforeAll(async () => {
  opened = await openTestLog(directory.path)
  past = createPast(opened)
  const deposit = async (name: string, startedAt?: string, settledAt?: string) => {
    await past.write(`deposit-${name}`, 'deposit.started', sample('deposit.started'), 1000, startedAt)
    await past.write(`deposit-${name}`, 'deposit.settled', sample('deposit.settled'), 2000, settledAt)
  }
  await deposit('both', '100000', '110000.5')
  await deposit('start', '100000')
  await deposit('old')
  const payout = async (name: string, rates: readonly (string | undefined)[]) => {
    for (const [index, type] of ['payout.requested', 'payout.planned', 'payout.ready', 'payout.handed'].entries()) {
      await past.write(`payout-${name}`, type, sample(type), 3000 + index, rates[index])
    }
  }
  await payout('newest', ['90000', undefined, '95000', undefined])
  await payout('old', [])
  views = await openTestViews(directory.path, opened.log)
}, 60_000)
afterAll(async () => {
  await views.close()
  await opened.close()
  directory.remove()
})

test('D-011 the price of the newest event that moved the money wins, and where nobody knew one there is none', async () => {
  const ids = ['deposit-both', 'deposit-start', 'deposit-old', 'payout-newest', 'payout-old']
  const rates = await Promise.all(ids.map(async (id) => (await findTransfer(views.sql, id))?.usdPerBtc))
  expect(rates).toEqual(['110000.5', '100000', null, '95000', null])
})

test('D-011 what the operator gave or took keeps its own price, one row each', async () => {
  const session = `session-${'a'.repeat(64)}`
  await past.open(session, 50_000, 4000)
  const corrected = { amountMsat: 500, shares: [{ purse, msat: 500 }], reason: 'too much' }
  await past.write(session, 'session.granted', grantOf(1000), 4001, '80000')
  await past.write(session, 'session.corrected', corrected, 4002)
  await views.caughtUp(opened.log.head(), 5000)
  const rows = await Promise.all([3, 4].map((version) => findTransfer(views.sql, `${session}/${version}`)))
  expect(rows.map((row) => [row?.amountMsat, row?.usdPerBtc])).toEqual([
    [1000n, '80000'],
    [500n, null],
  ])
})

test('contract 4.5 remote-admin 10 a payout by Lightning that is paid moved what its receiver got; its key gave what did not come back', async () => {
  const cases = [
    // The promise covered both fees, and some of it came back.
    { unit: 'sat', units: 1975, fees: [1, 1], returnedMsat: 18_000, moved: [1_975_000n, 1_977_000n] },
    { unit: 'msat', units: 1_975_000, fees: [900, 50], returnedMsat: 19_050, moved: [1_975_000n, 1_975_950n] },
    // A mint that kept more than was promised took it from the owner: the key gave what it had promised.
    { unit: 'sat', units: 1975, fees: [40, 0], returnedMsat: 0, moved: [1_975_000n, 1_995_000n] },
    // The owner's fees come on top of what he asked for.
    { unit: 'sat', units: 1995, fees: [3, 1], returnedMsat: 0, moved: [1_995_000n, 1_995_000n], by: 'owner' as const },
  ]
  for (const [n, { unit, units, fees, returnedMsat, by = 'customer' }] of cases.entries()) {
    const place = { purse: `0123456789abcdef/${unit}`, mint: 'http://mint' }
    const shares = [{ purse: place.purse, msat: 1_995_000 }]
    const whose = by === 'owner' ? { purpose: 'sweep' } : { purpose: 'refund-lightning', sessionId: 'session-1' }
    const wish = { ...whose, try: 1, by, requestId: 'r', msat: 1_995_000, shares }
    const quote = { ...place, quoteId: 'q', units, reserveUnits: 2, expiresAt: 1 }
    const [lightningFeeUnits, inputFeeUnits] = fees
    const end = { lockedUnits: 1, units, lightningFeeUnits, inputFeeUnits, change: [], evidence: 'quote' }
    const paid = { purse: place.purse, seedId: 's', whose: by, promisedMsat: 1_995_000, returnedMsat, ...end }
    await past.write(`payout-paid${n}`, 'payout.requested', wish, 6000)
    await past.write(`payout-paid${n}`, 'payout.quoted', quote, 6001)
    await past.write(`payout-paid${n}`, 'payout.paid', paid, 6002)
  }
  await views.caughtUp(opened.log.head(), 5000)
  const rows = await Promise.all(cases.map((_, n) => findTransfer(views.sql, `payout-paid${n}`)))
  expect(rows.map((row) => [row?.amountMsat, row?.debitedMsat])).toEqual(cases.map(({ moved }) => moved) as never)
})

test('D-011 D-029 a row of a timeline has the price of its event, a charge that of its request', async () => {
  const session = `session-${'b'.repeat(64)}`
  await past.open(session, 50_000, 5000)
  await past.write(session, 'session.granted', grantOf(1000), 5001, '80000')
  await past.ask(session, 700, 5002, { usdPerBtc: '81000.25' })
  await past.ask(session, 30, 5003, { usdPerBtc: null })
  await views.caughtUp(opened.log.head(), 5000)
  const rows = await listTimeline(views.sql, { session, parent: null, before: opened.log.head() + 1n, limit: 50 })
  expect(rows.map(({ kind, usdPerBtc }) => [kind, usdPerBtc])).toEqual([
    ['charge', null],
    ['charge', '81000.25'],
    ['credit', '80000'],
    ['deposit', null],
    ['opened', null],
  ])
})

const grantOf = (amountMsat: number) => ({ amountMsat, purse, unit: 'sat', mint: 'm', reason: 'sorry' })
