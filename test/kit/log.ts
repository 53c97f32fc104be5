/** A real log on disk for tests: PGlite in its Worker, on a copy of one that is made once per machine. */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openPglite } from '../../core/database/pglite'
import {
  createEngine,
  createLive,
  type Engine,
  followLog,
  type Log,
  openSqlLog,
  projections,
  type ReadModels,
} from '../../events'
import { readyClusters } from './cluster'

export const logBounds = {
  batchMembers: 512,
  queueMembers: 20_000,
  reconnectPauseMs: 20,
  tailEvents: 20_000,
  heads: 100_000,
  patienceMs: 250,
}
export const runnerBounds = { batchEvents: 1000, rowCache: 10_000, retryMs: 50, calmMs: 5, busyEvents: 16, busyMs: 50 }

/** A directory of its own under the system's temporary one; removed by `remove`. */
export function temporaryDirectory(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'routstr-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export type TestLog = {
  readonly sql: Database
  readonly log: Log
  readonly engine: Engine
  readonly close: () => Promise<void>
}

/** Opens (or opens again) the log in `directory`. */
export async function openTestLog(directory: string, now: () => number = () => 1_700_000_000_000): Promise<TestLog> {
  await copyCluster(directory, 'log')
  const sql = await openPglite({ directory: join(directory, 'log'), synced: true })
  const log = await openSqlLog({ sql, script: sql.script, bounds: logBounds, pause: Bun.sleep })
  const engine = createEngine({ log, live: createLive(log, { lanes: 10_000, snapshotEvery: 1000 }), now })
  return {
    sql,
    log,
    engine,
    async close() {
      await log.close()
      await sql.close()
    },
  }
}

/** Read models that follow `log`, in a database of their own. */
export async function openTestViews(
  directory: string,
  log: Log,
): Promise<ReadModels & { readonly close: () => Promise<void> }> {
  await copyCluster(directory, 'views')
  const sql = await openPglite({ directory: join(directory, 'views'), synced: false })
  const models = await followLog({ log, sql, script: sql.script, projections, bounds: runnerBounds, pause: Bun.sleep })
  return {
    ...models,
    async close() {
      await models.stop()
      await sql.close()
    },
  }
}

export async function copyCluster(directory: string, name: 'log' | 'views'): Promise<void> {
  const target = join(directory, name)
  if (existsSync(join(target, 'PG_VERSION'))) return
  cpSync(join(await readyClusters(), name), target, { recursive: true })
}
