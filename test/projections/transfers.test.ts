/** What a bitcoin cost when money moved stays with its row of transfers and of a key's past (dashboard 3, Units; D-011). */
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
