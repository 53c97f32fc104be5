/** overview.numbers and overview.models: sums of a range, each with the change against the one before. */
import { z } from 'zod'
import { openedSessions, sumTransfersInBuckets, sumUsageOfModels, type UsageSums } from '../../../events'
import { countRefused } from '../../refused'
import { query, type RunContext } from '../command'
import { type Range, ranged, rangeOf, shownWindow, windowOut } from '../ranges'
import { numberOf } from '../rows'
import { moneyKindOf } from './money'
import { changeOf, hasEarlier } from './overview-series'
import { marginOf, upstreamCostOf } from './series'

/** `share`: a part of 1, whose change is told in parts of 1 too. */
const tileUnit = z.enum(['msat', 'requests', 'tokens', 'models', 'sessions', 'share'])
type TileUnit = z.output<typeof tileUnit>

export const overviewNumbers = query({
  name: 'overview.numbers',
  in: ranged({}),
  out: z.object({
    ...windowOut,
    tiles: z.array(
      z.object({
        name: z.string(),
        /** null: unknown. */
        value: z.number().nullable(),
        unit: tileUnit,
        /** The same of the period before; null: no earlier data. */
        before: z.number().nullable(),
        /** By how much of `before` it grew; of a share by how much of 1. */
        change: z.number().nullable(),
      }),
    ),
    /** Requests that were served at a cost nobody told us: no margin counts them. */
    unknown: z.int(),
  }),
  async run(asked, context) {
    const range = rangeOf(asked, context)
    const now = await numbersOf(range, context)
    const earlier = (await hasEarlier(range, context)) ? await numbersOf(range.before, context) : undefined
    const tiles = now.tiles.map(({ name, value, unit }) => {
      const past = earlier?.tiles.find((one) => one.name === name)?.value ?? null
      return { name, value, unit, before: past, change: unit === 'share' ? grown(value, past) : changeOf(value, past) }
    })
    const running = { value: context.node.holds.totals().requests, before: null, change: null }
    return {
      ...shownWindow(range),
      tiles: [...tiles, { name: 'running', unit: 'requests' as const, ...running }],
      unknown: now.unknown,
    }
  },
})

const grown = (value: number | null, before: number | null): number | null =>
  value === null || before === null ? null : Math.round((value - before) * 1_000_000) / 1_000_000

type Window = Pick<Range, 'fromMs' | 'toMs'>
type Tile = { readonly name: string; readonly value: number | null; readonly unit: TileUnit }

async function numbersOf(window: Window, { node }: RunContext) {
  const { sql } = node.views
  const models = await sumUsageOfModels(sql, window)
  const sums = addedUp(models)
  const payments = await sumTransfersInBuckets(sql, [window.fromMs, window.toMs])
  const opened = await openedSessions(sql, window.fromMs, window.toMs)
  const paid = (of: (kind: ReturnType<typeof moneyKindOf>) => boolean) =>
    payments
      .filter((row) => row.kind !== 'operator' && of(moneyKindOf(row)))
      .reduce((sum, { msat }) => sum + numberOf(msat), 0)
  const paidIn = paid((kind) => kind === 'deposit')
  const tiles: readonly Tile[] = [
    ...ofUsage(sums),
    { name: 'refused', value: (await countRefused(sql, [window.fromMs, window.toMs])).get(1) ?? 0, unit: 'requests' },
    { name: 'models', value: new Set(models.map(({ model }) => model)).size, unit: 'models' },
    { name: 'paymentsIn', value: paidIn, unit: 'msat' },
    { name: 'paymentsOut', value: paid((kind) => kind !== 'deposit' && kind !== 'move'), unit: 'msat' },
    {
      name: 'refundRate',
      value: shareOf(
        paid((kind) => kind === 'refund' || kind === 'change'),
        paidIn,
      ),
      unit: 'share',
    },
    { name: 'sessions', value: numberOf(opened), unit: 'sessions' },
  ]
  return { tiles, unknown: numberOf(sums.uncosted) }
}

const columns = [
  'requests',
  'answered',
  'empty',
  'failed',
  'left',
  'estimated',
  'inputTokens',
  'cachedTokens',
  'outputTokens',
  'revenueMsat',
  'shortfallMsat',
  'upstreamCostMsat',
  'costedRevenueMsat',
  'uncosted',
] as const satisfies readonly (keyof UsageSums)[]

const addedUp = (rows: readonly UsageSums[]): UsageSums =>
  Object.fromEntries(columns.map((column) => [column, rows.reduce((sum, row) => sum + row[column], 0n)])) as UsageSums

function ofUsage(sums: UsageSums): readonly Tile[] {
  const [requests, answered] = [numberOf(sums.requests), numberOf(sums.answered)]
  const errors = numberOf(sums.failed + sums.empty)
  const tokens = numberOf(sums.inputTokens + sums.outputTokens)
  const msat = (name: string, value: number | null): Tile => ({ name, value, unit: 'msat' })
  const asked = (name: string, value: number): Tile => ({ name, value, unit: 'requests' })
  return [
    msat('revenue', numberOf(sums.revenueMsat)),
    msat('margin', marginOf(sums)),
    asked('requests', requests),
    asked('errors', errors),
    { name: 'errorRate', value: shareOf(errors, requests), unit: 'share' },
    asked('answered', answered),
    asked('empty', numberOf(sums.empty)),
    asked('upstreamFailed', numberOf(sums.failed)),
    asked('clientLeft', numberOf(sums.left)),
    { name: 'successRate', value: shareOf(answered, requests), unit: 'share' },
    { name: 'tokens', value: tokens, unit: 'tokens' },
    { name: 'tokensIn', value: numberOf(sums.inputTokens), unit: 'tokens' },
    { name: 'tokensCached', value: numberOf(sums.cachedTokens), unit: 'tokens' },
    { name: 'tokensOut', value: numberOf(sums.outputTokens), unit: 'tokens' },
    { name: 'tokensPerAnswer', value: perOne(tokens, answered), unit: 'tokens' },
    msat('revenuePerAnswer', perOne(numberOf(sums.revenueMsat), answered)),
    msat('upstreamCost', upstreamCostOf(sums)),
    msat('shortfall', numberOf(sums.shortfallMsat)),
    asked('estimated', numberOf(sums.estimated)),
  ]
}

const shareOf = (part: number, of: number): number | null =>
  of === 0 ? null : Math.round((part / of) * 1_000_000) / 1_000_000
const perOne = (sum: number, count: number): number | null => (count === 0 ? null : Math.round(sum / count))

const modelMetrics = ['revenue', 'margin', 'requests', 'tokens'] as const

export const overviewModels = query({
  name: 'overview.models',
  in: ranged({ metric: z.enum(modelMetrics).default('revenue'), limit: z.int().min(1).max(100).default(5) }),
  out: z.object({
    ...windowOut,
    metric: z.enum(modelMetrics),
    rows: z.array(
      z.object({
        model: z.string(),
        upstream: z.string(),
        revenueMsat: z.int(),
        /** Of the requests whose cost is known; absent: it is known of none. */
        marginMsat: z.int().optional(),
        requests: z.int(),
        tokens: z.int(),
        /** Served at a cost nobody told us. */
        unknown: z.int(),
        before: z.number().nullable(),
        change: z.number().nullable(),
        trend: z.enum(['up', 'down', 'flat', 'new', 'unknown']),
      }),
    ),
    /** All that have no row. */
    others: z.object({
      models: z.int(),
      revenueMsat: z.int(),
      marginMsat: z.int().optional(),
      requests: z.int(),
      tokens: z.int(),
      unknown: z.int(),
    }),
    totals: z.object({ models: z.int(), revenueMsat: z.int(), requests: z.int(), tokens: z.int() }),
  }),
  async run({ metric, limit, ...asked }, context) {
    const range = rangeOf(asked, context)
    const { sql } = context.node.views
    const found = (await sumUsageOfModels(sql, range)).map((row) => ({ ...row, value: metricOf(row, metric) }))
    found.sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity) || (nameOf(a) < nameOf(b) ? -1 : 1))
    const past = (await hasEarlier(range, context)) ? await sumUsageOfModels(sql, range.before) : undefined
    const earlier = new Map(past?.map((row) => [nameOf(row), metricOf(row, metric)]))
    const rows = found.slice(0, limit).map((row) => {
      const before = past === undefined ? null : (earlier.get(nameOf(row)) ?? 0)
      const { model, upstream } = row
      return { model, upstream, ...shownSums([row]), before, ...trendOf(row.value, before) }
    })
    const [others, all] = [shownSums(found.slice(limit)), shownSums(found)]
    return {
      ...shownWindow(range),
      metric,
      rows,
      others: { models: Math.max(0, found.length - limit), ...others },
      totals: { models: found.length, revenueMsat: all.revenueMsat, requests: all.requests, tokens: all.tokens },
    }
  },
})

type ModelSums = Awaited<ReturnType<typeof sumUsageOfModels>>[number]
const nameOf = ({ upstream, model }: ModelSums) => `${upstream} ${model}`

function metricOf(row: UsageSums, metric: (typeof modelMetrics)[number]): number | null {
  if (metric === 'margin') return marginOf(row)
  if (metric === 'tokens') return numberOf(row.inputTokens + row.outputTokens)
  return numberOf(metric === 'revenue' ? row.revenueMsat : row.requests)
}

function shownSums(rows: readonly ModelSums[]) {
  const sum = (of: (row: ModelSums) => number) => rows.reduce((total, row) => total + of(row), 0)
  const margins = rows.map(marginOf).filter((margin) => margin !== null)
  return {
    revenueMsat: sum(({ revenueMsat }) => numberOf(revenueMsat)),
    ...(margins.length === 0 ? {} : { marginMsat: margins.reduce((total, margin) => total + margin, 0) }),
    requests: sum(({ requests }) => numberOf(requests)),
    tokens: sum((row) => numberOf(row.inputTokens + row.outputTokens)),
    unknown: sum(({ uncosted }) => numberOf(uncosted)),
  }
}

/** Within 2 % it is flat. */
function trendOf(value: number | null, before: number | null) {
  const change = changeOf(value, before)
  if (value === null || before === null) return { change, trend: 'unknown' as const }
  if (change === null) return { change, trend: value === 0 ? ('flat' as const) : ('new' as const) }
  return {
    change,
    trend: Math.abs(change) < 0.02 ? ('flat' as const) : change > 0 ? ('up' as const) : ('down' as const),
  }
}
