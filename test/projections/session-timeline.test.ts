/** The timeline of a key: every movement once, in order, and the balance after each, page after page (D-029). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { balanceNow, listTimeline, movedAfter, sumTimeline, type TimelineRow } from '../../events'
import { createChance } from '../bench/chance'
import { openTestLog, openTestViews, type TestLog, temporaryDirectory } from '../kit/log'
import { createPast, type Past, purse } from '../kit/past'

const directory = temporaryDirectory()
const session = `session-${'d'.repeat(64)}`
const [child, other] = [`session-${'e'.repeat(64)}`, `session-${'f'.repeat(64)}`]
let opened: TestLog
let views: Awaited<ReturnType<typeof openTestViews>>
let past: Past
/** What each event moved, oldest first. */
const moves: { readonly kind: string; readonly msat: number }[] = []

beforeAll(async () => {
  opened = await openTestLog(directory.path)
  past = createPast(opened)
  const chance = createChance(5)
  await past.open(session, 500_000, 1000)
  moves.push({ kind: 'opened', msat: 0 }, { kind: 'deposit', msat: 500_000 })
  await past.open(other, 70_000, 1000)
  const share = (msat: number) => [{ purse, msat }]
  const kinds: readonly [string, string, (msat: number) => object, number][] = [
    ['refund', 'session.debited', (msat) => ({ payoutId: 'payout-1', amountMsat: msat, shares: share(msat) }), -1],
    [
      'refund-returned',
      'session.returned',
      (msat) => ({ payoutId: 'payout-1', amountMsat: msat, shares: share(msat) }),
      1,
    ],
    ['credit', 'session.granted', (msat) => ({ amountMsat: msat, purse, unit: 'sat', mint: 'm', reason: 'sorry' }), 1],
    ['debit', 'session.corrected', (msat) => ({ amountMsat: msat, shares: share(msat), reason: 'too much' }), -1],
    [
      'child-keys',
      'session.children-added',
      (msat) => ({ children: [child], costMsat: msat, shares: share(msat) }),
      -1,
    ],
    ['rounded', 'session.rounded', (msat) => ({ shares: share(msat) }), -1],
    ['frozen', 'session.frozen', () => ({ reason: 'a look' }), 0],
  ]
  for (let n = 0; n < 90; n += 1) {
    const msat = chance.whole(1, 900)
    await past.ask(other, msat, 2000 + n)
    if (chance.next() < 0.6) {
      await past.ask(session, msat, 2000 + n, chance.next() < 0.3 ? { child } : {})
      moves.push({ kind: 'charge', msat: -msat })
      continue
    }
    const [kind, type, data, sign] = chance.pick(kinds as [(typeof kinds)[number], ...(typeof kinds)[number][]])
    await past.write(session, type, data(msat), 2000 + n)
    moves.push({ kind, msat: sign * msat })
  }
  views = await openTestViews(directory.path, opened.log)
}, 60_000)
afterAll(async () => {
  await views.close()
  await opened.close()
  directory.remove()
})

const expected = () => {
  let balance = 0
  return moves.map(({ kind, msat }) => {
    balance += msat
    return { kind, msat, balance }
  })
}

/** As sessions.timeline walks: each page goes on from the balance that the one before ended with. */
async function walk(kind: string | undefined, limit: number) {
  const found: { kind: string; msat: number; balance: number }[] = []
  const now = await balanceNow(views.sql, session)
  let [before, balance] = [now.position + 1n, now.balanceMsat]
  for (;;) {
    const rows: readonly TimelineRow[] = await listTimeline(views.sql, { session, parent: null, kind, before, limit })
    const positions = rows.map(({ position }) => position).reverse()
    const moved = [...(await movedAfter(views.sql, session, positions, before))].reverse()
    for (const [n, row] of rows.entries()) {
      balance -= moved[n] ?? 0n
      found.push({ kind: row.kind, msat: Number(row.msat), balance: Number(balance) })
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < limit) return found.reverse()
    balance -= last.msat
    before = last.position
  }
}

test.each([1, 7, 500])(
  'D-029 pages of %i rows show every movement once, in order, with the exact balance after it',
  async (limit) => {
    expect(await walk(undefined, limit)).toEqual(expected())
  },
)

test.each(['charge', 'credit', 'refund', 'deposit'])(
  'D-029 of one kind alone the balances are the same: %s',
  async (kind) => {
    const wanted = expected().filter((one) => one.kind === kind)
    expect(wanted.length).toBeGreaterThan(0)
    expect(await walk(kind, 3)).toEqual(wanted)
  },
)

test('D-029 the sums by kind are those of the movements, and together they are the balance', async () => {
  const sums = new Map<string, number>()
  for (const { kind, msat } of moves) sums.set(kind, (sums.get(kind) ?? 0) + msat)
  const wanted = Object.fromEntries([...sums].filter(([, msat]) => msat !== 0))
  const found = await sumTimeline(views.sql, session)
  expect(Object.fromEntries(found.map(({ kind, msat }) => [kind, Number(msat)]))).toEqual(wanted)
  const { balanceMsat } = await balanceNow(views.sql, session)
  expect(found.reduce((sum, { msat }) => sum + msat, 0n)).toBe(balanceMsat)
})

test('a child key shows what it asked for and nothing of its siblings and its parent', async () => {
  const rows = await listTimeline(views.sql, { session: child, parent: session, before: 10_000n, limit: 500 })
  const wanted = past.charges.filter((one) => one.child === child).map(({ requestId }) => requestId)
  expect(wanted.length).toBeGreaterThan(3)
  expect(rows.map(({ requestId }) => requestId)).toEqual(wanted.reverse())
})
