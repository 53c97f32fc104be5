/** Prices in msat per unit at one rate: all on one denominator, so that a price is one sum and one division. */
import { type ClientPrices, type PriceField, priceFields, type UsdPrices } from './prices'
import { ceilDivide, type Rational } from './rational'

export type MsatTable = { readonly den: bigint; readonly of: Readonly<Record<PriceField, bigint>> }
export type MsatPrices = MsatTable & {
  readonly tiers: readonly { readonly aboveInputTokens: number; readonly table: MsatTable }[]
}

/** 1e8 sat per BTC, 1000 msat per sat. */
const msatPerBtc = 100_000_000_000n

/** msat per unit = client USD / (USD per msat), exact (contract 2.4, 4). */
export function msatPrices(prices: ClientPrices, usdPerBtc: Rational): MsatPrices {
  return {
    ...table(prices.usd, usdPerBtc),
    tiers: prices.tiers.map((tier) => ({
      aboveInputTokens: tier.aboveInputTokens,
      table: table(tier.prices, usdPerBtc),
    })),
  }
}

/** The prices that hold for so many input tokens: the largest threshold below them (contract 6.6). */
export function tableFor(prices: MsatPrices, inputTokens: number): MsatTable {
  let found: MsatTable = prices
  let highest = -1
  for (const tier of prices.tiers) {
    if (tier.aboveInputTokens < inputTokens && tier.aboveInputTokens > highest) {
      found = tier.table
      highest = tier.aboveInputTokens
    }
  }
  return found
}

export type Counts = Partial<Record<PriceField, number>>

/** Exact sum of counts times prices, as a numerator over the table's denominator. */
export function summed(prices: MsatTable, counts: Counts): bigint {
  let sum = 0n
  for (const field of priceFields) {
    const count = counts[field]
    if (count !== undefined && count !== 0) sum += BigInt(count) * prices.of[field]
  }
  return sum
}

export const ceilMsat = (prices: MsatTable, sum: bigint): bigint => ceilDivide(sum, prices.den)
export const floorMsat = (prices: MsatTable, sum: bigint): bigint => sum / prices.den

function table(usd: UsdPrices, usdPerBtc: Rational): MsatTable {
  let common = 1n
  for (const field of priceFields) common = leastCommonMultiple(common, usd[field].den)
  const den = common * usdPerBtc.num
  const of = Object.fromEntries(
    priceFields.map((field) => [field, usd[field].num * (common / usd[field].den) * msatPerBtc * usdPerBtc.den]),
  ) as Record<PriceField, bigint>
  return { den, of }
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  let x = a
  let y = b
  while (y !== 0n) [x, y] = [y, x % y]
  return (a / x) * b
}
