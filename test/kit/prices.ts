/** Price fixtures F1, F2 and F3 of contract 6.4 and 6.5, and short words to ask for holds and charges on them. */
import {
  type ChargeWish,
  chargeFor,
  clientPrices,
  holdMsat,
  type Measure,
  msatPrices,
  type Price,
  parseDecimal,
  type Rational,
  readUsage,
  type WorstCase,
  whole,
} from '../../events'

export type Upstream = NonNullable<Parameters<typeof clientPrices>[0]['upstream']>
export type Fixture = ReturnType<typeof fixture>

export const decimal = (text: string): Rational => {
  const value = parseDecimal(text)
  if (value === undefined) throw new Error(`not a price: ${text}`)
  return value
}

export const baseUsd = { prompt: '1e-6', completion: '2e-6', inputCacheRead: '1e-7', inputCacheWrite: '1.25e-6' }
export const ownFees = { exchange: '1', upstream: '1' }
export const defaultFees = { exchange: '1.005', upstream: '1.10' }

export function fixture(upstream: Upstream, fees: { exchange: string; upstream: string }, usdPerBtc = '100000') {
  const client = clientPrices({ upstream, fees })
  return { client, msat: msatPrices(client, decimal(usdPerBtc)) }
}

export const f1 = fixture(baseUsd, ownFees)
export const f2 = fixture(baseUsd, defaultFees)
export const fixtureLimits = { contextLength: 10_000, maxOutput: 2000 }

export const nothingMeasured: Measure = {
  textBytes: 0,
  tokenIntegers: 0,
  images: 0,
  imageTokens: 0,
  documentTokens: 0,
  unknownPrompt: false,
  cacheControl: false,
  searches: 0,
}

export const holdOf = (on: Fixture, measure: Partial<Measure>, more: Partial<WorstCase> = {}): number =>
  holdMsat({
    measure: { ...nothingMeasured, ...measure },
    limits: fixtureLimits,
    cap: undefined,
    copies: 1,
    prices: on.msat,
    minimumMsat: 1,
    fixedMsat: undefined,
    free: false,
    ...more,
  })

export function chargeOf(
  on: Fixture,
  raw: Readonly<Record<string, unknown>>,
  more: Partial<ChargeWish> = {},
  kind = 'generic',
): Price {
  return chargeFor({
    buckets: readUsage(raw, kind) ?? { ...noTokens },
    images: 0,
    prices: on.msat,
    minimumMsat: 1,
    fixedMsat: undefined,
    free: false,
    holdMsat: 1e9,
    billing: { by: 'list' },
    ...more,
  })
}

export const noTokens = {
  input: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  output: 0,
  searches: 0,
  mismatch: false,
}

export const chatUsage = (prompt: number, completion: number, more: object = {}) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  ...more,
})

export const one = whole(1)
