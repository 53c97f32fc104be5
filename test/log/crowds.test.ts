/** Many at once: wallet plans do not race for counters, one bad append costs few syncs. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { unlimited, wish } from '../../events'
import { openTestLog, type TestLog, temporaryDirectory } from '../kit/log'

const directory = temporaryDirectory()
const meta = { actor: 'test', door: 'node' } as const
let opened: TestLog
beforeAll(async () => {
  opened = await openTestLog(directory.path)
})
afterAll(async () => {
  await opened.close()
  directory.remove()
})

const open = (stream: string) => wish('session', stream, { do: 'open', origin: 'token', limits: unlimited })
const crowd = <Result>(size: number, work: (n: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: size }, (_, n) => work(n)))

/** A plan as every wallet process makes it: the next counter, then the append that takes two of them. */
async function plan(stream: string, keysetId: string, read: 'cursor' | 'takeCounter') {
  const from = await opened.log[read]('seed', keysetId)
  const cursors = [{ seedId: 'seed', keysetId, from, count: 2 }]
  return opened.engine.execute(open(stream), { meta, cursors })
}
const lost = (outcomes: readonly object[]) => outcomes.filter((outcome) => 'refused' in outcome).length

test('W-03 of many plans at once none loses its counters to another, and none is skipped', async () => {
  expect(lost(await crowd(30, (n) => plan(`session-taken${n}`, 'taken', 'takeCounter')))).toBe(0)
  expect(await opened.log.cursor('seed', 'taken')).toBe(60)
  // Who only looks races with the others: the append's own guard is what keeps each range one's own.
  expect(lost(await crowd(30, (n) => plan(`session-read${n}`, 'read', 'cursor')))).toBeGreaterThan(0)
})

test('W-03 who plans and is refused, or never appends, holds the others up for a quarter of a second at most', async () => {
  const from = await opened.log.takeCounter('seed', 'left')
  const cursors = [{ seedId: 'seed', keysetId: 'left', from, count: 1 }]
  const refused = await opened.engine.execute(
    wish('deposit', 'deposit-unknown', {
      do: 'reject',
      reason: 'refused',
      evidence: { kind: 'x', looks: [], sends: 0 },
    }),
    { meta, cursors },
  )
  expect(refused).toHaveProperty('refused')
  expect(await opened.log.takeCounter('seed', 'left')).toBe(0)
  // This turn is never ended: it passes by itself.
  expect(await opened.log.takeCounter('seed', 'left')).toBe(0)
  expect(await opened.log.takeCounter('seed', 'another keyset')).toBe(0)
})

test('architecture 4 an append that is refused makes those beside it wait for few syncs more, not for one each', async () => {
  const before = await opened.sql.syncs()
  const outcomes = await crowd(64, (n) =>
    opened.engine.execute(open(`session-beside${n}`), {
      meta,
      ...(n % 32 === 7 ? { claims: [{ kind: 'y', key: 'wanted by two', owner: `${n}` }] } : {}),
    }),
  )
  expect(lost(outcomes)).toBe(1)
  expect((await opened.sql.syncs()) - before).toBeLessThan(20)
})
