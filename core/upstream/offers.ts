/** What can be sold right now: models under their public ids, their offers in order, and every name that finds them. */
import {
  type ClientPrices,
  clientPrices,
  effectiveLimits,
  isPositive,
  isSellableForText,
  type Limits,
  type Model,
  type MsatPrices,
  msatPrices,
  parseDecimal,
  type Rational,
  type Upstream,
  type UpstreamKind,
} from '../../events'
import type { Settings } from '../settings'
import { kinds } from './kinds/kinds'

export type Offer = {
  readonly key: string
  readonly upstreamId: string
  readonly upstream: string
  readonly kind: UpstreamKind
  /** The model's id in the upstream's list, the id that is sent there, and its public id here. */
  readonly listedId: string
  readonly upstreamModel: string
  readonly model: string
  readonly vendor: string | undefined
  readonly prices: ClientPrices
  readonly limits: Limits
  readonly billing: 'list' | 'reported'
  readonly hostedTools: boolean
  readonly streamUsage: boolean
  readonly free: boolean
  readonly aliases: readonly string[]
  readonly state: 'sellable' | 'off' | 'paused' | 'unpriced' | 'gone' | 'unconfirmed'
  readonly source: Model
}

export type Book = {
  /** Every model that an upstream lists, sold or not. */
  readonly all: readonly Offer[]
  /** Sellable offers by public id, first candidate first. */
  readonly sellable: ReadonlyMap<string, readonly Offer[]>
  /** Lower-case id, alias or slug to the public id. */
  readonly names: ReadonlyMap<string, string>
}

type Named = { readonly id: string; readonly state: Upstream }

/** Builds the book from the upstreams in the order in which they were added. */
export function buildBook(upstreams: readonly Named[], settings: Settings): Book {
  const offers: Offer[] = []
  const holders = new Map<string, string | undefined>()
  for (const { id, state } of upstreams) {
    const { config } = state
    if (config === undefined) continue
    for (const model of Object.values(state.models))
      offers.push(offerOf({ id, config, isPaused: state.isPaused }, asDescribed(model), holders, settings))
  }
  const sellable = new Map<string, Offer[]>()
  for (const offer of offers.filter((one) => one.state === 'sellable')) {
    const known = sellable.get(offer.model)
    if (known === undefined) sellable.set(offer.model, [offer])
    else known.push(offer)
  }
  const priorities = new Map(upstreams.map(({ id, state }) => [id, state.config?.priority ?? 0]))
  for (const candidates of sellable.values())
    candidates.sort(
      (a, b) => (priorities.get(b.upstreamId) ?? 0) - (priorities.get(a.upstreamId) ?? 0) || compareCost(a, b),
    )
  return { all: offers, sellable, names: namesOf(offers) }
}

/** The model with what the operator says of it in place of what its upstream says. */
function asDescribed(model: Model): Model {
  const { upstreamModel: _, ...described } = model.described
  return { ...model, listed: { ...model.listed, ...described } }
}

function offerOf(
  { id, config, isPaused }: Pick<Upstream, 'isPaused'> & { id: string; config: NonNullable<Upstream['config']> },
  model: Model,
  holders: Map<string, string | undefined>,
  settings: Settings,
): Offer {
  const { listed, override, free } = model
  const { publicId, vendor } = publicName(listed.id, kinds[config.kind].vendor, holders)
  const fees = {
    exchange: String(settings('pricing.exchangeFee')),
    upstream: config.fee ?? String(settings('pricing.upstreamFee')),
  }
  const fixedSat = settings('pricing.fixed') ? settings('pricing.fixedCostSat') : undefined
  const prices = clientPrices({ upstream: listed.prices, override, fees, fixedSat, free })
  const hasOwnPrice = override !== undefined || listed.prices !== undefined
  const sellable = isSellableForText(prices, hasOwnPrice) || (fixedSat !== undefined && !free)
  return {
    key: `${id} ${listed.id}`,
    upstreamId: id,
    upstream: config.name,
    kind: config.kind,
    listedId: listed.id,
    upstreamModel: model.described.upstreamModel ?? listed.id,
    model: publicId,
    vendor,
    prices,
    limits: effectiveLimits(listed, {
      contextLength: settings('pricing.defaultContext'),
      maxOutput: settings('pricing.defaultMaxOutput'),
    }),
    // A price of the operator's own, or a fixed one, never follows what the upstream reports (contract 6.6).
    billing: override !== undefined || fixedSat !== undefined ? 'list' : config.billing,
    hostedTools: config.hostedTools,
    streamUsage: config.streamUsage,
    free,
    aliases: model.aliases,
    state: stateOf(model, sellable, isPaused),
    source: model,
  }
}

function stateOf(model: Model, sellable: boolean, isPaused: boolean): Offer['state'] {
  if (model.gone) return 'gone'
  if (!model.enabled) return 'off'
  if (isPaused) return 'paused'
  if (model.unconfirmed !== undefined) return 'unconfirmed'
  return sellable ? 'sellable' : 'unpriced'
}

/** The short id belongs to the vendor whose upstream came first; another vendor's keeps its full id (contract 8.1). */
function publicName(
  upstreamModel: string,
  implied: string | undefined,
  holders: Map<string, string | undefined>,
): { publicId: string; vendor: string | undefined } {
  const slash = upstreamModel.indexOf('/')
  const vendor = slash === -1 ? implied : upstreamModel.slice(0, slash)
  const short = slash === -1 ? upstreamModel : upstreamModel.slice(slash + 1)
  const key = short.toLowerCase()
  const holder = holders.get(key)
  const isSame = !holders.has(key) || holder === undefined || vendor === undefined || holder === vendor
  if (isSame) holders.set(key, holder ?? vendor)
  return { publicId: isSame ? short : upstreamModel, vendor }
}

function namesOf(offers: readonly Offer[]): Map<string, string> {
  const names = new Map<string, string>()
  // Ids win over aliases, and what is sold over what is not.
  const ordered = [...offers].sort((a, b) => Number(b.state === 'sellable') - Number(a.state === 'sellable'))
  for (const offer of ordered)
    if (!names.has(offer.model.toLowerCase())) names.set(offer.model.toLowerCase(), offer.model)
  for (const offer of ordered) {
    const { canonicalSlug } = offer.source.listed
    for (const name of [...offer.aliases, offer.upstreamModel, ...(canonicalSlug === undefined ? [] : [canonicalSlug])])
      if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), offer.model)
  }
  return names
}

/** Reference cost: 1000 input, 500 output tokens and the request fee (contract 8.2). */
function compareCost(a: Offer, b: Offer): number {
  const cost = ({ prices: { usd } }: Offer): Rational => {
    const den = usd.prompt.den * usd.completion.den * usd.request.den
    const num =
      1000n * usd.prompt.num * usd.completion.den * usd.request.den +
      500n * usd.completion.num * usd.prompt.den * usd.request.den +
      usd.request.num * usd.prompt.den * usd.completion.den
    return { num, den }
  }
  const [x, y] = [cost(a), cost(b)]
  const difference = x.num * y.den - y.num * x.den
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

const trailingDate = /-(\d{4}-\d{2}-\d{2}|\d{8})$/

/** Case does not matter; on a miss one trailing date is dropped (contract 8.1). */
export function findOffers(book: Book, name: string): readonly Offer[] | undefined {
  const wanted = name.trim().toLowerCase()
  const id = book.names.get(wanted) ?? book.names.get(wanted.replace(trailingDate, ''))
  return id === undefined ? undefined : book.sellable.get(id)
}

/** Prices in msat are computed once for a rate and an offer. */
export function createPriceCache(): (offer: Offer, usdPerBtc: string | undefined) => MsatPrices {
  let rate = ''
  let cache = new WeakMap<Offer, MsatPrices>()
  return (offer, usdPerBtc) => {
    const wanted = usdPerBtc ?? '1'
    if (wanted !== rate) {
      rate = wanted
      cache = new WeakMap()
    }
    const known = cache.get(offer)
    if (known !== undefined) return known
    const made = msatPrices(offer.prices, parseDecimal(wanted) ?? { num: 1n, den: 1n })
    cache.set(offer, made)
    return made
  }
}

/** Whether the price of an offer depends on a rate at all. */
export const needsRate = ({ prices }: Offer): boolean => prices.fixedMsat === undefined && prices.source !== 'free'

export const pricedFor = (offer: Offer, field: 'webSearch'): boolean => isPositive(offer.prices.usd[field])
