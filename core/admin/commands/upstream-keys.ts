/** upstreams.replaceKey, and how a supplier's key is kept: sealed, with the four characters that may be shown. */
import { z } from 'zod'
import { type Upstream, wish } from '../../../events'
import { command } from '../command'
import type { AdminNode } from '../node-port'
import { shownUpstream, upstreamRow } from '../queries/upstreams'
import { apiKey } from './upstream-fields'

type Keys = NonNullable<Upstream['config']>['keys']

/** Rows for the vault and what the event says of them; the node learns the keys before they are in use. */
export function sealedKeys(apiKeys: readonly string[], node: Pick<AdminNode, 'seal' | 'upstreams'>) {
  const seal = apiKeys.map((key) => node.seal(`upstream-key/${crypto.randomUUID()}`, key))
  const keys: Keys = seal.map(({ ref }, index) => ({ vault: ref, last4: apiKeys[index]?.slice(-4) ?? '' }))
  for (const [index, { ref }] of seal.entries()) node.upstreams.learnKey(ref, apiKeys[index] ?? '')
  return { seal, keys }
}

export const upstreamsReplaceKey = command({
  name: 'upstreams.replaceKey',
  role: 'owner',
  stepUp: 'S',
  atSetup: true,
  class: 'L',
  secrets: ['apiKeys'],
  in: z.object({
    upstream: z.string().max(100),
    apiKeys: z.object({
      add: z.array(apiKey).max(10).default([]),
      /** By the last four characters that are shown, or `all`. */
      remove: z.array(z.string().min(1).max(4)).max(10).default([]),
    }),
  }),
  out: upstreamRow,
  async run({ upstream, apiKeys: { add, remove } }, context) {
    const { node, execute } = context
    const stream = node.upstreams.resolve(upstream)
    if (stream === undefined) return { notFound: `upstream ${upstream}` }
    const { config } = await node.engine.state('upstream', stream)
    const old = config?.keys ?? []
    const unknown = remove.find((last4) => last4 !== 'all' && !old.some((key) => key.last4 === last4))
    if (unknown !== undefined) return { notFound: `key ending in ${unknown}` }
    const isRemoved = (last4: string) => remove.includes('all') || remove.includes(last4)
    const { seal, keys } = sealedKeys(add, node)
    // The newest is the one in use.
    const kept = old.filter(({ last4 }) => !isRemoved(last4))
    if (keys.length + kept.length > 10) return { refused: 'too-many-keys' }
    const erase = old.filter(({ last4 }) => isRemoved(last4)).map(({ vault }) => vault)
    const outcome = await execute(wish('upstream', stream, { do: 'set-keys', keys: [...keys, ...kept] }), {
      seal,
      erase,
    })
    if ('refused' in outcome) return outcome
    const next = config === undefined ? undefined : { ...config, keys: [...keys, ...kept] }
    return (await shownUpstream(stream, context, { config: next })) ?? { notFound: `upstream ${upstream}` }
  },
})
