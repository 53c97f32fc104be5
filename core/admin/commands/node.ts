/** node.pause and node.resume: no inference and no new deposits; what is owed goes on. */
import { z } from 'zod'
import { wish } from '../../../events'
import { command, longAgeS } from '../command'

const out = z.object({ state: z.enum(['running', 'paused']) })

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
