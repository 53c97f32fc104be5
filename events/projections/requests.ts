/** Read model of the Requests tab: one row for each request that was dispatched to an upstream. */
import { type Charged, type SessionEvent, sessionEvents } from '../schema/session'
import type { Sql } from '../sql'
import type { Projection } from './projection'

export type RequestRow = {
  readonly requestId: string
  readonly at: bigint
  readonly position: bigint
  readonly status: number
  readonly path: string
  readonly model: string
  readonly upstream: string
  /** The key that asked. */
  readonly key12: string
  /** Session that paid: of a child key its parent. */
  readonly payer: string
  readonly child: string | null
  readonly outcome: Charged['outcome']
  readonly stream: boolean
  readonly inputTokens: bigint
  readonly outputTokens: bigint
  readonly holdMsat: bigint
  readonly costMsat: bigint
  readonly shortfallMsat: bigint
  readonly estimated: boolean
  readonly tries: number
  readonly firstByteMs: number | null
  readonly ms: number
}

const { 'session.charged': charged } = sessionEvents

export const requests: Projection<SessionEvent, RequestRow> = {
  name: 'requests',
  version: 3,
  columns: {
    requestId: 'text',
    at: 'bigint',
    position: 'bigint',
    status: 'int',
    path: 'text',
    model: 'text',
    upstream: 'text',
    key12: 'text',
    payer: 'text',
    child: 'text',
    outcome: 'text',
    stream: 'boolean',
    inputTokens: 'bigint',
    outputTokens: 'bigint',
    holdMsat: 'bigint',
    costMsat: 'bigint',
    shortfallMsat: 'bigint',
    estimated: 'boolean',
    tries: 'int',
    firstByteMs: 'int',
    ms: 'int',
  },
  // Cheap to keep: a row is written for every request that is served (performance B2).
  indexes: ['(position)', 'using brin (at)', 'using hash ("requestId")', '(payer, position)'],
  reads: { 'session.charged': charged },
  appendOnly: true,
  keysOf: (event) => (event.type === 'session.charged' ? [event.data.requestId] : []),

  fold(_, event) {
    if (event.type !== 'session.charged') return undefined
    const { usage, attempts, ...data } = event.data
    return {
      requestId: data.requestId,
      at: BigInt(event.at),
      position: event.position,
      status: data.status,
      path: data.path,
      model: data.model,
      upstream: data.upstream,
      key12: (data.child ?? event.stream).slice('session-'.length, 'session-'.length + 12),
      payer: event.stream,
      child: data.child ?? null,
      outcome: data.outcome,
      stream: data.stream,
      inputTokens: BigInt(usage.input + usage.cacheRead + usage.cacheWrite + usage.cacheWrite1h),
      outputTokens: BigInt(usage.output),
      holdMsat: BigInt(data.holdMsat),
      costMsat: BigInt(data.costMsat),
      shortfallMsat: BigInt(data.shortfallMsat),
      estimated: usage.estimated,
      tries: attempts.length,
      firstByteMs: data.firstByteMs ?? null,
      ms: data.ms,
    }
  },
}

export type RequestFilter = {
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  /** A request id, a model or a hashed key. */
  readonly text?: string | undefined
  readonly status?: number | undefined
  readonly model?: string | undefined
  readonly upstream?: string | undefined
  readonly key12?: string | undefined
  readonly outcome?: string | undefined
  readonly minMsat?: number | undefined
  /** Position of the last row seen. */
  readonly before?: bigint | undefined
  readonly limit: number
}
export type RequestTotals = {
  readonly requests: bigint
  readonly costMsat: bigint
  readonly inputTokens: bigint
  readonly outputTokens: bigint
}

const matching = `($1::bigint is null or at >= $1) and ($2::bigint is null or at < $2)
  and ($3::text is null or "requestId" = $3 or model = $3 or key12 = left($3, 12))
  and ($4::int is null or status = $4) and ($5::text is null or model = $5) and ($6::text is null or upstream = $6)
  and ($7::text is null or key12 = $7) and ($8::text is null or outcome = $8) and ($9::bigint is null or "costMsat" >= $9)`

const filterParams = (filter: RequestFilter) =>
  [
    filter.fromMs ?? null,
    filter.toMs ?? null,
    filter.text ?? null,
    filter.status ?? null,
    filter.model ?? null,
    filter.upstream ?? null,
    filter.key12 ?? null,
    filter.outcome ?? null,
    filter.minMsat ?? null,
  ] as const

/** One page, newest first. */
export const listRequests = (sql: Sql, filter: RequestFilter): Promise<readonly RequestRow[]> =>
  sql.query<RequestRow>(
    `select * from requests where ${matching} and ($10::bigint is null or position < $10)
     order by position desc limit $11`,
    [...filterParams(filter), filter.before ?? null, filter.limit],
  )

/** Sums over the whole filter. */
export async function totalRequests(sql: Sql, filter: RequestFilter): Promise<RequestTotals> {
  const [row] = await sql.query<RequestTotals>(
    `select count(*) as requests, coalesce(sum("costMsat"), 0)::bigint as "costMsat",
       coalesce(sum("inputTokens"), 0)::bigint as "inputTokens", coalesce(sum("outputTokens"), 0)::bigint as "outputTokens"
     from requests where ${matching}`,
    [...filterParams(filter)],
  )
  return row ?? { requests: 0n, costMsat: 0n, inputTokens: 0n, outputTokens: 0n }
}

export async function findRequest(sql: Sql, requestId: string): Promise<RequestRow | undefined> {
  const [row] = await sql.query<RequestRow>('select * from requests where "requestId" = $1', [requestId])
  return row
}
