/** The log's tables as rows of a backup: whatever version of PostgreSQL wrote them, another one can read them. */
import type { Sql, SqlColumn, SqlValue, Step } from '../../events'
import { limits } from '../limits'
import { DamagedBackup } from './format'

type Kind = 'text' | 'int8' | 'int4' | 'int2' | 'bytes'

/** In the order in which they are put back. Snapshots are derived; the probe means nothing. */
const tables: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  streams: { id: 'int4', name: 'text' },
  event_types: { type: 'text', v: 'int2' },
  events: {
    position: 'int8',
    stream: 'int4',
    version: 'int4',
    type: 'text',
    v: 'int2',
    data: 'text',
    meta: 'text',
    command_id: 'text',
    at: 'int8',
  },
  commands: { command_id: 'text', fingerprint: 'text', outcome: 'text', position: 'int8', at: 'int8' },
  claim: { kind: 'text', key: 'text', owner: 'text' },
  counter: { seed_id: 'text', keyset_id: 'text', next: 'int8' },
  coin: {
    seed_id: 'text',
    keyset_id: 'text',
    counter: 'int8',
    amount: 'int8',
    c: 'text',
    purse: 'text',
    state: 'text',
    signed_by: 'text',
  },
  sheet: { purse: 'text', account: 'text', msat: 'int8' },
  vault: { ref: 'text', bytes: 'bytes' },
}

export type TableFrame = { readonly table: string; readonly rows: readonly (readonly (string | number | null)[])[] }
/** How many rows each table has. */
export type Counts = Readonly<Record<string, number>>

/** Every row of every table, some thousand at a time. `sql` must be a database that nobody else uses. */
export async function* dumpTables(sql: Sql): AsyncGenerator<TableFrame> {
  for (const [table, columns] of Object.entries(tables)) {
    const shown = Object.entries(columns).map(([name, kind]) =>
      kind === 'bytes' ? `encode(${name}, 'base64') as ${name}` : name,
    )
    await sql.query('begin')
    await sql.query(`declare rows_of_table cursor for select ${shown.join(', ')} from ${table}`)
    for (;;) {
      const rows = await sql.query<Readonly<Record<string, SqlValue>>>(
        `fetch forward ${limits.backupFrameRows} from rows_of_table`,
      )
      if (rows.length === 0) break
      yield { table, rows: rows.map((row) => Object.keys(columns).map((name) => written(row[name] ?? null))) }
    }
    await sql.query('commit')
  }
}

/** A bigint as text: JSON knows none. */
const written = (value: SqlValue): string | number | null =>
  typeof value === 'bigint' ? value.toString() : (value as string | number | null)

/** Puts one frame back. Throws `DamagedBackup` for a table that this program does not know. */
export async function loadTable(sql: Sql, { table, rows }: TableFrame): Promise<void> {
  const columns = Object.hasOwn(tables, table) ? tables[table] : undefined
  if (columns === undefined) throw new DamagedBackup('it was made by a newer version of this program')
  const failure = await sql.batch([insertStep(table, columns, rows)])
  if (failure !== undefined)
    throw new DamagedBackup(`its rows of ${table} do not fit: ${failure.message.slice(0, 100)}`)
}

function insertStep(table: string, columns: Readonly<Record<string, Kind>>, rows: TableFrame['rows']): Step {
  const entries = Object.entries(columns)
  const names = entries.map(([name]) => name)
  const arrays = entries.map(([, kind], at) => `$${at + 1}::${kind === 'bytes' ? 'text' : kind}[]`)
  const values = entries.map(([name, kind]) => (kind === 'bytes' ? `decode(${name}, 'base64')` : name))
  return {
    text: `insert into ${table} (${names.join(', ')}) select ${values.join(', ')}
      from unnest(${arrays.join(', ')}) as given (${names.join(', ')})`,
    params: entries.map(
      ([, kind], at): SqlColumn => ({
        of: kind === 'bytes' ? 'text' : kind,
        values: rows.map((row) => row[at] ?? null),
      }),
    ),
  }
}

/** Drops the log's tables of a copied cluster, so that it is as good as a new one. */
export const dropScript = `drop table if exists ${[...Object.keys(tables), 'snapshot', 'probe'].join(', ')}`
