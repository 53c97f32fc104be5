/** The admin door over HTTP: closed until opened, one command once, the same events whoever asks. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startNode, type TestNode } from '../kit/node'

let node: TestNode
beforeAll(async () => {
  node = await startNode()
}, 60_000)
afterAll(() => node.stop())

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${node.url}/admin/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const ours = () => ({ origin: node.url, 'x-routstr-admin': '1' })
const request = (method: string, params: unknown = {}, id: string = crypto.randomUUID()) => ({ id, method, params })

test('R-107 P-24 a fresh node answers nobody, and its link opens one owner device, once', async () => {
  expect((await post('/rpc', request('overview.get'))).status).toBe(401)
  const code = node.served.signIn.makeLinkCode()
  expect((await post('/setup', { code: 'AAAAAAAAAAAAAAAAAAAAAA' }, ours())).status).toBe(401)
  expect((await post('/setup', { code }, { 'x-routstr-admin': '1' })).status).toBe(403)
  const opened = await post('/setup', { code }, ours())
  expect(opened.status).toBe(200)
  const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  expect(opened.headers.get('set-cookie')).toContain('HttpOnly; SameSite=Strict')
  expect((await post('/setup', { code }, ours())).status).toBe(401)
  const me = (await (await post('/rpc', request('me.get'), { cookie, ...ours() })).json()) as {
    result: { role: string }
  }
  expect(me.result.role).toBe('owner')
  expect((await post('/rpc', request('me.get'), { cookie })).status).toBe(403)
  expect((await post('/rpc', request('me.get'), { cookie, ...ours(), origin: 'http://evil.example' })).status).toBe(403)
})

test('R-116 a rebinding host is refused before routing', async () => {
  const response = await fetch(`${node.url}/admin/`, { headers: { host: 'evil.example' } })
  expect(response.status).toBe(421)
})

test('R-049 the same command id runs once, another command under it is a conflict', async () => {
  const id = crypto.randomUUID()
  const first = await node.call('node.pause', { reason: 'a test' }, { id })
  const again = await node.call('node.pause', { reason: 'a test' }, { id })
  expect([first.result, again.result, again.replayed]).toEqual([{ state: 'paused' }, { state: 'paused' }, true])
  expect((await node.call('node.pause', { reason: 'another' }, { id })).error?.data.reason).toBe('ID_CONFLICT')
  const events = (await node.call('events.list', { type: 'node.paused' })).result as { rows: unknown[] }
  expect(events.rows).toHaveLength(1)
  await node.call('node.resume')
})

test('C-168 a paused node takes no deposit and no request, and says so', async () => {
  await node.call('node.pause', {})
  const response = await fetch(`${node.url}/v1/balance/create?initial_balance_token=cashuBbroken`)
  expect(response.status).toBe(503)
  await node.call('node.resume')
})

test('R-125 P-22 settings keep false and 0, name their source, and the same field twice is a conflict', async () => {
  const before = await node.call('settings.get', { keys: ['pricing.sellNewModels'] })
  const rev = (before as { rev?: number }).rev
  expect(
    (await node.call('settings.apply', { changes: { 'pricing.sellNewModels': false } }, { ifRev: rev })).result,
  ).toEqual({ changed: ['pricing.sellNewModels'] })
  expect(
    (await node.call('settings.apply', { changes: { 'pricing.upstreamFee': 1.2 } }, { ifRev: rev })).result,
  ).toEqual({ changed: ['pricing.upstreamFee'] })
  const late = await node.call('settings.apply', { changes: { 'pricing.sellNewModels': true } }, { ifRev: rev })
  expect(late.error?.data.reason).toBe('REV_MISMATCH')
  const after = (await node.call('settings.get', { keys: ['pricing.sellNewModels'] })).result as unknown as {
    value: unknown
    source: string
  }[]
  expect(after[0]).toMatchObject({ value: false, source: 'operator' })
  expect((await node.call('settings.apply', { changes: { 'pricing.nonsense': 1 } })).error?.data.reason).toBe('PARAMS')
  expect((await node.call('settings.apply', { changes: { 'pricing.exchangeFee': 7 } })).error?.data.reason).toBe(
    'PARAMS',
  )
})

test('R-072 rpc.describe names every row that the caller may run, and every query of it answers', async () => {
  const { methods } = (await node.call('rpc.describe')).result as { methods: { name: string; class: string }[] }
  expect(methods.length).toBeGreaterThan(30)
  const byName = 'sessions.get sessions.timeline models.get requests.get commands.get payouts.get upstreams.get'
  const named = byName.split(' ')
  const needed: Record<string, Record<string, unknown>> = {
    'payouts.quote': { sat: 1 },
    'exports.make': { what: 'models' },
    'commands.simulate': { name: 'node.pause' },
    'search.find': { text: 'gpt' },
    'overview.numbers': { range: '7d' },
    'overview.series': { range: '7d', metric: 'revenue' },
    'overview.models': { range: '7d' },
    'overview.errors': { range: '7d' },
  }
  for (const { name } of methods.filter((row) => row.class === '-' && !named.includes(row.name))) {
    const answer = await node.call(name, needed[name] ?? {})
    expect([name, answer.error]).toEqual([name, undefined])
  }
})

test('R-110 P-34 wrong passwords are slowed down and all failures read the same', async () => {
  await node.call('security.setPassword', { password: 'canary-password-1' })
  const statuses = []
  for (let tries = 0; tries < 7; tries += 1)
    statuses.push((await post('/login', { password: `wrong ${tries}` }, ours())).status)
  // One failure came before, with the spent set-up code: all ways in are counted together.
  expect(statuses.slice(0, 4)).toEqual([401, 401, 401, 401])
  expect(statuses.at(-1)).toBe(429)
  const events = JSON.stringify(await node.call('events.list', { limit: 500 })) + node.lines.join('')
  expect(events).not.toContain('canary-password-1')
})
