/** security.setPassword, admins.add and who they are: the ways into this node. */
import * as nip19 from 'nostr-tools/nip19'
import { z } from 'zod'
import { wish } from '../../../events'
import { command, query } from '../command'

export const securitySetPassword = command({
  name: 'security.setPassword',
  role: 'owner',
  stepUp: 'S',
  atSetup: true,
  class: 'L',
  doors: 'H',
  secrets: ['password'],
  in: z.object({ password: z.string().min(8, '8 to 128 characters').max(128, '8 to 128 characters') }),
  out: z.object({ endedDevices: z.int() }),
  async run({ password }, { node, execute }) {
    const state = await node.engine.state('node', 'node')
    const hash = await node.password.hash(password)
    const outcome = await execute(wish('node', 'node', { do: 'set-password', hash, source: 'operator' }))
    if ('refused' in outcome) return outcome
    return { endedDevices: state.devices.filter((device) => device.way === 'password').length }
  },
})

const role = z.enum(['viewer', 'operator', 'owner'])
const adminRow = z.object({
  npub: z.string(),
  role,
  label: z.string(),
  addedAt: z.int().optional(),
  lastSeen: z.int().optional(),
})

const npub = z
  .string()
  .max(100)
  .transform((text, issues) => {
    const hex = hexOf(text.trim())
    if (hex === undefined) issues.addIssue({ code: 'custom', message: 'expected an npub or 64 hex digits' })
    return hex ?? ''
  })

export const adminsAdd = command({
  name: 'admins.add',
  role: 'owner',
  stepUp: 'S',
  atSetup: true,
  class: 'L',
  in: z.object({ npub, role, label: z.string().trim().max(60).default('') }),
  out: adminRow,
  async run({ npub: pubkey, role: wanted, label }, { node, execute }) {
    const admin = { pubkey, role: wanted, label, source: 'operator' as const }
    const outcome = await execute(wish('node', 'node', { do: 'add-admin', admin, nodeKeys: node.ownKeys }))
    return 'refused' in outcome ? outcome : { npub: nip19.npubEncode(pubkey), role: wanted, label }
  },
})

export const adminsList = query({
  name: 'admins.list',
  in: z.object({}),
  out: z.object({ rows: z.array(adminRow) }),
  async run(_, { node }) {
    const { admins } = await node.engine.state('node', 'node')
    return {
      rows: admins.map(({ pubkey, role: held, label }) => ({ npub: nip19.npubEncode(pubkey), role: held, label })),
    }
  },
})

function hexOf(text: string): string | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase()
  try {
    const found = nip19.decode(text)
    return found.type === 'npub' ? found.data : undefined
  } catch {
    return undefined
  }
}
