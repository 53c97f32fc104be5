/** Opens the two databases of a data directory: the log, and the disposable read models that follow it. */
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { followLog, type Log, LogTooNew, openSqlLog, projections, type ReadModels } from '../events'
import { createClusters } from './database/cluster'
import { type Database, openPglite } from './database/pglite'
import { DirectoryUnusable } from './disk'
import { keepLastSeen, type LastSeen } from './last-seen'
import { limits } from './limits'
import { keepLines, type Lines } from './lines'
import { keepRefused, type Refused } from './refused'
import { keepSeenWraps, type SeenWraps } from './seen-wraps'
import type { Trace } from './trace'

export type Databases = {
  readonly log: Log
  readonly views: ReadModels
  readonly logDatabase: Database
  readonly viewsDatabase: Database
  readonly lines: Lines
  readonly seenWraps: SeenWraps
  readonly lastSeen: LastSeen
  readonly refused: Refused
}
type Views = Pick<Databases, 'views' | 'viewsDatabase' | 'lines' | 'seenWraps' | 'lastSeen' | 'refused'>

type Opening = {
  readonly directory: string
  /** An empty cluster to copy; else initdb makes one. */
  readonly clusterTemplate: string | undefined
  /** The console on a stopped node: it answers once, so the read models are whole before it does. */
  readonly isOffline: boolean | undefined
  readonly pause: (ms: number) => Promise<void>
  readonly now: () => number
  readonly trace: Trace
  /** Takes what must be closed again, in the order of opening. */
  readonly closeLater: (...close: readonly (() => Promise<void> | void)[]) => void
}

export const logBounds = {
  batchMembers: limits.commitMembers,
  queueMembers: limits.commitQueue,
  reconnectPauseMs: limits.logReconnectMs,
  tailEvents: limits.logTailEvents,
  heads: limits.logHeads,
  patienceMs: limits.logPatienceMs,
}

/** Rejects with `LogTooNew` before anything is written. */
export async function openDatabases(opening: Opening): Promise<Databases> {
  const { directory, closeLater } = opening
  // An empty log in its place would be a new node, with the old one's money beside it.
  if (!existsSync(join(directory, 'log')) && existsSync(join(directory, 'log.restoring')))
    throw new DirectoryUnusable(`a restore into ${directory} was interrupted: node-admin restore begins it again`)
  await createClusters(directory, ['log', 'views'], opening.clusterTemplate)
  await mkdir(join(directory, 'backups'), { recursive: true, mode: 0o700 })
  const logDatabase = await openPglite({ directory: join(directory, 'log'), synced: true })
  closeLater(logDatabase.close)
  const log = await openSqlLog({
    sql: logDatabase,
    script: logDatabase.script,
    bounds: logBounds,
    pause: opening.pause,
  })
  closeLater(log.close)
  return { log, logDatabase, ...(await openViews(log, opening)) }
}

/** What cannot be opened is made anew and rebuilt from the log; a second failure is one of the machine. */
async function openViews(log: Log, opening: Opening): Promise<Views> {
  try {
    return await followInto(log, opening)
  } catch (error) {
    if (error instanceof LogTooNew) throw error
    opening.trace.warn('The read models cannot be opened; they are rebuilt from the log', {
      why: String((error as Error).message).slice(0, 200),
    })
    await rm(join(opening.directory, 'views'), { recursive: true, force: true })
    await createClusters(opening.directory, ['views'], opening.clusterTemplate)
    return followInto(log, opening)
  }
}

async function followInto(log: Log, { directory, pause, now, trace, closeLater, isOffline }: Opening): Promise<Views> {
  const database = await openPglite({ directory: join(directory, 'views'), synced: false })
  try {
    const views = await followLog({
      log,
      sql: database,
      script: database.script,
      projections,
      bounds: {
        batchEvents: limits.viewsBatch,
        rowCache: limits.viewsRowCache,
        retryMs: limits.viewsRetryMs,
        calmMs: limits.viewsCalmMs,
        busyEvents: limits.viewsBusyEvents,
        busyMs: limits.viewsBusyMs,
        ...(isOffline === true ? {} : { startMs: limits.viewsStartMs }),
      },
      pause,
    })
    const lines = await keepLines({ trace, sql: database, script: database.script })
    const seenWraps = await keepSeenWraps({ sql: database, script: database.script, now })
    const lastSeen = await keepLastSeen({ sql: database, script: database.script, now })
    const refused = await keepRefused({ sql: database, script: database.script, now })
    const stops = [refused.stop, lastSeen.stop, seenWraps.stop, lines.stop, views.stop]
    closeLater(() => closeWithin(limits.viewsCloseMs, database, stops))
    if (!views.isHealthy()) tellRebuild(views, { events: Number(log.head()), now, trace })
    return { views, viewsDatabase: database, lines, seenWraps, lastSeen, refused }
  } catch (error) {
    await database.close().catch(() => undefined)
    throw error
  }
}

/** What the read models' database is doing, an index of millions of rows say, is not waited for: it is disposable. */
async function closeWithin(
  withinMs: number,
  database: Database,
  stops: readonly (() => Promise<void> | void)[],
): Promise<void> {
  const late = setTimeout(database.abandon, withinMs)
  try {
    for (const stop of stops) await stop()
    await database.close()
  } finally {
    clearTimeout(late)
  }
}

/** An operator whose lists are not whole reads why, and how long it took. */
function tellRebuild(
  views: ReadModels,
  { events, now, trace }: { readonly events: number } & Pick<Opening, 'now' | 'trace'>,
): void {
  const from = now()
  trace.info('The read models are built anew; lists and totals are not whole until then', { events })
  void views.whole.then(() => {
    if (views.isHealthy())
      trace.info('The read models hold the whole log', { seconds: Math.round((now() - from) / 1000) })
  })
}
