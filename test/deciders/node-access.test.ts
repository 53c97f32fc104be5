/** Who may command the node, and what ends with whom (remote-admin 1, 7, 9). */
import { test } from 'bun:test'
import { node } from '../../events/deciders/node'
import type { NodeEvent, Role } from '../../events/schema/node'
import { given } from '../kit/given'

const [ann, bob] = ['a'.repeat(64), 'b'.repeat(64)]
const added = (pubkey: string, role: Role): NodeEvent => ({
  type: 'admin.added',
  data: { pubkey, role, label: 'one', source: 'operator' },
})
const opened = (device: string, admin: string, way: 'setup' | 'password' | 'nostr'): NodeEvent => ({
  type: 'device.opened',
  data: { device, admin, role: 'owner', label: 'browser', way, cookieHash: 'c'.repeat(64), expiresAt: 2_000 },
})
const token = (id: string, admin: string) => ({
  token: id,
  name: 'report',
  role: 'viewer' as const,
  admin,
  tokenHash: 'd'.repeat(64),
  last4: 'f3a9',
  createdAt: 1000,
  expiresAt: 2000,
})
const created = (id: string, admin: string): NodeEvent => ({ type: 'token.created', data: token(id, admin) })
const passwordSet: NodeEvent = { type: 'password.set', data: { hash: 'hash', source: 'operator' } }

test('R-092 the last owner key is neither removed nor demoted remotely; at the console it is', () => {
  const history = [added(ann, 'owner'), added(bob, 'operator')]
  const remove = { do: 'remove-admin', pubkey: ann } as const
  const demote = { do: 'change-admin', pubkey: ann, role: 'operator', label: undefined } as const
  given(node, history)
    .when({ ...remove, atConsole: false })
    .refused({ refused: 'last-owner' })
  given(node, history)
    .when({ ...demote, atConsole: false })
    .refused({ refused: 'last-owner' })
  given(node, history)
    .when({ ...remove, atConsole: true })
    .then({ type: 'admin.removed', data: { pubkey: ann } })
  given(node, [...history, added('c'.repeat(64), 'owner')])
    .when({ ...remove, atConsole: false })
    .then({ type: 'admin.removed', data: { pubkey: ann } })
})

test('R-171 R-086 P-22 the environment names the first owner, and does not bring back who was removed', () => {
  const named = { pubkey: ann, role: 'owner', label: 'owner', source: 'environment' } as const
  const seed = { do: 'add-admin', admin: named, nodeKeys: [] } as const
  const removed = (pubkey: string): NodeEvent => ({ type: 'admin.removed', data: { pubkey } })
  given(node, []).when(seed).then({ type: 'admin.added', data: named })
  given(node, [added(bob, 'viewer')])
    .when(seed)
    .then()
  given(node, [added(ann, 'owner'), removed(ann)])
    .when(seed)
    .then()
  given(node, [added(bob, 'owner'), removed(bob)])
    .when(seed)
    .then({ type: 'admin.added', data: named })
  // The operator may.
  const wanted = { ...named, source: 'operator' } as const
  given(node, [added(ann, 'owner'), removed(ann)])
    .when({ ...seed, admin: wanted })
    .then({ type: 'admin.added', data: wanted })
})

test('R-008 R-097 with an admin go his devices and tokens, and nobody else’s', () => {
  given(node, [
    added(ann, 'owner'),
    added(bob, 'owner'),
    opened('of-ann', ann, 'nostr'),
    opened('of-bob', bob, 'nostr'),
    created('t-ann', ann),
    created('t-bob', bob),
  ])
    .when({ do: 'remove-admin', pubkey: bob, atConsole: false })
    .then(
      { type: 'admin.removed', data: { pubkey: bob } },
      { type: 'device.ended', data: { device: 'of-bob', why: 'ended' } },
      { type: 'token.ended', data: { token: 't-bob', why: 'maker-lost-it' } },
    )
})

test('R-008 who is demoted loses what he opened; who is promoted or renamed keeps it', () => {
  const history = [added(ann, 'owner'), added(bob, 'operator'), opened('d', bob, 'nostr'), created('t', bob)]
  given(node, history)
    .when({ do: 'change-admin', pubkey: bob, role: 'viewer', label: undefined, atConsole: false })
    .then(
      { type: 'admin.changed', data: { pubkey: bob, role: 'viewer', label: 'one' } },
      { type: 'device.ended', data: { device: 'd', why: 'ended' } },
      { type: 'token.ended', data: { token: 't', why: 'maker-lost-it' } },
    )
  given(node, history)
    .when({ do: 'change-admin', pubkey: bob, role: 'owner', label: 'two', atConsole: false })
    .then({ type: 'admin.changed', data: { pubkey: bob, role: 'owner', label: 'two' } })
  given(node, history)
    .when({ do: 'change-admin', pubkey: bob, role: 'operator', label: 'one', atConsole: false })
    .then()
})

test('R-113 a new password, or none, ends all other password devices', () => {
  const history = [passwordSet, opened('mine', 'password', 'password'), opened('other', 'password', 'password')]
  given(node, history)
    .when({ do: 'set-password', hash: 'new', source: 'operator', keep: 'mine' })
    .then(
      { type: 'password.set', data: { hash: 'new', source: 'operator' } },
      { type: 'device.ended', data: { device: 'other', why: 'password-changed' } },
    )
  given(node, [...history, created('t', 'password')])
    .when({ do: 'clear-password', keep: 'mine' })
    .then(
      { type: 'password.cleared', data: {} },
      { type: 'device.ended', data: { device: 'other', why: 'password-changed' } },
      { type: 'token.ended', data: { token: 't', why: 'maker-lost-it' } },
    )
  given(node, []).when({ do: 'clear-password' }).then()
})

test('R-119 tokens are bounded; an expired one makes room', () => {
  const create = (nowS: number) => ({ do: 'create-token', token: token('new', ann), nowS, most: 1 }) as const
  given(node, [created('old', ann)])
    .when(create(1999))
    .refused({ refused: 'too-many-tokens', most: 1 })
  given(node, [created('old', ann)])
    .when(create(2000))
    .then(
      { type: 'token.ended', data: { token: 'old', why: 'expired' } },
      { type: 'token.created', data: token('new', ann) },
    )
})

test('C-168 resuming ends draining and a pause alike; switching on twice changes nothing', () => {
  const draining: NodeEvent = { type: 'node.drain-begun', data: { note: 'moving house' } }
  given(node, [draining]).when({ do: 'resume' }).then({ type: 'node.resumed', data: {} })
  given(node, [draining]).when({ do: 'begin-drain', note: 'again' }).then()
  given(node, [draining, { type: 'node.resumed', data: {} }])
    .when({ do: 'end-drain' })
    .then()
  given(node, [{ type: 'node.paused', data: {} }, draining])
    .when({ do: 'end-drain' })
    .then({ type: 'node.drain-ended', data: {} })
})
