/** The rules of one model: its price, its names, whether it is sold (dashboard 4.3). */
import type { UpstreamEvent } from '../schema/upstream'
import type { Model, ModelCommand, UpstreamRefusal } from './upstream'
import { same } from './upstream-catalogue'

/** What one model's own wishes become. */
export function ofModel(model: Model | undefined, command: ModelCommand): readonly UpstreamEvent[] | UpstreamRefusal {
  if (model === undefined) return { refused: 'model-unknown' }
  const data = { model: command.model }
  switch (command.do) {
    case 'set-price':
      return setPrice(model, command)
    case 'reset-price': {
      const prices = Object.fromEntries(Object.keys(model.override ?? {}).map((field) => [field, null]))
      return setPrice(model, { do: 'set-price', ...data, prices, free: false })
    }
    case 'describe': {
      const described: Readonly<Record<string, unknown>> = model.described
      const changes = Object.entries(command.changes).filter(([field, value]) => (described[field] ?? null) !== value)
      return changes.length === 0
        ? []
        : [{ type: 'model.described', data: { ...data, changes: Object.fromEntries(changes) } }]
    }
    case 'lock':
      return model.locked ? [] : [{ type: 'model.locked', data }]
    case 'unlock':
      return model.locked ? [{ type: 'model.unlocked', data }] : []
    case 'remove-model':
      // What a list names would be back with the next refresh: it is switched off instead.
      return model.byHand || model.gone ? [{ type: 'model.removed', data }] : { refused: 'model-listed' }
    case 'enable':
      if (!isPriced(model)) return { refused: 'model-unpriced' }
      return model.enabled ? [] : [{ type: 'model.enabled', data }]
    case 'disable':
      return model.enabled ? [{ type: 'model.disabled', data }] : []
    case 'set-aliases': {
      const { aliases } = command
      return same(aliases, model.aliases)
        ? []
        : [{ type: 'model.aliases-set', data: { ...data, aliases: [...aliases] } }]
    }
    default:
      return command satisfies never
  }
}

function setPrice(model: Model, command: Extract<ModelCommand, { do: 'set-price' }>): UpstreamEvent[] {
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
