/** upstreams.add and upstreams.test: a supplier is tried before money depends on it. */
import { z } from 'zod'
import { wish } from '../../../events'
import { command } from '../command'
import { newUpstream, upstreamRow } from '../queries/upstreams'
import { apiKey, baseUrl, billing, endpoints, fee, kind, plainUrl, priority, upstreamName } from './upstream-fields'
import { sealedKeys } from './upstream-keys'

export const upstreamsAdd = command({
  name: 'upstreams.add',
  role: 'owner',
  stepUp: 'S',
  atSetup: true,
  class: 'L',
  secrets: ['apiKeys', 'headers'],
  in: z.object({
    name: upstreamName,
    kind,
    baseUrl,
    apiKeys: z.array(apiKey).max(10).default([]),
    fee: fee.optional(),
    priority: priority.default(0),
    endpoints: endpoints.optional(),
    billing: billing.optional(),
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
    const { apiKeys, billing: wanted, ...rest } = params
    const sealed = sealedKeys(apiKeys, node)
    const config = {
      ...rest,
      baseUrl: plainUrl(params.baseUrl),
      billing: wanted ?? (params.kind === 'openrouter' ? ('reported' as const) : ('list' as const)),
      keys: sealed.keys,
      privateAddress: address.privateAddress,
      source: 'operator' as const,
    }
    const outcome = await execute(wish('upstream', stream, { do: 'add', config }), { seal: sealed.seal })
    if ('refused' in outcome) return outcome
    return newUpstream(stream, config, context)
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
