/** What the log writes over leaves nothing behind for ever: its tables are vacuumed as the read models are (architecture 4). */
import { expect, test } from 'bun:test'
import { rewrittenTables, unlimited, wish } from '../../events'
import { openTestLog, temporaryDirectory } from '../kit/log'

const meta = { actor: 'test', door: 'node' } as const

test('architecture 4 claims that come and go take no more room than they did, once what they left is vacuumed', async () => {
  const directory = temporaryDirectory()
  const { sql, log, engine, close } = await openTestLog(directory.path)
  let opened = 0
  const round = async () => {
    for (let n = 0; n < 20; n += 1) {
      const claims = Array.from({ length: 50 }, (_, of) => ({
        kind: 'trial',
        key: `${n} ${of}`,
        owner: 'x'.repeat(60),
      }))
      for (const inline of [{ claims }, { releases: claims }]) {
        opened += 1
        const open = wish('session', `session-${opened}`, { do: 'open', origin: 'token', limits: unlimited })
        expect(await engine.execute(open, { ...inline, meta })).toHaveProperty('position')
      }
    }
    const [row] = await sql.query<{ pages: bigint }>(`select pg_relation_size('claim') / 8192 as pages`)
    return Number(row?.pages)
  }
  const tidy = async () => {
    for (const table of rewrittenTables) await sql.script(`vacuum analyze ${table}`)
  }
  await round()
  await tidy()
  const pages = await round()
  await tidy()
  expect(await round()).toBeLessThanOrEqual(pages)
  expect(await log.claims('trial')).toEqual([])
  await close()
  directory.remove()
})
