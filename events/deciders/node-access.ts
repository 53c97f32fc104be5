/** Who may command the node: admins, the password, devices and tokens, and what ends with whom (remote-admin 1, 7, 9). */
import type { NodeEvent, Role } from '../schema/node'
import type { AccessToken, Admin, Device, Node } from './node'

type Data<Type extends NodeEvent['type']> = Extract<NodeEvent, { type: Type }>['data']

export type AccessCommand =
  | { readonly do: 'add-admin'; readonly admin: Admin; readonly nodeKeys: readonly string[] }
  | {
      readonly do: 'change-admin'
      readonly pubkey: string
      readonly role: Role | undefined
      readonly label: string | undefined
      /** Asked for at the machine itself: there the last owner key may go too. */
      readonly atConsole: boolean
    }
  | { readonly do: 'remove-admin'; readonly pubkey: string; readonly atConsole: boolean }
  | {
      readonly do: 'set-password'
      readonly hash: string
      readonly source: Admin['source']
      /** The device that asks: it stays signed in. */
      readonly keep?: string | undefined
    }
  | { readonly do: 'clear-password'; readonly keep?: string | undefined }
  | {
      readonly do: 'open-device'
      readonly device: Device
      readonly nowS: number
      readonly most: number
      /** Idle for too long: they make room. */
      readonly dead?: readonly string[] | undefined
    }
  | { readonly do: 'end-device'; readonly device: string; readonly why: Data<'device.ended'>['why'] }
  | { readonly do: 'create-token'; readonly token: AccessToken; readonly nowS: number; readonly most: number }
  | { readonly do: 'end-token'; readonly token: string }

export type AccessRefusal =
  | { readonly refused: 'key-clash' }
  | { readonly refused: 'admin-known' | 'admin-unknown' | 'last-owner' }
  | { readonly refused: 'too-many-devices' | 'too-many-tokens'; readonly most: number }

const commands: readonly string[] = [
  'add-admin',
  'change-admin',
  'remove-admin',
  'set-password',
  'clear-password',
  'open-device',
  'end-device',
  'create-token',
  'end-token',
] satisfies readonly AccessCommand['do'][]

export const isAccessCommand = (command: { readonly do: string }): command is AccessCommand =>
  commands.includes(command.do)

export function accessEvents(state: Node, command: AccessCommand): NodeEvent[] | AccessRefusal {
  switch (command.do) {
    case 'add-admin':
      return addAdmin(state, command.admin, command.nodeKeys)
    case 'change-admin':
      return changeAdmin(state, command)
    case 'remove-admin':
      return removeAdmin(state, command)
    case 'set-password':
      return [
        { type: 'password.set', data: { hash: command.hash, source: command.source } },
        ...endedDevices(byPassword(state, command.keep), 'password-changed'),
      ]
    case 'clear-password':
      return state.password === undefined
        ? []
        : [
            { type: 'password.cleared', data: {} },
            ...endedDevices(byPassword(state, command.keep), 'password-changed'),
            // Who signed in by it is nobody any more.
            ...lostTokens(state, 'password'),
          ]
    case 'open-device':
      return openDevice(state, command)
    case 'end-device':
      return endedDevices(
        state.devices.filter((device) => device.device === command.device),
        command.why,
      )
    case 'create-token':
      return createToken(state, command)
    case 'end-token':
      return endedTokens(
        state.tokens.filter(({ token }) => token === command.token),
        'ended',
      )
    default:
      return command satisfies never
  }
}

type AccessEvent = Extract<
  NodeEvent,
  {
    type:
      | 'admin.added'
      | 'admin.changed'
      | 'admin.removed'
      | 'password.set'
      | 'password.cleared'
      | 'device.opened'
      | 'device.ended'
      | 'token.created'
      | 'token.ended'
  }
>

/** What of the node's state such an event moves. */
export function accessAfter(state: Node, event: AccessEvent): Partial<Node> {
  switch (event.type) {
    case 'admin.added':
      return {
        admins: [...state.admins, event.data],
        removedAdmins: state.removedAdmins.filter((pubkey) => pubkey !== event.data.pubkey),
      }
    case 'admin.changed': {
      const { pubkey, role, label } = event.data
      return { admins: state.admins.map((admin) => (admin.pubkey === pubkey ? { ...admin, role, label } : admin)) }
    }
    case 'admin.removed':
      return {
        admins: state.admins.filter(({ pubkey }) => pubkey !== event.data.pubkey),
        removedAdmins: [...new Set([...state.removedAdmins, event.data.pubkey])],
      }
    case 'password.set':
      return { password: event.data, passwordCleared: false }
    case 'password.cleared':
      return { password: undefined, passwordCleared: true }
    case 'device.opened':
      return { devices: [...state.devices, event.data] }
    case 'device.ended':
      return { devices: state.devices.filter(({ device }) => device !== event.data.device) }
    case 'token.created':
      return { tokens: [...state.tokens, event.data] }
    case 'token.ended':
      return { tokens: state.tokens.filter(({ token }) => token !== event.data.token) }
    default:
      return event satisfies never
  }
}

/** A key of the node itself can never command it. */
function addAdmin(state: Node, admin: Admin, nodeKeys: readonly string[]): NodeEvent[] | AccessRefusal {
  if (nodeKeys.includes(admin.pubkey)) return { refused: 'key-clash' }
  // The environment names the first owner; who was removed stays removed.
  if (admin.source === 'environment' && (state.admins.length > 0 || state.removedAdmins.includes(admin.pubkey)))
    return []
  if (state.admins.some((known) => known.pubkey === admin.pubkey)) return { refused: 'admin-known' }
  return [{ type: 'admin.added', data: admin }]
}

function changeAdmin(
  state: Node,
  { pubkey, role, label, atConsole }: Extract<AccessCommand, { do: 'change-admin' }>,
): NodeEvent[] | AccessRefusal {
  const known = state.admins.find((admin) => admin.pubkey === pubkey)
  if (known === undefined) return { refused: 'admin-unknown' }
  const wanted = { pubkey, role: role ?? known.role, label: label ?? known.label }
  const isDemoted = ranks.indexOf(wanted.role) < ranks.indexOf(known.role)
  if (isDemoted && !atConsole && isLastOwner(state, pubkey)) return { refused: 'last-owner' }
  if (wanted.role === known.role && wanted.label === known.label) return []
  // What was opened with more than he has now is powerless this moment.
  return [{ type: 'admin.changed', data: wanted }, ...(isDemoted ? lostAccess(state, pubkey) : [])]
}

function removeAdmin(
  state: Node,
  { pubkey, atConsole }: Extract<AccessCommand, { do: 'remove-admin' }>,
): NodeEvent[] | AccessRefusal {
  if (!state.admins.some((admin) => admin.pubkey === pubkey)) return { refused: 'admin-unknown' }
  if (!atConsole && isLastOwner(state, pubkey)) return { refused: 'last-owner' }
  return [{ type: 'admin.removed', data: { pubkey } }, ...lostAccess(state, pubkey)]
}

const ranks: readonly Role[] = ['viewer', 'operator', 'owner']

/** The last owner key leaves at the machine itself only. */
function isLastOwner({ admins }: Node, pubkey: string): boolean {
  const owners = admins.filter(({ role }) => role === 'owner')
  return owners.length === 1 && owners[0]?.pubkey === pubkey
}

function openDevice(state: Node, command: Extract<AccessCommand, { do: 'open-device' }>): NodeEvent[] | AccessRefusal {
  const { dead = [], nowS } = command
  const expired = state.devices.filter(({ expiresAt, device }) => expiresAt <= nowS || dead.includes(device))
  if (state.devices.length - expired.length >= command.most) return { refused: 'too-many-devices', most: command.most }
  return [...endedDevices(expired, 'expired'), { type: 'device.opened', data: command.device }]
}

function createToken(
  state: Node,
  { token, nowS, most }: Extract<AccessCommand, { do: 'create-token' }>,
): NodeEvent[] | AccessRefusal {
  const expired = state.tokens.filter(({ expiresAt }) => expiresAt <= nowS)
  if (state.tokens.length - expired.length >= most) return { refused: 'too-many-tokens', most }
  return [...endedTokens(expired, 'expired'), { type: 'token.created', data: token }]
}

const byPassword = ({ devices }: Node, keep: string | undefined): readonly Device[] =>
  devices.filter(({ way, device }) => way === 'password' && device !== keep)

const lostAccess = (state: Node, admin: string): NodeEvent[] => [
  ...endedDevices(
    state.devices.filter((device) => device.admin === admin),
    'ended',
  ),
  ...lostTokens(state, admin),
]

const lostTokens = (state: Node, admin: string): NodeEvent[] =>
  endedTokens(
    state.tokens.filter((token) => token.admin === admin),
    'maker-lost-it',
  )

const endedDevices = (devices: readonly Device[], why: Data<'device.ended'>['why']): NodeEvent[] =>
  devices.map((device) => ({ type: 'device.ended', data: { device: device.device, why } }))

const endedTokens = (tokens: readonly AccessToken[], why: Data<'token.ended'>['why']): NodeEvent[] =>
  tokens.map(({ token }) => ({ type: 'token.ended', data: { token, why } }))
