/** Reads a backup file into an empty database, and counts what it reads. */
import { type Log, openSqlLog } from '../../events'
import type { Database } from '../database/pglite'
import { logBounds } from '../databases'
import { type BackupKey, DamagedBackup, type Head, readBackup } from './format'
import type { End } from './make'
import { type Counts, loadTable, type TableFrame } from './tables'

/** Fills an empty database; throws `DamagedBackup`, `WrongSecretKey` or `LogTooNew`. */
export async function loadBackup(
  path: string,
  key: BackupKey,
  sql: Database,
): Promise<{ readonly head: Head; readonly log: Log }> {
  const reader = readBackup(path, key)
  try {
    // Its tables are made by whoever opens a log.
    await openLog(sql)
    const counts: Record<string, number> = {}
    let end: End['end'] | undefined
    for (const frame of reader.frames()) {
      if (isEnd(frame)) end = frame.end
      else {
        const { table, rows } = frame as TableFrame
        await loadTable(sql, { table, rows })
        counts[table] = (counts[table] ?? 0) + rows.length
      }
    }
    if (end === undefined || !sameCounts(counts, end.counts)) throw new DamagedBackup('rows are missing')
    const log = await openLog(sql)
    if (Number(log.head()) !== end.position) throw new DamagedBackup('events are missing')
    return { head: reader.head, log }
  } finally {
    reader.close()
  }
}

const openLog = (sql: Database): Promise<Log> =>
  openSqlLog({ sql, script: sql.script, bounds: logBounds, pause: Bun.sleep })
const isEnd = (frame: unknown): frame is End => typeof frame === 'object' && frame !== null && 'end' in frame
const sameCounts = (found: Counts, meant: Counts): boolean =>
  [...new Set([...Object.keys(found), ...Object.keys(meant)])].every((table) => found[table] === meant[table])
