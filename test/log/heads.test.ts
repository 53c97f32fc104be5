/** Stream heads are forgotten beyond a bound, never those of streams that are being written (architecture 4). */
import { expect, test } from 'bun:test'
import { createEngine, createLive, openSqlLog, unlimited, wish } from '../../events'
import { logBounds, openTestLog, temporaryDirectory } from '../kit/log'

test('architecture 4 a busy log with more streams than it remembers is still read, and every version stands', async () => {
  const directory = temporaryDirectory()
  const opened = await openTestLog(directory.path)
  const { sql } = opened
  const log = await openSqlLog({ sql, script: sql.script, bounds: { ...logBounds, heads: 4 }, pause: Bun.sleep })
  const live = createLive(log, { lanes: 10, snapshotEvery: 1000 })
  const engine = createEngine({ log, live, now: () => 1_700_000_000_000 })
  const write = (n: number, label?: string) => {
    const order =
      label === undefined
        ? ({ do: 'open', origin: 'token', limits: unlimited } as const)
        : ({ do: 'rename', label } as const)
    return engine.execute(wish('session', `session-${n}`, order), { meta: { actor: 'test', door: 'node' } })
  }
  const streams = Array.from({ length: 40 }, (_, n) => n)
  await Promise.all(streams.map((n) => write(n)))
  let busy = true
  const load = streams.map(async (n) => {
    for (let i = 0; busy; i += 1) await write(n, `name ${i}`)
  })
  // Each of these would wait for a moment without a commit, which never comes.
  for (const n of streams) expect((await log.read(`session-${n}`, 0))[0]?.type).toBe('session.opened')
  busy = false
  await Promise.all(load)
  for (const n of streams) {
    const versions = (await log.read(`session-${n}`, 0)).map(({ version }) => version)
    expect(versions).toEqual(versions.map((_, i) => i + 1))
    expect(versions.length).toBeGreaterThan(1)
  }
  await log.close()
  await opened.close()
  directory.remove()
})
