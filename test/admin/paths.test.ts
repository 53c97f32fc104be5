/** RIP-07's paths (remote-admin 9.6): each maps names to commands and leaves what the command leaves by rpc (R-123). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { browserOf, consoleOf, jsonOf, type Send } from '../kit/door'
import { type Economy, type Json, startEconomy } from '../kit/economy'
import { createTestMint, type TestMint } from '../kit/mint'

let economy: Economy
let other: TestMint
let send: Send
let upstream: string
beforeAll(async () => {
  other = createTestMint()
  economy = await startEconomy({ mint: { units: ['sat', 'msat'] } })
  send = consoleOf(economy.node)
  upstream = economy.node.node.adminNode.upstreams.streams()[0] ?? ''
}, 60_000)
afterAll(async () => {
  await economy.stop()
  await other.stop()
})

const done = async <T = Json>(method: string, params: Json = {}): Promise<T> => {
  const { result, error } = await economy.node.call(method, params)
  expect(error).toBeUndefined()
  return result as T
}
async function ok<T = Json>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await send(method, path, { body })
  const answer = await jsonOf(response)
  expect([path, response.status, response.ok ? undefined : answer]).toEqual([path, response.status, undefined])
  return answer as T
}

/** What a piece of work wrote beside the life of its commands; ids that are new each time have no say. */
async function left(work: () => Promise<unknown>): Promise<readonly string[]> {
  const { log } = economy.node.node
  const before = log.head()
  await work()
  const events = await log.after(before, 200)
  const ids = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\$argon2[^"]+|\b17\d{8}\b/g
  return events
    .filter(({ stream }) => !stream.startsWith('command-'))
    .map(({ stream, type, data }) => `${stream} ${type} ${JSON.stringify(data)}`.replace(ids, '#'))
}

/** Both ways in leave the same; between them it is undone. */
async function same(byPath: () => Promise<unknown>, undo: () => Promise<unknown>, byRpc: () => Promise<unknown>) {
  const path = await left(byPath)
  await undo()
  const rpc = await left(byRpc)
  await undo()
  expect(path.length).toBeGreaterThan(0)
  expect(path).toEqual([...rpc])
}

test('R-123 GET and PATCH settings: a flat map by name, and the event that settings.apply leaves', async () => {
  const map = await ok('GET', '/admin/api/settings')
  expect(map).toMatchObject({ name: 'Routstr Node', fixed_pricing: false, cashu_mints: [economy.mint.url] })
  expect([map.admin_password, map.nsec]).toEqual(['', expect.any(String)])
  const rows = await done<{ name: string; value: unknown }[]>('settings.get')
  expect(rows.filter(({ name, value }) => JSON.stringify(map[name]) !== JSON.stringify(value))).toEqual([])
  const wanted = { description: 'the same words', exchange_fee: 1.01 }
  await same(
    async () => expect(await ok('PATCH', '/admin/api/settings', wanted)).toMatchObject(wanted),
    () => done('settings.apply', { changes: { 'identity.description': '', 'pricing.exchangeFee': 1.005 } }),
    () =>
      done('settings.apply', { changes: { 'identity.description': 'the same words', 'pricing.exchangeFee': 1.01 } }),
  )
  // What was read may come back whole, and is no change.
  expect(await left(() => ok('PATCH', '/admin/api/settings', map))).toEqual([])
})

test('R-121 R-123 an unknown setting is 400 and named, and what stood beside it is not saved', async () => {
  const head = economy.node.node.log.head()
  const response = await send('PATCH', '/admin/api/settings', { body: { name: 'Half Saved', nonsense: 1 } })
  const answer = (await jsonOf(response)) as { error: Json; request_id: string; type: string }
  expect([response.status, answer.type, answer.error.code]).toEqual([400, 'error', 'params'])
  expect(String(answer.error.message)).toContain('nonsense')
  expect(answer.request_id).toMatch(/^[0-9a-f-]{36}$/)
  expect(economy.node.node.log.head()).toBe(head)
  expect((await ok('GET', '/admin/api/settings')).name).toBe('Routstr Node')
})

test('R-123 cashu_mints is the whole list: the new one is probed first, and all of it happens or nothing', async () => {
  const both = [economy.mint.url, other.url]
  await same(
    () => ok('PATCH', '/admin/api/settings', { cashu_mints: both }),
    () => done('mints.remove', { mint: other.url }),
    () => done('mints.add', { url: other.url }),
  )
  const dead = 'http://127.0.0.1:9'
  const nothing = await left(async () => {
    const refused = await send('PATCH', '/admin/api/settings', {
      body: { name: 'Never', cashu_mints: [...both, dead] },
    })
    expect([refused.status, (await jsonOf(refused)).error]).toMatchObject([503, { code: 'unavailable' }])
  })
  expect(nothing).toEqual([])
  const together = await left(() =>
    ok('PATCH', '/admin/api/settings', { name: 'Two Mints', cashu_mints: both, description: 'at once' }),
  )
  expect(together.map((line) => line.split(' ')[1])).toEqual(['mint.trusted', 'node.settings-changed'])
  await same(
    () => ok('PATCH', '/admin/api/settings', { cashu_mints: [economy.mint.url] }),
    () => done('mints.add', { url: other.url }),
    () => done('mints.remove', { mint: other.url }),
  )
  // A mint that holds customers' money stays, and so does everything that was asked with it.
  await economy.key(100)
  const kept = await send('PATCH', '/admin/api/settings', { body: { name: 'Gone', cashu_mints: [other.url] } })
  expect([kept.status, (await jsonOf(kept)).error]).toMatchObject([409, { details: { code: 'mint-not-empty' } }])
  expect((await ok('GET', '/admin/api/settings')).name).toBe('Two Mints')
})

test('R-123 upstreams by path: keys go in and never come out, a change and a key are one append', async () => {
  const body = { name: 'second', kind: 'generic', base_url: economy.upstream.url, api_key: 'canary-path-key-0001' }
  const own = { name: 'second', kind: 'generic', baseUrl: economy.upstream.url, apiKeys: ['canary-path-key-0001'] }
  await same(
    async () => expect(await ok('POST', '/admin/api/upstreams', body)).toMatchObject({ api_key: '[REDACTED]' }),
    () => done('upstreams.remove', { upstream: 'second' }),
    () => done('upstreams.add', own),
  )
  await ok('POST', '/admin/api/upstreams', body)
  const { rows } = await done<{ rows: Json[] }>('upstreams.list')
  const listed = await ok<Json[]>('GET', '/admin/api/upstreams')
  expect(listed.map(({ id, base_url, key_last4 }) => [id, base_url, key_last4])).toEqual(
    rows.map(({ id, baseUrl, keyLast4 }) => [id, baseUrl, keyLast4]),
  )
  const change = { base_url: 'http://localhost:9', priority: 3, api_key: 'canary-path-key-0002' }
  const head = economy.node.node.log.head()
  const changed = await ok('PATCH', '/admin/api/upstreams/second', change)
  expect(changed).toMatchObject({ base_url: 'http://localhost:9', priority: 3, key_last4: ['0002'] })
  const written = await economy.node.node.log.after(head, 100)
  const received = written.filter(({ type }) => type === 'command.received')
  expect(received).toHaveLength(1)
  // What the node sees at the new address it notes by itself, later.
  const ofCommand = written.filter(
    ({ type, meta }) => type.startsWith('upstream.') && meta.cause === received[0]?.stream,
  )
  expect(ofCommand.length).toBeGreaterThan(1)
  expect(new Set(ofCommand.map(({ at }) => at)).size).toBe(1)
  const types = written.filter(({ type }) => type.startsWith('upstream.')).map(({ type }) => type)
  expect(types).toEqual(['upstream.keys-set', 'upstream.changed', 'upstream.keys-set'])
  expect(JSON.stringify(written.map(({ data }) => data))).not.toContain('canary-path-key')
  expect(JSON.stringify([listed, changed])).not.toContain('canary-path-key')
  await same(
    () => ok('PATCH', '/admin/api/upstreams/second', { priority: 4 }),
    () => done('upstreams.change', { upstream: 'second', priority: 3 }),
    () => done('upstreams.change', { upstream: 'second', priority: 4 }),
  )
  // How many of its models vanish depends on whether it was asked for them yet.
  expect(await ok('DELETE', '/admin/api/upstreams/second')).toEqual({ models: expect.any(Number) })
  expect((await send('DELETE', '/admin/api/upstreams/second')).status).toBe(404)
})

test('R-123 models by path: all pages, one append for what belongs together, and an id with slashes', async () => {
  const { rows } = await done<{ rows: Json[] }>('models.list')
  const listed = await ok<Json[]>('GET', '/admin/api/models')
  expect(listed.map(({ id, enabled }) => [id, enabled])).toEqual(rows.map(({ model, enabled }) => [model, enabled]))
  const which = { upstream, model: 'gpt-x' }
  const reset = async () => {
    await done('models.enable', { models: [which] })
    await done('models.resetPrice', { models: [which] })
    await done('models.setAliases', { ...which, aliases: [] })
  }
  const wanted = { enabled: false, pricing: { prompt: '0.000002', completion: 6e-6 }, alias_ids: ['by-path'] }
  await same(
    async () => {
      const row = await ok('PATCH', '/admin/api/models/gpt-x', wanted)
      expect(row).toMatchObject({ enabled: false, pricing: { prompt: 0.000002, completion: 0.000006 } })
    },
    reset,
    async () => {
      await done('models.setPrice', { ...which, inUsdPerM: '2', outUsdPerM: '6' })
      await done('models.setAliases', { ...which, aliases: ['by-path'] })
      await done('models.disable', { models: [which] })
    },
  )
  // What asks for a yes asks for it once, for all of it, and the yes runs all of it.
  const far = { pricing: { prompt: 0.009, completion: 0.009 }, alias_ids: ['dear-one'] }
  const asked = await send('PATCH', '/admin/api/models/gpt-x', { body: far })
  const { code, details } = (await jsonOf(asked)).error as { code: string; details: Json }
  expect([asked.status, code, details.kind]).toEqual([409, 'confirm_required', 'check'])
  await done('commands.confirm', { code: details.code })
  expect(await done('models.get', which)).toMatchObject({ inUsdPerM: '9000', aliases: ['dear-one'] })
  await reset()
  const wrong = await send('PATCH', '/admin/api/models/gpt-x', { body: { pricing: { tiers: 1 } } })
  expect([wrong.status, String(((await jsonOf(wrong)).error as Json).message)]).toEqual([
    400,
    'pricing.tiers: no price',
  ])
  const byHand = { upstream, id: 'vendor/by-hand', pricing: { prompt: '0.000001', completion: '0.000001' } }
  await same(
    () => ok('POST', '/admin/api/models', byHand),
    () => ok('DELETE', '/admin/api/models/vendor/by-hand'),
    () => done('models.add', { upstream, model: 'vendor/by-hand', prices: { inUsdPerM: '1', outUsdPerM: '1' } }),
  )
  expect((await send('DELETE', '/admin/api/models/vendor/by-hand')).status).toBe(404)
  expect(await ok('POST', '/admin/api/models', { upstream, import: 'all' })).toMatchObject({ new: 0, gone: 0 })
})

test('R-123 balances and sessions say what overview.get and sessions.list say', async () => {
  const { wallet } = await done<{ wallet: Json[] }>('overview.get')
  const balances = await ok<Json[]>('GET', '/admin/api/balances')
  expect(balances.map(({ mint_url, unit, user_balance }) => [mint_url, unit, user_balance])).toEqual(
    wallet.map(({ mint, unit, owedMsat }) => [mint, unit, Number(owedMsat) / (unit === 'sat' ? 1000 : 1)]),
  )
  const list = await done<{ rows: Json[]; total: number; totals: Json }>('sessions.list')
  const temporary = await ok('GET', '/admin/api/temporary-balances')
  expect(temporary).toMatchObject({ total: list.total, totals: { balance_msat: list.totals.balanceMsat } })
  const hashes = (temporary.balances as Json[]).map(({ hashed_key, balance_msat }) => [hashed_key, balance_msat])
  expect(hashes).toEqual(list.rows.map(({ key12, balanceMsat }) => [key12, balanceMsat]))
})

test('R-123 logs: the newest lines, and the trace of a request; with text/html it is a page', async () => {
  await economy.chat(await economy.key(100))
  const [request] = (await done<{ rows: Json[] }>('requests.list')).rows
  for (const path of ['/admin/logs/', '/admin/api/logs/']) {
    const trace = await ok('GET', `${path}${request?.requestId}`)
    expect(trace).toMatchObject({ request_id: request?.requestId, cost_msat: request?.costMsat })
    const recent = await ok('GET', `${path}recent?level=info`)
    expect((recent.rows as unknown[]).length).toBeGreaterThan(0)
  }
  const page = await send('GET', '/admin/logs/recent', { headers: { accept: 'text/html,application/xhtml+xml' } })
  expect(page.headers.get('content-type') ?? '').not.toContain('json')
})

test('R-047 R-049 an Idempotency-Key makes a path route one command; another body under it is a conflict', async () => {
  const headers = { 'idempotency-key': 'the-key-of-a-test' }
  const body = { name: 'Once Only' }
  expect((await send('PATCH', '/admin/api/settings', { body, headers })).status).toBe(200)
  await done('settings.apply', { changes: { 'identity.name': 'In Between' } })
  expect((await send('PATCH', '/admin/api/settings', { body, headers })).status).toBe(200)
  expect((await ok('GET', '/admin/api/settings')).name).toBe('In Between')
  const conflict = await send('PATCH', '/admin/api/settings', { body: { name: 'Another' }, headers })
  expect([conflict.status, ((await jsonOf(conflict)).error as Json).code]).toEqual([409, 'id_conflict'])
  const short = await send('PATCH', '/admin/api/settings', { body, headers: { 'idempotency-key': 'short' } })
  expect(short.status).toBe(400)
})

test('R-121 unknown paths are 404 and known ones say which methods they have; nothing answers a stranger', async () => {
  for (const path of ['/admin/api/weather', '/admin/api/settings/more', '/admin/api/upstreams/'])
    expect([path, (await send('GET', path)).status]).toEqual([path, 404])
  const wrong = await send('DELETE', '/admin/api/settings')
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, PATCH'])
  for (const path of ['/admin/api/settings', '/admin/api/balances', '/admin/logs/recent', '/admin/api/weather'])
    expect([path, (await fetch(`${economy.node.url}${path}`)).status]).toEqual([path, 401])
})

test('P-35 P-38 R-123 by cookie a path wants our own header, and a withdrawal the password as well', async () => {
  economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
  expect((await economy.chat(await economy.key(2000))).status).toBe(200)
  const browser = await browserOf(economy.node)
  const password = 'a password of the tests'
  const set = { new_password: password }
  expect((await browser('POST', '/admin/api/settings/password', { body: set })).status).toBe(200)
  const foreign = { origin: 'http://evil.example' }
  expect((await browser('PATCH', '/admin/api/settings', { body: {}, headers: foreign })).status).toBe(403)
  const wish = { amount: 5, mint_url: economy.mint.url, unit: 'sat' }
  for (const path of ['/admin/withdraw', '/admin/api/withdraw']) {
    const bare = await browser('POST', path, { body: wish })
    expect([bare.status, ((await jsonOf(bare)).error as Json).code]).toEqual([403, 'step_up_required'])
    const headers = { 'x-admin-password': password, 'idempotency-key': `withdraw${path}` }
    const paid = await jsonOf(await browser('POST', path, { body: wish, headers }))
    expect(paid).toEqual({ token: expect.stringMatching(/^cashu/), mint_url: economy.mint.url })
    const again = await jsonOf(await browser('POST', path, { body: wish, headers }))
    expect(again).toEqual(paid)
    const worth = await economy.post('/v1/balance/create', { initial_balance_token: paid.token })
    expect((await jsonOf(worth)).balance).toBe(5000)
  }
  const renewed = { current_password: password, new_password: 'another password of the tests' }
  const refused = await browser('POST', '/admin/api/settings/password', {
    body: { ...renewed, current_password: 'not that' },
  })
  expect(refused.status).toBe(403)
  expect((await browser('POST', '/admin/api/settings/password', { body: renewed })).status).toBe(200)
  const lines = economy.node.lines.join('') + JSON.stringify(await done('events.list', { limit: 500 }))
  expect(lines).not.toContain('password of the tests')
  // Each password costs half a second on purpose.
}, 30_000)
