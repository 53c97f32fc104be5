/** Series of a chart from the sums of its buckets: unknown is null and no zero, each total the sum of its points. */
import type { countErrorsInBuckets, countFirstTokens, sumTransfersInBuckets, UsageSums } from '../../../events'
import { msOfStep } from '../../../events'
import { numberOf } from '../rows'
import { type MoneyKind, moneyKindOf, paymentKinds } from './money'

/** null: unknown, which is not zero. */
export type Points = readonly (number | null)[]
export type Series = { readonly name: string; readonly points: Points; readonly total: number | null }
export type Measured = { readonly series: readonly Series[]; readonly total: number | null; readonly unknown?: number }

type Of = (name: string, read: (row: UsageSums) => number | null) => Series

/** `refused` is drawn beside the others and in no total: no upstream was asked for those, and no list of requests has them. */
export function ofUsage(metric: 'revenue' | 'margin' | 'requests' | 'tokens', of: Of, refused: Series): Measured {
  if (metric === 'requests') {
    const asked = together([
      of('answered', ({ answered }) => numberOf(answered)),
      of('client-left', ({ left }) => numberOf(left)),
      of('empty', ({ empty }) => numberOf(empty)),
      of('upstream-failed', ({ failed }) => numberOf(failed)),
    ])
    return { ...asked, series: [...asked.series, refused] }
  }
  if (metric === 'tokens')
    return together([
      of('input', ({ inputTokens, cachedTokens }) => numberOf(inputTokens - cachedTokens)),
      of('cached', ({ cachedTokens }) => numberOf(cachedTokens)),
      of('output', ({ outputTokens }) => numberOf(outputTokens)),
    ])
  const revenue = of('revenue', ({ revenueMsat }) => numberOf(revenueMsat))
  const cost = of('upstreamCost', upstreamCostOf)
  const margin = of('margin', (row) => marginOf(row))
  const unknown = of('unknown', ({ uncosted }) => numberOf(uncosted)).total ?? 0
  return metric === 'revenue'
    ? { series: [revenue, cost, margin], total: revenue.total, unknown }
    : { series: [margin], total: margin.total, unknown }
}

type Costs = Pick<UsageSums, 'requests' | 'failed' | 'uncosted' | 'costedRevenueMsat' | 'upstreamCostMsat'>

const isKnown = ({ requests, failed, uncosted }: Costs): boolean => uncosted === 0n || requests - failed > uncosted

/** Of the requests whose cost is known; null where it is known of none that was served. */
export const marginOf = (row: Costs): number | null =>
  isKnown(row) ? numberOf(row.costedRevenueMsat) - numberOf(row.upstreamCostMsat) : null

/** What upstreams reported; null where none did of what was served. */
export const upstreamCostOf = (row: Costs): number | null => (isKnown(row) ? numberOf(row.upstreamCostMsat) : null)

export function summed(name: string, drawn: Points): Series {
  const known = drawn.filter((point) => point !== null)
  return { name, points: drawn, total: known.length === 0 ? null : known.reduce((sum, point) => sum + point, 0) }
}

const sumOf = (series: readonly Series[]): number | null =>
  summed(
    '',
    series.map(({ total }) => total),
  ).total
export const together = (series: readonly Series[]): Measured => ({ series, total: sumOf(series) })

/** Of each bucket, counted from 1, where the node was there and time has come to it. */
export type Drawn = (pointOf: (bucket: number) => number | null) => Points

export function errorsOf(rows: Awaited<ReturnType<typeof countErrorsInBuckets>>, drawn: Drawn): readonly Series[] {
  const kinds = [...new Set(rows.map(({ error }) => error))].sort()
  const countOf = (kind: string, bucket: number) =>
    numberOf(rows.find((row) => row.error === kind && row.bucket === bucket)?.requests)
  const series = kinds.map((kind) =>
    summed(
      kind,
      drawn((bucket) => countOf(kind, bucket)),
    ),
  )
  // None is a known number too.
  return series.length > 0
    ? series
    : [
        summed(
          'none',
          drawn(() => 0),
        ),
      ]
}

export function paymentsOf(rows: Awaited<ReturnType<typeof sumTransfersInBuckets>>, drawn: Drawn): Measured {
  const named = rows.filter(({ kind }) => kind !== 'operator').map((row) => ({ ...row, name: moneyKindOf(row) }))
  const msatOf = (name: MoneyKind, bucket: number) =>
    named.filter((row) => row.name === name && row.bucket === bucket).reduce((sum, { msat }) => sum + numberOf(msat), 0)
  const series = paymentKinds.map((name) =>
    summed(
      name,
      drawn((bucket) => msatOf(name, bucket)),
    ),
  )
  const sign = (name: string) => (name === 'deposit' ? 1 : -1)
  const net = series.map((one) => ({ ...one, total: one.total === null ? null : sign(one.name) * one.total }))
  return { series, total: sumOf(net) }
}

export function latency(rows: Awaited<ReturnType<typeof countFirstTokens>>, drawn: Drawn): Measured {
  const answersOf = (bucket: number) => rows.filter((row) => row.bucket === bucket)
  const all = [...Map.groupBy(rows, ({ step }) => step)].map(([step, same]) => ({
    step,
    answers: same.reduce((sum, { answers }) => sum + answers, 0n),
  }))
  const series = [
    ['p50', 0.5],
    ['p95', 0.95],
  ] as const
  const named = series.map(([name, part]) => ({
    name,
    points: drawn((bucket) => percentile(answersOf(bucket), part)),
    total: percentile(all, part),
  }))
  return { series: named, total: named[0]?.total ?? null }
}

/** The time within which this part of the answers began, to the step; null: there was none. */
function percentile(
  steps: readonly { readonly step: number; readonly answers: bigint }[],
  part: number,
): number | null {
  const wanted = Math.ceil(steps.reduce((sum, { answers }) => sum + Number(answers), 0) * part)
  let seen = 0
  for (const { step, answers } of [...steps].sort((a, b) => a.step - b.step)) {
    seen += Number(answers)
    if (seen >= wanted) return msOfStep(step)
  }
  return null
}

/** A state and no flow: its total is the newest one. */
export function assetsOf(held: Points, owed: Points): Measured {
  const newest = (drawn: Points) => drawn.findLast((point) => point !== null) ?? null
  const [heldNow, owedNow] = [newest(held), newest(owed)]
  return {
    series: [
      { name: 'held', points: held, total: heldNow },
      { name: 'owed', points: owed, total: owedNow },
    ],
    total: heldNow === null || owedNow === null ? null : heldNow - owedNow,
  }
}
