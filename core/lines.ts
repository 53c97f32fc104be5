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
export const levelRanks: Readonly<Record<string, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

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
        rank: levelRanks[level] ?? 1,
        message,
        requestId: requestId ?? null,
        fields: JSON.stringify(fields),
      })),
    ),
  ],
})
