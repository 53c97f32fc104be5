/** The rules of one upstream and its models: what it lists, what the operator made of it. */
import type { ListedModel, UpstreamEvent, UsdPriceFields } from '../schema/upstream'
import type { Decider } from './decider'
import { catalogueChanged, newModel, refresh, same } from './upstream-catalogue'
import { ofModel } from './upstream-models'

type Data<Type extends UpstreamEvent['type']> = Extract<UpstreamEvent, { type: Type }>['data']

/** Operator's own prices of a model: by the names of `models.setPrice`, USD as decimal text. */
export type PriceOverride = Readonly<Record<string, string>>

/** What the operator says of a model instead of its upstream; `upstreamModel` is the id that is sent. */
export type Described = {
  readonly name?: string
  readonly description?: string
  readonly contextLength?: number
  readonly maxOutput?: number
  readonly upstreamModel?: string
}

export type Model = {
  readonly listed: ListedModel
  readonly described: Described
  readonly enabled: boolean
  readonly override: PriceOverride | undefined
  readonly free: boolean
  /** Imports and refreshes leave its price alone. */
  readonly locked: boolean
  /** Added by the operator: no list takes it away. */
  readonly byHand: boolean
  readonly aliases: readonly string[]
  /** Prices that moved too far to be believed (contract 8.5). */
  readonly unconfirmed: UsdPriceFields | undefined
  readonly gone: boolean
}

export type Upstream = {
  readonly config: Data<'upstream.added'> | undefined
  readonly models: Readonly<Record<string, Model>>
  /** Nothing is sold through it. */
  readonly isPaused: boolean
}

export type UpstreamCommand =
  | { readonly do: 'add'; readonly config: Data<'upstream.added'> }
  | { readonly do: 'change'; readonly changes: Data<'upstream.changed'> }
  | { readonly do: 'set-keys'; readonly keys: Data<'upstream.keys-set'>['keys'] }
  | { readonly do: 'pause'; readonly reason: string | undefined }
  | { readonly do: 'resume' }
  | { readonly do: 'remove' }
  | { readonly do: 'add-model'; readonly listed: ListedModel }
  | {
      readonly do: 'refresh'
      readonly listed: readonly ListedModel[]
      readonly guardFactor: number
      /** false: a model never seen before waits, disabled, for the operator. */
      readonly sellNew: boolean
      /** Ids the operator accepted in an import: the guard does not apply to them. */
      readonly accepted?: readonly string[]
      /** Aliases at other upstreams: no new model gets such an id. */
      readonly taken?: readonly string[]
    }
  | ModelCommand

export type ModelCommand =
  | {
      readonly do: 'set-price'
      readonly model: string
      readonly prices: Readonly<Record<string, string | null>>
      readonly free: boolean | undefined
    }
  | { readonly do: 'describe'; readonly model: string; readonly changes: Data<'model.described'>['changes'] }
  | { readonly do: 'reset-price'; readonly model: string }
  | { readonly do: 'lock'; readonly model: string }
  | { readonly do: 'unlock'; readonly model: string }
  | { readonly do: 'remove-model'; readonly model: string }
  | { readonly do: 'enable'; readonly model: string }
  | { readonly do: 'disable'; readonly model: string }
  | { readonly do: 'set-aliases'; readonly model: string; readonly aliases: readonly string[] }

export type UpstreamRefusal = {
  readonly refused:
    | 'upstream-known'
    | 'upstream-unknown'
    | 'model-unknown'
    | 'model-unpriced'
    | 'model-known'
    | 'model-listed'
}

export const upstream: Decider<Upstream, UpstreamCommand, UpstreamEvent, UpstreamRefusal> = {
  initial: { config: undefined, models: {}, isPaused: false },

  decide(state, command) {
    if (command.do === 'add')
      return state.config === undefined
        ? [{ type: 'upstream.added', data: command.config }]
        : { refused: 'upstream-known' }
    const { config } = state
    if (config === undefined) return { refused: 'upstream-unknown' }
    switch (command.do) {
      case 'refresh':
        return refresh(state, command)
      case 'change': {
        const changes = differing(config, command.changes)
        return changes === undefined ? [] : [{ type: 'upstream.changed', data: changes }]
      }
      case 'set-keys':
        return same(command.keys, config.keys) ? [] : [{ type: 'upstream.keys-set', data: { keys: [...command.keys] } }]
      case 'pause':
        return state.isPaused ? [] : [{ type: 'upstream.paused', data: { reason: command.reason } }]
      case 'resume':
        return state.isPaused ? [{ type: 'upstream.resumed', data: {} }] : []
      case 'remove':
        return [{ type: 'upstream.removed', data: {} }]
      case 'add-model': {
        const known = state.models[command.listed.id]
        return known === undefined || known.gone
          ? [{ type: 'model.added', data: { model: command.listed } }]
          : { refused: 'model-known' }
      }
      default:
        return ofModel(state.models[command.model], command)
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'upstream.added':
        return { ...state, config: event.data }
      case 'upstream.changed':
        return state.config === undefined ? state : { ...state, config: merged(state.config, event.data) }
      case 'upstream.keys-set':
        return state.config === undefined ? state : { ...state, config: { ...state.config, keys: event.data.keys } }
      case 'upstream.paused':
        return { ...state, isPaused: true }
      case 'upstream.resumed':
        return { ...state, isPaused: false }
      case 'upstream.removed':
        return { config: undefined, models: {}, isPaused: false }
      case 'upstream.catalogue-changed':
        return { ...state, models: catalogueChanged(state.models, event.data) }
      case 'model.added':
        return { ...state, models: { ...state.models, [event.data.model.id]: newModel(event.data.model, true) } }
      case 'model.removed': {
        const { [event.data.model]: _, ...models } = state.models
        return { ...state, models }
      }
      case 'model.price-unconfirmed':
        return changed(state, event.data.model, { unconfirmed: event.data.prices })
      case 'model.price-set':
        return priceSet(state, event.data)
      case 'model.described': {
        const described = withoutNulls({ ...state.models[event.data.model]?.described, ...event.data.changes })
        return changed(state, event.data.model, { described })
      }
      case 'model.locked':
        return changed(state, event.data.model, { locked: true })
      case 'model.unlocked':
        return changed(state, event.data.model, { locked: false })
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

/** The part of a change that is one; undefined: none of it. */
function differing(config: Data<'upstream.added'>, changes: Data<'upstream.changed'>) {
  const current: Readonly<Record<string, unknown>> = config
  const found = Object.entries(changes).filter(
    ([field, value]) => value !== undefined && !same(current[field] ?? null, value),
  )
  return found.length === 0 ? undefined : (Object.fromEntries(found) as Data<'upstream.changed'>)
}

function merged(config: Data<'upstream.added'>, { fee, endpoints, ...rest }: Data<'upstream.changed'>) {
  const { fee: oldFee, endpoints: oldEndpoints, ...kept } = config
  const newFee = fee === undefined ? oldFee : (fee ?? undefined)
  const newEndpoints = endpoints === undefined ? oldEndpoints : (endpoints ?? undefined)
  return {
    ...kept,
    ...rest,
    ...(newFee === undefined ? {} : { fee: newFee }),
    ...(newEndpoints === undefined ? {} : { endpoints: newEndpoints }),
  }
}

const withoutNulls = <Value>(fields: Readonly<Record<string, Value | null | undefined>>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined))

function priceSet(state: Upstream, { model, prices, free }: Data<'model.price-set'>): Upstream {
  const override = withoutNulls({ ...state.models[model]?.override, ...prices }) as PriceOverride
  return changed(state, model, {
    override: Object.keys(override).length > 0 ? override : undefined,
    free,
    unconfirmed: undefined,
  })
}

function changed(state: Upstream, id: string, change: Partial<Model>): Upstream {
  const model = state.models[id]
  return model === undefined ? state : { ...state, models: { ...state.models, [id]: { ...model, ...change } } }
}
