/** Sums of use over any window, exact to the ms: whole quarters of an hour, and the requests of the two that are cut. */
import type { Sql, SqlValue } from '../sql'
import { slotMs } from './charge-facts'

/** Unix ms; `toMs` is outside. */
export type UsageWindow = { readonly fromMs: number; readonly toMs: number }
/** What a quarter's rows are told apart by. */
export type UsageFilter = {
  readonly model?: string | undefined
  readonly upstream?: string | undefined
  readonly outcome?: string | undefined
  readonly path?: string | undefined
  /** A kind of error, or `any`. */
  readonly error?: string | undefined
  readonly status?: number | undefined
  readonly mark?: UsageMark | undefined
}
/** What a charge may carry: tokens that the node counted itself, or a cost beyond what could be taken. */
export type UsageMark = 'estimated' | 'shortfall'
export type UsageSums = {
  readonly requests: bigint
  readonly answered: bigint
  readonly empty: bigint
  readonly failed: bigint
  readonly left: bigint
  readonly estimated: bigint
  readonly inputTokens: bigint
  readonly cachedTokens: bigint
  readonly outputTokens: bigint
  readonly revenueMsat: bigint
  readonly shortfallMsat: bigint
  readonly upstreamCostMsat: bigint
  /** What those requests brought in whose cost is known. */
  readonly costedRevenueMsat: bigint
  /** Requests that were served at a cost nobody told us. */
  readonly uncosted: bigint
}

/** The seven conditions of a filter, on either table, as parameters from `$first` on. */
export const usageConditions = (first: number): string =>
  ['model', 'upstream', 'outcome', 'path']
    .map((column, n) => `($${first + n}::text is null or ${column} = $${first + n})`)
    .concat(`($${first + 4}::text is null or error = $${first + 4} or $${first + 4} = 'any' and error <> '')`)
    .concat(`($${first + 5}::int is null or status = $${first + 5})`)
    .concat(
      `($${first + 6}::text is null or case $${first + 6} when 'estimated' then estimated::int > 0 else "shortfallMsat" > 0 end)`,
    )
    .join(' and ')
export const usageParams = (filter: UsageFilter): readonly SqlValue[] => [
  filter.model ?? null,
  filter.upstream ?? null,
  filter.outcome ?? null,
  filter.path ?? null,
  filter.error ?? null,
  filter.status ?? null,
  filter.mark ?? null,
]

/** `$1` to `$4` are the cuts of the window, `$5` to `$11` the filter. */
const slice = `slice as (
  select slot as at, model, upstream, outcome, error, requests, estimated, "inputTokens", "cachedTokens", "outputTokens",
    "revenueMsat", "shortfallMsat", costed, "upstreamCostMsat", "costedRevenueMsat", "lastPosition"
  from usage where slot >= $2 and slot < $3 and ${usageConditions(5)}
  union all
  select at, model, upstream, outcome, coalesce(error, ''), 1, estimated::int, "inputTokens", "cachedTokens", "outputTokens",
    "costMsat", "shortfallMsat", ("upstreamCostMsat" is not null)::int, coalesce("upstreamCostMsat", 0),
    case when "upstreamCostMsat" is null then 0 else "costMsat" end, position
  from requests where ((at >= $1 and at < $2) or (at >= $3 and at < $4)) and not test
    and ${usageConditions(5)})`

const sum = (what: string, as: string, where = ''): string => `coalesce(sum(${what})${where}, 0)::bigint as "${as}"`
const ended = (outcome: string, as: string) => sum('requests', as, ` filter (where outcome = '${outcome}')`)
const sums = [
  sum('requests', 'requests'),
  ended('answered', 'answered'),
  ended('empty', 'empty'),
  ended('upstream-failed', 'failed'),
  ended('client-left', 'left'),
  ...['estimated', 'inputTokens', 'cachedTokens', 'outputTokens', 'revenueMsat', 'shortfallMsat'].map((column) =>
    sum(`"${column}"`, column),
  ),
  sum('"upstreamCostMsat"', 'upstreamCostMsat'),
  sum('"costedRevenueMsat"', 'costedRevenueMsat'),
  sum('requests - costed', 'uncosted', ` filter (where outcome <> 'upstream-failed')`),
].join(', ')

/** Between the second and the third of these whole quarters are summed, where every cut between them begins one. */
function cutsOf(cuts: readonly number[]): readonly number[] {
  const [from = 0, to = from] = [cuts[0], cuts.at(-1)]
  const [wholeFrom, wholeTo] = [Math.ceil(from / slotMs) * slotMs, Math.floor(to / slotMs) * slotMs]
  const isFine = cuts.slice(1, -1).some((cut) => cut % slotMs !== 0)
  return wholeFrom < wholeTo && !isFine ? [from, wholeFrom, wholeTo, to] : [from, to, to, to]
}
const paramsOf = ({ fromMs, toMs }: UsageWindow, filter: UsageFilter = {}) => [
  ...cutsOf([fromMs, toMs]),
  ...usageParams(filter),
]

export async function sumUsage(sql: Sql, window: UsageWindow, filter: UsageFilter = {}): Promise<UsageSums> {
  const [row] = await sql.query<UsageSums>(`with ${slice} select ${sums} from slice`, paramsOf(window, filter))
  if (row === undefined) throw new Error('an aggregate without a row')
  return row
}

/** Bucket of each row, counted from 1, by the ends of the buckets in `$12`, ascending; each is a parameter of its own. */
const bucket = `width_bucket(at, (select cuts from cut))::int as bucket`
const cut = `cut as (select array_agg(value::bigint order by value::bigint) as cuts
  from jsonb_array_elements_text($12::jsonb))`
const bucketParams = (cuts: readonly number[]) => [...cutsOf(cuts), ...usageParams({}), JSON.stringify(cuts)]
type InBucket = { readonly bucket: number }

/** Of the buckets between each of `cuts` (Unix ms, ascending) and the next; a bucket without requests has no row. */
export const sumUsageInBuckets = (sql: Sql, cuts: readonly number[]): Promise<readonly (UsageSums & InBucket)[]> =>
  sql.query(`with ${slice}, ${cut} select ${bucket}, ${sums} from slice group by 1`, bucketParams(cuts))

export const countErrorsInBuckets = (
  sql: Sql,
  cuts: readonly number[],
): Promise<readonly (InBucket & { readonly error: string; readonly requests: bigint })[]> =>
  sql.query(
    `with ${slice}, ${cut} select ${bucket}, error, sum(requests)::bigint as requests from slice where error <> ''
     group by 1, 2`,
    bucketParams(cuts),
  )

export const sumUsageOfModels = (
  sql: Sql,
  window: UsageWindow,
): Promise<readonly (UsageSums & { readonly model: string; readonly upstream: string })[]> =>
  sql.query(`with ${slice} select model, upstream, ${sums} from slice group by model, upstream`, paramsOf(window))

/** The kinds of errors in a window, most frequent first, each with its newest request. */
export const listErrors = (
  sql: Sql,
  window: UsageWindow,
  limit: number,
): Promise<
  readonly { readonly error: string; readonly requests: bigint; readonly at: bigint; readonly requestId: string }[]
> =>
  sql.query(
    `with ${slice}, kinds as (select error, sum(requests)::bigint as requests, max("lastPosition") as position
       from slice where error <> '' group by error)
     select kinds.error, kinds.requests, requests.at, requests."requestId" from kinds
     join requests on requests.position = kinds.position order by kinds.requests desc, kinds.error limit $12`,
    [...paramsOf(window), limit],
  )

/** Streamed answers by how soon they began, of each bucket; a step is a range of times (`msOfStep`). */
export const countFirstTokens = (
  sql: Sql,
  cuts: readonly number[],
): Promise<readonly (InBucket & { readonly step: number; readonly answers: bigint })[]> =>
  sql.query(
    `with cut as (select array_agg(value::bigint order by value::bigint) as cuts
       from jsonb_array_elements_text($5::jsonb)),
     slice as (select slot as at, step, answers from first_tokens where slot >= $2 and slot < $3
       union all select at, floor(4 * log(2, greatest("firstByteMs", 1)))::int, 1 from requests
       where ((at >= $1 and at < $2) or (at >= $3 and at < $4)) and not test and stream and "firstByteMs" is not null)
     select ${bucket}, step, sum(answers)::bigint as answers from slice group by 1, 2`,
    [...cutsOf(cuts), JSON.stringify(cuts)],
  )

/** Revenue since `fromMs`, in msat, by whole quarters of an hour. */
export async function revenueSince(sql: Sql, fromMs: number): Promise<bigint> {
  const [row] = await sql.query<{ msat: bigint }>(
    'select coalesce(sum("revenueMsat"), 0)::bigint as msat from usage where slot >= $1',
    [fromMs],
  )
  return row?.msat ?? 0n
}

/** Requests, failures and revenue of each model and upstream since `fromMs`, by whole quarters of an hour. */
export const usageByModel = (sql: Sql, fromMs: number) =>
  sql.query<{ model: string; upstream: string; requests: bigint; failed: bigint; revenueMsat: bigint }>(
    `select model, upstream, sum(requests)::bigint as requests,
       coalesce(sum(requests) filter (where outcome = 'upstream-failed'), 0)::bigint as failed,
       sum("revenueMsat")::bigint as "revenueMsat" from usage where slot >= $1 group by model, upstream`,
    [fromMs],
  )

/** Unix ms of the first quarter that anything was asked in; undefined: nothing was. */
export async function firstUse(sql: Sql): Promise<number | undefined> {
  const [row] = await sql.query<{ slot: bigint | null }>('select min(slot) as slot from usage')
  return row?.slot === null || row?.slot === undefined ? undefined : Number(row.slot)
}
