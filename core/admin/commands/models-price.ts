/** models.setPrice and resetPrice: what a model costs here instead of the upstream's price times the fees. */
import { z } from 'zod'
import { wish } from '../../../events'
import { command, longAgeS } from '../command'
import { findModel } from '../queries/models'
import type { ModelRow } from '../upstreams-port'
import { changed, eachModel, severalModels, whichModel } from './models-several'

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

export const pricesIn = z.object({
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
})
const setPriceIn = whichModel.extend({ ...pricesIn.shape, free: z.boolean().optional() })
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
    const why = whyNoPrice(row, prices, free ?? row.free)
    if (why !== undefined) return { refused: why }
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

/** Both sides at 0: only `free` may say so (P-12). */
export const isGivenAway = ({ inUsdPerM, outUsdPerM }: Pick<SetPrice, 'inUsdPerM' | 'outUsdPerM'>): boolean =>
  inUsdPerM != null && Number(inUsdPerM) === 0 && Number(outUsdPerM) === 0

/** Why these prices, and whether it is free, cannot stand. */
export function whyNoPrice(
  row: ModelRow,
  prices: Readonly<Record<string, string | null>>,
  free: boolean,
): 'price-incomplete' | 'price-zero' | undefined {
  if (!bothOrNeither(row, prices)) return 'price-incomplete'
  return !free && isGivenAway(prices) ? 'price-zero' : undefined
}

/** An input price without an output price would sell one side at a price nobody chose (dashboard 4.3). */
function bothOrNeither(row: ModelRow, prices: Readonly<Record<string, string | null>>): boolean {
  const side = (field: 'inUsdPerM' | 'outUsdPerM', key: string) =>
    prices[field] === undefined ? row.custom && row.prices[key]?.source === 'custom' : prices[field] !== null
  return side('inUsdPerM', 'prompt') === side('outUsdPerM', 'completion')
}

/**
 * Outside 1/100 to 100 times the catalogue's price: said once more, every such price beside the catalogue's (P-12).
 * What gives the model away is refused or was said by its id.
 */
export function farFromCatalogue(params: SetPrice, row: ModelRow | undefined): string | undefined {
  if (params.free === true || isGivenAway(params)) return undefined
  const sides = [
    [params.inUsdPerM, row?.upstreamInUsdPerM, 'input'],
    [params.outUsdPerM, row?.upstreamOutUsdPerM, 'output'],
  ] as const
  const far = sides.flatMap(([wanted, listed, side]) =>
    isFar(wanted, listed) ? [{ wanted: `${side} $${wanted}`, listed: `${side} $${listed}` }] : [],
  )
  if (far.length === 0) return undefined
  const [wanted, listed] = [far.map((one) => one.wanted), far.map((one) => one.listed)]
  return `Set ${params.model} to ${wanted.join(', ')} per 1M tokens? The upstream lists ${listed.join(', ')}.`
}

function isFar(wanted: string | null | undefined, listed: string | null | undefined): boolean {
  if (wanted === undefined || wanted === null || listed === undefined || listed === null || Number(listed) === 0)
    return false
  const ratio = Number(wanted) / Number(listed)
  return ratio < 0.01 || ratio > 100
}

function example(model: string, inUsdPerM: string | null, outUsdPerM: string | null): string {
  if (inUsdPerM === null || outUsdPerM === null) return `${model} follows its upstream's price and the node's fees.`
  return `1,000 input and 1,000 output tokens of ${model} cost $${(Number(inUsdPerM) + Number(outUsdPerM)) / 1000}.`
}

export const modelsResetPrice = command({
  name: 'models.resetPrice',
  role: 'operator',
  class: 'L',
  in: severalModels,
  out: changed,
  run: ({ models }, context) => eachModel(models, context, 'reset-price'),
})
