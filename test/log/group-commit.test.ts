/** The log's promises: one order, one truth, nothing acknowledged that is not on disk. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { asMsat, unlimited, wish } from '../../events'
import { openTestLog, openTestViews, type TestLog, temporaryDirectory } from '../kit/log'

const directory = temporaryDirectory()
let opened: TestLog
const meta = { actor: 'test', door: 'node' } as const
const purse = `${'a'.repeat(16)}/sat`

beforeAll(async () => {
  opened = await openTestLog(directory.path)
})
afterAll(async () => {
  await opened.close()
  directory.remove()
})

const open = (stream: string) => wish('session', stream, { do: 'open', origin: 'token', limits: unlimited })
const settle = (id: string, units: number) => [
  wish('deposit', `deposit-${id}`, {
    do: 'start',
    isMintTrusted: true,
    plan: {
      sessionId: 'session-s',
      via: 'create',
      target: 'session-s',
      limits: unlimited,
      mint: 'https://mint.example',
      purse,
      unit: 'sat',
      faceUnits: units,
      inputs: [],
      proofs: 'vault',
      requestId: 'r',
      attempt: { n: 1, seedId: 's', keysetId: 'k', from: 0, outputs: [], feeUnits: 0 },
    },
  }),
  wish('deposit', `deposit-${id}`, {
    do: 'settle',
    attemptN: 1,
    seedId: 's',
    coins: [{ keysetId: 'k', counter: 0, amount: units, c: 'c' }],
  }),
]
const credit = (stream: string, id: string, sat: number) =>
  wish('session', stream, {
    do: 'credit',
    depositId: id,
    amountMsat: asMsat(sat * 1000),
    feeMsat: asMsat(0),
    purse,
    unit: 'sat',
    mint: 'https://mint.example',
  })

test('P-28 every commit reaches the disk with a sync of its own, shared by those who came together', async () => {
  const before = await opened.sql.syncs()
  for (let i = 0; i < 10; i += 1) await opened.engine.execute(open(`session-one${i}`), { meta })
  const alone = (await opened.sql.syncs()) - before
  expect(alone).toBe(10)
  await Promise.all(Array.from({ length: 100 }, (_, i) => opened.engine.execute(open(`session-many${i}`), { meta })))
  const together = (await opened.sql.syncs()) - before - alone
  expect(together).toBeGreaterThanOrEqual(1)
  expect(together).toBeLessThan(20)
})

test('architecture 4 one busy stream is not limited to one event per commit, and its versions have no gap', async () => {
  await opened.engine.execute(open('session-busy'), { meta })
  const before = await opened.sql.syncs()
  await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      opened.engine.execute(wish('session', 'session-busy', { do: 'rename', label: `n${i}` }), { meta }),
    ),
  )
  expect((await opened.sql.syncs()) - before).toBeLessThan(20)
  const events = await opened.log.read('session-busy', 0)
  expect(events.map((event) => event.version)).toEqual(Array.from({ length: 201 }, (_, i) => i + 1))
})

test('W-11 of two appends that claim one key one is refused, and its stream goes on', async () => {
  const claims = [{ kind: 'y', key: 'same', owner: 'x' }]
  const [a, b] = await Promise.all(
    ['session-ca', 'session-cb'].map((stream) => opened.engine.execute(open(stream), { meta, claims })),
  )
  expect([a, b].filter((outcome) => outcome !== undefined && 'refused' in outcome)).toHaveLength(1)
  for (const stream of ['session-ca', 'session-cb']) {
    const outcome = await opened.engine.execute(open(stream), { meta })
    expect('position' in outcome).toBe(true)
  }
})

test('A1 a deposit and its credit sum to zero, in the sheet and in the read model alike', async () => {
  const outcome = await opened.engine.execute([...settle('d1', 50), open('session-s'), credit('session-s', 'd1', 50)], {
    meta,
  })
  expect('position' in outcome).toBe(true)
  const sheet = await opened.log.sheet()
  expect(sheet).toEqual([
    { purse, account: 'customers', msat: -50_000n },
    { purse, account: 'free', msat: 50_000n },
  ])
  const views = await openTestViews(directory.path, opened.log)
  const rows = await views.sql.query('select purse, account, msat from balance_sheet order by purse, account')
  expect(rows).toEqual(sheet)
  await views.close()
})

test('a credit without its deposit is a bug that nothing is written of', async () => {
  const before = opened.log.head()
  expect(opened.engine.execute([open('session-x'), credit('session-x', 'd9', 1)], { meta })).rejects.toThrow('sum to')
  expect(opened.log.head()).toBe(before)
})

test('A2 a log opened again holds what was acknowledged, and read models rebuilt from it are equal', async () => {
  const head = opened.log.head()
  const first = await openTestViews(directory.path, opened.log)
  const live = await first.sql.query('select * from sessions order by stream')
  await first.close()
  await opened.close()
  opened = await openTestLog(directory.path)
  expect(opened.log.head()).toBe(head)
  expect((await opened.engine.state('session', 'session-busy')).label).toBe('n199')
  const again = await openTestViews(directory.path, opened.log)
  await again.sql.query(`update projections set version = 0`)
  await again.close()
  const rebuilt = await openTestViews(directory.path, opened.log)
  expect(await rebuilt.sql.query('select * from sessions order by stream')).toEqual(live)
  await rebuilt.close()
})
