/** What an attack from outside found, each as a test that failed then (contract 3.5, R-032, R-121, R-122, D-072). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { dateText, instantText, isoText } from '../../admin-web/src/format'
import type { RunContext } from '../../core/admin/command'
import { rowNamed, streamsNamed } from '../../core/admin/queries/session-named'
import { createTable } from '../../core/admin/table'
import { limits } from '../../core/limits'
import { verifyLog, wish } from '../../events'
import { browserOf, consoleOf, jsonOf, type Send } from '../kit/door'
import { type Economy, errorOf, type Json, startEconomy } from '../kit/economy'
import { until } from '../kit/node'

let economy: Economy
let send: Send
beforeAll(async () => {
  economy = await startEconomy()
  send = consoleOf(economy.node)
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  expect((await verifyLog(economy.node.node.log)).problems).toEqual([])
  await economy.stop()
})
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
const reason = 'as the test wants it'

test('contract 3.5 a date that no calendar shows is not taken, at either door', async () => {
  const key = await economy.key(60)
  for (const validity_date of [1_000_000_000_000, 8_640_000_000_001, Number.MAX_SAFE_INTEGER]) {
    const fields = { initial_balance_token: economy.mint.token(9), validity_date }
    const asked = [
      await economy.post('/v1/balance/create', fields),
      await economy.post('/v1/balance/child-key', { validity_date }, key),
      await economy.post('/lightning/invoice', { amount_sats: 5, validity_date }),
    ]
    for (const response of asked) {
      expect(response.status).toBe(400)
      expect(await errorOf(response)).toMatchObject({ code: 'invalid_field' })
    }
    const extended = await economy.node.call('sessions.extend', {
      sessions: [hashOf(key)],
      until: validity_date,
      reason,
    })
    expect(extended.error?.data).toMatchObject({ reason: 'PARAMS', path: 'until' })
    const window = { from: validity_date - 60, to: validity_date, metric: 'revenue' }
    expect((await economy.node.call('overview.series', window)).error?.data).toMatchObject({ reason: 'PARAMS' })
  }
  const last = await economy.node.call('sessions.extend', { sessions: [hashOf(key)], until: 999_999_999_999, reason })
  expect(last.error).toBeUndefined()
  expect((await send('GET', '/admin/api/export/sessions.csv')).status).toBe(200)
})

test('D-072 a stored time that no calendar shows is exported, and shown, as its number', async () => {
  const key = await economy.key(61)
  const validUntil = Number.MAX_SAFE_INTEGER
  const extend = { do: 'extend', validUntil, nowMs: Date.now(), reason } as const
  const meta = { actor: 'test', door: 'node' } as const
  await economy.node.node.adminNode.engine.execute(wish('session', `session-${hashOf(key)}`, extend), { meta })
  await until('it is listed so', async () => {
    const { result } = await economy.node.call('sessions.get', { session: hashOf(key) })
    return result?.expiresAt === validUntil
  })
  expect(await (await send('GET', '/admin/api/export/sessions.csv')).text()).toContain(`,${validUntil},${validUntil}\r`)
  const { rows } = (await jsonOf(await send('GET', '/admin/api/export/sessions.json'))) as unknown as { rows: Json[] }
  expect(rows.find(({ key12 }) => key12 === hashOf(key).slice(0, 12))).toMatchObject({ 'expires_at UTC': validUntil })
  expect([isoText(validUntil), instantText(validUntil), dateText(validUntil, 0)]).toEqual(
    Array(3).fill(`${validUntil}`),
  )
})

test('R-032 an upstream whose address is no URL breaks a rule that is named, by command and by path', async () => {
  const row = { name: 'another', kind: 'openai' }
  for (const baseUrl of [
    '',
    'x',
    'http://',
    'api.openai.com/v1',
    'http://127.0.0.1/v1?key=1',
    'http://u:p@127.0.0.1',
  ]) {
    const asked = [
      await economy.node.call('upstreams.add', { ...row, baseUrl }),
      await economy.node.call('upstreams.test', { ...row, baseUrl }),
      await economy.node.call('upstreams.change', { upstream: 'another', baseUrl }),
    ]
    for (const { error } of asked)
      expect([baseUrl, error?.data.reason, error?.data.path]).toEqual([baseUrl, 'PARAMS', 'baseUrl'])
    expect((await send('POST', '/admin/api/upstreams', { body: { ...row, base_url: baseUrl } })).status).toBe(400)
    const changed = await send('PATCH', '/admin/api/upstreams/another', { body: { base_url: baseUrl } })
    expect(changed.status).toBe(400)
  }
})

test('R-122 the console is refused with whatever header a proxy adds', async () => {
  const me = { body: { id: crypto.randomUUID(), method: 'me.get' } }
  expect((await send('POST', '/admin/api/rpc', me)).status).toBe(200)
  const forwarded = 'Forwarded Via X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Server X-Real-IP'
  const vendors = 'X-Client-IP True-Client-IP CF-Connecting-IP Fly-Client-IP'
  for (const name of `${forwarded} ${vendors}`.split(' ')) {
    const response = await send('POST', '/admin/api/rpc', { ...me, headers: { [name]: '127.0.0.1' } })
    expect([name, response.status]).toEqual([name, 401])
  }
})

test('architecture 4 a key may be named by its whole hash, or by twelve digits, as soon as it was opened', async () => {
  const commands: readonly (readonly [string, Json])[] = [
    ['sessions.rename', { label: 'new' }],
    ['sessions.freeze', { reason }],
    ['sessions.extend', { reason, until: 2_000_000_000 }],
    ['sessions.setLimits', { reason, limitMsat: 5000 }],
    ['sessions.debit', { reason, msat: 1000 }],
    ['sessions.credit', { reason, msat: 1000 }],
    ['sessions.revoke', { reason, balance: 'refundable' }],
  ]
  let sat = 70
  for (const digits of [64, 12])
    for (const [name, params] of commands) {
      const session = hashOf(await economy.key(++sat)).slice(0, digits)
      const takesOne = ['rename', 'setLimits', 'debit', 'credit'].includes(name.slice('sessions.'.length))
      const named = takesOne ? { session } : { sessions: [session] }
      const { error } = await economy.node.call(name, { ...named, ...params })
      expect([name, digits, error]).toEqual([name, digits, undefined])
    }
}, 30_000)

test('architecture 4 a whole hash is answered while the tables are rebuilt, with the row that they will hold', async () => {
  const key = await economy.key(90)
  const [child = ''] = ((await jsonOf(await economy.post('/v1/balance/child-key', {}, key))) as { api_keys: string[] })
    .api_keys
  await economy.node.call('sessions.freeze', { sessions: [hashOf(key)], reason })
  const { adminNode } = economy.node.node
  expect(await adminNode.views.caughtUp(adminNode.log.head(), 5000)).toBe(true)
  const views = {
    ...adminNode.views,
    sql: { ...adminNode.views.sql, query: async () => [] },
    caughtUp: async () => false,
  }
  const context = { node: adminNode, now: Date.now() } as RunContext
  const behind = { ...context, node: { ...adminNode, views } } as RunContext
  for (const hash of [key, child].map(hashOf)) {
    const row = await rowNamed(hash, context)
    expect(row).toMatchObject({ stream: `session-${hash}`, state: 'frozen' })
    expect(await rowNamed(hash, behind)).toEqual(row)
    expect(await streamsNamed([hash, hash], behind)).toEqual([`session-${hash}`])
    expect(await rowNamed(hash.slice(0, 12), behind)).toEqual({ notFound: `session ${hash.slice(0, 12)}` })
  }
  expect(await streamsNamed(['f'.repeat(64)], context)).toEqual({ notFound: `session ${'f'.repeat(64)}` })
})

test('R-121 what is no JSON, or none at all, is PARSE in an envelope; who is not let in hears 401', async () => {
  const raw = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${economy.node.url}/admin/api/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
  const authorization = `Bearer ${economy.node.consoleToken}`
  for (const body of ['', '{', 'null garbage', `${'['.repeat(200)}${']'.repeat(200)}`, '\xff'.repeat(3)]) {
    const response = await raw(body, { authorization })
    const { error, now } = (await jsonOf(response)) as { error: Json; now: number }
    expect([body, response.status, error.code, error.data]).toEqual([body, 200, -32_700, { reason: 'PARSE' }])
    expect(now).toBeGreaterThan(1_600_000_000)
    expect((await raw(body)).status).toBe(401)
  }
  const invalid = await jsonOf(await raw('{}', { authorization }))
  expect(invalid.error).toMatchObject({ code: -32_600, data: { reason: 'INVALID' } })
  const elsewhere = await send('POST', '/admin/api/logout', { headers: { 'content-type': 'text/plain' } })
  expect(elsewhere.status).toBe(415)
  const path = await fetch(`${economy.node.url}/admin/api/upstreams`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: '{',
  })
  expect([path.status, (await errorOf(path)).code]).toEqual([400, 'invalid_json'])
})

test('R-121 R-057 who asks too often is told by HTTP too, with the wait and in the envelope', async () => {
  const browser = await browserOf(economy.node)
  const ask = () => browser('POST', '/admin/api/rpc', { body: { id: crypto.randomUUID(), method: 'me.get' } })
  const answers = await Promise.all(Array.from({ length: 3 * limits.adminHttpRequests.burst }, ask))
  const limited = answers.filter(({ status }) => status === 429)
  expect(limited.length).toBeGreaterThan(0)
  for (const response of limited) {
    const { error, id } = (await jsonOf(response)) as { error: { data: Json }; id: string }
    expect([error.data.reason, typeof id]).toEqual(['RATE_LIMITED', 'string'])
    const waitS = Math.ceil(Number(error.data.retryAfterMs) / 1000)
    expect([waitS > 0, response.headers.get('retry-after')]).toEqual([true, String(waitS)])
  }
  expect(answers.filter(({ status }) => status !== 200 && status !== 429)).toEqual([])
})

test('remote-admin 10 rpc.describe says of every row whether it needs a step-up', async () => {
  const { methods } = (await economy.node.call('rpc.describe')).result as { methods: Json[] }
  const rows = createTable().rows
  for (const { name, stepUp } of methods)
    expect([name, stepUp]).toEqual([name, rows.find((row) => row.name === name)?.stepUp ?? null])
})

test('contract 1.2 a HEAD names the length that a GET has, and sends no body', async () => {
  for (const path of ['/v1/models', '/v1/info', '/health', '/v1/nowhere']) {
    const head = await fetch(`${economy.node.url}${path}`, { method: 'HEAD' })
    const body = await (await economy.get(path)).text()
    expect([path, head.headers.get('content-length'), await head.text()]).toEqual([path, `${body.length}`, ''])
  }
})
