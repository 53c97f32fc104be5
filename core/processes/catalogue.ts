/** Keeps each upstream's model list fresh (contract 8.5): every change is an event, a failed refresh changes nothing. */
import { type Engine, type ListedModel, type Upstream, wish } from '../../events'
import type { Settings } from '../settings'
import type { Trace } from '../trace'

export type CatalogueListing =
  | { readonly is: 'listed'; readonly models: readonly ListedModel[]; readonly ms: number }
  | { readonly is: 'no-list' | 'refused-key' | 'down'; readonly sentence: string; readonly ms: number }
export type CatalogueState = {
  readonly state: 'connected' | 'no-list' | 'refused-key' | 'down' | 'unknown'
  readonly sentence: string
  readonly at: number | undefined
}

export type Catalogue = {
  readonly refresh: (upstream: string) => Promise<void>
  readonly state: (upstream: string) => CatalogueState
  readonly note: (upstream: string, state: 'connected' | 'refused-key' | 'down', sentence: string) => void
  readonly start: () => void
  readonly stop: () => void
}

/** How often it is looked whose turn it is. */
const tickMs = 1000

export function createCatalogue(deps: {
  readonly engine: Engine
  readonly list: (upstream: string, config: NonNullable<Upstream['config']>) => Promise<CatalogueListing>
  readonly upstreams: () => readonly string[]
  readonly settings: Settings
  readonly now: () => number
  readonly trace: Trace
}): Catalogue {
  const { engine, settings, now, trace } = deps
  const states = new Map<string, CatalogueState>()
  const askedAt = new Map<string, number>()
  const underway = new Map<string, Promise<void>>()
  let timer: ReturnType<typeof setInterval> | undefined

  function refresh(upstream: string): Promise<void> {
    const running = underway.get(upstream)
    if (running !== undefined) return running
    askedAt.set(upstream, now())
    const work = ask(upstream)
      .catch((error: unknown) => trace.error('A model list could not be refreshed', { upstream, why: String(error) }))
      .finally(() => underway.delete(upstream))
    underway.set(upstream, work)
    return work
  }

  async function ask(upstream: string): Promise<void> {
    const { config, models } = await engine.state('upstream', upstream)
    if (config === undefined) return
    const listing = await deps.list(upstream, config)
    if (listing.is !== 'listed') {
      if (states.get(upstream)?.state !== listing.is)
        trace.warn('A model list could not be fetched', { upstream: config.name, why: listing.sentence })
      states.set(upstream, { state: listing.is, sentence: listing.sentence, at: now() })
      return
    }
    const priced = listing.models.filter((model) => model.prices !== undefined).length
    states.set(upstream, {
      state: 'connected',
      sentence: `${config.name} answers in ${listing.ms} ms, ${listing.models.length} models, ${priced} with a price.`,
      at: now(),
    })
    // An empty list is a broken one: the models stay as they were (C-164).
    if (listing.models.length === 0 && Object.keys(models).length > 0) return
    await engine.execute(
      wish('upstream', upstream, {
        do: 'refresh',
        listed: listing.models,
        guardFactor: settings('pricing.guardFactor'),
        sellNew: settings('pricing.sellNewModels'),
        taken: await aliasesBeside(upstream),
      }),
      { meta: { actor: 'node', door: 'node' } },
    )
  }

  /** Names that models of other upstreams answer to. */
  async function aliasesBeside(upstream: string): Promise<readonly string[]> {
    const others = deps.upstreams().filter((one) => one !== upstream)
    const states = await Promise.all(others.map((one) => engine.state('upstream', one)))
    return states.flatMap(({ models }) => Object.values(models).flatMap((model) => (model.gone ? [] : model.aliases)))
  }

  return {
    refresh,
    state: (upstream) => states.get(upstream) ?? { state: 'unknown', sentence: 'Not asked yet.', at: undefined },
    note(upstream, state, sentence) {
      states.set(upstream, { state, sentence, at: now() })
    },
    start() {
      timer = setInterval(() => {
        for (const upstream of deps.upstreams()) {
          const last = askedAt.get(upstream)
          if (last === undefined || now() - last >= settings('pricing.refreshS') * 1000) void refresh(upstream)
        }
      }, tickMs)
    },
    stop() {
      clearInterval(timer)
    },
  }
}
