/** What a finished request costs: usage as delivered, prices as admitted, and what failed or is empty for nothing (contract 6.5, 6.6). */
import {
  asMsat,
  type Buckets,
  type Charged,
  chargeFor,
  estimatedBuckets,
  nothing,
  type Price,
  parseDecimal,
  readUsage,
  reportedUsd,
  type SessionCharge,
  times,
  toDecimal,
} from '../../events'
import type { Offer } from '../upstream/offers'
import { endedByClient, type Seen } from '../upstream/seen'
import type { Admitted } from './admission'
import type { PublicNode, PublicRequest } from './node-port'

export type Ended = {
  readonly outcome: 'answered' | 'failed' | 'left'
  readonly status: number
  readonly seen: Seen
  /** The offer that served, or was tried last. */
  readonly offer: Offer
  readonly attempts: Charged['attempts']
  readonly startedAt: number
  readonly firstByteAt: number | undefined
  readonly stream: boolean
}

export function chargeOf(node: PublicNode, call: PublicRequest, admitted: Admitted, ended: Ended): SessionCharge {
  const { offer, attempts, startedAt, firstByteAt } = ended
  const { price, buckets, images, estimated, outcome, costUsd } = priceOf(node, admitted, ended)
  const nowMs = node.now()
  const { split } = price
  return {
    requestId: call.id,
    at: nowMs,
    path: call.path,
    model: admitted.model,
    upstream: offer.upstream,
    upstreamKind: offer.kind,
    outcome,
    status: ended.status,
    stream: ended.stream,
    holdMsat: asMsat(admitted.hold.amountMsat),
    costMsat: asMsat(price.costMsat),
    split: {
      inputMsat: asMsat(split.inputMsat),
      outputMsat: asMsat(split.outputMsat),
      baseMsat: asMsat(split.baseMsat),
      cacheReadMsat: asMsat(split.cacheReadMsat),
      cacheCreationMsat: asMsat(split.cacheCreationMsat),
    },
    usage: { ...buckets, estimated, ...(images > 0 ? { images } : {}) },
    ...(price.raisedMsat === undefined ? {} : { raisedMsat: asMsat(price.raisedMsat) }),
    prices: shownPrices(offer),
    priceSource: offer.prices.source,
    billing: offer.billing,
    fees: offer.prices.fees,
    usdPerBtc: admitted.usdPerBtc ?? null,
    ...(costUsd === undefined ? {} : { upstreamCostUsd: costUsd }),
    ...(price.costUnreported ? { costUnreported: true } : {}),
    attempts,
    ...(firstByteAt === undefined ? {} : { firstByteMs: Math.max(0, Math.round(firstByteAt - startedAt)) }),
    ms: Math.max(0, Math.round(nowMs - startedAt)),
  }
}

type Priced = {
  readonly price: Price
  readonly buckets: Buckets
  /** Those that have a price of their own. */
  readonly images: number
  readonly estimated: boolean
  readonly outcome: Charged['outcome']
  readonly costUsd: string | undefined
}

const noBuckets: Buckets = {
  input: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  output: 0,
  searches: 0,
  mismatch: false,
}

/** Failed and empty answers cost nothing; delivered work is billed, also to a client that left (P-08, P-09). */
function priceOf(node: PublicNode, admitted: Admitted, { outcome, seen, offer }: Ended): Priced {
  const free = (word: Charged['outcome'], costUsd?: string): Priced => ({
    price: nothing,
    buckets: noBuckets,
    images: 0,
    estimated: false,
    outcome: word,
    costUsd,
  })
  if (outcome === 'failed') return free('upstream-failed')
  if (outcome === 'left' && !seen.hasContent && !seen.complete) return free('client-left')
  // A usage that was cut short counts only a part: then it is estimated (contract 6.9).
  const cut = outcome === 'left' && !seen.complete
  const read = seen.usage === undefined || cut ? undefined : readUsage(seen.usage, offer.kind)
  const reported = seen.usage === undefined ? undefined : reportedUsd(seen.usage, offer.kind)
  const costUsd = reported === undefined ? undefined : toDecimal(reported)
  if (
    !seen.hasContent &&
    outcome === 'answered' &&
    !(endedByClient(seen.finishes, admitted.fields) && (read?.output ?? 0) > 0)
  )
    return { ...free('empty', costUsd), buckets: read ?? noBuckets }
  const { measure } = admitted
  const estimated = read === undefined
  const buckets = read ?? estimatedBuckets(measure.textBytes, measure.imageTokens, seen.textBytes)
  const price = chargeFor({
    buckets,
    images: measure.images,
    prices: node.pricesOf(offer, admitted.usdPerBtc),
    minimumMsat: node.settings('pricing.minRequestMsat'),
    fixedMsat: offer.prices.fixedMsat,
    free: offer.prices.source === 'free',
    holdMsat: admitted.hold.amountMsat,
    billing: billingOf(offer, reported, admitted.usdPerBtc),
  })
  return {
    price: estimated ? capped(price, admitted.hold.amountMsat) : price,
    buckets,
    images: shownPrices(offer).image === undefined ? 0 : measure.images,
    estimated,
    outcome: outcome === 'left' ? 'client-left' : 'answered',
    costUsd,
  }
}

function billingOf(offer: Offer, usd: ReturnType<typeof reportedUsd>, usdPerBtc: string | undefined) {
  const rate = parseDecimal(usdPerBtc)
  if (offer.billing === 'list' || rate === undefined) return { by: 'list' } as const
  const { exchange, upstream } = offer.prices.fees
  const one = { num: 1n, den: 1n }
  return {
    by: 'reported',
    usd,
    fees: times(parseDecimal(exchange) ?? one, parseDecimal(upstream) ?? one),
    usdPerBtc: rate,
  } as const
}

/** An estimate never goes above what was promised (contract 6.5). */
function capped(price: Price, mostMsat: number): Price {
  const over = price.costMsat - mostMsat
  if (over <= 0) return price
  const { split } = price
  const outputMsat = Math.max(0, split.outputMsat - over)
  const inputMsat = Math.max(0, split.inputMsat - (over - (split.outputMsat - outputMsat)))
  return {
    ...price,
    costMsat: mostMsat,
    split: { ...split, outputMsat, inputMsat, baseMsat: mostMsat - outputMsat - inputMsat },
  }
}

/** Prices are written as they were asked, so that a reader in five years can multiply them (architecture 4, rule 4). */
const shownCache = new WeakMap<Offer, Record<string, string>>()
function shownPrices(offer: Offer): Record<string, string> {
  const known = shownCache.get(offer)
  if (known !== undefined) return known
  const { usd, fixedMsat } = offer.prices
  const shown =
    fixedMsat === undefined
      ? Object.fromEntries(
          Object.entries(usd)
            .filter(([, price]) => price.num > 0n)
            .map(([field, price]) => [field, toDecimal(price)]),
        )
      : { fixedMsat: fixedMsat.toString() }
  shownCache.set(offer, shown)
  return shown
}
