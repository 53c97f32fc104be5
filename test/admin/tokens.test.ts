/** CLI tokens: shown once, bounded in role, commands and time, never a step-up, worth what their maker is (9.4). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import { byKey, byToken } from '../kit/browser'
import { type Envelope, startNode, type TestNode } from '../kit/node'

type Row = Record<string, unknown>
const day = 24 * 3600_000
let node: TestNode
let offsetMs = 0
const now = () => Date.now() + offsetMs
beforeAll(async () => {
  node = await startNode({ now })
}, 60_000)
afterAll(() => node.stop())

const done = async (method: string, params: Row = {}) => {
  const { result, error } = await node.call(method, params)
  expect(error).toBeUndefined()
  return result as Row
}
const create = async (params: Row) => String((await done('tokens.create', { name: 'a program', ...params })).token)
const list = async () => (await done('tokens.list')).rows as readonly Row[]
const asks = async (token: string, method: string, params: Row = {}) =>
  (await (await byToken(node, token)(method, params)).json()) as Envelope
const reasonOf = async (token: string, method: string, params: Row = {}) =>
  (await asks(token, method, params)).error?.data.reason

test('R-119 a token is shown once: neither the log, nor a repeat, nor a list knows it', async () => {
  const id = crypto.randomUUID()
  const params = { name: 'nightly report', role: 'viewer' }
  const asked = Math.floor(now() / 1000)
  const made = await node.call('tokens.create', params, { id })
  const token = String(made.result?.token)
  expect(token).toMatch(/^rnt_[A-Za-z0-9_-]{43}$/)
  expect(Number(made.result?.expires) - asked - 90 * 24 * 3600).toBeWithin(0, 5)
  expect((await node.call('tokens.create', params, { id })).result?.token).toBe('[secret]')
  const [row] = await list()
  expect(row).toMatchObject({ name: 'nightly report', role: 'viewer', last4: token.slice(-4), admin: 'console' })
  expect(row).not.toHaveProperty('lastUsedAt')
  expect(JSON.stringify(await node.call('events.list', { limit: 500 }))).not.toContain('Hash')
  const kept = JSON.stringify([await node.node.log.after(0n, 1000), node.lines, await list()], (_, value) =>
    typeof value === 'bigint' ? String(value) : (value as unknown),
  )
  expect(kept).not.toContain(token)
  expect((await asks(token, 'me.get')).result).toMatchObject({ admin: 'console', role: 'viewer', door: 'http' })
  expect((await list())[0]).toHaveProperty('lastUsedAt')
})

test('R-119 it may do what its role and its list of commands say, and no more', async () => {
  const token = await create({ role: 'operator', commands: ['node.status', 'node.pause', 'node.resume', 'confirm'] })
  expect((await list()).at(-1)?.commands).toEqual(['node.status', 'node.pause', 'node.resume', 'commands.confirm'])
  expect((await asks(token, 'node.pause')).result).toEqual({ state: 'paused' })
  expect((await asks(token, 'node.resume')).result).toEqual({ state: 'running' })
  expect(await reasonOf(token, 'overview.get')).toBe('FORBIDDEN')
  expect(await reasonOf(token, 'rpc.describe')).toBe('FORBIDDEN')
  expect(await reasonOf(await create({ role: 'viewer' }), 'node.pause')).toBe('FORBIDDEN')
  const described = (await asks(await create({ role: 'viewer' }), 'rpc.describe')).result as { methods: Row[] }
  expect(described.methods.every(({ role }) => role === 'viewer')).toBe(true)
  const unknown = await node.call('tokens.create', { name: 'x', role: 'viewer', commands: ['node.stauts'] })
  expect(unknown.error?.data.reason).toBe('NOT_FOUND')
  expect((await node.call('tokens.create', { name: 'x', role: 'viewer', days: 366 })).error?.data.reason).toBe('PARAMS')
})

test('R-012 R-120 P-38 a token is never a step-up, whatever its role and whatever else is sent with it', async () => {
  const password = 'canary-password-of-tokens'
  await done('security.setPassword', { password })
  const token = await create({ role: 'owner' })
  expect(await reasonOf(token, 'tokens.create', { name: 'another', role: 'owner' })).toBe('STEP_UP_REQUIRED')
  const response = await fetch(`${node.url}/admin/api/rpc`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'x-admin-password': password,
      origin: node.url,
      'x-routstr-admin': '1',
    },
    body: JSON.stringify({ id: crypto.randomUUID(), method: 'security.clearPassword', params: {} }),
  })
  expect(((await response.json()) as Envelope).error?.data.reason).toBe('STEP_UP_REQUIRED')
})

test('R-118 P-24 an admin token buys nothing at the public door', async () => {
  const token = await create({ role: 'owner' })
  const answer = await fetch(`${node.url}/v1/balance/info`, { headers: { authorization: `Bearer ${token}` } })
  expect(answer.status).toBe(401)
})

test('R-119 R-097 it ends at its time or when it is ended, and its id is nobody’s then', async () => {
  const short = await create({ role: 'viewer', days: 1 })
  const long = await create({ role: 'viewer', days: 365 })
  offsetMs += day
  expect((await byToken(node, short)('me.get')).status).toBe(401)
  expect((await asks(long, 'me.get')).error).toBeUndefined()
  const id = (await list()).find(({ last4 }) => last4 === long.slice(-4))?.token
  expect(await done('tokens.end', { token: id })).toEqual({})
  expect((await byToken(node, long)('me.get')).status).toBe(401)
  expect((await node.call('tokens.end', { token: id })).error?.data.reason).toBe('NOT_FOUND')
})

test('R-008 a token ends with its maker’s removal or demotion, and never outranks him', async () => {
  const [ann, bob] = [generateSecretKey(), generateSecretKey()]
  for (const secret of [ann, bob])
    await done('admins.add', { npub: getPublicKey(secret), role: 'owner', label: 'an owner' })
  const made = await byKey(node, bob, now)('tokens.create', { name: 'of bob', role: 'owner' })
  const token = String(made.result?.token)
  expect((await asks(token, 'node.pause')).error).toBeUndefined()
  await byKey(node, ann, now)('admins.setRole', { npub: getPublicKey(bob), role: 'operator' })
  expect((await byToken(node, token)('node.resume')).status).toBe(401)
  await done('node.resume')
})

test('R-110 R-120 P-34 guessing tokens is slowed as guessing passwords is, and a right one waits too', async () => {
  const token = await create({ role: 'viewer' })
  const wrong = `rnt_${'A'.repeat(43)}`
  const statuses: number[] = []
  for (let tries = 0; tries < 8; tries += 1) statuses.push((await byToken(node, wrong)('me.get')).status)
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(5)
  expect(statuses.at(-1)).toBe(429)
  const early = await byToken(node, token)('me.get')
  expect([early.status, Number(early.headers.get('retry-after')) > 0]).toEqual([429, true])
  offsetMs += 60_000
  expect((await byToken(node, token)('me.get')).status).toBe(200)
})
