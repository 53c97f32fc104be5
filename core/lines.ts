/** The process log's own table, beside the read models: what the Logs tab shows of it. Bounded, not part of the books. */
import type { Sql } from '../events'
import { limits } from './limits'
import type { Line, Trace } from './trace'

export type StoredLine = {
  readonly n: bigint
  /** Unix ms. */
  readonly at: bigint
  readonly level: string
  readonly message: string
  readonly requestId: string | null
  /** JSON text. */
  readonly fields: string
}

const tables = `
create table if not exists lines (n bigint generated always as identity primary key, at bigint not null, level text not null,
  rank smallint not null, message text not null, "requestId" text, fields text not null);
create index if not exists lines_at on lines (at);
create index if not exists lines_request on lines ("requestId") where "requestId" is not null;
`
const ranks: Readonly<Record<string, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

export type Lines = {
  /** Drops what is older than a Unix time in ms, and the oldest beyond `most` lines. */
  readonly prune: (beforeMs: number, most: number) => Promise<void>
  readonly stop: () => Promise<void>
}

/** Keeps the lines of `trace`, a batch at a time; drops the oldest waiting ones when it cannot write. */
export async function keepLines(deps: {
  readonly trace: Trace
  readonly sql: Sql
  readonly script: (text: string) => Promise<void>
}): Promise<Lines> {
  await deps.script(tables)
  let waiting: Line[] = []
  let writing: Promise<unknown> = Promise.resolve()
  const end = deps.trace.onLine((line) => {
    waiting.push(line)
    if (waiting.length > limits.linesQueue) waiting = waiting.slice(-limits.linesBatch)
  })
  const timer = setInterval(flush, limits.linesFlushMs)

  function flush(): void {
    if (waiting.length === 0) return
    const lines = waiting.splice(0, limits.linesBatch)
    writing = writing.then(() => deps.sql.batch([insertStep(lines)]))
  }

  return {
    async prune(beforeMs, most) {
      await deps.sql.batch([
        { text: 'delete from lines where at < $1', params: [beforeMs] },
        { text: 'delete from lines where n <= (select max(n) from lines) - $1::bigint', params: [most] },
      ])
    },
    async stop() {
      clearInterval(timer)
      end()
      while (waiting.length > 0) flush()
      await writing
    },
  }
}

const insertStep = (lines: readonly Line[]) => ({
  text: `insert into lines (at, level, rank, message, "requestId", fields)
    select at, level, rank, message, "requestId", fields from json_to_recordset($1::json)
      as row (at bigint, level text, rank smallint, message text, "requestId" text, fields text)`,
  params: [
    JSON.stringify(
      lines.map(({ at, level, message, fields: { requestId, ...fields } }) => ({
        at,
        level,
        rank: ranks[level] ?? 1,
        message,
        requestId: requestId ?? null,
        fields: JSON.stringify(fields),
      })),
    ),
  ],
})

export type LineFilter = {
  /** This level and above. */
  readonly level?: string | undefined
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  readonly text?: string | undefined
  readonly requestId?: string | undefined
  readonly before?: bigint | undefined
  readonly limit: number
}

const matching = `($1::int is null or rank >= $1) and ($2::bigint is null or at >= $2) and ($3::bigint is null or at < $3)
  and ($4::text is null or position(lower($4) in lower(message || ' ' || fields)) > 0 or "requestId" = $4)
  and ($5::text is null or "requestId" = $5)`
const filterParams = (filter: LineFilter, level: string | undefined) =>
  [
    level === undefined ? null : (ranks[level] ?? 0),
    filter.fromMs ?? null,
    filter.toMs ?? null,
    filter.text ?? null,
    filter.requestId ?? null,
  ] as const

/** Newest first. */
export const listLines = (sql: Sql, filter: LineFilter): Promise<readonly StoredLine[]> =>
  sql.query<StoredLine>(
    `select * from lines where ${matching} and ($6::bigint is null or n < $6) order by n desc limit $7`,
    [...filterParams(filter, filter.level), filter.before ?? null, filter.limit],
  )

/** Lines by level over the filter, whatever level is chosen. */
export async function countLines(sql: Sql, filter: LineFilter): Promise<Record<string, number>> {
  const rows = await sql.query<{ level: string; count: bigint }>(
    `select level, count(*) as count from lines where ${matching} group by level`,
    [...filterParams(filter, undefined)],
  )
  return {
    error: 0,
    warn: 0,
    info: 0,
    debug: 0,
    ...Object.fromEntries(rows.map((row) => [row.level, Number(row.count)])),
  }
}
