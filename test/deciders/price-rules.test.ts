/** Which price holds where: fees, overrides, tiers, fixed and free, and what each endpoint bills (contract 2.4, 2.5, 6.6). */
import { expect, test } from 'bun:test'
import {
  clientPrices,
  effectiveLimits,
  msatPrices,
  parseDecimal,
  satPricing,
  toDecimal,
  toNumber,
  usdPricing,
} from '../../events'
import { isSellableOn, type PricedDialect } from '../../events/deciders/price/sellable'
import {
  baseUsd,
  chargeOf,
  chatUsage,
  decimal,
  defaultFees,
  f1,
  fixture,
  fixtureLimits,
  holdOf,
  one,
  ownFees,
} from '../kit/prices'

test.each([
  ['1e-6', '0.000001'],
  ['0.000033165', '0.000033165'],
  ['1.5E-7', '0.00000015'],
  [' 3 ', '3'],
  [0.1, '0.1'],
  [1e-7, '0.0000001'],
  [1e21, '1000000000000000000000'],
  [0, '0'],
] as const)('P-14 the price %p is read exactly', (given, expected) => {
  expect(toDecimal(parseDecimal(given) ?? decimal('999'))).toBe(expected)
})

test.each([
  '-1',
  -1e-9,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  'NaN',
  '',
  '1,5',
  '0x10',
  '1e',
  '1e999',
  '--1',
  null,
  undefined,
  true,
  {},
  [['1']],
])('P-12 %p is no price', (given) => {
  expect(parseDecimal(given)).toBeUndefined()
})

test('P-14 a fraction becomes the nearest double', () => {
  expect(toNumber({ num: 1n, den: 3n })).toBe(1 / 3)
  expect(toNumber(decimal('0.1'))).toBe(0.1)
  expect(toNumber({ num: 33_165n, den: 10n ** 9n })).toBe(0.000033165)
  expect(toNumber({ num: 10n ** 30n, den: 1n })).toBe(1e30)
})

test('C-024 an override is advertised without fees, in place of price and fees, field by field', () => {
  const own = clientPrices({
    upstream: baseUsd,
    override: { inUsdPerM: '30', outUsdPerM: '60', requestUsd: '0.01' },
    fees: defaultFees,
  })
  const shown = usdPricing(own, fixtureLimits, undefined)
  expect([shown.prompt, shown.completion, shown.request]).toEqual([0.00003, 0.00006, 0.01])
  expect(shown.input_cache_read).toBe(1.1055e-7)
  expect(own.source).toBe('override')
})

test('C-104 missing cache prices are the prompt price, a missing hour price is the cache write price', () => {
  const { usd } = clientPrices({ upstream: { prompt: '3e-6', completion: '15e-6' }, fees: ownFees })
  for (const field of ['inputCacheRead', 'inputCacheWrite', 'inputCacheWrite1h'] as const)
    expect(toDecimal(usd[field])).toBe('0.000003')
  const written = clientPrices({ upstream: { prompt: '3e-6', inputCacheWrite: '4e-6' }, fees: ownFees })
  expect(toDecimal(written.usd.inputCacheWrite1h)).toBe('0.000004')
})

test('C-104 a tier keeps every price that it does not name: the request fee does not vanish in a long prompt', () => {
  const long = fixture(
    { ...baseUsd, request: '0.005', webSearch: '0.01', tiers: [{ aboveInputTokens: 1000, prompt: '2e-6' }] },
    ownFees,
  )
  expect(chargeOf(long, chatUsage(1000, 10)).costMsat).toBe(1000 + 20 + 5000)
  const above = chargeOf(long, { ...chatUsage(1001, 10), num_search_queries: 1 })
  expect(above.costMsat).toBe(2002 + 20 + 5000 + 10_000)
  expect(above.split.baseMsat).toBe(15_000)
})

test('C-024 an override of one component holds in every tier', () => {
  const tiered = clientPrices({
    upstream: { ...baseUsd, tiers: [{ aboveInputTokens: 1000, prompt: '2e-6', completion: '4e-6' }] },
    override: { outUsdPerM: '7' },
    fees: defaultFees,
  })
  expect(tiered.tiers.map(({ prices }) => toDecimal(prices.completion))).toEqual(['0.000007'])
  expect(toDecimal(tiered.tiers[0]?.prices.prompt ?? one)).toBe('0.000002211')
  expect(
    clientPrices({ upstream: { ...baseUsd, tiers: tiersOf('2e-6') }, override: { inUsdPerM: '7' }, fees: ownFees })
      .tiers,
  ).toEqual([])
})

const tiersOf = (prompt: string) => [{ aboveInputTokens: 1000, prompt }]

test('C-026 sats_pricing is pricing divided by the USD of one sat, for every key', () => {
  const { client } = fixture(
    { ...baseUsd, request: '0.003', inputCacheWrite1h: '2e-6', tiers: tiersOf('2e-6') },
    defaultFees,
  )
  const rate = decimal('63857.41')
  const usd = numbersOf(usdPricing(client, fixtureLimits, rate))
  const sat = numbersOf(satPricing(client, fixtureLimits, rate) ?? {})
  expect([...sat.keys()]).toEqual([...usd.keys()])
  expect(sat.size).toBeGreaterThan(16)
  for (const [key, value] of usd) {
    if (key.endsWith('above_input_tokens')) continue
    expect(Math.abs((sat.get(key) ?? 0) - value / 0.0006385741)).toBeLessThanOrEqual((1e-12 * value) / 0.0006385741)
  }
})

function numbersOf(value: object, path = ''): Map<string, number> {
  const found = new Map<string, number>()
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'number') found.set(path + key, inner)
    else for (const [deep, number] of numbersOf(inner as object, `${path + key}.`)) found.set(deep, number)
  }
  return found
}

test('C-027 without a rate there is no sats_pricing, except for fixed pricing', () => {
  expect(satPricing(f1.client, fixtureLimits, undefined)).toBeNull()
})

test('C-032 fixed pricing advertises request = max_cost, holds and charges exactly that', () => {
  const fixed = clientPrices({ upstream: baseUsd, fees: defaultFees, fixedSat: 7 })
  const shown = satPricing(fixed, fixtureLimits, undefined) ?? {}
  expect([shown.request, shown.max_cost]).toEqual([7, 7])
  expect(
    Object.entries(shown).filter(([key, value]) => value !== 0 && key !== 'request' && key !== 'max_cost'),
  ).toEqual([])
  expect(usdPricing(fixed, fixtureLimits, decimal('100000'))).toMatchObject({ request: 0.007, max_cost: 0.007 })
  const on = { client: fixed, msat: msatPrices(fixed, decimal('100000')) }
  const more = { fixedMsat: fixed.fixedMsat }
  expect(holdOf(on, { textBytes: 1e6, images: 3 }, more)).toBe(7000)
  for (const usage of [chatUsage(1, 1), chatUsage(1e6, 1e6), chatUsage(0, 0)])
    expect(chargeOf(on, usage, more)).toMatchObject({ costMsat: 7000, split: { baseMsat: 7000, inputMsat: 0 } })
})

test('C-022 a free model holds and costs nothing, and is sellable only by its flag', () => {
  const free = clientPrices({ upstream: baseUsd, fees: defaultFees, free: true })
  const on = { client: free, msat: msatPrices(free, decimal('100000')) }
  expect(holdOf(on, { textBytes: 9000 }, { free: true, minimumMsat: 1000 })).toBe(0)
  expect(chargeOf(on, chatUsage(1000, 500), { free: true, minimumMsat: 1000 }).costMsat).toBe(0)
  expect(isSellableOn(free, 'chat')).toBe(true)
  expect(isSellableOn(clientPrices({ upstream: { prompt: '0', completion: '0' }, fees: ownFees }), 'chat')).toBe(false)
})

const text: readonly PricedDialect[] = ['chat', 'completions', 'responses', 'messages']
test.each([
  [{ prompt: '1e-6' }, [...text, 'embeddings', 'moderations', 'transcriptions']],
  [{ completion: '1e-6' }, [...text, 'images', 'speech']],
  [{ request: '0.01' }, [...text, 'embeddings', 'moderations', 'images', 'speech', 'transcriptions']],
  [{ imageOutput: '0.04' }, ['images']],
  [{ inputCharacter: '1e-6' }, ['speech']],
  [{ audioSecond: '1e-4' }, ['transcriptions']],
  [{ inputCacheRead: '1e-6', image: '0.1', webSearch: '0.1' }, []],
  [{}, []],
] as const)('P-12 a model with %o alone is sold on %o', (upstream, expected) => {
  const prices = clientPrices({ upstream, fees: ownFees })
  const all: readonly PricedDialect[] = [...text, 'embeddings', 'moderations', 'images', 'speech', 'transcriptions']
  expect(all.filter((dialect) => isSellableOn(prices, dialect))).toEqual([...expected])
  expect(all.every((dialect) => isSellableOn(clientPrices({ upstream, fees: ownFees, fixedSat: 1 }), dialect))).toBe(
    true,
  )
})

test('C-025 embeddings and moderations put nothing out; an output limit never exceeds the context', () => {
  const defaults = { contextLength: 131_072, maxOutput: 16_384 }
  for (const dialect of ['embeddings', 'moderations'])
    expect(effectiveLimits({ contextLength: 8192, maxOutput: 100 }, defaults, dialect).maxOutput).toBe(0)
  expect(effectiveLimits({ contextLength: 4000, maxOutput: 9000 }, defaults).maxOutput).toBe(4000)
  expect(effectiveLimits({ contextLength: 4001 }, defaults).maxOutput).toBe(2000)
  expect(holdOf(f1, { textBytes: 3000 }, { limits: { contextLength: 8192, maxOutput: 0 } })).toBe(1000)
})

test('C-104 images, characters and fractions of seconds are billed exactly, with one rounding', () => {
  const pieces = fixture(
    { imageOutput: '0.04', inputCharacter: '1.5e-8', audioSecond: '1e-7', request: '1e-9' },
    ownFees,
  )
  const usage = { prompt_tokens: 0 }
  // 80000 msat for two images, 0.015 msat a character, 0.1 msat a second, 0.001 msat for the request.
  expect(chargeOf(pieces, usage, { generated: 2 }).costMsat).toBe(80_001)
  expect(chargeOf(pieces, usage, { characters: 200 }).costMsat).toBe(4)
  const spoken = chargeOf(pieces, usage, { seconds: decimal('9.99') })
  expect(spoken).toMatchObject({ costMsat: 1, split: { baseMsat: 1, inputMsat: 0 } })
  expect(chargeOf(pieces, usage, { seconds: decimal('10') }).costMsat).toBe(2)
  expect(holdOf(pieces, {}, { pieces: { imageOutput: 2 } })).toBe(80_001)
  expect(holdOf(pieces, {}, { pieces: { inputCharacter: 200 } })).toBe(4)
})

test('C-104 a model priced per request is billed by the request; one priced per token owes nothing without tokens', () => {
  const perCall = fixture({ request: '0.005' }, ownFees)
  expect(chargeOf(perCall, chatUsage(0, 0))).toMatchObject({ costMsat: 5000, split: { baseMsat: 5000 } })
  const perToken = fixture({ ...baseUsd, request: '0.005' }, ownFees)
  expect(chargeOf(perToken, chatUsage(0, 0), { images: 2, minimumMsat: 1000 }).costMsat).toBe(0)
})

const reported = (usd: string) =>
  ({ by: 'reported', usd: decimal(usd), fees: one, usdPerBtc: decimal('100000') }) as const

test('C-105 no reported cost counts for a token-priced answer without tokens, images in the prompt or not', () => {
  expect(chargeOf(f1, chatUsage(0, 0), { images: 1, billing: reported('0.001') }).costMsat).toBe(0)
})

test('C-104 the minimum lifts a reported cost too, unless it is zero', () => {
  const lifted = chargeOf(f1, chatUsage(10, 5), { billing: reported('0.0000001'), minimumMsat: 500 })
  expect(lifted.costMsat).toBe(500)
  expect(lifted.split.inputMsat + lifted.split.outputMsat + lifted.split.baseMsat).toBe(500)
  expect(lifted.split.baseMsat).toBeGreaterThanOrEqual(499)
  expect(chargeOf(f1, chatUsage(10, 5), { billing: reported('0'), minimumMsat: 500 }).costMsat).toBe(0)
})
