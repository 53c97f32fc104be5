/** Vectors of contract 2.4 to 2.6 and 6.4 to 6.6: prices are exact and rounded once. */
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  type ChargeWish,
  chargeFor,
  clientPrices,
  effectiveLimits,
  estimatedBuckets,
  holdMsat,
  type Measure,
  maxCosts,
  median,
  msatPrices,
  nextRate,
  noRate,
  over,
  parseDecimal,
  type Rational,
  readUsage,
  reportedUsd,
  times,
  toDecimal,
  toNumber,
  usdPricing,
  whole,
} from '../../events'

const rate = (text: string): Rational => parseDecimal(text) ?? whole(0)
const base = { prompt: '1e-6', completion: '2e-6', inputCacheRead: '1e-7', inputCacheWrite: '1.25e-6' }
const defaults = { contextLength: 131_072, maxOutput: 16_384 }
const fixture = (upstream: Record<string, string>, exchange: string, fee: string, usdPerBtc: string) => {
  const client = clientPrices({ upstream, fees: { exchange, upstream: fee } })
  return { client, msat: msatPrices(client, rate(usdPerBtc)) }
}
const f1 = fixture(base, '1', '1', '100000')
const f2 = fixture(base, '1.005', '1.10', '100000')
const f3 = fixture({ prompt: '1.5e-7', completion: '6e-7', inputCacheRead: '7.5e-8' }, '1.005', '1.10', '63857.41')
const limits = { contextLength: 10_000, maxOutput: 2000 }
const nothing: Measure = {
  textBytes: 0,
  tokenIntegers: 0,
  images: 0,
  imageTokens: 0,
  documentTokens: 0,
  unknownPrompt: false,
  cacheControl: false,
  searches: 0,
}
const hold = (f: typeof f1, measure: Partial<Measure>, more: { cap?: number; copies?: number } = {}) =>
  holdMsat({
    measure: { ...nothing, ...measure },
    limits,
    cap: more.cap,
    copies: more.copies ?? 1,
    prices: f.msat,
    minimumMsat: 1,
    fixedMsat: undefined,
    free: false,
  })
const E = (tokens: number) => ({ textBytes: tokens * 3 })

test.each([
  [E(111), {}, 4111, 4545],
  [E(114), { cap: 100 }, 314, 348],
  [E(118), { cap: 100 }, 318, 352],
  [E(110), { cap: 100 }, 310, 343],
  [E(114), { cap: 100, copies: 3 }, 714, 790],
  [E(316), { cap: 100 }, 516, 571],
  [E(314), { cap: 100 }, 514, 569],
  [E(114), { cap: 5000 }, 4114, 4549],
  [{ ...E(44), images: 1, imageTokens: 765 }, { cap: 1 }, 811, 897],
  [{ ...E(114), cacheControl: true }, { cap: 100 }, 343, 379],
  [E(9000), {}, 12_000, 13_266],
  [E(20_000), { cap: 100 }, 10_100, 11_166],
] as const)('C-090 hold vector %#: F1 %s', (measure, more, one, two) => {
  expect(hold(f1, measure, more)).toBe(one)
  expect(hold(f2, measure, more)).toBe(two)
})

const charge = (f: typeof f1, raw: Record<string, unknown>, kind = 'generic', more: Partial<ChargeWish> = {}) => {
  const buckets = readUsage(raw, kind)
  if (buckets === undefined) throw new Error('no usage')
  return chargeFor({
    buckets,
    images: 0,
    prices: f.msat,
    minimumMsat: 1,
    fixedMsat: undefined,
    free: false,
    holdMsat: 1e9,
    billing: { by: 'list' },
    ...more,
  })
}
const openAi = (prompt_tokens: number, completion_tokens: number, more: object = {}) => ({
  prompt_tokens,
  completion_tokens,
  ...more,
})

test.each([
  [openAi(1000, 500), 'generic', [1000, 1000, 2000], [1106, 1105, 2211]],
  [openAi(1, 1), 'generic', [1, 2, 3], [2, 2, 4]],
  [openAi(1000, 0), 'generic', [1000, 0, 1000], [1106, 0, 1106]],
  [
    openAi(1000, 10, { prompt_tokens_details: { cached_tokens: 800 } }),
    'generic',
    [280, 20, 300, 80],
    [310, 22, 332, 88],
  ],
  [
    { input_tokens: 200, cache_read_input_tokens: 800, cache_creation_input_tokens: 100, output_tokens: 10 },
    'generic',
    [405, 20, 425, 80, 125],
    [448, 22, 470, 88, 138],
  ],
  [{ prompt_tokens: 100, prompt_cache_hit_tokens: 30, completion_tokens: 5 }, 'generic', [73, 10, 83], [81, 11, 92]],
  [
    openAi(333, 77, { completion_tokens_details: { reasoning_tokens: 50 }, total_tokens: 410 }),
    'generic',
    [333, 154, 487],
    [369, 170, 539],
  ],
  [
    openAi(10_120, 1499, {
      prompt_tokens_details: { cached_tokens: 128 },
      completion_tokens_details: { reasoning_tokens: 2809 },
      total_tokens: 14_428,
    }),
    'xai',
    [10_005, 8616, 18_621],
    [11_062, 9524, 20_586],
  ],
  [openAi(21, 0, { total_tokens: 81 }), 'gemini', [21, 120, 141], [24, 132, 156]],
  [openAi(123_457, 8191), 'generic', [123_457, 16_382, 139_839], [136_483, 18_110, 154_593]],
  [openAi(0, 0), 'generic', [0, 0, 0], [0, 0, 0]],
] as const)('C-097 P-11 usage vector %#', (raw, kind, one, two) => {
  for (const [f, [input, output, total, read, write]] of [
    [f1, one],
    [f2, two],
  ] as const) {
    const { costMsat, split } = charge(f, raw, kind)
    expect([split.inputMsat, split.outputMsat, costMsat]).toEqual([input, output, total])
    if (read !== undefined) expect(split.cacheReadMsat).toBe(read)
    if (write !== undefined) expect(split.cacheCreationMsat).toBe(write)
  }
})

test.each([
  [1000, 500, 261, 519, 780],
  [1, 1, 1, 1, 2],
  [333, 77, 88, 79, 167],
  [123_457, 8191, 32_060, 8508, 40_568],
])('C-097 F3 %d/%d', (prompt, completion, input, output, total) => {
  const { costMsat, split } = charge(f3, openAi(prompt, completion))
  expect([split.inputMsat, split.outputMsat, costMsat]).toEqual([input, output, total])
})

test('C-101 missing usage is estimated: 84 and 3 tokens cost 90 msat', () => {
  const estimate = (bytes: number) =>
    chargeFor({
      buckets: estimatedBuckets(bytes, 0, 11),
      images: 0,
      prices: f1.msat,
      minimumMsat: 1,
      fixedMsat: undefined,
      free: false,
      holdMsat: 4111,
      billing: { by: 'list' },
    }).costMsat
  // B has 334 bytes of strings and keys; with "stream" 6 more.
  expect(estimate(334)).toBe(90)
  expect(estimate(340)).toBe(91)
})

test.each([
  ['1', '1.1', { cost: 0.00012345 }, 'openrouter', 136],
  ['1', '1.1', { cost: 0.0001, is_byok: true, cost_details: { upstream_inference_cost: 0.002 } }, 'openrouter', 2310],
  ['1', '1.1', { cost: 0.003 }, 'generic', 3300],
  ['1', '1.1', { cost_in_usd_ticks: 232_856_000 }, 'xai', 25_615],
  ['1.005', '1.10', { cost: 0.00012345 }, 'openrouter', 137],
  [
    '1.005',
    '1.10',
    { cost: 0.0001, is_byok: true, cost_details: { upstream_inference_cost: 0.002 } },
    'openrouter',
    2322,
  ],
  ['1.005', '1.10', { cost: 0.003 }, 'generic', 3317],
  ['1.005', '1.10', { cost_in_usd_ticks: 232_856_000 }, 'xai', 25_743],
] as const)(
  'C-105 reported billing %s x %s %o costs what the upstream took, with both fees',
  (exchange, fee, raw, kind, expected) => {
    const billing = {
      by: 'reported',
      usd: reportedUsd(raw, kind),
      fees: times(rate(exchange), rate(fee)),
      usdPerBtc: rate('100000'),
    } as const
    const done = charge(f1, { ...openAi(1000, 500), ...raw }, kind, { billing })
    expect(done.costMsat).toBe(expected)
    expect(done.split.inputMsat + done.split.outputMsat + done.split.baseMsat).toBe(expected)
  },
)

test('C-105 a reported cost above ten holds, or none, falls back to the list and says so', () => {
  const fees = rate('1')
  const absurd = { by: 'reported', usd: rate('1'), fees, usdPerBtc: rate('100000') } as const
  expect(charge(f1, openAi(1000, 500), 'openrouter', { billing: absurd, holdMsat: 4111 })).toMatchObject({
    costMsat: 2000,
    costUnreported: true,
  })
  const silent = { ...absurd, usd: undefined }
  expect(charge(f1, openAi(1000, 500), 'openrouter', { billing: silent })).toMatchObject({
    costMsat: 2000,
    costUnreported: true,
  })
  expect(charge(f1, openAi(0, 0), 'openrouter', { billing: absurd }).costMsat).toBe(0)
})

test('C-098 list vectors of 6.6: overrides, per-call parts, minimum, tiers', () => {
  const override = clientPrices({
    upstream: base,
    override: { inUsdPerM: '3', outUsdPerM: '15' },
    fees: { exchange: '1.005', upstream: '1.10' },
  })
  expect(charge({ client: override, msat: msatPrices(override, rate('100000')) }, openAi(1000, 500)).costMsat).toBe(
    10_500,
  )
  expect(
    charge(fixture({ prompt: '3e-6', completion: '15e-6' }, '1.005', '1.10', '100000'), openAi(1000, 500)).costMsat,
  ).toBe(11_608)
  const calls = fixture({ ...base, request: '0.005', image: '0.0048', webSearch: '0.01' }, '1', '1', '100000')
  const done = charge(calls, { ...openAi(1000, 500), server_tool_use: { web_search_requests: 3 } }, 'generic', {
    images: 2,
  })
  expect([done.costMsat, done.split.baseMsat]).toEqual([46_600, 44_600])
  const embedding = fixture({ prompt: '2e-8' }, '1', '1', '100000')
  expect([1, 51, 1000].map((tokens) => charge(embedding, openAi(tokens, 0)).costMsat)).toEqual([1, 2, 20])
  const minimum = charge(f1, openAi(1, 1), 'generic', { minimumMsat: 1000 })
  expect(minimum).toMatchObject({ costMsat: 1000, split: { baseMsat: 997, inputMsat: 1, outputMsat: 2 } })
  expect(charge(f1, openAi(0, 0), 'generic', { minimumMsat: 1000 }).costMsat).toBe(0)
  const images = fixture({ ...base, imageOutput: '0.04' }, '1', '1', '100000')
  expect(charge(images, openAi(0, 0), 'generic', { generated: 2 }).costMsat).toBe(80_000)
  const tiered = clientPrices({
    upstream: { ...base, tiers: [{ aboveInputTokens: 200_000, prompt: '2e-6', completion: '3e-6' }] },
    fees: { exchange: '1', upstream: '1' },
  })
  const tiers = { client: tiered, msat: msatPrices(tiered, rate('100000')) }
  expect(charge(tiers, openAi(200_000, 10)).costMsat).toBe(200_020)
  expect(charge(tiers, openAi(200_001, 10)).costMsat).toBe(400_032)
})

test('C-023 P-14 30 USD per million with default fees is 33.165 USD per million', () => {
  const { usd } = clientPrices({ upstream: { prompt: '0.00003' }, fees: { exchange: '1.005', upstream: '1.10' } })
  expect(toDecimal(usd.prompt)).toBe('0.000033165')
  expect(
    usdPricing(
      clientPrices({ upstream: { prompt: '0.00003' }, fees: { exchange: '1.005', upstream: '1.10' } }),
      limits,
      undefined,
    ).prompt,
  ).toBe(0.000033165)
  const own = clientPrices({
    upstream: { prompt: '0.00003' },
    override: { inUsdPerM: '30' },
    fees: { exchange: '1.005', upstream: '1.10' },
  })
  expect(toDecimal(own.usd.prompt)).toBe('0.00003')
})

test.each([
  [{ contextLength: 10_000, maxOutput: 2000 }, '1', '1', [10, 4, 12]],
  [{ contextLength: 10_000, maxOutput: 2000 }, '1.005', '1.10', [11.055, 4.422, 13.266]],
  [{ contextLength: 10_000, maxOutput: 10_000 }, '1', '1', [10, 20, 20]],
  [{ contextLength: 2000, maxOutput: 2000 }, '1', '1', [2, 4, 4]],
  [{ maxOutput: 2000 }, '1', '1', [131.072, 4, 133.072]],
  [{}, '1', '1', [131.072, 32.768, 147.456]],
] as const)('C-025 max-cost vector %#', (offer, exchange, fee, expected) => {
  const { usd } = clientPrices({ upstream: base, fees: { exchange, upstream: fee } })
  const most = maxCosts(usd, effectiveLimits(offer, defaults))
  const sat = (price: Rational) => toNumber(over(price, rate('0.001')))
  expect([most.prompt, most.completion, most.total].map(sat)).toEqual([...expected])
})

test('C-028 rate vectors: the median of the valid, outliers dropped, nonsense never', () => {
  const found = (answers: unknown[]) => {
    const middle = median(answers)
    return middle === undefined ? undefined : toNumber(middle)
  }
  expect(found([100_000, 100_100, 250_000])).toBe(100_050)
  expect(found([100_000, 100_200])).toBe(100_100)
  expect(found([0, -5, 99_000])).toBe(99_000)
  expect(found([100_000, 130_000])).toBeUndefined()
  expect(found([Number.NaN, 'text', null, '1e999'])).toBeUndefined()
})

test('P-13 a jump of more than 20 % counts only when the next round confirms it', () => {
  const first = nextRate(noRate, [100_000], 1)
  const doubted = nextRate(first, [150_000], 2)
  expect(doubted.good).toEqual({ usdPerBtc: whole(100_000), at: 1 })
  expect(nextRate(doubted, [150_500], 3).good?.usdPerBtc).toEqual(whole(150_500))
  expect(nextRate(doubted, [100_500], 3).good?.usdPerBtc).toEqual(whole(100_500))
  expect(nextRate(first, ['broken'], 2)).toEqual(first)
})

test('P-14 one rounding up, and parts that sum to the whole, for any prices and usage', () => {
  const price = fc.integer({ min: 0, max: 10_000_000 }).map((n) => `${n}e-10`)
  fc.assert(
    fc.property(
      price,
      price,
      price,
      fc.nat(200_000),
      fc.nat(50_000),
      fc.nat(50_000),
      fc.integer({ min: 10_000, max: 200_000 }),
      (prompt, completion, inputCacheRead, p, c, cached, btc) => {
        const f = fixture({ prompt, completion, inputCacheRead }, '1.005', '1.10', String(btc))
        const read = Math.min(cached, p)
        const { costMsat, split } = charge(f, openAi(p, c, { prompt_tokens_details: { cached_tokens: read } }))
        const exact =
          ((p - read) * Number(prompt) + read * Number(inputCacheRead) + c * Number(completion)) *
          1.005 *
          1.1 *
          (1e11 / btc)
        expect(costMsat).toBeGreaterThanOrEqual(Math.floor(exact * (1 - 1e-9)))
        expect(costMsat).toBeLessThanOrEqual(Math.ceil(exact * (1 + 1e-9)) + 1)
        expect(split.inputMsat + split.outputMsat + split.baseMsat).toBe(costMsat)
        expect(Math.min(split.inputMsat, split.outputMsat, split.baseMsat)).toBeGreaterThanOrEqual(0)
      },
    ),
  )
})

test('P-15 a hold covers every use that obeys its cap and its prompt estimate', () => {
  fc.assert(
    fc.property(
      fc.nat(20_000),
      fc.option(fc.integer({ min: 1, max: 4000 }), { nil: undefined }),
      fc.integer({ min: 1, max: 4 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (tokens, cap, copies, part) => {
        const held = hold(f2, E(tokens), { copies, ...(cap === undefined ? {} : { cap }) })
        const output = Math.min(cap ?? limits.maxOutput, limits.maxOutput)
        const prompt = Math.min(tokens, limits.contextLength - output)
        expect(held).toBeGreaterThanOrEqual(charge(f2, openAi(Math.floor(prompt * part), output * copies)).costMsat)
      },
    ),
  )
})
