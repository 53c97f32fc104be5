/** models.add, describe and remove: what no list names, and what the operator says better than one. */
import { z } from 'zod'
import { type ListedModel, wish } from '../../../events'
import { command } from '../command'
import { findModel, handMade, modelRow, shownModel } from '../queries/models'
import { alias, aliasClash } from './models'
import { isGivenAway, pricesIn } from './models-price'
import { whichModel } from './models-several'

const modelId = z.string().regex(/^[^\s\p{Cc}]{1,200}$/u, '1 to 200 characters without spaces')
const tokens = z.int().min(1).max(10_000_000)
const said = {
  name: z.string().trim().min(1).max(200),
  description: z.string().trim().max(2000),
}

export const modelsAdd = command({
  name: 'models.add',
  role: 'operator',
  class: 'L',
  in: z.object({
    upstream: z.string().max(100),
    model: modelId,
    name: said.name.optional(),
    description: said.description.optional(),
    contextLength: tokens.optional(),
    maxOutput: tokens.optional(),
    prices: pricesIn.optional(),
    aliases: z.array(alias).max(20).optional(),
  }),
  out: modelRow,
  async run({ upstream, model, prices = {}, aliases = [], ...fields }, context) {
    const { node, execute, now } = context
    const stream = node.upstreams.resolve(upstream)
    if (stream === undefined) return { notFound: `upstream ${upstream}` }
    const taken = aliasClash(model, aliases, context)
    if (taken !== undefined) return { refused: 'alias-taken', alias: taken }
    const wanted = Object.fromEntries(
      Object.entries(prices).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    )
    if ('inUsdPerM' in wanted !== 'outUsdPerM' in wanted) return { refused: 'price-incomplete' }
    if (isGivenAway(wanted)) return { refused: 'price-zero' }
    const listed: ListedModel = {
      id: model,
      name: fields.name ?? model,
      description: fields.description ?? '',
      created: Math.floor(now / 1000),
      ...(fields.contextLength === undefined ? {} : { contextLength: fields.contextLength }),
      ...(fields.maxOutput === undefined ? {} : { maxOutput: fields.maxOutput }),
      inputModalities: ['text'],
      outputModalities: ['text'],
      tokenizer: 'Other',
      moderated: false,
    }
    const outcome = await execute([
      wish('upstream', stream, { do: 'add-model', listed }),
      ...(Object.keys(wanted).length === 0
        ? []
        : [wish('upstream', stream, { do: 'set-price', model, prices: wanted, free: false })]),
      ...(aliases.length === 0 ? [] : [wish('upstream', stream, { do: 'set-aliases', model, aliases })]),
    ])
    return 'refused' in outcome ? outcome : handMade(stream, listed, { prices: wanted, aliases }, context)
  },
})

export const modelsDescribe = command({
  name: 'models.describe',
  role: 'operator',
  class: 'L',
  in: whichModel.extend({
    name: said.name.nullable().optional(),
    description: said.description.nullable().optional(),
    contextLength: tokens.nullable().optional(),
    maxOutput: tokens.nullable().optional(),
    /** The id that is sent to the upstream; null: the one in its list. */
    upstreamModel: modelId.nullable().optional(),
  }),
  out: modelRow,
  async run({ upstream, model, ...changes }, context) {
    const row = findModel(context, upstream, model)
    if (row === undefined) return { notFound: `model ${model}` }
    const outcome = await context.execute(
      wish('upstream', row.upstreamId, { do: 'describe', model: row.model, changes }),
    )
    if ('refused' in outcome) return outcome
    const set = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined && value !== null))
    return shownModel({ ...row, ...set }, context)
  },
})

const nothing: Record<string, never> = {}

export const modelsRemove = command({
  name: 'models.remove',
  role: 'operator',
  class: 'L',
  in: whichModel,
  out: z.object({}),
  async run({ upstream, model }, context) {
    const row = findModel(context, upstream, model)
    if (row === undefined) return { notFound: `model ${model}` }
    const outcome = await context.execute(wish('upstream', row.upstreamId, { do: 'remove-model', model: row.model }))
    if ('refused' in outcome) return outcome
    return nothing
  },
})
