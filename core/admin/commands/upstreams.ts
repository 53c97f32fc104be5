/** upstreams.add and upstreams.test: a supplier is tried before money depends on it. */
import { z } from 'zod'
import { wish } from '../../../events'
import { command } from '../command'
import { upstreamRow } from '../queries/upstreams'

const kind = z.enum(['openai', 'openrouter', 'generic'])
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$/, 'small letters, digits and hyphens, 3 to 64')
const baseUrl = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine((text) => new URL(text).search === '' && new URL(text).username === '', 'no query and no credentials')
const apiKey = z.string().min(1).max(500)
const fee = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(
    z
      .string()
      .regex(/^\d{1,2}(\.\d{1,6})?$/, 'a multiplier from 0.5 to 10')
      .refine((text) => Number(text) >= 0.5 && Number(text) <= 10, 'a multiplier from 0.5 to 10'),
  )

export const upstreamsAdd = command({
  name: 'upstreams.add',
  role: 'owner',
  stepUp: 'S',
  atSetup: true,
  class: 'L',
  secrets: ['apiKeys', 'headers'],
  in: z.object({
    name,
    kind,
    baseUrl,
    apiKeys: z.array(apiKey).max(10).default([]),
    fee: fee.optional(),
    priority: z.int().min(-1000).max(1000).default(0),
    endpoints: z.array(z.enum(['chat', 'completions'])).optional(),
    billing: z.enum(['list', 'reported']).optional(),
    hostedTools: z.boolean().default(false),
    streamUsage: z.boolean().default(true),
  }),
  out: upstreamRow,
  async run(params, context) {
    const { node, execute } = context
    if (node.upstreams.resolve(params.name) !== undefined) return { refused: 'name-taken' }
    const address = await node.address(params.baseUrl, ['http:', 'https:'])
    if ('refused' in address) return address
    const stream = `upstream-${crypto.randomUUID()}`
    const { apiKeys, billing, ...rest } = params
    const seal = apiKeys.map((key) => node.seal(`upstream-key/${crypto.randomUUID()}`, key))
    const config = {
      ...rest,
      baseUrl: params.baseUrl.replace(/\/+$/, ''),
      billing: billing ?? (params.kind === 'openrouter' ? ('reported' as const) : ('list' as const)),
      keys: seal.map(({ ref }, index) => ({ vault: ref, last4: apiKeys[index]?.slice(-4) ?? '' })),
      privateAddress: address.privateAddress,
      source: 'operator' as const,
    }
    const outcome = await execute(wish('upstream', stream, { do: 'add', config }), { seal })
    if ('refused' in outcome) return outcome
    return {
      id: stream,
      name: config.name,
      kind: config.kind,
      host: new URL(config.baseUrl).host,
      state: 'unknown',
      sentence: 'Its model list is being fetched.',
      models: 0,
      credit: {},
      keyLast4: config.keys.map((key) => key.last4),
      ...(config.fee === undefined ? {} : { fee: config.fee }),
      priority: config.priority,
      privateAddress: config.privateAddress,
      errors24h: 0,
    }
  },
})

export const upstreamsTest = command({
  name: 'upstreams.test',
  role: 'operator',
  class: 'O',
  secrets: ['apiKey'],
  in: z.union([z.object({ upstream: z.string().max(100) }), z.object({ kind, baseUrl, apiKey: apiKey.optional() })]),
  out: z.object({ ok: z.boolean(), ms: z.int(), models: z.int(), sentence: z.string() }),
  // Trying an address and a key of one's own choice is the owner's.
  needs: (params) => ('upstream' in params ? undefined : 'owner'),
  async run(params, context) {
    const { node } = context
    if (!('upstream' in params)) {
      const address = await node.address(params.baseUrl, ['http:', 'https:'])
      if ('refused' in address) return address
    }
    const stream = 'upstream' in params ? node.upstreams.resolve(params.upstream) : undefined
    if ('upstream' in params && stream === undefined) return { notFound: `upstream ${params.upstream}` }
    const target =
      'upstream' in params
        ? { upstream: stream ?? '' }
        : { kind: params.kind, baseUrl: params.baseUrl, apiKey: params.apiKey }
    const probe = await node.upstreams.probe(target)
    if (!probe.ok) return { ok: false, ms: probe.ms, models: 0, sentence: probe.sentence }
    const priced = probe.models.filter((model) => model.prices !== undefined).length
    return {
      ok: true,
      ms: probe.ms,
      models: probe.models.length,
      sentence: `Answers in ${probe.ms} ms, ${probe.models.length} models, ${priced} with a price.`,
    }
  },
})
