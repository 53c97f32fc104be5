/** The book of offers as the Models tab shows it. */
import { namedPrices, over, type Rational, toDecimal, toNumber, whole } from '../events'
import type { ModelRow } from './admin/upstreams-port'
import { type Book, needsRate, type Offer } from './upstream/offers'

const perM = whole(1_000_000)

export const modelRows = (
  book: Book,
  hasRate: boolean,
  worstMsat: (offer: Offer) => number | null,
): readonly ModelRow[] => book.all.map((offer) => row(offer, hasRate, worstMsat))

function row(offer: Offer, hasRate: boolean, worstMsat: (offer: Offer) => number | null): ModelRow {
  const { prices, source } = offer
  const { listed } = source
  const unpriced = listed.prices === undefined && source.override === undefined && !offer.free
  const asPerM = (price: Rational) => toDecimal({ num: price.num * perM.num, den: price.den })
  return {
    model: offer.listedId,
    aliases: offer.aliases,
    upstream: offer.upstream,
    upstreamId: offer.upstreamId,
    enabled: source.enabled,
    locked: source.locked,
    byHand: source.byHand,
    name: listed.name,
    description: listed.description,
    maxOutput: listed.maxOutput ?? null,
    upstreamModel: offer.upstreamModel,
    described: Object.keys(source.described),
    state: offer.state === 'sellable' && !hasRate && needsRate(offer) ? 'rateOld' : offer.state,
    inUsdPerM: unpriced ? null : asPerM(prices.usd.prompt),
    outUsdPerM: unpriced ? null : asPerM(prices.usd.completion),
    upstreamInUsdPerM: perMillion(listed.prices?.prompt),
    upstreamOutUsdPerM: perMillion(listed.prices?.completion),
    contextLength: listed.contextLength ?? null,
    custom: source.override !== undefined,
    free: offer.free,
    maxCostMsat: offer.state === 'sellable' ? worstMsat(offer) : null,
    otherUsd: otherThan(namedPrices(prices.usd)),
    prices: Object.fromEntries(
      Object.entries(prices.usd)
        .filter(([field, price]) => price.num > 0n || prices.custom.some((one) => one === field))
        .map(([field, price]) => [
          field,
          {
            usd: toDecimal(price),
            source: prices.custom.some((one) => one === field) ? ('custom' as const) : ('upstream' as const),
          },
        ]),
    ),
  }
}

/** These two stand in the row by themselves. */
const otherThan = ({ inUsdPerM: _, outUsdPerM: __, ...others }: Readonly<Record<string, string>>) => others

function perMillion(price: string | undefined): string | null {
  const parsed = price === undefined ? undefined : parse(price)
  return parsed === undefined ? null : toDecimal({ num: parsed.num * perM.num, den: parsed.den })
}

const parse = (text: string): Rational | undefined => {
  const [wholePart = '0', fraction = ''] = text.split('.')
  return /^\d+$/.test(wholePart + fraction)
    ? { num: BigInt(wholePart + fraction), den: 10n ** BigInt(fraction.length) }
    : undefined
}

/** Most that one request can cost, in whole msat upwards. */
export function worstCostMsat(total: Rational, usdPerBtc: Rational | undefined): number | null {
  return usdPerBtc === undefined
    ? null
    : Math.ceil(toNumber(over({ num: total.num * 100_000_000_000n, den: total.den }, usdPerBtc)))
}
