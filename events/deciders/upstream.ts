/** The rules of one upstream and its models: what it lists, what the operator made of it. */
import type { ListedModel, UpstreamEvent, UsdPriceFields } from '../schema/upstream'
import type { Decider } from './decider'

type Data<Type extends UpstreamEvent['type']> = Extract<UpstreamEvent, { type: Type }>['data']

/** Operator's own prices of a model: by the names of `models.setPrice`, USD as decimal text. */
export type PriceOverride = Readonly<Record<string, string>>

export type Model = {
  readonly listed: ListedModel
  readonly enabled: boolean
  readonly override: PriceOverride | undefined
  readonly free: boolean
  readonly aliases: readonly string[]
  /** Prices that moved too far to be believed (contract 8.5). */
  readonly unconfirmed: UsdPriceFields | undefined
  readonly gone: boolean
}

export type Upstream = {
  readonly config: Data<'upstream.added'> | undefined
  readonly models: Readonly<Record<string, Model>>
}

export type UpstreamCommand =
  | { readonly do: 'add'; readonly config: Data<'upstream.added'> }
  | {
      readonly do: 'refresh'
      readonly listed: readonly ListedModel[]
      readonly guardFactor: number
      /** false: a model never seen before waits, disabled, for the operator. */
      readonly sellNew: boolean
      /** Ids the operator accepted in an import: the guard does not apply to them. */
      readonly accepted?: readonly string[]
    }
  | {
      readonly do: 'set-price'
      readonly model: string
      readonly prices: Readonly<Record<string, string | null>>
      readonly free: boolean | undefined
    }
  | { readonly do: 'enable'; readonly model: string }
  | { readonly do: 'disable'; readonly model: string }
  | { readonly do: 'set-aliases'; readonly model: string; readonly aliases: readonly string[] }

export type UpstreamRefusal = {
  readonly refused: 'upstream-known' | 'upstream-unknown' | 'model-unknown' | 'model-unpriced'
}

export const upstream: Decider<Upstream, UpstreamCommand, UpstreamEvent, UpstreamRefusal> = {
  initial: { config: undefined, models: {} },

  decide(state, command) {
    if (command.do === 'add')
      return state.config === undefined
        ? [{ type: 'upstream.added', data: command.config }]
        : { refused: 'upstream-known' }
    if (state.config === undefined) return { refused: 'upstream-unknown' }
    if (command.do === 'refresh') return refresh(state, command)
    const model = state.models[command.model]
    if (model === undefined) return { refused: 'model-unknown' }
    switch (command.do) {
      case 'set-price':
        return setPrice(model, command)
      case 'enable':
        if (!isPriced(model)) return { refused: 'model-unpriced' }
        return model.enabled ? [] : [{ type: 'model.enabled', data: { model: command.model } }]
      case 'disable':
        return model.enabled ? [{ type: 'model.disabled', data: { model: command.model } }] : []
      case 'set-aliases': {
        const { model: id, aliases } = command
        return same(aliases, model.aliases)
          ? []
          : [{ type: 'model.aliases-set', data: { model: id, aliases: [...aliases] } }]
      }
      default:
        return command satisfies never
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'upstream.added':
        return { ...state, config: event.data }
      case 'upstream.catalogue-changed':
        return { ...state, models: catalogueChanged(state.models, event.data) }
      case 'model.price-unconfirmed':
        return changed(state, event.data.model, { unconfirmed: event.data.prices })
      case 'model.price-set': {
        const { model, prices, free } = event.data
        const kept = { ...state.models[model]?.override, ...prices }
        const override = Object.fromEntries(
          Object.entries(kept).filter((entry): entry is [string, string] => entry[1] !== null),
        )
        return changed(state, model, {
          override: Object.keys(override).length > 0 ? override : undefined,
          free,
          unconfirmed: undefined,
        })
      }
      case 'model.enabled':
        return changed(state, event.data.model, { enabled: true })
      case 'model.disabled':
        return changed(state, event.data.model, { enabled: false })
      case 'model.aliases-set':
        return changed(state, event.data.model, { aliases: event.data.aliases })
      default:
        return event satisfies never
    }
  },
}

/** Prices follow the upstream at once, so that the margin holds; only a wild move waits for the operator. */
function refresh(state: Upstream, command: Extract<UpstreamCommand, { do: 'refresh' }>): UpstreamEvent[] {
  const listed: ListedModel[] = []
  const events: UpstreamEvent[] = []
  for (const model of command.listed) {
    const known = state.models[model.id]
    if (known !== undefined && !known.gone && same(known.listed, model)) {
      // The old price is back: what was held in doubt is settled by itself.
      if (known.unconfirmed !== undefined) listed.push(model)
      continue
    }
    const doubtful =
      known !== undefined &&
      known.override === undefined &&
      !(command.accepted ?? []).includes(model.id) &&
      movedTooFar(known.listed.prices, model.prices, command.guardFactor)
    if (!doubtful) listed.push(model)
    else if (!same(known.unconfirmed, model.prices))
      events.push({ type: 'model.price-unconfirmed', data: { model: model.id, prices: model.prices ?? {} } })
  }
  const present = new Set(command.listed.map((model) => model.id))
  const gone = Object.entries(state.models)
    .filter(([id, model]) => !model.gone && !present.has(id))
    .map(([id]) => id)
  const fresh = listed.filter((model) => state.models[model.id] === undefined)
  if (listed.length > 0 || gone.length > 0)
    events.unshift({ type: 'upstream.catalogue-changed', data: { listed, gone } })
  if (!command.sellNew) for (const model of fresh) events.push({ type: 'model.disabled', data: { model: model.id } })
  return events
}

/** More than the guard's factor either way, or to 0, on input or output (contract 8.5). */
function movedTooFar(was: UsdPriceFields | undefined, now: UsdPriceFields | undefined, factor: number): boolean {
  return (['prompt', 'completion', 'request'] as const).some((field) => {
    const before = Number(was?.[field] ?? 0)
    const after = Number(now?.[field] ?? 0)
    if (before <= 0) return false
    return after <= 0 || after > before * factor || after * factor < before
  })
}

function setPrice(model: Model, command: Extract<UpstreamCommand, { do: 'set-price' }>): UpstreamEvent[] {
  const free = command.free ?? model.free
  const differs = Object.entries(command.prices).filter(([field, price]) => (model.override?.[field] ?? null) !== price)
  if (differs.length === 0 && free === model.free && model.unconfirmed === undefined) return []
  return [{ type: 'model.price-set', data: { model: command.model, prices: Object.fromEntries(differs), free } }]
}

/** Whether any price stands that could be charged; the rules by path are the price room's. */
export const isPriced = (model: Model): boolean =>
  model.free ||
  [...Object.values(model.override ?? {}), ...Object.values(model.listed.prices ?? {})].some(
    (price) => Number(price) > 0,
  )

function catalogueChanged(models: Upstream['models'], data: Data<'upstream.catalogue-changed'>): Upstream['models'] {
  const next: Record<string, Model> = { ...models }
  for (const listed of data.listed) {
    const known = next[listed.id]
    next[listed.id] =
      known === undefined
        ? { listed, enabled: true, override: undefined, free: false, aliases: [], unconfirmed: undefined, gone: false }
        : { ...known, listed, unconfirmed: undefined, gone: false }
  }
  for (const id of data.gone) {
    const known = next[id]
    if (known !== undefined) next[id] = { ...known, gone: true }
  }
  return next
}

function changed(state: Upstream, id: string, change: Partial<Model>): Upstream {
  const model = state.models[id]
  return model === undefined ? state : { ...state, models: { ...state.models, [id]: { ...model, ...change } } }
}

/** Equal as data; both sides come from one schema, which fixes the order of the keys. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
