/** A merge of purses counts in every stream for what stood before it, in memory, from event 0 and from a snapshot (wallet 16). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { asMsat, createEngine, createLive, type Log, unlimited, verifyLog, wish } from '../../events'
import { openTestLog, openTestViews, type TestLog, temporaryDirectory } from '../kit/log'
import { until } from '../kit/node'

const directory = temporaryDirectory()
const meta = { actor: 'test', door: 'node' } as const
const [a, b, c] = ['a', 'b', 'c'].map((letter) => `${letter.repeat(16)}/sat`) as [string, string, string]
let opened: TestLog
let engine: TestLog['engine']
beforeAll(async () => {
  opened = await openTestLog(directory.path)
  engine = engineOn(opened.log)
})
afterAll(async () => {
  await opened.close()
  directory.remove()
})
const engineOn = (log: Log) =>
  createEngine({ log, live: createLive(log, { lanes: 100, snapshotEvery: 20 }), now: () => 1_700_000_000_000 })

const open = (session: string) =>
  engine.execute(wish('session', session, { do: 'open', origin: 'token', limits: unlimited }), { meta })
const grant = (session: string, purse: string, msat: number) =>
  engine.execute(
    wish('session', session, {
      do: 'grant',
      amountMsat: asMsat(msat),
      purse,
      unit: 'sat',
      mint: 'https://x.example',
      reason: 'test',
    }),
    { meta },
  )
const take = (session: string, msat: number) =>
  engine.execute(wish('session', session, { do: 'correct', amountMsat: asMsat(msat), heldMsat: 0, reason: 'test' }), {
    meta,
  })
const merge = (from: string, to: string, sharesMsat: number) =>
  engine.alone((execute) =>
    execute(
      wish('node', 'node', {
        do: 'merge-purses',
        from,
        to,
        mint: 'https://other.example',
        sharesMsat: asMsat(sharesMsat),
        promisedMsat: asMsat(0),
      }),
      { meta },
    ),
  )
const sharesOf = async (session: string, of = engine) => (await of.state('session', session)).shares
const customers = async (purse: string) =>
  0 - Number((await opened.log.sheet()).find((row) => row.purse === purse && row.account === 'customers')?.msat ?? 0n)

test('wallet 16 a merge counts for events of lower position only, however a stream is read', async () => {
  for (const session of ['session-long', 'session-short', 'session-late']) await open(session)
  await grant('session-long', a, 5000)
  await grant('session-short', a, 700)
  await grant('session-short', b, 300)
  for (let n = 0; n < 25; n += 1) await take('session-long', 10)
  await until('a snapshot is kept', async () => (await opened.log.snapshot('session-long')) !== undefined)
  await merge(a, b, await customers(a))
  expect([await customers(a), await customers(b)]).toEqual([0, 5750])
  // Deposits there go on counting there.
  await grant('session-late', a, 40)
  await grant('session-long', a, 60)
  for (let n = 0; n < 25; n += 1) await take('session-long', 10)
  await merge(c, a, 0)
  const wanted = {
    'session-long': { [b]: 4560 },
    'session-short': { [b]: 1000 },
    'session-late': { [a]: 40 },
  }
  const anew = engineOn(opened.log)
  const fromStart = engineOn({ ...opened.log, snapshot: async () => undefined })
  for (const [session, shares] of Object.entries(wanted)) {
    expect(await sharesOf(session)).toEqual(shares)
    expect(await anew.state('session', session)).toEqual(await engine.state('session', session))
    expect(await fromStart.state('session', session)).toEqual(await engine.state('session', session))
  }
  expect((await engine.state('session', 'session-short')).latest).toMatchObject({
    purse: b,
    mint: 'https://other.example',
  })
})

test('wallet 16 a share that came by one merge is not taken along by the snapshot of another one', async () => {
  await open('session-chain')
  await grant('session-chain', c, 900)
  await merge(c, a, 900)
  for (let n = 0; n < 25; n += 1) await take('session-chain', 1)
  expect(await sharesOf('session-chain')).toEqual({ [a]: 875 })
  expect(await sharesOf('session-chain', engineOn(opened.log))).toEqual({ [a]: 875 })
})

test('wallet 5.6 while purses are merged nothing else is decided: charges beside it reckon with one side or the other', async () => {
  await open('session-busy')
  await grant('session-busy', a, 100_000)
  const before = (await customers(a)) + (await customers(b))
  const work = Array.from({ length: 40 }, (_, n) =>
    n === 20
      ? engine.alone(async (execute) => {
          const sharesMsat = asMsat(await customers(a))
          return execute(
            wish('node', 'node', {
              do: 'merge-purses',
              from: a,
              to: b,
              mint: 'https://x.example',
              sharesMsat,
              promisedMsat: asMsat(0),
            }),
            { meta },
          )
        })
      : take('session-busy', 100),
  )
  await Promise.all(work)
  expect(await sharesOf('session-busy')).toEqual({ [b]: 96_100 })
  expect([await customers(a), await customers(b)]).toEqual([0, before - 3900])
  expect((await verifyLog(opened.log)).problems).toEqual([])
})

test('I7 the balance sheet of a merge is the same computed both ways, and rebuilt', async () => {
  const views = await openTestViews(directory.path, opened.log)
  await views.caughtUp(opened.log.head(), 5000)
  const rows = await views.sql.query<{ purse: string; account: string; msat: bigint }>(
    'select purse, account, msat from balance_sheet where msat <> 0 order by purse, account',
  )
  const sheet = (await opened.log.sheet()).filter(({ msat }) => msat !== 0n)
  expect(rows.map(({ purse, account, msat }) => [purse, account, msat])).toEqual(
    sheet.map(({ purse, account, msat }) => [purse, account, msat]),
  )
  await views.close()
})

test('wallet 5.6 purses are never merged beside other work', async () => {
  const wanted = {
    do: 'merge-purses',
    from: a,
    to: b,
    mint: '',
    sharesMsat: asMsat(0),
    promisedMsat: asMsat(0),
  } as const
  expect(engine.execute(wish('node', 'node', wanted), { meta })).rejects.toThrow('beside')
})
