/** Contract 2 over HTTP: what is listed, at which price, and what the rate does to it. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Economy, errorOf, type Json, startEconomy } from '../kit/economy'
import { until } from '../kit/node'

const model = (id: string, pricing: Json | undefined, more: Json = {}): Json => ({
  id,
  context_length: 10_000,
  max_completion_tokens: 2000,
  ...(pricing === undefined ? {} : { pricing }),
  ...more,
})
let economy: Economy
let now = Date.now()
let rateAnswer: () => Response = () => Response.json({ price: '100000' })
const rates = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => rateAnswer() })
const source = `http://127.0.0.1:${rates.port}/rate`

beforeAll(async () => {
  economy = await startEconomy({
    upstream: {
      models: [
        model('dear', { prompt: '0.00003', completion: '0.00006' }),
        model(
          'vendor-a/twin',
          { prompt: '0.000001', completion: '0.000002' },
          { canonical_slug: 'vendor-a/twin-2026' },
        ),
        model('vendor-b/twin', { prompt: '0.000009', completion: '0.000009' }),
        model('unpriced', undefined),
        model('zero', { prompt: '0', completion: '0' }),
        model('negative', { prompt: '-1', completion: '0.1' }),
      ],
    },
    node: {
      now: () => now,
      environment: { BTC_USD_SOURCES: source, BTC_USD_REFRESH_S: '5', PUBLIC_URL: 'https://node.example' },
    },
  })
}, 60_000)
afterAll(async () => {
  await economy.stop()
  await rates.stop(true)
})

type Model = {
  readonly id: string
  readonly pricing: Record<string, number>
  readonly sats_pricing: Record<string, number> | null
  readonly free: boolean
}
const models = async () => (await (await economy.get('/v1/models')).json()) as { object: string; data: Model[] }
const one = async (id: string) => (await (await economy.get(`/v1/models/${id}`)).json()) as Model & Json

test('C-020 C-021 P-12 only what has a price is listed, sorted, and every price is a number', async () => {
  const { object, data } = await models()
  expect([object, data.map(({ id }) => id)]).toEqual(['list', ['dear', 'twin', 'vendor-b/twin']])
  for (const { pricing, sats_pricing } of data)
    for (const value of [...Object.values(pricing), ...Object.values(sats_pricing ?? {})])
      expect(typeof value).toBe('number')
  for (const id of ['unpriced', 'zero', 'negative', 'no-such']) {
    const response = await economy.get(`/v1/models/${id}`)
    expect([id, response.status, (await errorOf(response)).code]).toEqual([id, 404, 'model_not_found'])
  }
})

test('C-023 P-14 thirty dollars per million with both fees is advertised as 0.000033165 per token', async () => {
  expect((await one('dear')).pricing.prompt).toBe(0.000033165)
})

test('C-025 C-026 sats are dollars at the rate, and the most that one request can cost is the sum of 2.5', async () => {
  const { pricing, sats_pricing } = await one('twin')
  for (const [name, usd] of Object.entries(pricing))
    expect(Math.abs((sats_pricing?.[name] ?? Number.NaN) - usd / 0.001)).toBeLessThanOrEqual(
      1e-12 * Math.max(1, usd / 0.001),
    )
  expect(sats_pricing?.max_cost).toBeCloseTo(13.266, 9)
})

test('C-031 ids in any case, slugs and one trailing date resolve; two vendors of one name are never mixed', async () => {
  for (const name of ['TWIN', 'vendor-a/twin', 'Vendor-A/Twin-2026', 'twin-2026-01-31', 'twin-20260131'])
    expect([name, (await one(name)).id]).toEqual([name, 'twin'])
  expect((await one('vendor-b/twin')).pricing.prompt).toBeGreaterThan((await one('twin')).pricing.prompt ?? 0)
  expect((await economy.get('/v1/models/twin-2026')).status).toBe(404)
})

test('C-030 info names the node, its mints without trailing slash, and a version of its own', async () => {
  const info = (await (await economy.get('/v1/info')).json()) as Record<string, unknown>
  expect(info).toMatchObject({
    mints: [economy.mint.url],
    units: ['sat'],
    http_url: 'https://node.example',
    onion_url: '',
    child_key_cost_msats: 0,
    min_request_msat: 1,
  })
  expect(String(info.version)).not.toStartWith('0.1.')
  expect(String(info.npub)).toStartWith('npub1')
  expect(await (await economy.get('/')).json()).toMatchObject({
    name: 'Routstr Node',
    status: 'running',
    version: info.version,
  })
  expect(await (await economy.get('/v1/models/paths')).json()).toEqual({ data: [], updated_at: null })
  expect((await economy.get('/v1/models/paths/model?model_id=twin')).status).toBe(200)
  expect((await economy.get('/v1/models/paths/model?model_id=nope')).status).toBe(404)
  expect((await errorOf(await economy.get('/v1/providers'))).code).toBe('provider_discovery_disabled')
})

test('C-024 C-022 an override is advertised without fees, zero only with the free flag', async () => {
  const set = (params: Record<string, unknown>) =>
    economy.node.call('models.setPrice', { upstream: '127-0-0-1', ...params })
  const upstreams = (await economy.node.call('upstreams.list')).result as { rows: { name: string }[] }
  const upstream = upstreams.rows[0]?.name
  expect((await set({ upstream, model: 'dear', inUsdPerM: '30', outUsdPerM: '60' })).error).toBeUndefined()
  expect((await one('dear')).pricing.prompt).toBe(0.00003)
  expect((await set({ upstream, model: 'zero', free: true })).error).toBeUndefined()
  expect(await one('zero')).toMatchObject({ id: 'zero', free: true })
  expect((await set({ upstream, model: 'dear', inUsdPerM: null, outUsdPerM: null })).error).toBeUndefined()
  expect((await one('dear')).pricing.prompt).toBe(0.000033165)
})

test('C-029 P-13 a rate that moves, lies or is gone: the charge keeps its own, sales stop when the last good one is old', async () => {
  const key = await economy.key(100)
  rateAnswer = () => Response.json({ price: 'NaN' })
  now += 14 * 60_000
  await until('the broken source was asked', async () => (await models()).data[0]?.sats_pricing !== undefined)
  expect((await one('twin')).sats_pricing).not.toBeNull()
  now += 2 * 60_000
  await until('the rate is too old', async () => (await one('twin')).sats_pricing === null)
  const response = await economy.chat(key, { model: 'twin' })
  expect([response.status, (await errorOf(response)).code]).toEqual([503, 'price_unavailable'])
  expect(response.headers.get('retry-after')).toBeTruthy()
  expect((await economy.get('/health')).status).toBe(200)
  expect(((await (await economy.get('/health')).json()) as { checks: { rate: { ok: boolean } } }).checks.rate.ok).toBe(
    false,
  )
  // What does not depend on the rate goes on.
  expect((await economy.chat(key, { model: 'zero' })).status).toBe(200)
  await economy.node.call('settings.apply', { changes: { 'pricing.fixed': true, 'pricing.fixedCostSat': 2 } })
  const fixed = await economy.chat(key, { model: 'twin' })
  expect([fixed.status, fixed.headers.get('x-routstr-cost-msats')]).toEqual([200, '2000'])
  const listed = await one('twin')
  expect([listed.sats_pricing?.request, listed.sats_pricing?.max_cost, listed.sats_pricing?.prompt]).toEqual([2, 2, 0])
  rateAnswer = () => Response.json({ price: '100000' })
  // A change of settings asks for the rate at once.
  await economy.node.call('settings.apply', { changes: { 'pricing.fixed': false } })
  await until('the rate is back', async () => (await one('twin')).sats_pricing !== null)
})

test('C-032 fixed pricing holds and charges exactly its price, whatever the usage', async () => {
  await economy.node.call('settings.apply', { changes: { 'pricing.fixed': true, 'pricing.fixedCostSat': 3 } })
  const key = await economy.key(10)
  economy.upstream.next({ tokens: { prompt: 100_000, completion: 50_000 } })
  const answer = (await (await economy.chat(key, { model: 'twin' })).json()) as { cost: Record<string, number> }
  expect([answer.cost.total_msats, answer.cost.base_msats]).toEqual([3000, 3000])
  economy.upstream.next({ fault: { status: 500 } })
  expect((await economy.chat(key, { model: 'twin' })).status).toBe(424)
  expect((await economy.info(key)).balance).toBe(7000)
  await economy.node.call('settings.apply', { changes: { 'pricing.fixed': false } })
})

test('C-164 a failed or empty refresh keeps the models, and a price that jumps is not believed', async () => {
  const before = (await models()).data.length
  economy.upstream.setModels([])
  now += 400_000
  const asked = () => economy.upstream.requests.filter(({ path }) => path.endsWith('/models')).length
  let calls = asked()
  await until('the empty list was asked for', () => asked() > calls, 5000)
  expect((await models()).data.length).toBe(before)
  economy.upstream.setModels([model('dear', { prompt: '0.0003', completion: '0.0006' })])
  now += 400_000
  calls = asked()
  await until('the new list was asked for', () => asked() > calls, 5000)
  await until('the jump is held back', async () => !(await models()).data.some(({ id }) => id === 'dear'))
})
