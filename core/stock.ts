/** What is sold: upstreams with their keys, the models they list, and the book of offers made of both. */
import { type Engine, type Log, maxCosts, parseDecimal } from '../events'
import type { AdminNode } from './admin/node-port'
import type { ModelRow, UpstreamProbe } from './admin/upstreams-port'
import { type Environment, WrongConfiguration } from './env'
import { modelRows, worstCostMsat } from './model-rows'
import { type Catalogue, createCatalogue } from './processes/catalogue'
import type { Wallet } from './processes/deposit-types'
import type { Settings } from './settings'
import type { Trace } from './trace'
import type { Target } from './upstream/call'
import { listModels, readFeed, readModelsFile } from './upstream/discover'
import { kinds } from './upstream/kinds/kinds'
import { type Book, buildBook, type Offer } from './upstream/offers'

export type Stock = {
  readonly catalogue: Catalogue
  readonly streams: () => readonly string[]
  readonly configOf: (stream: string) => ReturnType<typeof configIn>
  readonly book: () => Book
  /** Where a request for this offer goes, and what must never be shown of that. */
  readonly target: (offer: Offer) => Target
  readonly probe: AdminNode['upstreams']['probe']
  readonly rows: (rate: string | undefined) => readonly ModelRow[]
  readonly names: AdminNode['upstreams']['names']
  /** Something that offers are made of has changed. */
  readonly changed: () => void
  /** A sealed key in plain, before the commit that brings it into use: no request goes out without it. */
  readonly learn: (ref: string, key: string) => void
  /** An upstream was added, or where it is or its keys were changed: it is asked anew. */
  readonly moved: (stream: string) => void
  /** An upstream was removed. */
  readonly removed: (stream: string) => void
}

const configIn = (engine: Engine, stream: string) => engine.peek('upstream', stream)?.config

export async function createStock(deps: {
  readonly engine: Engine
  readonly log: Log
  readonly settings: Settings
  readonly openSecret: Wallet['open']
  readonly environment: Pick<Environment, 'modelsFile'>
  readonly userAgent: string
  readonly now: () => number
  readonly trace: Trace
}): Promise<Stock> {
  const { engine, log, settings, userAgent } = deps
  const streams: string[] = []
  /** By vault reference, so that a key belongs to the configuration that names it and to no later one. */
  const apiKeys = new Map<string, string>()
  const file = await fileOf(deps.environment.modelsFile)
  const configOf = (stream: string) => configIn(engine, stream)
  let book: Book | undefined
  /** An offer lives as long as the configuration that it was made of. */
  let targets = new WeakMap<Offer, Target>()
  for (const stream of await log.streams('upstream-')) {
    await load(stream)
    if (configOf(stream) !== undefined) streams.push(stream)
  }

  async function load(stream: string): Promise<void> {
    const { config } = await engine.state('upstream', stream)
    for (const { vault } of config?.keys ?? []) {
      const sealed = apiKeys.has(vault) ? undefined : await log.sealed(vault)
      const key = sealed === undefined ? undefined : deps.openSecret(vault, sealed)
      if (key !== undefined) apiKeys.set(vault, key)
    }
  }

  function keyOf(config: ReturnType<typeof configOf>): string | undefined {
    const ref = config?.keys[0]?.vault
    return ref === undefined ? undefined : apiKeys.get(ref)
  }

  function currentBook(): Book {
    book ??= buildBook(
      streams.flatMap((id) => {
        const state = engine.peek('upstream', id)
        return state === undefined ? [] : [{ id, state }]
      }),
      settings,
    )
    return book
  }

  function target(offer: Offer): Target {
    const known = targets.get(offer)
    if (known !== undefined) return known
    const config = configOf(offer.upstreamId)
    const made = targetOf(offer, config?.baseUrl ?? '', keyOf(config))
    targets.set(offer, made)
    return made
  }

  async function list(stream: string | undefined, target: Listed) {
    const feed = kinds[target.kind].usesFeed ? await readFeed(settings('rate.feedUrl'), userAgent) : new Map()
    const prices = { feed, file: file?.prices ?? new Map() }
    const listing = await listModels({ ...target, userAgent }, prices)
    if (listing.is !== 'no-list' || file === undefined || stream === undefined) return listing
    // An upstream without a list sells what the file names.
    const models = file.entries.flatMap((entry) => kinds[target.kind].read(entry, prices) ?? [])
    return { is: 'listed' as const, models, ms: listing.ms }
  }

  const catalogue = createCatalogue({
    engine,
    list: (stream, config) => list(stream, { ...config, apiKey: keyOf(config) }),
    upstreams: () => streams,
    settings,
    now: deps.now,
    trace: deps.trace,
  })

  async function probe(target: Parameters<Stock['probe']>[0]): Promise<UpstreamProbe> {
    const known = 'upstream' in target ? target.upstream : undefined
    const config = known === undefined ? undefined : configOf(known)
    if (known !== undefined && config === undefined)
      return { ok: false, ms: 0, sentence: 'That upstream is not known.' }
    const asked: Listed =
      'upstream' in target
        ? { ...(config as NonNullable<typeof config>), apiKey: keyOf(config) }
        : { ...target, name: new URL(target.baseUrl).host }
    const listing = await list(known, asked)
    return listing.is === 'listed'
      ? { ok: true, ms: listing.ms, models: listing.models }
      : { ok: false, ms: listing.ms, sentence: listing.sentence }
  }

  return {
    catalogue,
    streams: () => streams,
    configOf,
    book: currentBook,
    target,
    probe,
    rows: (usdPerBtc) => modelRows(currentBook(), usdPerBtc !== undefined, (offer) => worstMsat(offer, usdPerBtc)),
    names: () => namesIn(currentBook()),
    changed() {
      book = undefined
      targets = new WeakMap()
    },
    learn(ref, key) {
      apiKeys.set(ref, key)
    },
    moved(stream) {
      if (!streams.includes(stream)) streams.push(stream)
      void load(stream).then(() => catalogue.refresh(stream))
    },
    removed(stream) {
      const at = streams.indexOf(stream)
      if (at >= 0) streams.splice(at, 1)
    },
  }
}

async function fileOf(path: string | undefined) {
  if (path === undefined) return undefined
  try {
    return await readModelsFile(path)
  } catch (error) {
    throw new WrongConfiguration(`MODELS_FILE: ${String((error as Error).message).slice(0, 200)}`)
  }
}

type Listed = {
  readonly kind: keyof typeof kinds
  readonly name: string
  readonly baseUrl: string
  readonly apiKey: string | undefined
}

function targetOf(offer: Offer, baseUrl: string, apiKey: string | undefined): Target {
  return {
    kind: offer.kind,
    baseUrl,
    credential: apiKey === undefined ? undefined : kinds[offer.kind].credential(apiKey),
    headers: {},
    secrets: [apiKey ?? '', baseUrl, URL.parse(baseUrl)?.host ?? ''],
  }
}

/** Most that one request can cost, in msat; null while no rate is known. */
const worstMsat = (offer: Offer, usdPerBtc: string | undefined): number | null =>
  offer.prices.fixedMsat === undefined
    ? worstCostMsat(maxCosts(offer.prices.usd, offer.limits).total, parseDecimal(usdPerBtc))
    : Number(offer.prices.fixedMsat)

function namesIn(book: Book): ReturnType<Stock['names']> {
  const byPublic = new Map(book.all.map((offer) => [offer.model, offer]))
  const named = new Map<string, { readonly upstreamId: string; readonly model: string }>()
  for (const [name, id] of book.names) {
    const offer = byPublic.get(id)
    if (offer !== undefined) named.set(name, { upstreamId: offer.upstreamId, model: offer.listedId })
  }
  return named
}
