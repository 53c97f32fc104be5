/** devices.list and devices.end: who is signed in where, and the end of it. */
import { z } from 'zod'
import { type Device, wish } from '../../../events'
import { allowed } from '../allowed'
import { command, longAgeS, query, type RunContext } from '../command'
import { isLive, lastUseOf } from '../live-device'
import { lesser } from '../principal'
import { can, secondsOf } from '../rows'

export const devicesList = query({
  name: 'devices.list',
  in: z.object({}),
  out: z.object({
    rows: z.array(
      z.object({
        device: z.string(),
        /** Public key of its admin, or `password` or `setup`. */
        admin: z.string(),
        label: z.string(),
        role: z.string(),
        door: z.enum(['http', 'nostr']),
        createdAt: z.int().optional(),
        lastSeen: z.int().optional(),
        expires: z.int(),
        can,
      }),
    ),
  }),
  async run(_, context) {
    const { node, now, principal } = context
    const { devices, admins } = await node.engine.state('node', 'node')
    const shown = devices.filter((device) => isTheirs(device, context) && isLive(device, node, now))
    return {
      rows: shown.map((device) => {
        const admin = admins.find(({ pubkey }) => pubkey === device.admin)
        const used = secondsOf(lastUseOf(device, node) ?? null)
        return {
          device: device.device,
          admin: device.admin,
          label: device.label,
          role: admin === undefined ? device.role : lesser(device.role, admin.role),
          door: 'http' as const,
          ...(device.openedAt === undefined ? {} : { createdAt: device.openedAt }),
          ...(used === undefined ? {} : { lastSeen: used }),
          expires: device.expiresAt,
          can: allowed(principal, { end: { role: 'viewer' } }),
        }
      }),
    }
  },
})

export const devicesEnd = command({
  name: 'devices.end',
  role: 'viewer',
  class: 'L',
  maxAgeS: longAgeS,
  in: z.union([
    z.strictObject({ device: z.string().min(1).max(100) }),
    /** All that the caller may end, his own one too. */
    z.strictObject({ all: z.literal(true) }),
  ]),
  out: z.object({ ended: z.int() }),
  async run(params, context) {
    const { devices } = await context.node.engine.state('node', 'node')
    const named = 'device' in params ? devices.filter(({ device }) => device === params.device) : devices
    const ending = named.filter((device) => isTheirs(device, context))
    if ('device' in params && ending.length === 0) return { notFound: `device ${params.device}` }
    const wishes = ending.map(({ device }) => wish('node', 'node', { do: 'end-device', device, why: 'ended' }))
    if (wishes.length === 0) return { ended: 0 }
    const outcome = await context.execute(wishes)
    return 'refused' in outcome ? outcome : { ended: ending.length }
  },
})

/** Their own; an owner's are all of them. */
const isTheirs = ({ admin }: Device, { principal }: Pick<RunContext, 'principal'>): boolean =>
  principal.role === 'owner' || admin === principal.admin
