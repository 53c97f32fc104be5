/** models.enable, disable, setPrice, setAliases: what is offered and what it costs, at once. */
import { z } from 'zod'
import { type Upstream, type Wish, wish } from '../../../events'
import { type CommandContext, command, longAgeS, type RunContext } from '../command'
import type { ModelRow } from '../node-port'
import { findModel, modelRow, shownModel } from '../queries/models'

const which = z.object({ upstream: z.string().max(100), model: z.string().max(300) })
const several = z.object({ models: z.array(which).min(1).max(100) })
const changed = z.object({ changed: z.int() })

export const modelsEnable = command({
  name: 'models.enable',
  role: 'operator',
  class: 'L',
  in: several,
  out: changed,
  run: ({ models }, context) => each(models, context, 'enable'),
})

export const modelsDisable = command({
  name: 'models.disable',
  role: 'operator',
  class: 'L',
  maxAgeS: longAgeS,
  in: several,
  out: changed,
  run: ({ models }, context) => each(models, context, 'disable'),
})

async function each(models: readonly z.infer<typeof which>[], context: CommandContext, what: 'enable' | 'disable') {
  const wishes: Wish[] = []
  for (const { upstream, model } of models) {
    const row = findModel(context, upstream, model)
    if (row === undefined) return { notFound: `model ${model}` }
    wishes.push(wish('upstream', row.upstreamId, { do: what, model: row.model }))
  }
  const outcome = await context.execute(wishes)
  return 'refused' in outcome ? outcome : { changed: outcome.events }
}

const price = z
  .union([z.string(), z.number()])
  .transform((value) => String(value))
  .pipe(
    z
      .string()
      .regex(/^\d{1,5}(\.\d{1,12})?$/, 'a price from 0 to 10,000 in USD, as a decimal')
      .refine((text) => Number(text) <= 10_000, 'at most 10,000 USD'),
  )
  .nullable()
  .optional()

const priceFields = {
  inUsdPerM: price,
  outUsdPerM: price,
  cacheReadUsdPerM: price,
  cacheWriteUsdPerM: price,
  cacheWrite1hUsdPerM: price,
  requestUsd: price,
  imageUsd: price,
  webSearchUsd: price,
  imageOutputUsd: price,
  inputCharacterUsd: price,
  audioSecondUsd: price,
}
const setPriceIn = which.extend({ ...priceFields, free: z.boolean().optional() })
type SetPrice = z.output<typeof setPriceIn>

const shownPrices = z.object({ inUsdPerM: z.string().nullable(), outUsdPerM: z.string().nullable(), free: z.boolean() })

export const modelsSetPrice = command({
  name: 'models.setPrice',
  role: 'operator',
  class: 'L',
  maxAgeS: longAgeS,
  in: setPriceIn,
  out: z.object({ old: shownPrices, new: shownPrices, example: z.string() }),
  needs: ({ free }) => (free === true ? 'owner' : undefined),
  check: async (params, context) => farFromCatalogue(params, findModel(context, params.upstream, params.model)),
  async run(params, context) {
    const row = findModel(context, params.upstream, params.model)
    if (row === undefined) return { notFound: `model ${params.model}` }
    const { upstream: _, model, free, ...fields } = params
    const prices = Object.fromEntries(
      Object.entries(fields).filter((entry): entry is [string, string | null] => entry[1] !== undefined),
    )
    if (bothOrNeither(row, prices) === false) return { refused: 'price-incomplete' }
    const zero =
      free !== true &&
      !row.free &&
      prices.inUsdPerM != null &&
      Number(prices.inUsdPerM) === 0 &&
      Number(prices.outUsdPerM) === 0
    if (zero) return { refused: 'price-zero' }
    const outcome = await context.execute(
      wish('upstream', row.upstreamId, { do: 'set-price', model: row.model, prices, free }),
    )
    if ('refused' in outcome) return outcome
    const inUsdPerM = prices.inUsdPerM === undefined ? row.inUsdPerM : prices.inUsdPerM
    const outUsdPerM = prices.outUsdPerM === undefined ? row.outUsdPerM : prices.outUsdPerM
    return {
      old: { inUsdPerM: row.inUsdPerM, outUsdPerM: row.outUsdPerM, free: row.free },
      new: { inUsdPerM, outUsdPerM, free: free ?? row.free },
      example: example(model, inUsdPerM, outUsdPerM),
    }
  },
})

/** An input price without an output price would sell one side at a price nobody chose (dashboard 4.3). */
function bothOrNeither(row: ModelRow, prices: Readonly<Record<string, string | null>>): boolean {
  const side = (field: 'inUsdPerM' | 'outUsdPerM', key: string) =>
    prices[field] === undefined ? row.custom && row.prices[key]?.source === 'custom' : prices[field] !== null
  return side('inUsdPerM', 'prompt') === side('outUsdPerM', 'completion')
}

/** Outside 1/100 to 100 times the catalogue's price: said once more, with both numbers (P-12). */
async function farFromCatalogue(params: SetPrice, row: ModelRow | undefined): Promise<string | undefined> {
  const sides = [
    [params.inUsdPerM, row?.upstreamInUsdPerM, 'input'],
    [params.outUsdPerM, row?.upstreamOutUsdPerM, 'output'],
  ] as const
  for (const [wanted, listed, side] of sides) {
    if (wanted === undefined || wanted === null || listed === undefined || listed === null || Number(listed) === 0)
      continue
    const ratio = Number(wanted) / Number(listed)
    if (ratio > 0 && (ratio < 0.01 || ratio > 100))
      return `Set ${side} of ${params.model} to $${wanted} per 1M tokens? The upstream lists $${listed}.`
  }
  return undefined
}

function example(model: string, inUsdPerM: string | null, outUsdPerM: string | null): string {
  if (inUsdPerM === null || outUsdPerM === null) return `${model} follows its upstream's price and the node's fees.`
  return `1,000 input and 1,000 output tokens of ${model} cost $${(Number(inUsdPerM) + Number(outUsdPerM)) / 1000}.`
}

const alias = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/, 'letters, digits and . _ : / - only, at most 128')

export const modelsSetAliases = command({
  name: 'models.setAliases',
  role: 'operator',
  class: 'L',
  in: which.extend({ aliases: z.array(alias).max(20) }),
  out: modelRow,
  async run({ upstream, model, aliases }, context) {
    const row = findModel(context, upstream, model)
    if (row === undefined) return { notFound: `model ${model}` }
    const taken = clash(row, aliases, context)
    if (taken !== undefined) return { refused: 'alias-taken', alias: taken }
    const outcome = await context.execute(
      wish('upstream', row.upstreamId, { do: 'set-aliases', model: row.model, aliases }),
    )
    return 'refused' in outcome ? outcome : shownModel({ ...row, aliases }, 0, context)
  },
})

/** An alias must not be an id or alias of another model, nor stand twice in the list. */
function clash(row: ModelRow, aliases: readonly string[], { node }: RunContext): string | undefined {
  const names = node.upstreams.names()
  const seen = new Set<string>()
  for (const wanted of aliases) {
    const known = names.get(wanted.toLowerCase())
    if (known !== undefined && known.model !== row.model) return wanted
    if (wanted.toLowerCase() === row.model.toLowerCase() || seen.has(wanted.toLowerCase())) return wanted
    seen.add(wanted.toLowerCase())
  }
  return undefined
}

const change = z.object({
  model: z.string(),
  field: z.string(),
  old: z.string().nullable(),
  new: z.string().nullable(),
})

/** models.importPreview asks the upstream and shows what would change; nothing is saved before applyImport. */
export const modelsImportPreview = command({
  name: 'models.importPreview',
  role: 'operator',
  class: 'O',
  in: z.object({ upstream: z.string().max(100) }),
  out: z.object({
    diff: z.string(),
    new: z.array(z.object({ model: z.string(), inUsdPerM: z.string().nullable(), outUsdPerM: z.string().nullable() })),
    gone: z.array(z.string()),
    changed: z.array(change),
    refused: z.array(z.object({ model: z.string(), why: z.string() })),
  }),
  async run({ upstream }, { node }) {
    const stream = node.upstreams.resolve(upstream)
    if (stream === undefined) return { notFound: `upstream ${upstream}` }
    return node.imports.preview(stream)
  },
})

export const modelsApplyImport = command({
  name: 'models.applyImport',
  role: 'operator',
  class: 'L',
  in: z.object({
    diff: z.string().max(100),
    accept: z.union([
      z.literal('all'),
      z.object({
        new: z.array(z.string()).max(5000),
        gone: z.array(z.string()).max(5000),
        changed: z.array(z.string()).max(5000),
      }),
    ]),
  }),
  out: z.object({ counts: z.object({ new: z.int(), gone: z.int(), changed: z.int() }) }),
  async run({ diff, accept }, { node, execute }) {
    const chosen = node.imports.choose(diff, accept)
    if (chosen === undefined) return { refused: 'diff-unknown' }
    const current: Upstream = await node.engine.state('upstream', chosen.upstream)
    const outcome = await execute(
      wish('upstream', chosen.upstream, {
        do: 'refresh',
        listed: chosen.listed(current),
        guardFactor: node.settings('pricing.guardFactor'),
        sellNew: true,
        accepted: chosen.accepted,
      }),
    )
    return 'refused' in outcome ? outcome : { counts: chosen.counts }
  },
})
