/** Contract 1 over HTTP: paths, methods, CORS, ids, envelopes, sizes, headers. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { chatBody, type Economy, type ErrorEnvelope, errorOf, startEconomy } from '../kit/economy'

let economy: Economy
let key: string
beforeAll(async () => {
  economy = await startEconomy()
  key = await economy.key(1000)
}, 60_000)
afterAll(() => economy.stop())

const code = async (response: Response) => [response.status, (await errorOf(response)).code]

test('C-001 every spelling of the chat path answers alike', async () => {
  for (const path of [
    '/chat/completions',
    '/v1/chat/completions',
    '/v1/v1/chat/completions',
    '/v1/chat/completions/',
  ]) {
    const response = await economy.post(path, chatBody, key)
    expect([path, response.status, response.redirected]).toEqual([path, 200, false])
  }
})

test('C-002 balance and wallet are one, with and without /v1', async () => {
  const answers = await Promise.all(
    ['/v1/balance/info', '/v1/wallet/info', '/balance/info', '/wallet/info/', '/v1/balance', '/v1/wallet/'].map(
      async (path) => (await economy.get(path, { authorization: `Bearer ${key}` })).text(),
    ),
  )
  expect(new Set(answers).size).toBe(1)
  for (const path of ['/v1/balance/create', '/v1/wallet/create'])
    expect((await economy.post(path, { initial_balance_token: 'x' })).status).toBe(400)
})

test('C-003 an unknown path answers 404 with its exact message, the query left out', async () => {
  for (const path of ['/v1/files', '/v1/v1/v1/models', '/v1/responses/abc', '/nothing/', '/v1/embeddings']) {
    const response = await economy.get(`${path}?secret=1`)
    const { error } = (await response.json()) as ErrorEnvelope
    expect([response.status, error.type, error.message]).toEqual([404, 'not_found', `Path '${path}' not found`])
  }
})

test('C-003 a model name that no one sells is told back at a readable length', async () => {
  const response = await economy.post('/v1/chat/completions', { ...chatBody, model: 'm'.repeat(100_000) }, key)
  const { code: word, message } = await errorOf(response)
  expect([response.status, word, message.length < 300]).toEqual([404, 'model_not_found', true])
})

test('C-004 another verb on a known path answers 405 with Allow', async () => {
  const response = await fetch(`${economy.node.url}/v1/chat/completions`, { headers: {} })
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
  const models = await fetch(`${economy.node.url}/v1/models/gpt-x`, { method: 'PUT' })
  expect([models.status, models.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  const head = await fetch(`${economy.node.url}/v1/models`, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
})

test('C-005 P-35 OPTIONS needs no credential and echoes the headers that were asked for', async () => {
  for (const path of ['/v1/chat/completions', '/no/such/path']) {
    const response = await fetch(`${economy.node.url}${path}`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-headers': 'authorization, x-stainless-os' },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-headers')).toBe('authorization, x-stainless-os')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
    expect(response.headers.get('access-control-max-age')).toBe('86400')
  }
})

test('C-006 the headers a browser client may read are exposed on every answer', async () => {
  const wanted =
    'x-cashu, x-routstr-change, x-routstr-request-id, x-request-id, request-id, x-routstr-cost-msats, x-routstr-cost-usd, x-routstr-input-cost-msats, x-routstr-output-cost-msats, x-routstr-provider, x-routstr-error-scope, retry-after, x-should-retry'
  for (const response of [await economy.get('/v1/models'), await economy.chat(key), await economy.get('/nothing')]) {
    expect(response.headers.get('access-control-expose-headers')).toBe(wanted)
    await response.arrayBuffer()
  }
})

test('C-007 C-013 the three ids are one, stand in error bodies, and a client cannot choose them', async () => {
  const own = { 'x-request-id': 'mine', 'x-routstr-request-id': 'mine' }
  for (const response of [
    await economy.get('/v1/models', own),
    await economy.get('/v1/nothing', own),
    await economy.chat(key, { stream: true }),
    await economy.chat('sk-unknown'),
  ]) {
    const ids = ['x-routstr-request-id', 'x-request-id', 'request-id'].map((name) => response.headers.get(name))
    expect(new Set(ids).size).toBe(1)
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/)
    if (response.status < 400) {
      await response.arrayBuffer()
      continue
    }
    const body = (await response.json()) as ErrorEnvelope
    expect([body.type, body.request_id]).toEqual(['error', ids[0] ?? ''])
    expect(body.detail.error).toEqual(body.error)
    expect(typeof body.error.code).toBe('string')
  }
})

test('C-008 C-009 P-36 only listed headers pass, in either direction', async () => {
  economy.upstream.reset()
  economy.upstream.always({
    headers: { 'set-cookie': 'a=b', 'openai-organization': 'org-secret', 'x-ratelimit-limit': '9', server: 'nginx' },
  })
  for (const stream of [false, true]) {
    const response = await economy.post('/v1/chat/completions', { ...chatBody, stream }, key, {
      cookie: 'session=1',
      'X-Forwarded-For': '10.1.1.1',
      'x-api-key': 'sk-other',
      'refund-lnurl': 'me@example.com',
      'user-agent': 'client/1',
      'anthropic-version': '2023-06-01',
      'x-stainless-os': 'Linux',
      'openai-beta': 'assistants=v2',
    })
    await response.arrayBuffer()
    for (const name of ['set-cookie', 'openai-organization', 'x-ratelimit-limit', 'server'])
      expect([name, response.headers.get(name)]).toEqual([name, null])
  }
  const seen = economy.upstream.requests.filter(({ method }) => method === 'POST')
  expect(seen).toHaveLength(2)
  for (const { headers } of seen) {
    const names = Object.keys(headers).map((name) => name.toLowerCase())
    const allowed = [
      'host',
      'connection',
      'content-length',
      'content-type',
      'accept',
      'accept-encoding',
      'user-agent',
      'authorization',
    ]
    expect(names.filter((name) => !allowed.includes(name))).toEqual([])
    expect(JSON.stringify(headers)).not.toContain(key)
    expect(headers.authorization).toBe('Bearer canary-upstream-key')
    expect(headers['user-agent']).toStartWith('routstr-node/')
  }
  economy.upstream.reset()
})

test('C-010 a compressed upstream answer arrives decoded, with its own length', async () => {
  for (const encoding of ['gzip', 'br'] as const)
    for (const stream of [false, true]) {
      economy.upstream.next({ encoding })
      const response = await economy.chat(key, { stream })
      expect(response.headers.get('content-encoding')).toBeNull()
      const bytes = await response.arrayBuffer()
      if (!stream) expect(response.headers.get('content-length')).toBe(String(bytes.byteLength))
      expect(new TextDecoder().decode(bytes)).toContain(stream ? 'hello ' : 'hello world')
    }
})

test('C-012 P-37 sizes, media types and encodings are refused before anything is parsed', async () => {
  const large = await economy.post('/v1/chat/completions', `"${'a'.repeat(33 * 1024 * 1024)}`, key)
  expect(await code(large)).toEqual([413, 'body_too_large'])
  const wallet = await economy.post('/v1/balance/topup', `"${'a'.repeat(300 * 1024)}`, key)
  expect(await code(wallet)).toEqual([413, 'body_too_large'])
  const headers = { 'content-type': 'text/plain' }
  expect(await code(await economy.post('/v1/chat/completions', chatBody, key, headers))).toEqual([
    415,
    'unsupported_media_type',
  ])
  const packed = { 'content-encoding': 'gzip' }
  expect(await code(await economy.post('/v1/chat/completions', chatBody, key, packed))).toEqual([
    415,
    'unsupported_media_type',
  ])
  const charset = { 'content-type': 'application/json; charset=utf-8' }
  expect((await economy.post('/v1/chat/completions', chatBody, key, charset)).status).toBe(200)
})

test('C-015 an encapsulated body is refused by its header, whatever else the request says', async () => {
  const sealed = { 'ehbp-encapsulated-key': 'abc' }
  for (const headers of [sealed, { ...sealed, 'content-type': 'application/octet-stream' }])
    expect(await code(await economy.post('/v1/chat/completions', chatBody, key, headers))).toEqual([
      400,
      'unsupported_parameter',
    ])
})

test('C-014 P-37 what is not a JSON object has two names, deep and broken text one', async () => {
  for (const body of ['[]', '"text"', '7', 'null', 'true'])
    expect([body, ...(await code(await economy.post('/v1/chat/completions', body, key)))]).toEqual([
      body,
      400,
      'invalid_body',
    ])
  const deep = `{"model":"gpt-x","messages":${'['.repeat(200)}${']'.repeat(200)}}`
  for (const body of ['', '{', '{"model":}', '\u0000', deep])
    expect(await code(await economy.post('/v1/chat/completions', body, key))).toEqual([400, 'invalid_json'])
  const broken = await fetch(`${economy.node.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  })
  expect(await code(broken)).toEqual([400, 'invalid_json'])
})

test('C-015 the field rules have their codes and name the field', async () => {
  const refused: readonly [Record<string, unknown>, number, string][] = [
    [{ model: undefined }, 400, 'missing_model'],
    [{ model: 7 }, 400, 'missing_model'],
    [{ model: '' }, 400, 'missing_model'],
    [{ model: 'no-such' }, 404, 'model_not_found'],
    [{ stream: 'yes' }, 400, 'invalid_field'],
    [{ stream_options: [] }, 400, 'invalid_field'],
    [{ n: 0 }, 400, 'invalid_field'],
    [{ n: 129 }, 400, 'invalid_field'],
    [{ max_tokens: -1 }, 400, 'invalid_max_tokens'],
    [{ max_tokens: 1.5 }, 400, 'invalid_max_tokens'],
    [{ max_completion_tokens: true }, 400, 'invalid_max_tokens'],
    [{ background: true }, 400, 'unsupported_parameter'],
    [{ conversation: 'c' }, 400, 'unsupported_parameter'],
    [{ tools: [{ type: 'code_interpreter' }] }, 400, 'feature_not_priced'],
    [{ web_search_options: {} }, 400, 'feature_not_priced'],
  ]
  for (const [more, status, wanted] of refused)
    expect([more, ...(await code(await economy.chat(key, more)))]).toEqual([more, status, wanted])
  expect((await economy.info(key)).reserved).toBe(0)
})

test('C-018 P-34 a flood of unknown keys is slowed with 429, writes no event, and known keys are not counted', async () => {
  const head = economy.node.node.log.head()
  const statuses: number[] = []
  for (let tries = 0; tries < 310; tries += 1)
    statuses.push((await economy.get('/v1/balance/info', { authorization: `Bearer sk-${'0'.repeat(64)}` })).status)
  expect(statuses[0]).toBe(401)
  const last = await economy.get('/v1/balance/info', { authorization: `Bearer sk-${'0'.repeat(64)}` })
  expect(last.status).toBe(429)
  expect(Number(last.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  expect(economy.node.node.log.head()).toBe(head)
  expect((await economy.chat(key)).status).toBe(200)
})
