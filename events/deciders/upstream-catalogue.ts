/** What a fresh model list makes of the models that are known (contract 8.5, dashboard 4.3). */
import type { ListedModel, UpstreamEvent, UsdPriceFields } from '../schema/upstream'
import type { Model, Upstream, UpstreamCommand } from './upstream'

type Data<Type extends UpstreamEvent['type']> = Extract<UpstreamEvent, { type: Type }>['data']
type Refresh = Extract<UpstreamCommand, { do: 'refresh' }>

export const newModel = (listed: ListedModel, byHand: boolean): Model => ({
  listed,
  described: {},
  enabled: true,
  override: undefined,
  free: false,
  locked: false,
  byHand,
  aliases: [],
  unconfirmed: undefined,
  gone: false,
})

/** Prices follow the upstream at once, so that the margin holds; only a wild move waits for the operator. */
export function refresh(state: Upstream, command: Refresh): UpstreamEvent[] {
  const listed: ListedModel[] = []
  const events: UpstreamEvent[] = []
  const isTaken = takenBy(state, command.taken)
  for (const found of command.listed) {
    const known = state.models[found.id]
    if (known?.byHand === true) continue
    if ((known === undefined || known.gone) && isTaken(found.id)) continue
    const model = known?.locked === true ? { ...found, prices: known.listed.prices } : found
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
    .filter(([id, model]) => !model.gone && !model.byHand && !present.has(id))
    .map(([id]) => id)
  const fresh = listed.filter((model) => state.models[model.id] === undefined)
  if (listed.length > 0 || gone.length > 0)
    events.unshift({ type: 'upstream.catalogue-changed', data: { listed, gone } })
  if (!command.sellNew) for (const model of fresh) events.push({ type: 'model.disabled', data: { model: model.id } })
  return events
}

/** A model that is new must not take over the name that customers call another one by (dashboard 4.3, "id taken"). */
function takenBy(state: Upstream, elsewhere: readonly string[] = []): (id: string) => boolean {
  const own = Object.values(state.models).flatMap((model) => (model.gone ? [] : model.aliases))
  const names = new Set([...own, ...elsewhere].map((alias) => alias.toLowerCase()))
  return (id) => names.has(id.toLowerCase())
}

/** More than the guard's factor either way, or to 0, on input or output (contract 8.5). */
export function movedTooFar(was: UsdPriceFields | undefined, now: UsdPriceFields | undefined, factor: number): boolean {
  return (['prompt', 'completion', 'request'] as const).some((field) => {
    const before = Number(was?.[field] ?? 0)
    const after = Number(now?.[field] ?? 0)
    if (before <= 0) return false
    return after <= 0 || after > before * factor || after * factor < before
  })
}

export function catalogueChanged(
  models: Upstream['models'],
  data: Data<'upstream.catalogue-changed'>,
): Upstream['models'] {
  const next: Record<string, Model> = { ...models }
  for (const listed of data.listed) {
    const known = next[listed.id]
    next[listed.id] =
      known === undefined ? newModel(listed, false) : { ...known, listed, unconfirmed: undefined, gone: false }
  }
  for (const id of data.gone) {
    const known = next[id]
    if (known !== undefined) next[id] = { ...known, gone: true }
  }
  return next
}

/** Equal as data; both sides come from one schema, which fixes the order of the keys. */
export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
