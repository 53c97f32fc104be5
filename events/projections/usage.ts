/** Read model of revenue and use: one row for each hour, model and upstream. */
import { type SessionEvent, sessionEvents } from '../schema/session'
import type { Sql } from '../sql'
import type { Projection } from './projection'

export type UsageRow = {
  readonly id: string
  /** Unix ms of the hour's start, UTC. */
  readonly hour: bigint
  readonly model: string
  readonly upstream: string
  readonly requests: number
  readonly failed: number
  readonly inputTokens: bigint
  readonly outputTokens: bigint
  readonly revenueMsat: bigint
  readonly shortfallMsat: bigint
}

const hourMs = 3_600_000
const { 'session.charged': charged } = sessionEvents

export const usage: Projection<SessionEvent, UsageRow> = {
  name: 'usage',
  version: 1,
  columns: {
    id: 'text',
    hour: 'bigint',
    model: 'text',
    upstream: 'text',
    requests: 'int',
    failed: 'int',
    inputTokens: 'bigint',
    outputTokens: 'bigint',
    revenueMsat: 'bigint',
    shortfallMsat: 'bigint',
  },
  indexes: ['(hour)'],
  reads: { 'session.charged': charged },
  keysOf: (event) =>
    event.type === 'session.charged' ? [`${hourOf(event.at)} ${event.data.upstream} ${event.data.model}`] : [],

  fold(row, event, id) {
    if (event.type !== 'session.charged') return row
    const { model, upstream, outcome, usage: used, costMsat, shortfallMsat } = event.data
    const known = row ?? {
      id,
      hour: BigInt(hourOf(event.at)),
      model,
      upstream,
      requests: 0,
      failed: 0,
      inputTokens: 0n,
      outputTokens: 0n,
      revenueMsat: 0n,
      shortfallMsat: 0n,
    }
    return {
      ...known,
      requests: known.requests + 1,
      failed: known.failed + (outcome === 'upstream-failed' ? 1 : 0),
      inputTokens: known.inputTokens + BigInt(used.input + used.cacheRead + used.cacheWrite + used.cacheWrite1h),
      outputTokens: known.outputTokens + BigInt(used.output),
      revenueMsat: known.revenueMsat + BigInt(costMsat),
      shortfallMsat: known.shortfallMsat + BigInt(shortfallMsat),
    }
  },
}

const hourOf = (atMs: number): number => Math.floor(atMs / hourMs) * hourMs

/** Revenue since `fromMs`, in msat. */
export async function revenueSince(sql: Sql, fromMs: number): Promise<bigint> {
  const [row] = await sql.query<{ msat: bigint }>(
    'select coalesce(sum("revenueMsat"), 0)::bigint as msat from usage where hour >= $1',
    [fromMs],
  )
  return row?.msat ?? 0n
}

/** Requests, failures and revenue of each model and upstream since `fromMs`. */
export const usageByModel = (sql: Sql, fromMs: number) =>
  sql.query<{ model: string; upstream: string; requests: bigint; failed: bigint; revenueMsat: bigint }>(
    `select model, upstream, sum(requests)::bigint as requests, sum(failed)::bigint as failed,
       sum("revenueMsat")::bigint as "revenueMsat" from usage where hour >= $1 group by model, upstream`,
    [fromMs],
  )
