/** What holds for any price and any use: one rounding, parts that sum, a hold that covers, a first request that fits. */
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  type Buckets,
  chargeFor,
  clientPrices,
  effectiveLimits,
  estimatedBuckets,
  maxCosts,
  msatPrices,
} from '../../events'
import { tableFor } from '../../events/deciders/price/msat'
import { decimal, type Fixture, f1, fixture, holdOf, noTokens, ownFees } from '../kit/prices'

/** USD per token in steps of 1e-10. */
const price = fc.integer({ min: 0, max: 1_000_000 }).map((steps) => `${steps}e-10`)
const perCall = fc.integer({ min: 0, max: 1_000_000 }).map((steps) => `${steps}e-8`)
const fees = fc.record({
  exchange: fc.integer({ min: 1000, max: 2000 }).map((part) => `${part / 1000}`),
  upstream: fc.integer({ min: 500, max: 10_000 }).map((part) => `${part / 1000}`),
})
const usdPerBtc = fc.integer({ min: 1_000_00, max: 1_000_000_00 }).map((cents) => `${cents / 100}`)
const prices = fc.record({
  prompt: price,
  completion: price,
  inputCacheRead: price,
  inputCacheWrite: price,
  inputCacheWrite1h: price,
  request: perCall,
  image: perCall,
  webSearch: perCall,
  imageOutput: perCall,
})
const anyFixture: fc.Arbitrary<Fixture> = fc.tuple(prices, fees, usdPerBtc).map(([upstream, both, rate]) => {
  const client = clientPrices({ upstream, fees: both })
  return { client, msat: msatPrices(client, decimal(rate)) }
})
const tokens = fc.nat(200_000)
const usage: fc.Arbitrary<Buckets> = fc.record({
  input: tokens,
  cacheRead: tokens,
  cacheWrite: tokens,
  cacheWrite1h: tokens,
  output: tokens,
  searches: fc.nat(20),
  mismatch: fc.boolean(),
})

const charged = ({ msat }: Fixture, buckets: Buckets, images = 0, generated = 0, minimumMsat = 1) =>
  chargeFor({
    buckets,
    images,
    generated,
    prices: msat,
    minimumMsat,
    fixedMsat: undefined,
    free: false,
    holdMsat: 1e9,
    billing: { by: 'list' },
  })

test('C-098 P-14 a charge is the exact sum rounded up once, and its parts sum to it', () => {
  fc.assert(
    fc.property(anyFixture, usage, fc.nat(5), fc.nat(5), fc.nat(5000), (on, buckets, images, generated, minimum) => {
      const { of, den } = on.msat
      const exact =
        BigInt(buckets.input) * of.prompt +
        BigInt(buckets.cacheRead) * of.inputCacheRead +
        BigInt(buckets.cacheWrite) * of.inputCacheWrite +
        BigInt(buckets.cacheWrite1h) * of.inputCacheWrite1h +
        BigInt(buckets.output) * of.completion +
        of.request +
        BigInt(images) * of.image +
        BigInt(generated) * of.imageOutput +
        BigInt(buckets.searches) * of.webSearch
      const { costMsat, split } = charged(on, buckets, images, generated, minimum)
      const raw = Number(exact / den) + (exact % den === 0n ? 0 : 1)
      expect(costMsat).toBe(raw === 0 ? 0 : Math.max(raw, minimum))
      expect(split.inputMsat + split.outputMsat + split.baseMsat).toBe(costMsat)
      for (const part of Object.values(split)) expect(part).toBeGreaterThanOrEqual(0)
      expect(split.cacheReadMsat + split.cacheCreationMsat).toBeLessThanOrEqual(split.inputMsat)
      expect(BigInt(split.outputMsat)).toBe((BigInt(buckets.output) * of.completion) / den)
    }),
    { numRuns: 500 },
  )
})

test('P-14 the price of a unit in msat is upstream price x fees / USD per msat, exactly', () => {
  fc.assert(
    fc.property(prices, fees, usdPerBtc, (upstream, both, rate) => {
      const { of, den } = msatPrices(clientPrices({ upstream, fees: both }), decimal(rate))
      const parts = [upstream.completion, both.exchange, both.upstream].map(decimal)
      const num = parts.reduce((product, part) => product * part.num, 100_000_000_000n * decimal(rate).den)
      const below = parts.reduce((product, part) => product * part.den, decimal(rate).num)
      expect(of.completion * below).toBe(num * den)
    }),
  )
})

test('C-105 a reported cost is split in the proportions of the list, and the parts sum to it', () => {
  fc.assert(
    fc.property(anyFixture, usage, fc.integer({ min: 0, max: 1_000_000 }), fees, (on, buckets, steps, both) => {
      fc.pre(buckets.input + buckets.output > 0)
      const billing = {
        by: 'reported',
        usd: decimal(`${steps}e-9`),
        fees: decimal(both.exchange),
        usdPerBtc: decimal('100000'),
      } as const
      const wish = { images: 0, prices: on.msat, minimumMsat: 1, fixedMsat: undefined, free: false, holdMsat: 1e9 }
      const { costMsat, split, costUnreported } = chargeFor({ ...wish, buckets, billing })
      expect(costUnreported).toBe(false)
      expect(costMsat).toBe(Math.ceil((steps * Math.round(Number(both.exchange) * 1000)) / 1e6))
      expect(split.inputMsat + split.outputMsat + split.baseMsat).toBe(costMsat)
      for (const part of Object.values(split)) expect(part).toBeGreaterThanOrEqual(0)
    }),
  )
})

const limits = { contextLength: 50_000, maxOutput: 8000 }
const measured = fc.record({
  textBytes: fc.nat(200_000),
  images: fc.nat(4),
  cacheControl: fc.boolean(),
  cacheHour: fc.boolean(),
  searches: fc.nat(5),
})

test('P-15 C-091 the hold covers every use within the prompt estimate and the cap', () => {
  const part = fc.double({ min: 0, max: 1, noNaN: true })
  const cap = fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined })
  fc.assert(
    fc.property(
      anyFixture,
      measured,
      cap,
      fc.integer({ min: 1, max: 4 }),
      part,
      part,
      (on, wish, most, copies, a, b) => {
        const measure = { ...wish, imageTokens: wish.images * 765 }
        const held = holdOf(on, measure, { limits, cap: most, copies })
        const output = Math.floor(Math.min(most ?? limits.maxOutput, limits.maxOutput) * a)
        const estimated = Math.floor(wish.textBytes / 3) + measure.imageTokens
        const prompt = Math.floor(Math.min(estimated, limits.contextLength - output) * b)
        const written = Math.floor(prompt * a)
        const buckets = {
          ...noTokens,
          input: prompt - (wish.cacheControl ? written : 0),
          cacheWrite: wish.cacheControl && !wish.cacheHour ? written : 0,
          cacheWrite1h: wish.cacheControl && wish.cacheHour ? written : 0,
          output: output * copies,
          searches: wish.searches,
        }
        expect(held).toBeGreaterThanOrEqual(charged(on, buckets, wish.images).costMsat)
      },
    ),
    { numRuns: 500 },
  )
})

test('P-15 copies that fill the rest of the context are weighed together against the prompt', () => {
  const on = fixture({ prompt: '3e-6', completion: '2e-6' }, ownFees)
  const limits = { contextLength: 10_000, maxOutput: 2000 }
  const full = { textBytes: 30_000 }
  // One completion is cheaper than the prompt whose place it takes, three are dearer.
  expect(holdOf(on, full, { limits, copies: 1 })).toBe(10_000 * 3)
  expect(holdOf(on, full, { limits, copies: 3 })).toBe(8000 * 3 + 3 * 2000 * 2)
})

test('P-15 the hold takes the tier that the prompt falls into, also for a prompt cut to the context', () => {
  const tiered = clientPrices({
    upstream: {
      prompt: '1e-6',
      completion: '2e-6',
      tiers: [{ aboveInputTokens: 2000, prompt: '2e-6', completion: '3e-6' }],
    },
    fees: ownFees,
  })
  const on = { client: tiered, msat: msatPrices(tiered, decimal('100000')) }
  expect(holdOf(on, { textBytes: 6000 }, { cap: 100 })).toBe(2000 + 200)
  expect(holdOf(on, { textBytes: 6003 }, { cap: 100 })).toBe(2 * 2001 + 300)
  expect(holdOf(on, { textBytes: 90_000 })).toBe(2 * 8000 + 3 * 2000)
  expect(tableFor(on.msat, 2000)).toBe(on.msat)
})

test('C-101 an estimate never exceeds the hold: four bytes to a token, against three in the hold', () => {
  fc.assert(
    fc.property(fc.nat(24_000), fc.integer({ min: 1, max: 2000 }), (textBytes, cap) => {
      const answerBytes = cap * 4
      const estimate = charged(f1, estimatedBuckets(textBytes, 0, answerBytes)).costMsat
      // One token of rounding on a prompt shorter than three bytes is what the cap at the hold is for.
      expect(estimate).toBeLessThanOrEqual(holdOf(f1, { textBytes }, { cap }) + 1)
    }),
  )
})

type Client = {
  readonly p: number
  readonly c: number
  readonly cl: number
  readonly m: number
  readonly request: number
}

/** What network clients put on a key before their first request, in whole sat (contract 6.4, admission bound). */
function depositSat(
  { p, c, cl, m, request }: Client,
  maxCost: number,
  body: { readonly text: number; readonly all: number; readonly imageTokens: number; readonly cap: number | undefined },
): number {
  if (m === 0) return Math.ceil(maxCost)
  const component = (Math.ceil(body.text / 2.84) + body.imageTokens) * p + (body.cap ?? m) * c + request
  const gate =
    0.99 * maxCost -
    Math.max(0, 0.99 * (cl - m) * p - (Math.floor(body.all / 3) + body.imageTokens) * p) -
    (body.cap === undefined ? 0 : Math.max(0, 0.99 * m * c - body.cap * c))
  return Math.ceil(Math.min(maxCost, 1.05 * Math.max(component, gate)))
}

test('C-094 the hold of a grid of bodies is at most the deposit, and at most max_cost', () => {
  let compared = 0
  for (const [prompt, completion] of [
    ['1e-6', '2e-6'],
    ['3e-6', '15e-6'],
    ['2e-6', '5e-7'],
    ['1.5e-7', '6e-7'],
    ['0', '1e-6'],
  ])
    for (const [cl, m] of [
      [10_000, 2000],
      [128_000, 16_384],
      [200_000, 64_000],
      [8192, 0],
      [4096, 4096],
    ] as const)
      for (const request of ['0', '0.002']) {
        const client = clientPrices({
          upstream: { prompt, completion, request },
          fees: { exchange: '1.005', upstream: '1.10' },
        })
        const on = { client, msat: msatPrices(client, decimal('63857.41')) }
        const bounds = effectiveLimits({ contextLength: cl, maxOutput: m }, limits)
        const total = maxCosts(client.usd, m === 0 ? { contextLength: cl, maxOutput: 0 } : bounds).total
        const sat = (usd: { num: bigint; den: bigint }) => Number(usd.num) / Number(usd.den) / (63_857.41 / 1e8)
        if (total.num === 0n) continue
        for (const part of [0, 0.001, 0.1, 0.5, 0.9, 1])
          for (const cap of [undefined, 1, 100, m, 2 * m])
            for (const imageTokens of [0, 765]) {
              const estimate = Math.floor((cl - m - imageTokens) * part)
              if (estimate < 0 || cap === 0) continue
              const all = estimate * 3 + 2
              const measure = { textBytes: all, images: imageTokens === 0 ? 0 : 1, imageTokens }
              const held = holdOf(on, measure, { limits: { contextLength: cl, maxOutput: m }, cap })
              const numbers = {
                p: sat(client.usd.prompt),
                c: sat(client.usd.completion),
                cl,
                m,
                request: sat(client.usd.request),
              }
              const deposit = depositSat(numbers, sat(total), { text: all, all, imageTokens, cap })
              compared += 1
              expect(held).toBeLessThanOrEqual(deposit * 1000)
              expect(held).toBeLessThanOrEqual(Math.ceil(sat(total) * 1000 + 1e-6))
            }
      }
  expect(compared).toBeGreaterThan(2000)
})
