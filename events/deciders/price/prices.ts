/** From what the upstream asks to what the client pays (contract 2.4, 2.5). */
import type { UsdPriceFields } from '../../schema/upstream'
import { overrideNames } from './price-names'
import { isLess, isPositive, over, parseDecimal, plus, type Rational, times, toNumber, whole, zero } from './rational'

export const priceFields = [
  'prompt',
  'completion',
  'inputCacheRead',
  'inputCacheWrite',
  'inputCacheWrite1h',
  'request',
  'image',
  'webSearch',
  'imageOutput',
  'inputCharacter',
  'audioSecond',
] as const
export type PriceField = (typeof priceFields)[number]

/** USD per unit, exact, all fields present. */
export type UsdPrices = Readonly<Record<PriceField, Rational>>
export type Tier = { readonly aboveInputTokens: number; readonly prices: UsdPrices }
export type PriceSource = 'upstream' | 'override' | 'fixed' | 'free'

/** What a client pays at one offer. Fixed pricing asks `fixedMsat` for a request, whatever it uses. */
export type ClientPrices = {
  readonly source: PriceSource
  readonly usd: UsdPrices
  readonly tiers: readonly Tier[]
  readonly fixedMsat: bigint | undefined
  readonly fees: { readonly exchange: string; readonly upstream: string }
  /** Fields that the operator set himself. */
  readonly custom: readonly PriceField[]
}

export type ClientPriceWish = {
  readonly upstream:
    | (UsdPriceFields & { readonly tiers?: readonly ({ readonly aboveInputTokens: number } & UsdPriceFields)[] })
    | undefined
  readonly override?: Readonly<Record<string, string>> | undefined
  /** Decimal text, each at least 0. */
  readonly fees: { readonly exchange: string; readonly upstream: string }
  readonly fixedSat?: number | undefined
  readonly free?: boolean | undefined
}

/** Both fees on every component; a component the operator set replaces price and fees (contract 2.4, 2 and 3). */
export function clientPrices(wish: ClientPriceWish): ClientPrices {
  const factor = times(parseDecimal(wish.fees.exchange) ?? whole(1), parseDecimal(wish.fees.upstream) ?? whole(1))
  const override = readOverride(wish.override ?? {})
  const custom = [...override.keys()]
  const source =
    wish.fixedSat !== undefined ? 'fixed' : wish.free === true ? 'free' : custom.length > 0 ? 'override' : 'upstream'
  const usd = completed(source === 'free' ? new Map() : priced(wish.upstream ?? {}, factor, override))
  const tiers = (wish.upstream?.tiers ?? []).map(({ aboveInputTokens, ...prices }) => ({
    aboveInputTokens,
    prices: tierOver(usd, priced(prices, factor, override)),
  }))
  return {
    source,
    usd,
    // A price of the operator's own holds at every length of prompt.
    tiers: override.has('prompt') || source === 'free' ? [] : tiers,
    fixedMsat: wish.fixedSat === undefined ? undefined : BigInt(wish.fixedSat) * 1000n,
    fees: wish.fees,
    custom,
  }
}

/** Whether anything that the text paths bill is above 0 (contract 2.4, 7). */
export function isSellableForText({ usd, source }: ClientPrices, hasOwnPrice: boolean): boolean {
  if (source === 'free') return true
  return hasOwnPrice && [usd.prompt, usd.completion, usd.request].some(isPositive)
}

export type Limits = { readonly contextLength: number; readonly maxOutput: number }

/** Effective limits `cl` and `m` (contract 2.5); embeddings and moderations put no tokens out. */
export function effectiveLimits(
  offer: { readonly contextLength?: number | undefined; readonly maxOutput?: number | undefined },
  defaults: { readonly contextLength: number; readonly maxOutput: number },
  dialect = 'chat',
): Limits {
  const contextLength = offer.contextLength ?? defaults.contextLength
  if (dialect === 'embeddings' || dialect === 'moderations') return { contextLength, maxOutput: 0 }
  if (offer.maxOutput !== undefined) return { contextLength, maxOutput: Math.min(offer.maxOutput, contextLength) }
  const assumed = offer.contextLength === undefined ? defaults.maxOutput : Math.floor(contextLength / 2)
  return { contextLength, maxOutput: Math.min(assumed, contextLength) }
}

export type MaxCosts = { readonly prompt: Rational; readonly completion: Rational; readonly total: Rational }

/** Most that one request can cost, in USD. */
export function maxCosts(usd: UsdPrices, { contextLength, maxOutput }: Limits): MaxCosts {
  const prompt = times(whole(contextLength), usd.prompt)
  const completion = times(whole(maxOutput), usd.completion)
  const text = isLess(usd.completion, usd.prompt)
    ? prompt
    : plus(times(whole(contextLength - maxOutput), usd.prompt), completion)
  return { prompt, completion, total: plus(usd.request, text) }
}

/** USD of one sat at a rate in USD per BTC. */
export const usdPerSat = (usdPerBtc: Rational): Rational => over(usdPerBtc, whole(100_000_000))

/** The `pricing` object of contract 2.3: numbers in USD, fees included. */
export function usdPricing(
  prices: ClientPrices,
  limits: Limits,
  usdPerBtc: Rational | undefined,
): Record<string, unknown> {
  if (prices.fixedMsat === undefined) return pricingNumbers(prices, limits, whole(1))
  const sat: Rational = { num: prices.fixedMsat, den: 1000n }
  return fixedNumbers(usdPerBtc === undefined ? 0 : toNumber(times(sat, usdPerSat(usdPerBtc))))
}

/** The `sats_pricing` object: the same keys in sat; null while no rate is known, except for fixed pricing. */
export function satPricing(
  prices: ClientPrices,
  limits: Limits,
  usdPerBtc: Rational | undefined,
): Record<string, unknown> | null {
  if (prices.fixedMsat !== undefined) return fixedNumbers(toNumber({ num: prices.fixedMsat, den: 1000n }))
  return usdPerBtc === undefined ? null : pricingNumbers(prices, limits, over(whole(1), usdPerSat(usdPerBtc)))
}

function pricingNumbers(prices: ClientPrices, limits: Limits, scale: Rational): Record<string, unknown> {
  const { usd } = prices
  const most = maxCosts(usd, limits)
  const number = (price: Rational) => toNumber(times(price, scale))
  const optional = (name: string, price: Rational, shown: boolean) => (shown ? { [name]: number(price) } : {})
  return {
    prompt: number(usd.prompt),
    completion: number(usd.completion),
    input_cache_read: number(usd.inputCacheRead),
    input_cache_write: number(usd.inputCacheWrite),
    internal_reasoning: 0,
    request: number(usd.request),
    image: number(usd.image),
    web_search: number(usd.webSearch),
    image_output: number(usd.imageOutput),
    max_prompt_cost: number(most.prompt),
    max_completion_cost: number(most.completion),
    max_cost: number(most.total),
    ...optional('input_cache_write_1h', usd.inputCacheWrite1h, usd.inputCacheWrite1h !== usd.inputCacheWrite),
    ...optional('input_character', usd.inputCharacter, isPositive(usd.inputCharacter)),
    ...optional('audio_second', usd.audioSecond, isPositive(usd.audioSecond)),
    ...(prices.tiers.length === 0 ? {} : { tiers: prices.tiers.map((tier) => tierNumbers(tier, number)) }),
  }
}

function tierNumbers({ aboveInputTokens, prices }: Tier, number: (price: Rational) => number): Record<string, number> {
  return {
    above_input_tokens: aboveInputTokens,
    prompt: number(prices.prompt),
    completion: number(prices.completion),
    input_cache_read: number(prices.inputCacheRead),
    input_cache_write: number(prices.inputCacheWrite),
  }
}

const freeWhenFixed =
  'prompt completion input_cache_read input_cache_write internal_reasoning image web_search image_output max_prompt_cost max_completion_cost'

/** Fixed pricing: a request costs the fixed price, all else 0 (contract 2.4, 8). */
const fixedNumbers = (price: number): Record<string, number> => ({
  ...Object.fromEntries(freeWhenFixed.split(' ').map((field) => [field, 0])),
  request: price,
  max_cost: price,
})

function readOverride(names: Readonly<Record<string, string>>): Map<PriceField, Rational> {
  const found = new Map<PriceField, Rational>()
  for (const [name, text] of Object.entries(names)) {
    const known = overrideNames[name]
    const price = parseDecimal(text)
    if (known !== undefined && price !== undefined) found.set(known.field, over(price, whole(known.per)))
  }
  return found
}

function priced(
  upstream: UsdPriceFields,
  factor: Rational,
  override: ReadonlyMap<PriceField, Rational>,
): Map<PriceField, Rational> {
  const found = new Map<PriceField, Rational>()
  for (const field of priceFields) {
    const own = override.get(field)
    const listed = parseDecimal(upstream[field])
    if (own !== undefined) found.set(field, own)
    else if (listed !== undefined) found.set(field, times(listed, factor))
  }
  return found
}

/** Missing cache prices: the prompt's; a missing 1h price: the cache write's (contract 2.4, 6). */
function completed(found: ReadonlyMap<PriceField, Rational>): UsdPrices {
  const of = (field: PriceField, otherwise: Rational = zero) => found.get(field) ?? otherwise
  const prompt = of('prompt')
  const inputCacheWrite = of('inputCacheWrite', prompt)
  return {
    prompt,
    completion: of('completion'),
    inputCacheRead: of('inputCacheRead', prompt),
    inputCacheWrite,
    inputCacheWrite1h: of('inputCacheWrite1h', inputCacheWrite),
    request: of('request'),
    image: of('image'),
    webSearch: of('webSearch'),
    imageOutput: of('imageOutput'),
    inputCharacter: of('inputCharacter'),
    audioSecond: of('audioSecond'),
  }
}

/** What a tier does not name is as below it; its cache prices follow its own prompt price (contract 2.4, 6). */
function tierOver(below: UsdPrices, found: ReadonlyMap<PriceField, Rational>): UsdPrices {
  const prompt = found.get('prompt')
  const inputCacheWrite = found.get('inputCacheWrite') ?? prompt ?? below.inputCacheWrite
  const hour = isLess(below.inputCacheWrite1h, inputCacheWrite) ? inputCacheWrite : below.inputCacheWrite1h
  return {
    ...below,
    ...Object.fromEntries(found),
    inputCacheRead: found.get('inputCacheRead') ?? prompt ?? below.inputCacheRead,
    inputCacheWrite,
    inputCacheWrite1h: found.get('inputCacheWrite1h') ?? hour,
  }
}
