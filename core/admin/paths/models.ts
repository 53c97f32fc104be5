/** Models by path: the id is the rest of the path, since ids have slashes (remote-admin 9.6). */
import { z } from 'zod'
import { limits } from '../../limits'
import { json, problem } from '../answers'
import type { Part } from '../together'
import type { PathCall, PathRoute, ResultOf } from './path-route'
import { pricesOf, snake, usdPerToken } from './words'

type ModelRow = ResultOf<'models.list'>['rows'][number]

const shown = (row: ModelRow): unknown => ({
  ...(snake(row) as object),
  id: row.model,
  alias_ids: row.aliases,
  pricing: { prompt: usdPerToken(row.inUsdPerM), completion: usdPerToken(row.outUsdPerM) },
})

/** All pages: no upstream lists more than `catalogueModels`. */
async function allModels(call: PathCall, search?: string): Promise<ModelRow[] | Response> {
  const rows: ModelRow[] = []
  for (let cursor: string | undefined; ; ) {
    const wish = {
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
      ...(search === undefined ? {} : { search }),
    }
    const page = await call.ask('models.list', wish)
    if (page instanceof Response) return page
    rows.push(...page.rows)
    cursor = page.next
    if (cursor === undefined || rows.length >= limits.pathModels) return rows
  }
}

const listModels: PathRoute = {
  method: 'GET',
  path: '/models',
  commands: ['models.list'],
  summary: 'Every model, sold or not.',
  async run(call) {
    const rows = await allModels(call)
    return rows instanceof Response ? rows : json(rows.map(shown))
  },
}

const prices = z.record(z.string(), z.union([z.string(), z.number(), z.null()]))
const bodyOfAdd = z.object({
  upstream: z.string(),
  /** With it nothing else counts: the whole list of that upstream is taken over. */
  import: z.literal('all').optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  description: z.string().optional(),
  context_length: z.int().optional(),
  max_output: z.int().optional(),
  pricing: prices.optional(),
  alias_ids: z.array(z.string()).optional(),
})

const addModel: PathRoute = {
  method: 'POST',
  path: '/models',
  commands: ['models.add', 'models.importPreview', 'models.applyImport'],
  summary: 'Adds one model by hand, or takes over the list of an upstream.',
  body: bodyOfAdd,
  run: (call) => (call.body.import === undefined ? addOne(call) : importAll(call)),
}

async function addOne({ ask, body }: PathCall): Promise<Response> {
  const { upstream, id: model, name, description, context_length: contextLength, max_output: maxOutput } = body
  const pricing = body.pricing === undefined ? undefined : pricesOf(body.pricing as Record<string, unknown>)
  if (pricing !== undefined && 'wrong' in pricing) return problem(400, 'params', `pricing.${pricing.wrong}: no price`)
  const wish = { upstream, model, name, description, contextLength, maxOutput, aliases: body.alias_ids }
  const result = await ask('models.add', { ...wish, prices: pricing?.prices } as never)
  return result instanceof Response ? result : json(shown(result), 201)
}

async function importAll({ ask, body }: PathCall): Promise<Response> {
  if (body.import !== 'all') return problem(400, 'params', 'import: all')
  const preview = await ask('models.importPreview', { upstream: body.upstream } as never, 'preview')
  if (preview instanceof Response) return preview
  const result = await ask('models.applyImport', { diff: preview.diff, accept: 'all' })
  return result instanceof Response ? result : json({ ...result.counts, refused: preview.refused })
}

const changeModel: PathRoute = {
  method: 'PATCH',
  path: '/models/{id}',
  commands: ['models.enable', 'models.disable', 'models.setPrice', 'models.setAliases', 'models.list'],
  summary: 'Offered or not, its price, its aliases; all in one append.',
  body: z.object({
    enabled: z.boolean().optional(),
    pricing: prices.optional(),
    alias_ids: z.array(z.string()).optional(),
  }),
  async run(call) {
    const which = await oneModel(call)
    if (which instanceof Response) return which
    const parts = changes(call, which)
    if (parts instanceof Response) return parts
    const [first, ...more] = parts
    if (first === undefined) return problem(400, 'params', 'nothing to change')
    const refused = await call.askTogether([first, ...more])
    if (refused !== undefined) return refused
    const row = await oneModel(call)
    return row instanceof Response ? row : json(shown(row))
  },
}

function changes({ body, part }: PathCall, row: ModelRow): Part[] | Response {
  const which = { upstream: row.upstreamId, model: row.model }
  const { enabled, pricing, alias_ids: aliases } = body
  const priced = typeof pricing === 'object' && pricing !== null ? pricesOf({ ...pricing }) : undefined
  if (priced !== undefined && 'wrong' in priced) return problem(400, 'params', `pricing.${priced.wrong}: no price`)
  if (enabled !== undefined && typeof enabled !== 'boolean') return problem(400, 'params', 'enabled: true or false')
  return [
    ...(priced === undefined ? [] : [part('models.setPrice', { ...which, ...priced.prices })]),
    ...(aliases === undefined ? [] : [part('models.setAliases', { ...which, aliases } as never)]),
    ...(enabled === undefined ? [] : [part(enabled ? 'models.enable' : 'models.disable', { models: [which] })]),
  ]
}

const removeModel: PathRoute = {
  method: 'DELETE',
  path: '/models/{id}',
  commands: ['models.remove', 'models.list'],
  summary: 'Removes a model that no list names.',
  async run(call) {
    const row = await oneModel(call)
    if (row instanceof Response) return row
    const result = await call.ask('models.remove', { upstream: row.upstreamId, model: row.model })
    return result instanceof Response ? result : json({})
  },
}

/** The one model of this id; `?upstream=` tells it from those of the same id elsewhere. */
async function oneModel(call: PathCall): Promise<ModelRow | Response> {
  const upstream = call.query.get('upstream')
  const rows = await allModels(call, call.rest.slice(0, 200))
  if (rows instanceof Response) return rows
  const found = rows.filter(
    ({ model, ...row }) =>
      model === call.rest && (upstream === null || [row.upstream, row.upstreamId].includes(upstream)),
  )
  const [row, ...others] = found
  if (row === undefined) return problem(404, 'not_found', `model ${call.rest} is not known here`)
  return others.length === 0
    ? row
    : problem(
        409,
        'refused',
        'Several upstreams have it: say ?upstream=',
        {},
        {
          code: 'several-upstreams',
          upstreams: found.map((one) => one.upstream),
        },
      )
}

export const modelPaths: readonly PathRoute[] = [listModels, addModel, changeModel, removeModel]
