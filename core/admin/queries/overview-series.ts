/** overview.series: what the charts draw, cut by the node, each total the sum of its points (dashboard 4.1, D-026). */
import { z } from 'zod'
import {
  assetsAt,
  countErrorsInBuckets,
  countFirstTokens,
  firstUse,
  sumTransfersInBuckets,
  sumUsageInBuckets,
  type UsageSums,
} from '../../../events'
import { countRefused } from '../../refused'
import { query, type RunContext } from '../command'
import { cutIn, cutsOf, type Range, ranged, rangeOf, shownWindow, windowOut } from '../ranges'
import { numberOf } from '../rows'
import {
  assetsOf,
  errorsOf,
  latency,
  type Measured,
  ofUsage,
  type Points,
  paymentsOf,
  type Series,
  summed,
  together,
} from './series'

const metrics = ['revenue', 'margin', 'requests', 'errors', 'tokens', 'payments', 'latency', 'assets'] as const
type Metric = (typeof metrics)[number]
const units = {
  revenue: 'msat',
  margin: 'msat',
  requests: 'requests',
  errors: 'requests',
  tokens: 'tokens',
  payments: 'msat',
  latency: 'ms',
  assets: 'msat',
} as const satisfies Record<Metric, string>

const points = z.array(z.number().nullable())

export const overviewSeries = query({
  name: 'overview.series',
  in: ranged({ metric: z.enum(metrics), ...cutIn }),
  out: z.object({
    ...windowOut,
    metric: z.enum(metrics),
    unit: z.string(),
    bucket: z.string(),
    /** Unix seconds of each point's beginning; the last one ends with the range. */
    at: z.array(z.int()),
    series: z.array(z.object({ name: z.string(), points, total: z.number().nullable() })),
    /** What the series are parts of; of latency p50, of assets held less owed, of payments in less out. */
    total: z.number().nullable(),
    /** The same of the period before; null: no earlier data. */
    before: z.number().nullable(),
    /** By how much of `before` it grew, 0.12 being 12 %. */
    change: z.number().nullable(),
    /** Requests that were served at a cost nobody told us: no margin counts them. */
    unknown: z.int().optional(),
  }),
  async run({ metric, bucket, points: most, weekFrom, ...asked }, context) {
    const range = rangeOf(asked, context)
    const { bucket: step, cuts } = cutsOf(range, { bucket, points: most, weekFrom })
    const bornMs = await bornAt(context)
    const { series, total, unknown } = await measure(metric, cuts, bornMs, context)
    const { fromMs, toMs } = range.before
    const isTold = await hasEarlier(range, context)
    const earlier = isTold ? await measure(metric, [fromMs, toMs], bornMs, context) : undefined
    const before = earlier?.total ?? null
    return {
      ...shownWindow(range),
      metric,
      unit: units[metric],
      bucket: step,
      at: cuts.slice(0, -1).map((cut) => Math.floor(cut / 1000)),
      series: series.map((one) => ({ ...one, points: [...one.points] })),
      total,
      before,
      change: changeOf(total, before),
      ...(unknown === undefined ? {} : { unknown }),
    }
  },
})

/** Growth as a fraction; null where there is nothing to tell it against. */
export const changeOf = (value: number | null, before: number | null): number | null =>
  value === null || before === null || before === 0 ? null : Math.round((value / before - 1) * 10_000) / 10_000

const firstEvents = new WeakMap<object, number>()

/** Unix ms before which this node was not there: what it had then is unknown. */
async function bornAt({ node }: RunContext): Promise<number> {
  const known = firstEvents.get(node)
  const first = known ?? (await node.log.after(0n, 1))[0]?.at ?? Number.POSITIVE_INFINITY
  firstEvents.set(node, first)
  return Math.min(first, (await firstUse(node.views.sql)) ?? first)
}

/** Whether this node was there for the whole period before: only then can a change be told. */
export const hasEarlier = async ({ before }: Pick<Range, 'before'>, context: RunContext): Promise<boolean> =>
  before.toMs > before.fromMs && (await bornAt(context)) <= before.fromMs

async function measure(
  metric: Metric,
  cuts: readonly number[],
  bornMs: number,
  { node, now }: RunContext,
): Promise<Measured> {
  const { sql } = node.views
  const buckets = cuts.slice(1).map((end, n) => ({ start: cuts[n] ?? 0, end }))
  /** Of each bucket, where the node was there and time has come to it. */
  const drawn = (pointOf: (bucket: number) => number | null): Points =>
    buckets.map(({ start, end }, n) => (end <= bornMs || start > now ? null : pointOf(n + 1)))
  if (metric === 'latency') return latency(await countFirstTokens(sql, cuts), drawn)
  if (metric === 'assets') {
    const at = await assetsAt(sql, cuts.slice(1))
    const of = (what: 'heldMsat' | 'owedMsat') => drawn((bucket) => numberOf(at[bucket - 1]?.[what]))
    return assetsOf(of('heldMsat'), of('owedMsat'))
  }
  if (metric === 'errors') return together(errorsOf(await countErrorsInBuckets(sql, cuts), drawn))
  if (metric === 'payments') return paymentsOf(await sumTransfersInBuckets(sql, cuts), drawn)
  const rows = new Map((await sumUsageInBuckets(sql, cuts)).map((row) => [row.bucket, row]))
  const of = (name: string, read: (row: UsageSums) => number | null): Series => {
    const series = summed(
      name,
      drawn((bucket) => {
        const row = rows.get(bucket)
        return row === undefined ? 0 : read(row)
      }),
    )
    // Zeros of buckets in which nothing was served are no sum where all that was is unknown.
    const served = [...rows.values()].filter(({ requests, failed }) => requests > failed)
    const isUnknown = served.length > 0 && served.every((row) => read(row) === null)
    return isUnknown ? { ...series, total: null } : series
  }
  const refused = metric === 'requests' ? await countRefused(sql, cuts) : new Map<number, number>()
  return ofUsage(
    metric,
    of,
    summed(
      'refused',
      drawn((bucket) => refused.get(bucket) ?? 0),
    ),
  )
}
