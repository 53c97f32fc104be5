/** models.list and models.get: what is sold, at what price, and why something is not. */
import { z } from 'zod'
import type { ListedModel } from '../../../events'
import { allowed } from '../allowed'
import { query, type RunContext } from '../command'
import { can, page } from '../rows'
import type { ModelRow } from '../upstreams-port'
import { type ModelUse, modelUse, noUse, useKey, useOfModels } from './models-use'

export const modelRow = z.object({
  model: z.string(),
  aliases: z.array(z.string()),
  upstream: z.string(),
  upstreamId: z.string(),
  enabled: z.boolean(),
  locked: z.boolean(),
  byHand: z.boolean(),
  name: z.string(),
  description: z.string(),
  maxOutput: z.int().nullable(),
  upstreamModel: z.string(),
  described: z.array(z.string()),
  state: z.enum(['sellable', 'off', 'paused', 'unpriced', 'gone', 'rateOld', 'unconfirmed']),
  inUsdPerM: z.string().nullable(),
  outUsdPerM: z.string().nullable(),
  upstreamInUsdPerM: z.string().nullable(),
  upstreamOutUsdPerM: z.string().nullable(),
  contextLength: z.int().nullable(),
  custom: z.boolean(),
  free: z.boolean(),
  maxCostMsat: z.int().nullable(),
  /** What else is charged for, USD, by the names of models.setPrice. */
  otherUsd: z.record(z.string(), z.string()),
  ...modelUse.shape,
  can,
})

const sorts = ['model', 'inUsdPerM', 'outUsdPerM', 'requests7d', 'marginMsat7d', 'errors24h', 'contextLength'] as const
type Sort = (typeof sorts)[number]

export const modelsList = query({
  name: 'models.list',
  in: z.object({
    search: z.string().max(200).optional(),
    upstream: z.string().max(100).optional(),
    state: modelRow.shape.state.optional(),
    custom: z.boolean().optional(),
    sort: z.enum([...sorts, ...sorts.map((sort) => `-${sort}` as const)]).optional(),
    ...page,
  }),
  out: z.object({
    rows: z.array(modelRow),
    next: z.string().optional(),
    total: z.int(),
    counts: z.record(z.string(), z.int()),
    fees: z.object({ exchange: z.number(), upstream: z.number(), fixedSat: z.int().nullable() }),
  }),
  async run({ search, upstream, state, custom, sort, cursor, limit }, context) {
    const { node } = context
    const all = await rowsWithUse(context)
    const text = search?.toLowerCase()
    const found = all.filter(
      (row) =>
        (text === undefined || [row.model, ...row.aliases].some((name) => name.toLowerCase().includes(text))) &&
        (upstream === undefined || row.upstream === upstream || row.upstreamId === upstream) &&
        (state === undefined || row.state === state) &&
        (custom === undefined || row.custom === custom),
    )
    const field = (sort?.replace('-', '') ?? 'model') as Sort
    const direction = sort?.startsWith('-') ? -1 : 1
    found.sort((a, b) => compare(a, b, field, direction) || (a.model < b.model ? -1 : 1))
    const offset = cursor === undefined ? 0 : Math.max(0, Number.parseInt(cursor, 10) || 0)
    const rows = found.slice(offset, offset + limit)
    const counts: Record<string, number> = {}
    for (const row of all) counts[row.state] = (counts[row.state] ?? 0) + 1
    return {
      rows,
      ...(offset + rows.length < found.length ? { next: String(offset + rows.length) } : {}),
      total: found.length,
      counts,
      fees: {
        exchange: node.settings('pricing.exchangeFee'),
        upstream: node.settings('pricing.upstreamFee'),
        fixedSat: node.settings('pricing.fixed') ? node.settings('pricing.fixedCostSat') : null,
      },
    }
  },
})

export const modelsGet = query({
  name: 'models.get',
  in: z.object({ upstream: z.string().max(100), model: z.string().max(300) }),
  out: modelRow.extend({
    prices: z.record(z.string(), z.object({ usd: z.string(), source: z.enum(['upstream', 'custom']) })),
    unconfirmed: z.boolean(),
  }),
  async run({ upstream, model }, context) {
    const found = findModel(context, upstream, model)
    if (found === undefined) return { notFound: `model ${model}` }
    const row = (await rowsWithUse(context)).find(
      (one) => one.upstreamId === found.upstreamId && one.model === found.model,
    )
    return row === undefined
      ? { notFound: `model ${model}` }
      : { ...row, prices: found.prices, unconfirmed: found.state === 'unconfirmed' }
  },
})

/** One model by its upstream (id or name) and its id there or its public id. */
export function findModel({ node }: RunContext, upstream: string, model: string): ModelRow | undefined {
  return node.upstreams
    .models()
    .find((row) => (row.upstreamId === upstream || row.upstream === upstream) && row.model === model)
}

export function shownModel(row: ModelRow, { principal }: RunContext, use: ModelUse = noUse): z.input<typeof modelRow> {
  const { prices: _, ...shown } = row
  return {
    ...shown,
    aliases: [...row.aliases],
    described: [...row.described],
    ...use,
    can: allowed(principal, {
      enable: { role: 'operator', not: row.state === 'unpriced' ? 'no-price' : undefined },
      disable: { role: 'operator' },
      setPrice: { role: 'operator' },
      setAliases: { role: 'operator' },
      setFree: { role: 'owner' },
      resetPrice: { role: 'operator', not: row.custom ? undefined : 'no-own-price' },
      lock: { role: 'operator', not: row.locked ? 'already-locked' : undefined },
      unlock: { role: 'operator', not: row.locked ? undefined : 'not-locked' },
      describe: { role: 'operator' },
      test: { role: 'operator' },
      remove: { role: 'operator', not: row.byHand || row.state === 'gone' ? undefined : 'model-listed' },
    }),
  }
}

/** A model added by hand, before its commit. */
export function handMade(
  upstreamId: string,
  listed: ListedModel,
  { prices, aliases }: { readonly prices: Readonly<Record<string, string>>; readonly aliases: readonly string[] },
  context: RunContext,
): z.input<typeof modelRow> {
  const row: ModelRow = {
    model: listed.id,
    aliases,
    upstream: context.node.engine.peek('upstream', upstreamId)?.config?.name ?? upstreamId,
    upstreamId,
    enabled: true,
    locked: false,
    byHand: true,
    name: listed.name,
    description: listed.description,
    maxOutput: listed.maxOutput ?? null,
    upstreamModel: listed.id,
    described: [],
    state: Object.keys(prices).length === 0 ? 'unpriced' : 'sellable',
    inUsdPerM: prices.inUsdPerM ?? null,
    outUsdPerM: prices.outUsdPerM ?? null,
    upstreamInUsdPerM: null,
    upstreamOutUsdPerM: null,
    contextLength: listed.contextLength ?? null,
    custom: Object.keys(prices).length > 0,
    free: false,
    maxCostMsat: null,
    otherUsd: {},
    prices: {},
  }
  return shownModel(row, context)
}

type Shown = z.input<typeof modelRow>

async function rowsWithUse(context: RunContext): Promise<Shown[]> {
  const used = await useOfModels(context)
  return context.node.upstreams.models().map((row) => shownModel(row, context, used.get(useKey(row))))
}

/** Shown as a part of what stands beside it, so ordered as one: no division is needed for that. */
const wholeOf = { marginMsat7d: 'costedRevenueMsat7d', errors24h: 'requests24h' } as const

/** Unknown numbers go last in either direction of the order. */
function compare(a: Shown, b: Shown, field: Sort, direction: 1 | -1): number {
  if (field === 'model') return direction * (a.model < b.model ? -1 : Number(a.model > b.model))
  if (field === 'marginMsat7d' || field === 'errors24h') {
    const [wholeA, wholeB] = [a[wholeOf[field]], b[wholeOf[field]]]
    const [partA, partB] = [wholeA > 0 ? a[field] : undefined, wholeB > 0 ? b[field] : undefined]
    if (partA === undefined || partB === undefined) return Number(partA === undefined) - Number(partB === undefined)
    return direction * Number(BigInt(partA) * BigInt(wholeB) - BigInt(partB) * BigInt(wholeA))
  }
  const [valueA, valueB] = [a[field], b[field]]
  if (valueA === null || valueB === null) return Number(valueA === null) - Number(valueB === null)
  return direction * (Number(valueA) - Number(valueB))
}
