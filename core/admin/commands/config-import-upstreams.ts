/** What a document of config.export says of upstreams and their models, beside what stands here: each with its wishes. */
import { z } from 'zod'
import { type SettingValue, type Upstream, type Wish, wish } from '../../../events'
import type { RunContext } from '../command'
import { changedModels } from '../queries/config'
import { findModel } from '../queries/models'
import { alias, aliasClash } from './models'
import { farFromCatalogue, pricesIn, whyNoPrice } from './models-price'
import { baseUrl, billing, endpoints, fee, kind, plainUrl, priority, upstreamName } from './upstream-fields'

const chosenModel = z.object({
  enabled: z.boolean(),
  free: z.boolean().default(false),
  aliases: z.array(alias).max(20).default([]),
  prices: pricesIn.optional(),
})

/** As config.export writes one; a field it does not have is left as it is here. */
export const exportedUpstream = z.object({
  name: upstreamName,
  kind: kind.default('generic'),
  baseUrl,
  priority: priority.optional(),
  billing: billing.optional(),
  fee: fee.optional(),
  endpoints: endpoints.optional(),
  hostedTools: z.boolean().optional(),
  streamUsage: z.boolean().optional(),
  models: z.record(z.string().max(300), chosenModel).default({}),
})
type Exported = z.output<typeof exportedUpstream>
type Chosen = z.output<typeof chosenModel>

/** Why an import leaves it: unknown here, does not fit, needs a key or a yes of its own first, or its list. */
export type Left = 'unknown' | 'unfit' | 'by-hand' | 'later'
export type Change = {
  readonly kind: 'upstream' | 'model'
  readonly name: string
  readonly field?: string
  readonly old?: SettingValue
  readonly new?: SettingValue
  readonly left?: Left
  readonly wishes: readonly Wish[]
}

export async function upstreamChanges(wanted: readonly Exported[], context: RunContext): Promise<readonly Change[]> {
  const { node } = context
  const changes: Change[] = []
  const aliases = new Set<string>()
  for (const one of wanted) {
    const stream = node.upstreams.resolve(one.name)
    const state = stream === undefined ? undefined : await node.engine.state('upstream', stream)
    if (stream === undefined || state?.config === undefined) {
      changes.push(await added(one, context))
      const later = Object.keys(one.models).map((id) => modelChange(one, id, { left: 'later' }))
      changes.push(...later)
    } else
      changes.push(...fieldsOf(one, stream, state.config), ...modelsOf(one, stream, state.models, aliases, context))
  }
  return changes
}

/** Without a key, for no file holds one; whoever typed its address in a file is the owner. */
async function added(one: Exported, { node }: RunContext): Promise<Change> {
  const { models: _, ...config } = one
  const row = { kind: 'upstream', name: one.name, field: 'baseUrl', new: one.baseUrl } as const
  const address = await node.address(one.baseUrl, ['http:', 'https:'])
  if ('refused' in address) return { ...row, left: 'unfit', wishes: [] }
  const whole = {
    hostedTools: false,
    streamUsage: true,
    priority: 0,
    billing: one.kind === 'openrouter' ? ('reported' as const) : ('list' as const),
    ...given(config),
    baseUrl: plainUrl(one.baseUrl),
    keys: [],
    privateAddress: address.privateAddress,
    source: 'operator' as const,
  }
  return { ...row, wishes: [wish('upstream', `upstream-${crypto.randomUUID()}`, { do: 'add', config: whole })] }
}

const changeable = ['priority', 'billing', 'fee', 'endpoints', 'hostedTools', 'streamUsage'] as const

/** Another host would get customers' requests, and needs a key of its own: that stays to be done by hand. */
function fieldsOf(one: Exported, stream: string, config: NonNullable<Upstream['config']>): readonly Change[] {
  const moved =
    plainUrl(one.baseUrl) === config.baseUrl
      ? []
      : [{ ...upstreamField(one, 'baseUrl', config.baseUrl, one.baseUrl), left: 'by-hand' as const, wishes: [] }]
  const fields = changeable.flatMap((field): Change[] => {
    const value = one[field]
    if (value === undefined || isSame(value, config[field])) return []
    const wishes = [wish('upstream', stream, { do: 'change', changes: { [field]: value } })]
    return [{ ...upstreamField(one, field, config[field] ?? null, value), wishes }]
  })
  return [...moved, ...fields]
}

/** Only what the document names: a model that it does not name stays as it is. */
function modelsOf(
  one: Exported,
  stream: string,
  models: Upstream['models'],
  taken: Set<string>,
  context: RunContext,
): readonly Change[] {
  const known = new Map(changedModels(models).map(([id, chosen]) => [id, chosen] as const))
  return Object.entries(one.models).flatMap(([id, chosen]): Change[] => {
    if (models[id] === undefined || models[id].gone) return [modelChange(one, id, { left: 'unknown' })]
    const here = known.get(id) ?? { enabled: true, free: false, aliases: [], prices: undefined }
    const price = priceChange(one, stream, id, chosen, { free: here.free, prices: here.prices ?? {} }, context)
    const changes: Change[] = price === undefined ? [] : [price]
    if (!isSame(chosen.aliases, here.aliases)) {
      const clash =
        aliasClash(id, chosen.aliases, context) ?? chosen.aliases.find((name) => taken.has(name.toLowerCase()))
      const wishes = [wish('upstream', stream, { do: 'set-aliases' as const, model: id, aliases: chosen.aliases })]
      const row = { field: 'aliases', old: [...here.aliases], new: chosen.aliases }
      changes.push(modelChange(one, id, clash === undefined ? { ...row, wishes } : { ...row, left: 'unfit' }))
    }
    for (const name of chosen.aliases) taken.add(name.toLowerCase())
    if (chosen.enabled !== here.enabled) {
      const wishes = [wish('upstream', stream, { do: chosen.enabled ? 'enable' : 'disable', model: id })]
      changes.push(modelChange(one, id, { field: 'enabled', old: here.enabled, new: chosen.enabled, wishes }))
    }
    return changes
  })
}

/** The rules of models.setPrice; a price that it would ask about twice is left to it (P-12). */
function priceChange(
  one: Exported,
  stream: string,
  model: string,
  { prices: wanted = {}, free }: Chosen,
  here: { readonly free: boolean; readonly prices: Readonly<Record<string, string>> },
  context: RunContext,
): Change | undefined {
  const asked = Object.fromEntries(Object.entries(wanted).filter(([, price]) => price != null)) as Record<
    string,
    string
  >
  const cleared = Object.keys(here.prices).flatMap((field) => (field in asked ? [] : [[field, null] as const]))
  const prices: Record<string, string | null> = { ...asked, ...Object.fromEntries(cleared) }
  if (free === here.free && isSame(asked, here.prices, true)) return undefined
  const row = { field: 'prices', old: shown(here.prices, here.free), new: shown(asked, free) }
  const found = findModel(context, one.name, model)
  if (found === undefined || whyNoPrice(found, prices, free) !== undefined)
    return modelChange(one, model, { ...row, left: 'unfit' })
  if (farFromCatalogue({ upstream: one.name, model, ...prices }, found) !== undefined)
    return modelChange(one, model, { ...row, left: 'by-hand' })
  return modelChange(one, model, {
    ...row,
    wishes: [wish('upstream', stream, { do: 'set-price', model, prices, free })],
  })
}

const shown = (prices: Readonly<Record<string, string>>, free: boolean): SettingValue =>
  free ? 'free' : Object.entries(prices).map(([field, usd]) => `${field} ${usd}`)

const upstreamField = (one: Exported, field: string, old: SettingValue | readonly string[], value: unknown) => ({
  kind: 'upstream' as const,
  name: one.name,
  field,
  old: old as SettingValue,
  new: value as SettingValue,
})
const modelChange = (
  one: Exported,
  model: string,
  more: Omit<Change, 'kind' | 'name' | 'wishes'> & { readonly wishes?: readonly Wish[] },
): Change => ({ kind: 'model', name: `${one.name} ${model}`, wishes: [], ...more })

const isSame = (one: unknown, other: unknown, anyOrder = false): boolean => {
  const text = (value: unknown) =>
    JSON.stringify(anyOrder ? Object.entries(value as object).toSorted(([a], [b]) => (a < b ? -1 : 1)) : value)
  return text(one) === text(other)
}
const given = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields
