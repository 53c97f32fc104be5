/** upstreams.change, pause, resume, remove: an upstream that is there already. */
import { z } from 'zod'
import { type Upstream, wish } from '../../../events'
import { type CommandContext, command, longAgeS, type RunContext } from '../command'
import { shownUpstream, upstreamRow } from '../queries/upstreams'
import { reason } from '../rows'
import { baseUrl, billing, endpoints, fee, plainUrl, priority, upstreamName } from './upstream-fields'

const which = { upstream: z.string().max(100) }
const changeIn = z.object({
  ...which,
  name: upstreamName.optional(),
  baseUrl: baseUrl.optional(),
  /** null: the node's own. */
  fee: fee.nullable().optional(),
  priority: priority.optional(),
  endpoints: endpoints.nullable().optional(),
  billing: billing.optional(),
  hostedTools: z.boolean().optional(),
  streamUsage: z.boolean().optional(),
})
type Change = z.output<typeof changeIn>

export const upstreamsChange = command({
  name: 'upstreams.change',
  role: 'owner',
  stepUp: 'S?',
  atSetup: true,
  class: 'L',
  in: changeIn,
  out: upstreamRow,
  // Another host would get the customers' requests (R-126).
  stepUpFor: ({ upstream, baseUrl: url }, context) => isOtherHost(configOf(upstream, context), url),
  async run({ upstream, ...asked }: Change, context) {
    const { node, execute } = context
    const stream = node.upstreams.resolve(upstream)
    const config = configOf(upstream, context)
    if (stream === undefined || config === undefined) return { notFound: `upstream ${upstream}` }
    const holder = asked.name === undefined ? undefined : node.upstreams.resolve(asked.name)
    if (holder !== undefined && holder !== stream) return { refused: 'name-taken' }
    const address = asked.baseUrl === undefined ? undefined : await node.address(asked.baseUrl, ['http:', 'https:'])
    if (address !== undefined && 'refused' in address) return address
    const changes = {
      ...given(asked),
      ...(asked.baseUrl === undefined ? {} : { baseUrl: plainUrl(asked.baseUrl) }),
      ...(address === undefined ? {} : { privateAddress: address.privateAddress }),
    }
    const change = wish('upstream', stream, { do: 'change', changes })
    // A key belongs to the host that gave it out: no other one ever sees it.
    const isMoved = isOtherHost(config, asked.baseUrl)
    const outcome = await execute(
      isMoved ? [wish('upstream', stream, { do: 'set-keys', keys: [] }), change] : change,
      isMoved ? { erase: config.keys.map(({ vault }) => vault) } : {},
    )
    if ('refused' in outcome) return outcome
    const next = withoutNulls({ ...config, ...changes, keys: isMoved ? [] : config.keys }) as typeof config
    return (await shownUpstream(stream, context, { config: next })) ?? { notFound: `upstream ${upstream}` }
  },
})

function configOf(upstream: string, { node }: RunContext): Upstream['config'] {
  const stream = node.upstreams.resolve(upstream)
  return stream === undefined ? undefined : node.engine.peek('upstream', stream)?.config
}

const isOtherHost = (config: Upstream['config'], url: string | undefined): boolean =>
  config !== undefined && url !== undefined && new URL(config.baseUrl).origin !== new URL(url).origin

const given = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields

const withoutNulls = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))

async function onOne(
  upstream: string,
  context: CommandContext,
  asked: { do: 'pause'; reason: string | undefined } | { do: 'resume' },
) {
  const stream = context.node.upstreams.resolve(upstream)
  if (stream === undefined) return { notFound: `upstream ${upstream}` }
  const outcome = await context.execute(wish('upstream', stream, asked))
  if ('refused' in outcome) return outcome
  const row = await shownUpstream(stream, context, { isPaused: asked.do === 'pause' })
  return row ?? { notFound: `upstream ${upstream}` }
}

export const upstreamsPause = command({
  name: 'upstreams.pause',
  role: 'operator',
  class: 'L',
  maxAgeS: longAgeS,
  in: z.object({ ...which, reason: reason.optional() }),
  out: upstreamRow,
  run: ({ upstream, reason: why }, context) => onOne(upstream, context, { do: 'pause', reason: why }),
})

export const upstreamsResume = command({
  name: 'upstreams.resume',
  role: 'operator',
  class: 'L',
  in: z.object(which),
  out: upstreamRow,
  run: ({ upstream }, context) => onOne(upstream, context, { do: 'resume' }),
})

export const upstreamsRemove = command({
  name: 'upstreams.remove',
  role: 'owner',
  class: 'L',
  in: z.object(which),
  /** How many models vanish with it. */
  out: z.object({ models: z.int() }),
  async run({ upstream }, { node, execute }) {
    const stream = node.upstreams.resolve(upstream)
    if (stream === undefined) return { notFound: `upstream ${upstream}` }
    const { config, models } = await node.engine.state('upstream', stream)
    const outcome = await execute(wish('upstream', stream, { do: 'remove' }), {
      erase: (config?.keys ?? []).map(({ vault }) => vault),
    })
    return 'refused' in outcome ? outcome : { models: Object.values(models).filter((model) => !model.gone).length }
  },
})
