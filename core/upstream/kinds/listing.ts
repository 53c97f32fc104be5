/** Reads model lists as upstreams publish them, whatever their dialect (contract 8.6). */
import {
  isPositive,
  type ListedModel,
  parseDecimal,
  type Rational,
  toDecimal,
  type UsdPriceFields,
} from '../../../events'

export type Json = Readonly<Record<string, unknown>>
export type PriceList = ReadonlyMap<string, UsdPriceFields>

const perTokenNames = {
  prompt: 'prompt',
  completion: 'completion',
  input_cache_read: 'inputCacheRead',
  input_cache_write: 'inputCacheWrite',
  input_cache_write_1h: 'inputCacheWrite1h',
  request: 'request',
  image: 'image',
  web_search: 'webSearch',
  image_output: 'imageOutput',
  input_character: 'inputCharacter',
  audio_second: 'audioSecond',
} as const

/** Prices by the names of contract 2.3, USD per unit. Negative or unreadable prices make the model unpriced. */
export function readPricing(pricing: unknown): UsdPriceFields | undefined {
  if (typeof pricing !== 'object' || pricing === null) return undefined
  const found: Record<string, string> = {}
  for (const [name, field] of Object.entries(perTokenNames)) {
    const value = (pricing as Json)[name]
    if (value === undefined || value === null) continue
    const price = parseDecimal(value)
    if (price === undefined) return undefined
    found[field] = toDecimal(price)
  }
  return Object.keys(found).length === 0 ? undefined : imported(found)
}

/** A price per image in a list counts tokens a second time for models priced per token (contract 2.4, 5). */
export function imported(prices: UsdPriceFields): UsdPriceFields {
  const perToken = [prices.prompt, prices.completion].some((price) =>
    isPositive(parseDecimal(price) ?? { num: 0n, den: 1n }),
  )
  if (!perToken || prices.image === undefined) return prices
  const { image: _, ...rest } = prices
  return rest
}

/** USD per 1M as some hosts publish it. */
export function readPerMillion(spec: unknown): UsdPriceFields | undefined {
  if (typeof spec !== 'object' || spec === null) return undefined
  const usd = (value: unknown): Rational | undefined =>
    parseDecimal(typeof value === 'object' && value !== null ? (value as Json).usd : value)
  const perToken = (price: Rational | undefined): string | undefined =>
    price === undefined ? undefined : toDecimal({ num: price.num, den: price.den * 1_000_000n })
  const prompt = perToken(usd((spec as Json).input))
  const completion = perToken(usd((spec as Json).output))
  return prompt === undefined || completion === undefined ? undefined : { prompt, completion }
}

/** The fields of contract 2.3 that do not depend on who lists the model. */
export function listedModel(json: Json, prices: UsdPriceFields | undefined): ListedModel | undefined {
  const id = typeof json.id === 'string' ? json.id : undefined
  if (id === undefined || id === '' || id.length > 200) return undefined
  const architecture = object(json.architecture)
  const top = object(json.top_provider)
  const contextLength =
    positive(json.context_length) ??
    positive(json.context_window) ??
    positive(top.context_length) ??
    positive(json.max_model_len)
  const maxOutput =
    positive(top.max_completion_tokens) ?? positive(json.max_completion_tokens) ?? positive(json.max_output_tokens)
  return {
    id,
    name: text(json.name) ?? id,
    description: (text(json.description) ?? '').slice(0, 1000),
    created: positive(json.created) ?? 0,
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(maxOutput === undefined ? {} : { maxOutput }),
    inputModalities: texts(architecture.input_modalities, ['text']),
    outputModalities: texts(architecture.output_modalities, ['text']),
    tokenizer: text(architecture.tokenizer) ?? 'Other',
    ...(text(json.canonical_slug) === undefined ? {} : { canonicalSlug: text(json.canonical_slug) ?? '' }),
    moderated: top.is_moderated === true,
    ...(prices === undefined ? {} : { prices }),
  }
}

const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, 1000) : undefined
const texts = (value: unknown, otherwise: readonly string[]): string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') && value.length > 0
    ? (value as string[]).slice(0, 10)
    : [...otherwise]

function positive(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number > 0 && number <= 2_147_483_647
    ? number
    : undefined
}
