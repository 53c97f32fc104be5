/** Who may command the node over HTTP: devices, admins and the password, and how each of them ends (remote-admin 1, 7, 9). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import * as nip19 from 'nostr-tools/nip19'
import { generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import { byHeaders, byKey, post, signIn } from '../kit/browser'
import { startNode, type TestNode } from '../kit/node'

type Row = Record<string, unknown>
const hour = 3600_000
const password = 'canary-password-of-access'
const [ann, bob] = [generateSecretKey(), generateSecretKey()]
const npubOf = (secret: Uint8Array) => nip19.npubEncode(getPublicKey(secret))
let node: TestNode
let offsetMs = 0
const now = () => Date.now() + offsetMs
beforeAll(async () => {
  node = await startNode({ now })
  await node.call('security.setPassword', { password })
}, 60_000)
afterAll(() => node.stop())

const rowsOf = async (asked: Promise<{ readonly result?: Row; readonly error?: unknown }>) => {
  const { result, error } = await asked
  expect(error).toBeUndefined()
  return result?.rows as readonly Row[]
}
const done = async (method: string, params: Row) => {
  const { result, error } = await node.call(method, params)
  expect(error).toBeUndefined()
  return result as Row
}

const byLink = () => post(node, '/setup', JSON.stringify({ code: node.served.signIn.makeLinkCode() }))

test('R-009 a device is listed with when it was opened, last seen and ends; one that is ended is nobody', async () => {
  const first = await signIn(node, password)
  const second = await signIn(node, password)
  const rows = await rowsOf(first.ask('devices.list'))
  expect(rows).toHaveLength(2)
  const nowS = Math.floor(now() / 1000)
  const { createdAt, lastSeen, expires, ...rest } = rows[0] ?? {}
  expect(Math.abs(Number(createdAt) - nowS)).toBeLessThan(60)
  expect(Math.abs(Number(lastSeen) - nowS)).toBeLessThan(60)
  expect(Number(expires) - Number(createdAt)).toBe(12 * 3600)
  expect(rest).toMatchObject({ admin: 'password', role: 'owner', door: 'http', can: { end: { ok: true } } })
  const own = (await second.ask('me.get')).result?.device
  expect((await first.ask('devices.end', { device: own })).result).toEqual({ ended: 1 })
  await expect(second.ask('me.get')).rejects.toThrow('401')
  expect((await first.ask('devices.end', { device: own })).error?.data.reason).toBe('NOT_FOUND')
  expect((await first.ask('devices.end', { all: true })).result).toEqual({ ended: 1 })
  await expect(first.ask('me.get')).rejects.toThrow('401')
})

test('R-009 a device past the idle limit or past its life is nobody, is not listed, and makes room', async () => {
  await done('settings.apply', { changes: { 'security.deviceHours': 5, 'security.idleHours': 2 } })
  const used = await signIn(node, password)
  const idle = await signIn(node, password)
  offsetMs += 1.5 * hour
  await used.ask('me.get')
  offsetMs += hour
  await expect(idle.ask('me.get')).rejects.toThrow('401')
  expect(await rowsOf(used.ask('devices.list'))).toHaveLength(1)
  // By links: a password would be checked for each.
  for (let n = 0; n < 19; n += 1) expect((await byLink()).status).toBe(200)
  expect((await byLink()).status).toBe(409)
  offsetMs += 1.9 * hour
  await used.ask('me.get')
  offsetMs += hour
  await expect(used.ask('me.get')).rejects.toThrow('401')
  await done('devices.end', { all: true })
})

test('R-097 P-38 a command that waits its turn is not run once its device is ended', async () => {
  const opened = await byLink()
  const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const { device: own } = (await opened.json()) as { device: string }
  // Hashing holds the lane of all commands for some hundred milliseconds.
  const hashing = node.call('security.setPassword', { password })
  const ending = node.call('devices.end', { device: own })
  const late = byHeaders(node, { cookie })('node.pause')
  expect((await late).error?.data.reason).toBe('FORBIDDEN')
  expect((await ending).error).toBeUndefined()
  await hashing
  expect(await done('node.status', {})).toMatchObject({ state: 'running' })
})

test('R-009 R-119 what was last seen outlives a restart, and so does the idle limit', async () => {
  const device = await signIn(node, password)
  offsetMs += 1.5 * hour
  await device.ask('me.get')
  await node.stop({ keep: true })
  node = await startNode({ now, directory: node.directory })
  offsetMs += 1.5 * hour
  const ask = byHeaders(node, { cookie: device.cookie })
  expect((await ask('me.get')).error).toBeUndefined()
  offsetMs += 2.1 * hour
  await expect(ask('me.get')).rejects.toThrow('401')
  await done('settings.apply', { changes: { 'security.deviceHours': 12, 'security.idleHours': 168 } })
}, 30_000)

test('R-113 R-012 the password is changed by who knows the old one; all other password devices end', async () => {
  const mine = await signIn(node, password)
  const other = await signIn(node, password)
  const wanted = { password: 'canary-password-two' }
  expect((await mine.ask('security.setPassword', wanted)).error?.data.reason).toBe('STEP_UP_REQUIRED')
  const wrong = { 'x-admin-password': 'not this one' }
  expect((await mine.ask('security.setPassword', wanted, wrong)).error?.data.reason).toBe('STEP_UP_REQUIRED')
  const right = { 'x-admin-password': password }
  expect((await mine.ask('security.setPassword', wanted, right)).result).toEqual({ endedDevices: 1 })
  expect((await mine.ask('me.get')).error).toBeUndefined()
  await expect(other.ask('me.get')).rejects.toThrow('401')
  await expect(signIn(node, password)).rejects.toThrow('401')
  await done('security.setPassword', { password })
})

test('R-109 R-113 R-171 a cleared password opens nothing, is not seeded again, and its banner is there', async () => {
  const other = await signIn(node, password)
  expect(await done('security.clearPassword', {})).toEqual({ endedDevices: 1 })
  await expect(other.ask('me.get')).rejects.toThrow('401')
  expect(await done('security.clearPassword', {})).toEqual({ endedDevices: 0 })
  expect((await post(node, '/login', JSON.stringify({ password }))).status).toBe(401)
  const { banners } = (await done('overview.get', {})) as { banners: { kind: string }[] }
  expect(banners.map(({ kind }) => kind)).toContain('no-password')
  const [last] = (await done('settings.history', { key: 'security.password' })).rows as Row[]
  expect(last).toMatchObject({ by: 'console', can: { revert: { refused: 'secret-replaced' } } })
  await node.stop({ keep: true })
  node = await startNode({ now, directory: node.directory, environment: { ADMIN_PASSWORD: 'canary-of-environment' } })
  expect(await signIn(node, 'canary-of-environment').catch((error: Error) => error.message)).toContain('401')
  await done('security.setPassword', { password })
}, 30_000)

test('R-092 P-38 the last owner key stays; a removed or demoted one is powerless at once', async () => {
  expect(await done('admins.add', { npub: npubOf(ann), role: 'owner', label: 'ann' })).toMatchObject({
    role: 'owner',
    can: { remove: { ok: true } },
  })
  const asAnn = byKey(node, ann, now)
  const refusal = (asked: Awaited<ReturnType<typeof asAnn>>) => asked.error?.data.code
  expect(refusal(await asAnn('admins.remove', { npub: npubOf(ann) }))).toBe('last-owner')
  expect(refusal(await asAnn('admins.setRole', { npub: npubOf(ann), role: 'viewer' }))).toBe('last-owner')
  const cookie = await signIn(node, password)
  expect((await cookie.ask('admins.remove', { npub: npubOf(ann) })).error?.data.reason).toBe('STEP_UP_REQUIRED')
  await asAnn('admins.add', { npub: npubOf(bob), role: 'owner', label: 'bob' })
  const asBob = byKey(node, bob, now)
  expect((await asBob('me.get')).result).toMatchObject({ role: 'owner' })
  const rows = await rowsOf(asAnn('admins.list'))
  expect(rows.map(({ label, role }) => [label, role])).toEqual([
    ['ann', 'owner'],
    ['bob', 'owner'],
  ])
  for (const { addedAt, lastSeen } of rows)
    for (const at of [addedAt, lastSeen]) expect(Math.abs(Number(at) - now() / 1000)).toBeLessThan(120)
  const demoted = await asAnn('admins.setRole', { npub: npubOf(bob), role: 'viewer', label: 'bob, reader' })
  expect(demoted.result).toMatchObject({ role: 'viewer', label: 'bob, reader' })
  expect((await asBob('node.pause')).error?.data.reason).toBe('FORBIDDEN')
  expect((await asAnn('admins.remove', { npub: npubOf(bob) })).result).toEqual({ endedDevices: 0 })
  expect((await asAnn('admins.remove', { npub: npubOf(bob) })).error?.data.reason).toBe('NOT_FOUND')
  await expect(asBob('me.get')).resolves.toMatchObject({ error: { code: 'unauthorized' } })
})
