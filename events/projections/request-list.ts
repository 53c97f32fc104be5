/** Pages and sums of the read model of requests, without ever looking through all of it. */
import type { Sql, SqlValue } from '../sql'
import { slotMs, slotOf } from './charge-facts'
import { type RequestRow, summedOfKey } from './requests'
import { sumUsage, type UsageFilter, type UsageSums, usageConditions, usageParams } from './usage-sums'

export type RequestFilter = UsageFilter & {
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  /** Who paid; with `child` only what that child key asked for. */
  readonly session?: { readonly payer: string; readonly child?: string | undefined } | undefined
  readonly minMsat?: number | undefined
  /** Those of the owner's own test keys too; asked for one key, they are there in any case. */
  readonly tests?: boolean | undefined
  /** Position of the last row seen. */
  readonly before?: bigint | undefined
  readonly limit: number
}
export type RequestTotals = Pick<UsageSums, Exclude<(typeof summed)[number], 'costMsat'>> & {
  readonly costMsat: bigint
  /** Unix ms from which on they were counted, where counting all would have taken too long. */
  readonly sinceMs?: number
}

const summed = [
  'requests',
  'costMsat',
  'inputTokens',
  'cachedTokens',
  'outputTokens',
  'shortfallMsat',
  'failed',
  'upstreamCostMsat',
  'costedRevenueMsat',
  'uncosted',
] as const satisfies readonly (keyof UsageSums | 'costMsat')[]

/** Requests that a sum may look at one by one: some 100 ms. */
const countedAtMost = 200_000
/** The same of one key's, which lie apart from each other. */
const countedOfKey = 50_000

/** `$1` to `$7` are the kind, `$8` and `$9` the range, `$10` the least cost, `$11` and `$12` who asked. */
const matching = `${usageConditions(1)} and ($8::bigint is null or at >= $8) and ($9::bigint is null or at < $9)
  and ($10::bigint is null or "costMsat" >= $10) and ($11::text is null or payer = $11)
  and ($12::text is null or child = $12)`
const paramsOf = (filter: RequestFilter): SqlValue[] => [
  ...usageParams(filter),
  filter.fromMs ?? null,
  filter.toMs ?? null,
  filter.minMsat ?? null,
  filter.session?.payer ?? null,
  filter.session?.child ?? null,
]

const ordinary = `${matching} and not test`

/** One page, newest first. */
export async function listRequests(sql: Sql, filter: RequestFilter): Promise<readonly RequestRow[]> {
  const rows = await listOrdinary(sql, filter)
  if (filter.tests !== true || filter.session !== undefined) return rows
  const tests = await pageWhere(sql, filter, `${matching} and test`)
  return [...rows, ...tests].sort((a, b) => (a.position < b.position ? 1 : -1)).slice(0, filter.limit)
}

/** A key's requests have an index; others are looked for where the sums say that they lie. */
function listOrdinary(sql: Sql, filter: RequestFilter): Promise<readonly RequestRow[]> {
  const isNarrow =
    filter.minMsat !== undefined ||
    filter.fromMs !== undefined ||
    filter.toMs !== undefined ||
    usageParams(filter).some((value) => value !== null)
  if (filter.session === undefined && isNarrow) return listWhereTheyLie(sql, filter)
  return pageWhere(sql, filter, filter.session === undefined ? ordinary : matching)
}

const pageWhere = (sql: Sql, filter: RequestFilter, conditions: string): Promise<readonly RequestRow[]> =>
  sql.query<RequestRow>(
    `select * from requests where ${conditions} and ($13::bigint is null or position < $13)
     order by position desc limit $14`,
    [...paramsOf(filter), filter.before ?? null, filter.limit],
  )

type Stretch = { readonly first: bigint; readonly last: bigint }

/**
 * Each row of the sums names positions between which its requests lie. What is read of the newest ones is in order
 * down to where the next one would begin; below that others might lie between, and more of them are read.
 */
async function listWhereTheyLie(sql: Sql, filter: RequestFilter): Promise<readonly RequestRow[]> {
  for (let most = filter.limit * 2; ; most *= 8) {
    const stretches = await stretchesOf(sql, filter, most)
    const rows = await rowsWithin(sql, filter, merged(stretches))
    const isAll = stretches.length < most
    const orderedTo = isAll ? 0n : (stretches.at(-1)?.last ?? 0n)
    if (isAll || rows.filter(({ position }) => position >= orderedTo).length >= filter.limit) return rows
  }
}

const stretchesOf = (sql: Sql, filter: RequestFilter, most: number): Promise<readonly Stretch[]> =>
  sql.query<Stretch>(
    `select "firstPosition" as first, "lastPosition" as last from usage where ${usageConditions(1)}
     and ($8::bigint is null or slot >= $8) and ($9::bigint is null or slot < $9)
     and ($10::bigint is null or "mostMsat" >= $10) and ($11::bigint is null or "firstPosition" < $11)
     order by "lastPosition" desc limit $12`,
    [
      ...usageParams(filter),
      filter.fromMs === undefined ? null : slotOf(filter.fromMs),
      filter.toMs ?? null,
      filter.minMsat ?? null,
      filter.before ?? null,
      most,
    ],
  )

/** Stretches without overlap. */
function merged(stretches: readonly Stretch[]): readonly Stretch[] {
  const found: { first: bigint; last: bigint }[] = []
  for (const { first, last } of stretches) {
    const newest = found.at(-1)
    if (newest !== undefined && last >= newest.first) newest.first = first < newest.first ? first : newest.first
    else found.push({ first, last })
  }
  return found
}

const asJson = (stretches: readonly Stretch[]): string =>
  JSON.stringify(stretches.map(({ first, last }) => ({ first: Number(first), last: Number(last) })))

const rowsWithin = (sql: Sql, filter: RequestFilter, stretches: readonly Stretch[]): Promise<readonly RequestRow[]> =>
  sql.query<RequestRow>(
    `select found.* from jsonb_to_recordset($13::jsonb) as stretch (first bigint, last bigint) cross join lateral (
       select * from requests where position between stretch.first and stretch.last and ${ordinary}
       and ($14::bigint is null or position < $14) order by position desc limit $15) as found
     order by found.position desc limit $15`,
    [...paramsOf(filter), asJson(stretches), filter.before ?? null, filter.limit],
  )

/** Whether anything was ever answered, tests too: the newest requests say so at once. */
export async function wasAnswered(sql: Sql): Promise<boolean> {
  const rows = await sql.query(`select 1 from requests where outcome = 'answered' order by position desc limit 1`)
  return rows.length > 0
}

/** Sums over the whole filter. */
export async function totalRequests(sql: Sql, filter: RequestFilter): Promise<RequestTotals> {
  if (filter.session !== undefined) return countOfKey(sql, filter)
  const totals = await totalOrdinary(sql, filter)
  if (filter.tests !== true) return totals
  const tests = await countWhere(sql, filter, `${matching} and test`, undefined)
  const both = summed.map((column) => [column, totals[column] + tests[column]])
  return { ...totals, ...Object.fromEntries(both) }
}

async function totalOrdinary(sql: Sql, filter: RequestFilter): Promise<RequestTotals> {
  if (filter.minMsat !== undefined) return countNewest(sql, filter)
  const window = { fromMs: filter.fromMs ?? 0, toMs: filter.toMs ?? Number.MAX_SAFE_INTEGER }
  const sums = await sumUsage(sql, window, filter)
  return { ...sums, costMsat: sums.revenueMsat }
}

/** The sums do not know single costs: requests are counted one by one, back to where there would be too many. */
async function countNewest(sql: Sql, filter: RequestFilter): Promise<RequestTotals> {
  const [cut] = await sql.query<{ slot: bigint | null; position: bigint | null }>(
    `with slots as (select slot, min("firstPosition") as position, sum(sum(requests)) over (order by slot desc) as counted
       from usage where ($1::bigint is null or slot >= $1) and ($2::bigint is null or slot < $2) group by slot)
     select (select max(slot) from slots where counted > $3) as slot,
       (select min(position) from slots where counted <= $3) as position`,
    [filter.fromMs === undefined ? null : slotOf(filter.fromMs), filter.toMs ?? null, countedAtMost],
  )
  const sinceMs = cut?.slot === null || cut?.slot === undefined ? undefined : Number(cut.slot) + slotMs
  const fromMs = sinceMs === undefined ? filter.fromMs : Math.max(sinceMs, filter.fromMs ?? 0)
  const totals = await countFrom(sql, { ...filter, fromMs }, cut?.position ?? undefined)
  return sinceMs === undefined ? totals : { ...totals, sinceMs }
}

const isServed = `outcome <> 'upstream-failed'`
/** The columns of the totals, of requests one by one. */
const counted = [
  'count(*) as requests',
  // All of them, `outcome` and `at` stand in the index of a key.
  ...summedOfKey.map((column) => `coalesce(sum("${column}"), 0)::bigint as "${column}"`),
  `count(*) filter (where not ${isServed}) as failed`,
  `coalesce(sum("costMsat") filter (where "upstreamCostMsat" is not null), 0)::bigint as "costedRevenueMsat"`,
  `count(*) filter (where ${isServed} and "upstreamCostMsat" is null) as uncosted`,
].join(', ')

/** A key's newest requests, by their index; few keys have so many that not all are counted. */
async function countOfKey(sql: Sql, filter: RequestFilter): Promise<RequestTotals> {
  const [row] = await sql.query<Omit<RequestTotals, 'sinceMs'> & { readonly firstMs: bigint | null }>(
    `select ${counted}, min(at) as "firstMs"
     from (select * from requests where ${matching} order by position desc limit $13) as newest`,
    [...paramsOf(filter), countedOfKey],
  )
  if (row === undefined) throw new Error('an aggregate without a row')
  const { firstMs, ...totals } = row
  return totals.requests < countedOfKey || firstMs === null ? totals : { ...totals, sinceMs: Number(firstMs) }
}

/** Requests of a position on. */
const countFrom = (sql: Sql, filter: RequestFilter, position: bigint | undefined): Promise<RequestTotals> =>
  countWhere(sql, filter, ordinary, position)

async function countWhere(
  sql: Sql,
  filter: RequestFilter,
  conditions: string,
  position: bigint | undefined,
): Promise<RequestTotals> {
  const [row] = await sql.query<RequestTotals>(
    `select ${counted} from requests where ${conditions} and ($13::bigint is null or position >= $13)`,
    [...paramsOf(filter), position ?? null],
  )
  if (row === undefined) throw new Error('an aggregate without a row')
  return row
}

export async function findRequest(sql: Sql, requestId: string): Promise<RequestRow | undefined> {
  const [row] = await sql.query<RequestRow>('select * from requests where "requestId" = $1', [requestId])
  return row
}

/** Which of these ids belong to a request that was let in: only such a one has a trace. */
export async function knownRequests(sql: Sql, requestIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (requestIds.length === 0) return new Set()
  const rows = await sql.query<{ requestId: string }>(
    `select "requestId" from requests where "requestId" = any(string_to_array($1, ' '))`,
    [requestIds.join(' ')],
  )
  return new Set(rows.map(({ requestId }) => requestId))
}
