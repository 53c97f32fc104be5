/** security.setPassword and clearPassword: the way in that needs no key. */
import { z } from 'zod'
import { wish } from '../../../events'
import { command, type RunContext } from '../command'

const out = z.object({ endedDevices: z.int() })

export const securitySetPassword = command({
  name: 'security.setPassword',
  role: 'owner',
  stepUp: 'S',
  atSetup: true,
  class: 'L',
  doors: 'H',
  secrets: ['password'],
  in: z.object({ password: z.string().min(8, '8 to 128 characters').max(128, '8 to 128 characters') }),
  out,
  async run({ password }, context) {
    const { node, execute, principal } = context
    const endedDevices = await others(context)
    const hash = await node.password.hash(password)
    const outcome = await execute(
      wish('node', 'node', { do: 'set-password', hash, source: 'operator', keep: principal.device }),
    )
    return 'refused' in outcome ? outcome : { endedDevices }
  },
})

/**
 * Allowed also without an owner key: both ways in are optional. Then a banner says so, and `node-admin link`
 * on the machine is the way back.
 */
export const securityClearPassword = command({
  name: 'security.clearPassword',
  role: 'owner',
  stepUp: 'S',
  class: 'L',
  doors: 'H',
  in: z.object({}),
  out,
  async run(_, context) {
    const { execute, principal } = context
    const endedDevices = await others(context)
    const outcome = await execute(wish('node', 'node', { do: 'clear-password', keep: principal.device }))
    return 'refused' in outcome ? outcome : { endedDevices: outcome.events === 0 ? 0 : endedDevices }
  },
})

/** Password devices besides the caller's own. */
async function others({ node, principal }: Pick<RunContext, 'node' | 'principal'>): Promise<number> {
  const { devices } = await node.engine.state('node', 'node')
  return devices.filter(({ way, device }) => way === 'password' && device !== principal.device).length
}
