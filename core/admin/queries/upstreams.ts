/** upstreams.list, get and types: who we buy from; a key is never shown, only its last four characters. */
import { z } from 'zod'
import { type Upstream, usageByModel } from '../../../events'
import { allowed } from '../allowed'
import { query, type RunContext } from '../command'
import { can, numberOf } from '../rows'

export const upstreamRow = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  host: z.string(),
  baseUrl: z.string(),
  state: z.string(),
  sentence: z.string(),
  /** Unix seconds of the newest list, or of the newest try. */
  at: z.int().optional(),
  models: z.int(),
  credit: z.object({ value: z.string().optional(), at: z.int().optional() }),
  keyLast4: z.array(z.string()),
  fee: z.string().optional(),
  priority: z.int(),
  endpoints: z.array(z.string()).optional(),
  billing: z.string(),
  hostedTools: z.boolean(),
  streamUsage: z.boolean(),
  privateAddress: z.boolean(),
  errors24h: z.int(),
  can,
})

const dayMs = 24 * 3600_000

export const upstreamsList = query({
  name: 'upstreams.list',
  in: z.object({}),
  out: z.object({ rows: z.array(upstreamRow), can }),
  async run(_, context) {
    const { node, principal } = context
    const rows = []
    for (const stream of node.upstreams.streams()) {
      const row = await shownUpstream(stream, context)
      if (row !== undefined) rows.push(row)
    }
    return { rows, can: allowed(principal, { add: { role: 'owner' } }) }
  },
})

export const upstreamsGet = query({
  name: 'upstreams.get',
  in: z.object({ upstream: z.string().max(100) }),
  out: upstreamRow.extend({
    /** What its models brought in seven days, in msat. */
    revenue7dMsat: z.int(),
    requests7d: z.int(),
    /** Models that vanish when it is removed. */
    listed: z.array(z.string()),
  }),
  async run({ upstream }, context) {
    const { node, now } = context
    const stream = node.upstreams.resolve(upstream)
    const row = stream === undefined ? undefined : await shownUpstream(stream, context)
    if (stream === undefined || row === undefined) return { notFound: `upstream ${upstream}` }
    const used = (await usageByModel(node.views.sql, now - 7 * dayMs)).filter((one) => one.upstream === row.name)
    const { models } = await node.engine.state('upstream', stream)
    return {
      ...row,
      revenue7dMsat: used.reduce((sum, one) => sum + numberOf(one.revenueMsat), 0),
      requests7d: used.reduce((sum, one) => sum + numberOf(one.requests), 0),
      listed: Object.values(models).flatMap((model) => (model.gone ? [] : [model.listed.id])),
    }
  },
})

const types = [
  { kind: 'openai', name: 'OpenAI', baseUrl: 'https://api.openai.com/v1', needsKey: true },
  { kind: 'openrouter', name: 'OpenRouter', baseUrl: 'https://openrouter.ai/api/v1', needsKey: true },
  { kind: 'generic', name: 'OpenAI-compatible', needsKey: false },
]

export const upstreamsTypes = query({
  name: 'upstreams.types',
  in: z.object({}),
  out: z.object({
    rows: z.array(
      z.object({
        kind: z.string(),
        name: z.string(),
        baseUrl: z.string().optional(),
        needsKey: z.boolean(),
        /** Fields of its own, which travel as `options`. */
        fields: z.array(z.object({ name: z.string(), label: z.string(), required: z.boolean() })),
      }),
    ),
  }),
  run: async () => ({ rows: types.map((type) => ({ ...type, fields: [] })) }),
})

/** `planned`: what it will be once the command that asks has its commit. */
export async function shownUpstream(
  stream: string,
  context: RunContext,
  planned: Partial<Pick<Upstream, 'config' | 'isPaused'>> = {},
): Promise<z.input<typeof upstreamRow> | undefined> {
  const { node, now } = context
  const current = await node.engine.state('upstream', stream)
  const { config, models, isPaused } = { ...current, ...planned }
  if (config === undefined) return undefined
  const known = node.upstreams.state(stream)
  const { state, sentence } = isPaused ? { state: 'paused', sentence: 'Paused by an operator.' } : known
  const used = await usageByModel(node.views.sql, now - dayMs)
  return {
    ...shownConfig(stream, config),
    state,
    sentence,
    ...(known.at === undefined ? {} : { at: Math.floor(known.at / 1000) }),
    models: Object.values(models).filter((model) => !model.gone).length,
    errors24h: used.filter((one) => one.upstream === config.name).reduce((sum, one) => sum + numberOf(one.failed), 0),
    can: mayBe(context, isPaused),
  }
}

function shownConfig(stream: string, config: NonNullable<Upstream['config']>) {
  return {
    id: stream,
    name: config.name,
    kind: config.kind,
    host: new URL(config.baseUrl).host,
    baseUrl: config.baseUrl,
    credit: {},
    keyLast4: config.keys.map((key) => key.last4),
    ...(config.fee === undefined ? {} : { fee: config.fee }),
    priority: config.priority,
    ...(config.endpoints === undefined ? {} : { endpoints: config.endpoints }),
    billing: config.billing,
    hostedTools: config.hostedTools,
    streamUsage: config.streamUsage,
    privateAddress: config.privateAddress,
  }
}

const mayBe = ({ principal }: RunContext, isPaused: boolean) =>
  allowed(principal, {
    change: { role: 'owner' },
    replaceKey: { role: 'owner' },
    test: { role: 'operator' },
    pause: { role: 'operator', not: isPaused ? 'already-paused' : undefined },
    resume: { role: 'operator', not: isPaused ? undefined : 'not-paused' },
    remove: { role: 'owner' },
  })

/** A new one, before its commit. */
export const newUpstream = (stream: string, config: NonNullable<Upstream['config']>, context: RunContext) => ({
  ...shownConfig(stream, config),
  state: 'unknown',
  sentence: 'Its model list is being fetched.',
  models: 0,
  errors24h: 0,
  can: mayBe(context, false),
})
