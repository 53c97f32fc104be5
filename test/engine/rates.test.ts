/** An append that moves money keeps what a bitcoin cost; a charge, which has it in its data, is written as before. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { asMsat, createEngine, createLive, unlimited, verifyLog, type Wish, wish } from '../../events'
import { chargeOf } from '../kit/charge'
import { openTestLog, type TestLog, temporaryDirectory } from '../kit/log'
import { purse } from '../kit/past'

const directory = temporaryDirectory()
const meta = { actor: 'test', door: 'node' } as const
const session = `session-${'a'.repeat(64)}`
let opened: TestLog
let engine: TestLog['engine']
let rate: string | undefined = '100000'
/** How often the engine asked for it. */
let asked = 0

beforeAll(async () => {
  opened = await openTestLog(directory.path)
  engine = createEngine({
    log: opened.log,
    live: createLive(opened.log, { lanes: 100, snapshotEvery: 100 }),
    now: () => 1_700_000_000_000,
    usdPerBtc() {
      asked += 1
      return rate
    },
  })
})
afterAll(async () => {
  await opened.close()
  directory.remove()
})

/** The metas that an append wrote. */
async function written(wishes: Wish | readonly Wish[]): Promise<readonly unknown[]> {
  const before = opened.log.head()
  const done = await engine.execute(wishes, { meta })
  expect(done).not.toHaveProperty('refused')
  return (await opened.log.after(before, 100)).map((event) => event.meta)
}
const open = () => wish('session', session, { do: 'open', origin: 'token', limits: unlimited })
const grant = (msat: number) =>
  wish('session', session, {
    do: 'grant',
    amountMsat: asMsat(msat),
    purse,
    unit: 'sat',
    mint: 'https://x.example',
    reason: 'test',
  })
const charge = (msat: number) => wish('session', session, { do: 'charge', charge: chargeOf(msat), othersHeldMsat: 0 })
const priced = (usdPerBtc: string) => ({ ...meta, usdPerBtc })

test('D-011 what moves money keeps the price of its moment, what moves none keeps none', async () => {
  expect(await written(open())).toEqual([meta])
  expect(asked).toBe(0)
  expect(await written(grant(9000))).toEqual([priced('100000')])
  rate = '110000.5'
  expect(await written(grant(1000))).toEqual([priced('110000.5')])
  rate = undefined
  expect(await written(grant(1000))).toEqual([meta])
  rate = '120000'
})

test('D-011 P-20 a charge is written without it and without asking; beside other money it is written with it', async () => {
  asked = 0
  expect(await written(charge(300))).toEqual([meta])
  expect(asked).toBe(0)
  const beside = await written([charge(10_000), wish('session', session, { do: 'round', unitMsat: 1000 })])
  expect(beside).toEqual([priced('120000'), priced('120000')])
  expect(asked).toBe(1)
})

test('D-011 a log with and without it is sound, read again and verified', async () => {
  const again = createEngine({
    log: opened.log,
    live: createLive(opened.log, { lanes: 100, snapshotEvery: 100 }),
    now: () => 0,
  })
  expect((await again.state('session', session)).balanceMsat).toBe(0)
  expect((await verifyLog(opened.log)).problems).toEqual([])
})
