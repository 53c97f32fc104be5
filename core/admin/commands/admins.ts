/** admins.list, add, setRole and remove: whose keys command this node (remote-admin 1, 10). */
import * as nip19 from 'nostr-tools/nip19'
import { z } from 'zod'
import { type Admin, wish } from '../../../events'
import { allowed } from '../allowed'
import { command, query, type RunContext } from '../command'
import { can, secondsOf } from '../rows'

const role = z.enum(['viewer', 'operator', 'owner'])
const label = z.string().trim().max(60)
const adminRow = z.object({
  npub: z.string(),
  role,
  label: z.string(),
  addedAt: z.int().optional(),
  lastSeen: z.int().optional(),
  can,
})

const npub = z
  .string()
  .max(100)
  .transform((text, issues) => {
    const hex = hexOf(text.trim())
    if (hex === undefined) issues.addIssue({ code: 'custom', message: 'expected an npub or 64 hex digits' })
    return hex ?? ''
  })

export const adminsList = query({
  name: 'admins.list',
  in: z.object({}),
  out: z.object({ rows: z.array(adminRow) }),
  async run(_, context) {
    const { admins } = await context.node.engine.state('node', 'node')
    return { rows: admins.map((admin) => shown(admin, admins, context)) }
  },
})

export const adminsAdd = command({
  name: 'admins.add',
  role: 'owner',
  stepUp: 'S',
  atSetup: true,
  class: 'L',
  in: z.object({ npub, role, label: label.default('') }),
  out: adminRow,
  async run({ npub: pubkey, role: wanted, label: name }, context) {
    const { node, now } = context
    const { admins } = await node.engine.state('node', 'node')
    const addedAt = Math.floor(now / 1000)
    const admin = { pubkey, role: wanted, label: name, source: 'operator' as const, addedAt }
    const outcome = await context.execute(wish('node', 'node', { do: 'add-admin', admin, nodeKeys: node.ownKeys }))
    return 'refused' in outcome ? outcome : shown(admin, [...admins, admin], context)
  },
})

export const adminsSetRole = command({
  name: 'admins.setRole',
  role: 'owner',
  stepUp: 'S',
  class: 'L',
  in: z.object({ npub, role: role.optional(), label: label.optional() }),
  out: adminRow,
  async run({ npub: pubkey, role: wanted, label: name }, context) {
    const { admins } = await context.node.engine.state('node', 'node')
    const known = admins.find((admin) => admin.pubkey === pubkey)
    if (known === undefined) return { notFound: `admin ${nip19.npubEncode(pubkey)}` }
    const atConsole = context.door === 'console'
    const change = { do: 'change-admin', pubkey, role: wanted, label: name, atConsole } as const
    const outcome = await context.execute(wish('node', 'node', change))
    if ('refused' in outcome) return outcome
    const changed = { ...known, role: wanted ?? known.role, label: name ?? known.label }
    return shown(
      changed,
      admins.map((admin) => (admin === known ? changed : admin)),
      context,
    )
  },
})

export const adminsRemove = command({
  name: 'admins.remove',
  role: 'owner',
  stepUp: 'S',
  class: 'L',
  in: z.object({ npub }),
  out: z.object({ endedDevices: z.int() }),
  async run({ npub: pubkey }, { node, execute, door }) {
    const { admins, devices } = await node.engine.state('node', 'node')
    if (!admins.some((admin) => admin.pubkey === pubkey)) return { notFound: `admin ${nip19.npubEncode(pubkey)}` }
    const outcome = await execute(wish('node', 'node', { do: 'remove-admin', pubkey, atConsole: door === 'console' }))
    if ('refused' in outcome) return outcome
    return { endedDevices: devices.filter(({ admin }) => admin === pubkey).length }
  },
})

function shown(
  { pubkey, role: held, label: name, addedAt }: Admin,
  admins: readonly Admin[],
  { node, principal, door }: Pick<RunContext, 'node' | 'principal' | 'door'>,
): z.input<typeof adminRow> {
  const lastSeen = secondsOf(node.lastSeen.at(pubkey) ?? null)
  const isLastOwner = held === 'owner' && admins.filter((admin) => admin.role === 'owner').length === 1
  // At the machine itself the last owner key may go.
  const not = isLastOwner && door !== 'console' ? 'last-owner' : undefined
  return {
    npub: nip19.npubEncode(pubkey),
    role: held,
    label: name,
    ...(addedAt === undefined ? {} : { addedAt }),
    ...(lastSeen === undefined ? {} : { lastSeen }),
    can: allowed(principal, { setRole: { role: 'owner', not }, remove: { role: 'owner', not } }),
  }
}

function hexOf(text: string): string | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase()
  try {
    const found = nip19.decode(text)
    return found.type === 'npub' ? found.data : undefined
  } catch {
    return undefined
  }
}
