/** node.pause, node.drain and node.resume: what is sold and taken now; what is owed goes on in any case. */
import { z } from 'zod'
import { type Node, wish } from '../../../events'
import { command, longAgeS } from '../command'

export const nodeStates = z.enum(['running', 'paused', 'draining', 'locked'])
const out = z.object({ state: nodeStates })

/** A pause is the stronger one: no inference either. */
export const nodeStateOf = ({ paused, draining }: Pick<Node, 'paused' | 'draining'>) =>
  paused !== undefined ? ('paused' as const) : draining !== undefined ? ('draining' as const) : ('running' as const)

export const nodePause = command({
  name: 'node.pause',
  role: 'operator',
  class: 'L',
  maxAgeS: longAgeS,
  in: z.object({ reason: z.string().max(200).optional() }),
  out,
  async run({ reason }, { execute }) {
    const outcome = await execute(wish('node', 'node', { do: 'pause', reason }))
    return 'refused' in outcome ? outcome : { state: 'paused' as const }
  },
})

/** No deposits and no new keys; balances may be spent and refunded. */
export const nodeDrain = command({
  name: 'node.drain',
  role: 'operator',
  class: 'L',
  maxAgeS: longAgeS,
  // Switching on may come late, switching off may not: it would take money that nobody expects any more.
  isLateSafe: (params) => (params as { readonly on?: unknown } | undefined)?.on === true,
  in: z.object({ on: z.boolean(), note: z.string().trim().max(200).optional() }),
  out,
  async run({ on, note }, { node, execute }) {
    const { paused } = await node.engine.state('node', 'node')
    const outcome = await execute(wish('node', 'node', on ? { do: 'begin-drain', note } : { do: 'end-drain' }))
    return 'refused' in outcome ? outcome : { state: nodeStateOf({ paused, draining: on ? { note } : undefined }) }
  },
})

/** Ends draining too. */
export const nodeResume = command({
  name: 'node.resume',
  role: 'operator',
  class: 'L',
  in: z.object({}),
  out,
  async run(_, { execute }) {
    const outcome = await execute(wish('node', 'node', { do: 'resume' }))
    return 'refused' in outcome ? outcome : { state: 'running' as const }
  },
})
