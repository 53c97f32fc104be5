/** The price of one finished request: exact sum, one rounding, and the parts it is shown in (contract 6.6). */
import { ceilMsat, floorMsat, type MsatPrices, type MsatTable, summed, tableFor } from './msat'
import { ceilDivide, parseDecimal, type Rational, times, zero } from './rational'
import type { Buckets, RawUsage } from './usage'

export type Split = {
  readonly inputMsat: number
  readonly outputMsat: number
  readonly baseMsat: number
  readonly cacheReadMsat: number
  readonly cacheCreationMsat: number
}
export type Price = {
  readonly costMsat: number
  readonly split: Split
  readonly costUnreported: boolean
  /** What the minimum charge added; in it already. */
  readonly raisedMsat?: number
}

export type ChargeWish = {
  readonly buckets: Buckets
  /** Images in the prompt and images made, where a price per piece is asked for them. */
  readonly images: number
  readonly generated?: number
  /** Characters spoken and seconds transcribed, where they are priced. */
  readonly characters?: number
  readonly seconds?: Rational
  readonly prices: MsatPrices
  readonly minimumMsat: number
  readonly fixedMsat: bigint | undefined
  readonly free: boolean
  readonly holdMsat: number
  readonly billing:
    | { readonly by: 'list' }
    /** What the upstream says it took from us, in USD, and both fees; undefined: it did not say. */
    | {
        readonly by: 'reported'
        readonly usd: Rational | undefined
        readonly fees: Rational
        readonly usdPerBtc: Rational
      }
}

const none: Split = { inputMsat: 0, outputMsat: 0, baseMsat: 0, cacheReadMsat: 0, cacheCreationMsat: 0 }
export const nothing: Price = { costMsat: 0, split: none, costUnreported: false }
const mostHolds = 10
const msatPerBtc = 100_000_000_000n

/** The charge of a delivered answer; what failed or is empty is not asked about here. */
export function chargeFor(wish: ChargeWish): Price {
  if (wish.fixedMsat !== undefined) {
    const costMsat = Number(wish.fixedMsat)
    return { costMsat, split: { ...none, baseMsat: costMsat }, costUnreported: false }
  }
  // Nothing was delivered that has a price: a cost reported for it is the owner's loss (contract 6.6).
  if (wish.free || !isBillable(wish)) return nothing
  const listed = listPrice(wish)
  if (wish.billing.by === 'list') return listed
  const { usd, fees, usdPerBtc } = wish.billing
  const reported = usd === undefined ? undefined : reportedMsat(times(usd, fees), usdPerBtc)
  if (reported === undefined || reported > mostHolds * wish.holdMsat) return { ...listed, costUnreported: true }
  const split = inProportion(listed.split, listed.costMsat, reported)
  const added = reported === 0 ? 0 : Math.max(0, wish.minimumMsat - reported)
  return {
    ...raisedBy(added),
    costMsat: reported + added,
    split: { ...split, baseMsat: split.baseMsat + added },
    costUnreported: false,
  }
}

/** Tokens, or pieces that have a price of their own; a request fee alone counts only where tokens are not priced. */
function isBillable({ buckets, generated = 0, characters = 0, seconds, prices: { of } }: ChargeWish): boolean {
  if (totalTokens(buckets) > 0 || generated > 0 || characters > 0 || (seconds?.num ?? 0n) > 0n) return true
  return of.prompt === 0n && of.completion === 0n
}

function listPrice(wish: ChargeWish): Price {
  const { input, cacheRead, cacheWrite, cacheWrite1h, output, searches } = wish.buckets
  const prices = tableFor(wish.prices, input + cacheRead + cacheWrite + cacheWrite1h)
  const outputSum = summed(prices, { completion: output })
  const readSum = summed(prices, { inputCacheRead: cacheRead })
  const writeSum = summed(prices, { inputCacheWrite: cacheWrite, inputCacheWrite1h: cacheWrite1h })
  const inputSum = summed(prices, { prompt: input }) + readSum + writeSum
  const pieces = summed(prices, {
    request: 1,
    image: wish.images,
    imageOutput: wish.generated ?? 0,
    webSearch: searches,
    inputCharacter: wish.characters ?? 0,
  })
  // Seconds may be fractions: everything is summed over their denominator, so that one rounding is enough.
  const { num, den } = wish.seconds ?? zero
  const exact: MsatTable = den === 1n ? prices : { of: prices.of, den: prices.den * den }
  const baseSum = pieces * den + num * prices.of.audioSecond
  const raw = Number(ceilMsat(exact, (outputSum + inputSum) * den + baseSum))
  const total = raw > 0 ? Math.max(raw, wish.minimumMsat) : 0
  const outputMsat = Number(floorMsat(prices, outputSum))
  const baseMsat = Number(floorMsat(exact, baseSum)) + total - raw
  return {
    ...raisedBy(total - raw),
    costMsat: total,
    split: {
      outputMsat,
      baseMsat,
      inputMsat: total - outputMsat - baseMsat,
      cacheReadMsat: Number(floorMsat(prices, readSum)),
      cacheCreationMsat: Number(floorMsat(prices, writeSum)),
    },
    costUnreported: false,
  }
}

const raisedBy = (msat: number) => (msat > 0 ? { raisedMsat: msat } : {})

const totalTokens = ({ input, cacheRead, cacheWrite, cacheWrite1h, output }: Buckets): number =>
  input + cacheRead + cacheWrite + cacheWrite1h + output

function reportedMsat(usd: Rational, usdPerBtc: Rational): number {
  return Number(ceilDivide(usd.num * msatPerBtc * usdPerBtc.den, usd.den * usdPerBtc.num))
}

/** A reported cost is shown in the proportions of the list prices; the parts still sum to the total. */
function inProportion(split: Split, listedMsat: number, totalMsat: number): Split {
  if (listedMsat === 0) return { ...none, inputMsat: totalMsat }
  const part = (msat: number) => Number((BigInt(msat) * BigInt(totalMsat)) / BigInt(listedMsat))
  const outputMsat = part(split.outputMsat)
  const baseMsat = part(split.baseMsat)
  return {
    outputMsat,
    baseMsat,
    inputMsat: totalMsat - outputMsat - baseMsat,
    cacheReadMsat: part(split.cacheReadMsat),
    cacheCreationMsat: part(split.cacheCreationMsat),
  }
}

/** What the upstream says the request cost us, in USD, by the field its kind uses (contract 6.6). */
export function reportedUsd(usage: RawUsage, kind: string): Rational | undefined {
  const cost = usage.cost
  const details =
    typeof usage.cost_details === 'object' && usage.cost_details !== null ? (usage.cost_details as RawUsage) : {}
  if (kind === 'openrouter') {
    const own = parseDecimal(cost)
    const byok = usage.is_byok === true ? parseDecimal(details.upstream_inference_cost) : undefined
    return own === undefined || byok === undefined
      ? own
      : { num: own.num * byok.den + byok.num * own.den, den: own.den * byok.den }
  }
  if (kind === 'perplexity')
    return parseDecimal(typeof cost === 'object' && cost !== null ? (cost as RawUsage).total_cost : undefined)
  if (kind === 'xai') {
    const ticks = parseDecimal(usage.cost_in_usd_ticks)
    return ticks === undefined ? undefined : { num: ticks.num, den: ticks.den * 10_000_000_000n }
  }
  return parseDecimal(details.total_cost) ?? (typeof cost === 'number' ? parseDecimal(cost) : undefined)
}

/** Tokens for an answer without usage (contract 6.5): four bytes each, images as they were held. */
export const estimatedBuckets = (promptBytes: number, imageTokens: number, answerBytes: number): Buckets => ({
  input: Math.ceil(promptBytes / 4) + imageTokens,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  output: Math.ceil(answerBytes / 4),
  searches: 0,
  mismatch: false,
})
