/**
 * How many requests were refused before any upstream was asked, beside the read models: each leaves a line in the node
 * log (contract 6), and an event for each would let strangers fill the log. Lost with the tables, they count as none.
 */
import type { Sql } from '../events'
import { limits } from './limits'

const table = 'create table if not exists refused (at bigint primary key, requests bigint not null)'

export type Refused = {
  /** Counts one, now. */
  readonly count: () => void
  /** Drops what is older than any range that can be asked for. */
  readonly prune: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Counts by steps of `refusedStepMs`, the finest that a chart is cut into; written a little later. */
export async function keepRefused(deps: {
  readonly sql: Sql
  readonly script: (text: string) => Promise<void>
  /** Unix ms. */
  readonly now: () => number
}): Promise<Refused> {
  const { sql, now } = deps
  await deps.script(table)
  const unwritten = new Map<number, number>()
  let writing: Promise<unknown> | undefined
  const timer = setInterval(flush, limits.linesFlushMs)

  /** One write at a time: what comes meanwhile is added up and goes with the next. */
  function flush(): void {
    if (writing !== undefined || unwritten.size === 0) return
    const steps = [...unwritten]
    unwritten.clear()
    writing = sql.batch([addStep(steps)]).finally(() => {
      writing = undefined
    })
  }

  return {
    count() {
      const step = now() - (now() % limits.refusedStepMs)
      unwritten.set(step, (unwritten.get(step) ?? 0) + 1)
    },
    async prune() {
      await sql.batch([{ text: 'delete from refused where at < $1', params: [now() - limits.refusedKeptMs] }])
    },
    async stop() {
      clearInterval(timer)
      await writing
      flush()
      await writing
    },
  }
}

const addStep = (steps: readonly (readonly [number, number])[]) => ({
  text: `insert into refused (at, requests) select * from unnest($1::bigint[], $2::bigint[])
    on conflict (at) do update set requests = refused.requests + excluded.requests`,
  params: [
    { of: 'int8', values: steps.map(([at]) => at) } as const,
    { of: 'int8', values: steps.map(([, requests]) => requests) } as const,
  ],
})

/** Of the buckets between each of `cuts` (Unix ms, ascending) and the next, by their number from 1; none has no entry. */
export async function countRefused(sql: Sql, cuts: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const rows = await sql.query<{ bucket: number; requests: bigint }>(
    `with cut as (select array_agg(value::bigint order by value::bigint) as cuts from jsonb_array_elements_text($1::jsonb))
     select width_bucket(at, (select cuts from cut))::int as bucket, sum(requests)::bigint as requests from refused
     where at >= $2 and at < $3 group by 1`,
    [JSON.stringify(cuts), cuts[0] ?? 0, cuts.at(-1) ?? 0],
  )
  return new Map(rows.map(({ bucket, requests }) => [bucket, Number(requests)]))
}
