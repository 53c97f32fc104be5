/** The price of one finished request: exact sum, one rounding, and the parts it is shown in (contract 6.6). */
import { ceilMsat, floorMsat, type MsatPrices, summed, tableFor } from './msat'
import { ceilDivide, parseDecimal, type Rational, times } from './rational'
import type { Buckets, RawUsage } from './usage'

export type Split = {
  readonly inputMsat: number
  readonly outputMsat: number
  readonly baseMsat: number
  readonly cacheReadMsat: number
  readonly cacheCreationMsat: number
}
export type Price = { readonly costMsat: number; readonly split: Split; readonly costUnreported: boolean }

export type ChargeWish = {
  readonly buckets: Buckets
  /** Images in the prompt and images made, where a price per piece is asked for them. */
  readonly images: number
  readonly generated?: number
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

export function chargeFor(wish: ChargeWish): Price {
  if (wish.fixedMsat !== undefined) {
    const costMsat = Number(wish.fixedMsat)
    return { costMsat, split: { ...none, baseMsat: costMsat }, costUnreported: false }
  }
  if (wish.free) return nothing
  const listed = listPrice(wish)
  if (wish.billing.by === 'list') return listed
  // Nothing was delivered that has a price: a cost reported for it is the owner's loss (contract 6.6).
  const { usd, fees, usdPerBtc } = wish.billing
  if (totalTokens(wish.buckets) === 0 && wish.images + (wish.generated ?? 0) === 0) return listed
  const reported = usd === undefined ? undefined : reportedMsat(times(usd, fees), usdPerBtc)
  if (reported === undefined || reported > mostHolds * wish.holdMsat) return { ...listed, costUnreported: true }
  return { costMsat: reported, split: inProportion(listed.split, listed.costMsat, reported), costUnreported: false }
}

function listPrice(wish: ChargeWish): Price {
  const { input, cacheRead, cacheWrite, cacheWrite1h, output, searches } = wish.buckets
  // A priced component per call alone does not make an answer without tokens cost anything (contract 6.6).
  const delivered = totalTokens(wish.buckets) > 0 || (wish.generated ?? 0) > 0
  if (!delivered) return nothing
  const prices = tableFor(wish.prices, input + cacheRead + cacheWrite + cacheWrite1h)
  const outputSum = summed(prices, { completion: output })
  const readSum = summed(prices, { inputCacheRead: cacheRead })
  const writeSum = summed(prices, { inputCacheWrite: cacheWrite, inputCacheWrite1h: cacheWrite1h })
  const inputSum = summed(prices, { prompt: input }) + readSum + writeSum
  const baseSum = summed(prices, {
    request: 1,
    image: wish.images,
    imageOutput: wish.generated ?? 0,
    webSearch: searches,
  })
  const raw = Number(ceilMsat(prices, outputSum + inputSum + baseSum))
  const total = raw > 0 ? Math.max(raw, wish.minimumMsat) : 0
  const outputMsat = Number(floorMsat(prices, outputSum))
  const baseMsat = Number(floorMsat(prices, baseSum)) + total - raw
  return {
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
