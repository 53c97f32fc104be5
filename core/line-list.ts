/** Questions about the process log's table: a page, a tail, counts by level; none looks through all of it at once. */
import type { Sql } from '../events'
import { limits } from './limits'
import { levelRanks, type StoredLine } from './lines'

export type LineFilter = {
  /** This level and above. */
  readonly level?: string | undefined
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  readonly text?: string | undefined
  readonly requestId?: string | undefined
  /** Of the request that a line tells of, where it does. */
  readonly status?: number | undefined
  readonly method?: string | undefined
  readonly path?: string | undefined
  readonly outcome?: string | undefined
  readonly before?: bigint | undefined
  readonly limit: number
}

const matching = `($1::int is null or rank >= $1) and ($2::bigint is null or at >= $2) and ($3::bigint is null or at < $3)
  and ($4::text is null or position(lower($4) in lower(message || ' ' || fields)) > 0 or "requestId" = $4)
  and ($5::text is null or "requestId" = $5)
  and ($6::text is null or fields::json ->> 'status' = $6) and ($7::text is null or fields::json ->> 'method' = $7)
  and ($8::text is null or fields::json ->> 'path' = $8) and ($9::text is null or fields::json ->> 'outcome' = $9)`
const filterParams = (filter: LineFilter, level: string | undefined) =>
  [
    level === undefined ? null : (levelRanks[level] ?? 0),
    filter.fromMs ?? null,
    filter.toMs ?? null,
    filter.text ?? null,
    filter.requestId ?? null,
    filter.status === undefined ? null : String(filter.status),
    filter.method ?? null,
    filter.path ?? null,
    filter.outcome ?? null,
  ] as const

/** Newest first, among so many lines at a time; `next` is where the search goes on, if it does. */
export async function listLines(
  sql: Sql,
  filter: LineFilter,
): Promise<{ readonly rows: readonly StoredLine[]; readonly next: bigint | undefined }> {
  const { oldest, newest } = await ends(sql)
  const before = filter.before === undefined || filter.before > newest ? newest + 1n : filter.before
  // All lines of a request have an index.
  const floor = filter.requestId === undefined ? before - BigInt(limits.linesSearched) : 0n
  const rows = await sql.query<StoredLine>(
    `select * from lines where ${matching} and n < $10 and n >= $11 order by n desc limit $12`,
    [...filterParams(filter, filter.level), before, floor, filter.limit],
  )
  const last = rows.length === filter.limit ? rows.at(-1)?.n : undefined
  return { rows, next: last ?? (floor > oldest ? floor : undefined) }
}

/** Oldest first, after a line; without one the newest ones. */
export async function tailLines(
  sql: Sql,
  filter: Pick<LineFilter, 'level' | 'text' | 'limit'>,
  after: bigint | undefined,
): Promise<{ readonly rows: readonly StoredLine[]; readonly after: bigint }> {
  const { newest } = await ends(sql)
  const order = after === undefined ? 'desc' : 'asc'
  const floor = newest - BigInt(limits.linesSearched)
  const rows = await sql.query<StoredLine>(
    `select * from (select * from lines where ${matching} and n > $10 and n <= $11 order by n ${order} limit $12) as found
     order by n`,
    [...filterParams(filter, filter.level), after === undefined || after < floor ? floor : after, newest, filter.limit],
  )
  // Behind a full page there may be more; else all up to the newest line was looked at.
  const last = after !== undefined && rows.length === filter.limit ? rows.at(-1)?.n : undefined
  return { rows, after: last ?? newest }
}

/** Lines by level over the filter, whatever level is chosen; `sinceMs` where only the newest ones were counted. */
export async function countLines(
  sql: Sql,
  filter: LineFilter,
): Promise<{ readonly counts: Record<string, number>; readonly sinceMs: number | undefined }> {
  const { oldest, newest } = await ends(sql, filter.toMs)
  const floor = newest - BigInt(limits.linesSearched)
  const rows = await sql.query<{ level: string; count: bigint; firstMs: bigint }>(
    `select level, count(*) as count, min(at) as "firstMs" from lines where ${matching} and n >= $10 group by level`,
    [...filterParams(filter, undefined), floor],
  )
  const [cut] = floor > oldest ? await sql.query<{ at: bigint }>('select at from lines where n = $1', [floor]) : []
  const sinceMs = cut === undefined || Number(cut.at) <= (filter.fromMs ?? 0) ? undefined : Number(cut.at)
  const counts = Object.fromEntries(rows.map((row) => [row.level, Number(row.count)]))
  return { counts: { error: 0, warn: 0, info: 0, debug: 0, ...counts }, sinceMs }
}

/** Numbers of the oldest line and of the newest one, of those before a time. */
async function ends(sql: Sql, toMs?: number): Promise<{ readonly oldest: bigint; readonly newest: bigint }> {
  const [row] = await sql.query<{ oldest: bigint | null; newest: bigint | null }>(
    `select (select min(n) from lines) as oldest, case when $1::bigint is null then (select max(n) from lines)
       else (select n from lines where at < $1 order by at desc limit 1) end as newest`,
    [toMs ?? null],
  )
  return { oldest: row?.oldest ?? 0n, newest: row?.newest ?? 0n }
}
