/** me.signOut: ends this device; its cookie or key is worth nothing from then on. */
import { z } from 'zod'
import { wish } from '../../../events'
import { command } from '../command'

export const meSignOut = command({
  name: 'me.signOut',
  role: 'viewer',
  class: 'L',
  in: z.object({}),
  out: z.object({}),
  async run(_, { execute, principal }) {
    if (principal.device === undefined) return { refused: 'not-a-device' }
    const outcome = await execute(
      wish('node', 'node', { do: 'end-device', device: principal.device, why: 'signed-out' }),
    )
    return 'refused' in outcome ? outcome : {}
  },
})
