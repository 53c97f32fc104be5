/** A long stream is read from its snapshot, and that is the same as reading all of it (architecture 4). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createEngine, createLive, type Log, unlimited, wish } from '../../events'
import { openTestLog, type TestLog, temporaryDirectory } from '../kit/log'
import { until } from '../kit/node'

const directory = temporaryDirectory()
const meta = { actor: 'test', door: 'node' } as const
const stream = 'session-long'
let opened: TestLog
beforeAll(async () => {
  opened = await openTestLog(directory.path)
})
afterAll(async () => {
  await opened.close()
  directory.remove()
})

const engineOn = (log: Log) =>
  createEngine({ log, live: createLive(log, { lanes: 100, snapshotEvery: 50 }), now: () => 1_700_000_000_000 })

test('architecture 4 a stream that grows in memory gets snapshots, and folds from the last one as from event 0', async () => {
  const engine = engineOn(opened.log)
  await engine.execute(wish('session', stream, { do: 'open', origin: 'token', limits: unlimited }), { meta })
  await Promise.all(
    Array.from({ length: 130 }, (_, n) =>
      engine.execute(wish('session', stream, { do: 'rename', label: `name ${n}` }), { meta }),
    ),
  )
  await until('a snapshot is kept', async () => ((await opened.log.snapshot(stream))?.version ?? 0) >= 100)
  const reads: number[] = []
  const counting: Log = {
    ...opened.log,
    read: (name, after, most) => {
      reads.push(after)
      return opened.log.read(name, after, most)
    },
  }
  const fromSnapshot = await engineOn(counting).state('session', stream)
  const fromStart = await engineOn({ ...opened.log, snapshot: async () => undefined }).state('session', stream)
  expect(reads[0]).toBeGreaterThanOrEqual(100)
  expect(fromSnapshot).toEqual(fromStart)
  expect(fromSnapshot.label).toBe('name 129')
})
