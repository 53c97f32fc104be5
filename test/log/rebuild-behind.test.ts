/** A start does not wait for a long rebuild of the read models, and says so until they are whole (performance B6). */
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { openPglite } from '../../core/database/pglite'
import { followLog, hasUncounted, projections, unlimited, wish } from '../../events'
import { copyCluster, openTestLog, runnerBounds, temporaryDirectory } from '../kit/log'

test('A2 a rebuild that takes longer than a start goes on behind it, unhealthy until it is whole', async () => {
  const directory = temporaryDirectory()
  const opened = await openTestLog(directory.path)
  for (let n = 0; n < 20; n += 1)
    await opened.engine.execute(wish('session', `session-${n}`, { do: 'open', origin: 'token', limits: unlimited }), {
      meta: { actor: 'test', door: 'node' },
    })
  await copyCluster(directory.path, 'views')
  const sql = await openPglite({ directory: join(directory.path, 'views'), synced: false })
  const gate = Promise.withResolvers<void>()
  const slow = { ...sql, batch: (steps: Parameters<typeof sql.batch>[0]) => gate.promise.then(() => sql.batch(steps)) }
  const models = await followLog({
    log: opened.log,
    sql: slow,
    script: sql.script,
    projections,
    bounds: { ...runnerBounds, startMs: 5 },
    pause: Bun.sleep,
  })
  expect([models.isHealthy(), models.position()]).toEqual([false, 0n])
  gate.resolve()
  expect(await models.caughtUp(opened.log.head(), 5000)).toBe(true)
  expect(models.isHealthy()).toBe(true)
  expect(await sql.query('select count(*)::int as n from sessions')).toEqual([{ n: 20 }])
  expect(await hasUncounted(sql)).toBe(true)
  await sql.script('vacuum analyze')
  expect(await hasUncounted(sql)).toBe(false)
  // A table that is made anew is one that was never counted, whichever it is.
  await sql.script(
    'create table again (like session_moves); drop table session_moves; alter table again rename to session_moves',
  )
  expect(await hasUncounted(sql)).toBe(true)
  await models.stop()
  await sql.close()
  await opened.close()
  directory.remove()
})

test('configuration 1 a stop ends a statement of the read models that would take for ever', async () => {
  const directory = temporaryDirectory()
  await copyCluster(directory.path, 'views')
  const sql = await openPglite({ directory: join(directory.path, 'views'), synced: false })
  const endless = sql.query('select count(*) from generate_series(1, 2000000000)')
  sql.abandon()
  await expect(endless).rejects.toThrow('the database stopped')
  await expect(sql.query('select 1')).rejects.toThrow('the database stopped')
  await sql.close()
  directory.remove()
})
