/** B9: every read model rebuilt alone, from event 0 into an empty database. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPglite } from '../../core/database/pglite'
import { logBounds } from '../../core/databases'
import { takeDirectory } from '../../core/disk'
import { limits } from '../../core/limits'
import { followLog, openSqlLog, projections } from '../../events'
import { emptyCluster } from '../kit/cluster'
import { rounded, type Table } from './figures'

const bounds = {
  batchEvents: limits.viewsBatch,
  rowCache: limits.viewsRowCache,
  retryMs: limits.viewsRetryMs,
  calmMs: 20,
  busyEvents: 16,
  busyMs: 0,
}

/** `directory` is a data directory on which no node runs. */
export async function rebuild(directory: string): Promise<Table> {
  const lease = takeDirectory(directory)
  const database = await openPglite({ directory: join(directory, 'log'), synced: true })
  const log = await openSqlLog({ sql: database, script: database.script, bounds: logBounds, pause: Bun.sleep })
  const rows = []
  for (const projection of projections) {
    const folder = mkdtempSync(join(tmpdir(), 'routstr-views-'))
    cpSync(await emptyCluster(), join(folder, 'views'), { recursive: true })
    const sql = await openPglite({ directory: join(folder, 'views'), synced: false })
    const began = performance.now()
    const views = await followLog({
      log,
      sql,
      script: sql.script,
      projections: [projection],
      bounds,
      pause: Bun.sleep,
    })
    const ms = performance.now() - began
    await views.stop()
    await sql.close()
    rmSync(folder, { recursive: true, force: true })
    rows.push({
      projection: projection.name,
      columns: Object.keys(projection.columns).length,
      seconds: rounded(ms / 1000),
      'events/s': Math.round(Number(log.head()) / (ms / 1000)),
    })
  }
  const events = Number(log.head())
  await log.close()
  await database.close()
  lease.release()
  return {
    title: `B9 each read model alone from ${events} events`,
    rows,
    target: '25 000 events/s (requests) to 45 000 (sessions)',
  }
}
