/** A projection's table in SQL: made, filled, and how far it has followed. */
import type { Sql, SqlColumn, Step } from '../sql'
import type { AnyProjection } from './projection'

/** A table made anew, empty, to be filled from the first event on. */
export function rebuildScript({ name, columns, version, appendOnly }: AnyProjection): string {
  const entries = Object.entries(columns)
  const isKey = (index: number) => index === 0 && appendOnly !== true
  const definition = entries.map(([column, type], index) => `"${column}" ${type}${isKey(index) ? ' primary key' : ''}`)
  return `drop table if exists ${name}; create table ${name} (${definition.join(', ')});
    insert into projections (name, version, position) values ('${name}', ${version}, 0)
    on conflict (name) do update set version = excluded.version, position = 0;`
}

/** Whether a table was never vacuumed since it was made: its queries are guessed at, and a rebuild left its dead rows. */
export const hasUncounted = async (sql: Pick<Sql, 'query'>): Promise<boolean> =>
  (await sql.query('select 1 from pg_class join projections on relname = name where reltuples < 0')).length > 0

/** Indexes that are missing: a table is filled without them, which is quicker (performance B9). */
export const indexScript = ({ name, indexes }: AnyProjection): string =>
  indexes.map((index, n) => `create index if not exists ${name}_${n} on ${name} ${index};`).join(' ')

export const positionStep = (projection: AnyProjection, position: bigint): Step => ({
  text: 'update projections set position = $2 where name = $1',
  params: [projection.name, position],
})

const columnKinds: Readonly<Record<string, SqlColumn['of']>> = {
  text: 'text',
  bigint: 'int8',
  int: 'int4',
  boolean: 'bool',
}

/** Rows written over those with the same key. Of an append-only table none is: rows and position are one transaction. */
export function upsertStep(
  { name, columns, appendOnly }: AnyProjection,
  rows: readonly Readonly<Record<string, unknown>>[],
): Step {
  const entries = Object.entries(columns)
  const names = entries.map(([column]) => `"${column}"`)
  const arrays = entries.map(([, type], index) => `$${index + 1}::${type}[]`)
  const [key, ...others] = names
  const clash =
    appendOnly === true
      ? ''
      : `on conflict (${key}) do update set ${others.map((column) => `${column} = excluded.${column}`).join(', ')}`
  return {
    text: `insert into ${name} (${names.join(', ')}) select * from unnest(${arrays.join(', ')}) ${clash}`,
    params: entries.map(([column, type]) => {
      const of = columnKinds[type]
      if (of === undefined) throw new Error(`${name}.${column}: no column of a read model is a ${type}`)
      return { of, values: rows.map((row) => asValue(row[column])) }
    }),
  }
}

/** A NUL inside a text would stop this table for ever: no PostgreSQL text can hold it, while an event can. */
function asValue(value: unknown): SqlColumn['values'][number] {
  if (value === undefined) return null
  return typeof value === 'string' && value.includes('\0')
    ? value.replaceAll('\0', '\ufffd')
    : (value as SqlColumn['values'][number])
}
