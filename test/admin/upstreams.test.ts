/** upstreams.* and what an operator makes of models: paused, moved, replaced, added by hand (dashboard 4.3, 4.4). */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { type Economy, type Json, startEconomy } from '../kit/economy'
import { startNode, until } from '../kit/node'
import { createTestUpstream, type TestUpstream } from '../kit/upstream'

let economy: Economy
let other: TestUpstream
let name: string
let key: string
type Row = Json & { name: string; state: string; keyLast4: string[]; models: number }
const call = async (method: string, params: Json = {}) => economy.node.call(method, params)
const done = async <T = Json>(method: string, params: Json = {}) => {
  const { result, error } = await call(method, params)
  expect(error).toBeUndefined()
  return result as T
}
const rows = async () => (await done<{ rows: Row[] }>('upstreams.list')).rows
const model = (id = 'gpt-x') => done<Json>('models.get', { upstream: name, model: id })
const bearers = (upstream: TestUpstream) => upstream.requests.map(({ headers }) => headers.authorization)

beforeAll(async () => {
  other = createTestUpstream()
  economy = await startEconomy()
  name = (await rows())[0]?.name ?? ''
  key = await economy.key(1000)
}, 60_000)
beforeEach(() => {
  economy.upstream.reset()
  other.reset()
})
afterAll(async () => {
  await economy.stop()
  await other.stop()
})

test('upstreams.pause stops selling at once and resume starts it again; twice is once', async () => {
  expect(await done('upstreams.pause', { upstream: name, reason: 'too slow today' })).toMatchObject({
    state: 'paused',
    can: { pause: { refused: 'already-paused' }, resume: { ok: true } },
  })
  expect((await economy.chat(key)).status).toBe(404)
  expect(await model()).toMatchObject({ state: 'paused', enabled: true })
  await done('upstreams.pause', { upstream: name })
  const paused = (await done<{ rows: unknown[] }>('events.list', { type: 'upstream.paused' })).rows
  expect(paused).toHaveLength(1)
  expect(await done('upstreams.resume', { upstream: name })).toMatchObject({
    can: { resume: { refused: 'not-paused' } },
  })
  expect((await economy.chat(key)).status).toBe(200)
})

test('D-052 upstreams.replaceKey: the next request carries the new key, and the old one is gone from the vault', async () => {
  const { keyLast4 } = await done<Row>('upstreams.replaceKey', {
    upstream: name,
    apiKeys: { add: ['sk-new-key-0001'], remove: ['all'] },
  })
  expect(keyLast4).toEqual(['0001'])
  expect((await economy.chat(key)).status).toBe(200)
  expect(new Set(bearers(economy.upstream))).toEqual(new Set(['Bearer sk-new-key-0001']))
  const again = { upstream: name, apiKeys: { add: ['sk-newer-key-0002'], remove: ['0001'] } }
  expect((await done<Row>('upstreams.replaceKey', again)).keyLast4).toEqual(['0002'])
  const unknown = await call('upstreams.replaceKey', { upstream: name, apiKeys: { remove: ['zzzz'] } })
  expect(unknown.error?.data.reason).toBe('NOT_FOUND')
  const events = JSON.stringify(await done('events.list', { type: 'upstream.keys-set' }))
  expect(events).not.toContain('sk-new')
})

test('R-126 another host never sees the key of the first, and a name is taken once', async () => {
  await done('upstreams.replaceKey', { upstream: name, apiKeys: { add: ['sk-secret-of-one'], remove: ['all'] } })
  const before = (await rows())[0] as Row & { baseUrl: string }
  expect(await done('upstreams.change', { upstream: name, baseUrl: other.url })).toMatchObject({ keyLast4: [] })
  expect((await economy.chat(key)).status).toBe(200)
  expect(other.calls()).toBe(1)
  expect(bearers(other).filter((one) => one !== undefined && one !== '')).toEqual([])
  await done('upstreams.change', { upstream: name, baseUrl: before.baseUrl })
  await done('upstreams.add', { name: 'second', kind: 'generic', baseUrl: other.url, apiKeys: ['sk-two'] })
  const taken = await call('upstreams.change', { upstream: 'second', name })
  expect(taken.error?.data).toMatchObject({ reason: 'REFUSED', code: 'name-taken' })
})

test('upstreams.change: priority, fee and billing are in force with the answer, and null goes back', async () => {
  await until('the second lists', async () => (await rows()).every((row) => row.models > 0))
  await done('upstreams.change', { upstream: 'second', priority: 5, fee: 2 })
  economy.upstream.reset()
  expect((await economy.chat(key)).status).toBe(200)
  expect([other.calls(), economy.upstream.calls()]).toEqual([1, 0])
  const priced = await done('models.get', { upstream: 'second', model: 'gpt-x' })
  expect(Number(priced.inUsdPerM)).toBeCloseTo(1.005 * 2, 9)
  expect(await done('upstreams.change', { upstream: 'second', fee: null, priority: -1 })).not.toHaveProperty('fee')
  expect(await done('upstreams.get', { upstream: 'second' })).toMatchObject({ listed: ['gpt-x'], requests7d: 1 })
  expect((await call('upstreams.change', { upstream: 'second', fee: 11 })).error?.data.reason).toBe('PARAMS')
})

test('upstreams.remove: its models vanish, its keys are erased, and its name is free again', async () => {
  expect(await done('upstreams.remove', { upstream: 'second' })).toEqual({ models: 1 })
  expect((await rows()).map((row) => row.name)).toEqual([name])
  expect((await call('upstreams.get', { upstream: 'second' })).error?.data.reason).toBe('NOT_FOUND')
  await done('upstreams.add', { name: 'second', kind: 'generic', baseUrl: other.url })
  await done('upstreams.remove', { upstream: 'second' })
  const types = await done<{ rows: { kind: string }[] }>('upstreams.types')
  expect(types.rows.map((row) => row.kind)).toEqual(['openai', 'openrouter', 'generic'])
})

test('D-039 a locked price stays when the list moves, and follows again when it is unlocked', async () => {
  const one = { models: [{ upstream: name, model: 'gpt-x' }] }
  const listed = (prompt: string) => [
    { id: 'gpt-x', context_length: 10_000, pricing: { prompt, completion: '0.000002' } },
  ]
  expect(await done('models.lock', one)).toEqual({ changed: 1 })
  economy.upstream.setModels(listed('0.0000015'))
  const preview = await done<{ changed: unknown[] }>('models.importPreview', { upstream: name })
  expect(preview.changed).toEqual([])
  await done('upstreams.change', { upstream: name, baseUrl: `${economy.upstream.url}/` })
  expect(await model()).toMatchObject({
    locked: true,
    upstreamInUsdPerM: '1',
    can: { lock: { refused: 'already-locked' } },
  })
  expect(await done('models.unlock', one)).toEqual({ changed: 1 })
  const again = await done<{ changed: unknown[]; diff: string }>('models.importPreview', { upstream: name })
  expect(again.changed).toHaveLength(1)
  await done('models.applyImport', { diff: again.diff, accept: 'all' })
  expect(await model()).toMatchObject({ upstreamInUsdPerM: '1.5' })
})

test('models.add by hand is sold at its price, no list takes it away, and only such a one is removed', async () => {
  const mine = { upstream: name, model: 'my-own', prices: { inUsdPerM: '3', outUsdPerM: 6 }, aliases: ['mine'] }
  expect(await done('models.add', mine)).toMatchObject({
    model: 'my-own',
    custom: true,
    byHand: true,
    aliases: ['mine'],
  })
  expect((await call('models.add', mine)).error?.data.code).toBe('model-known')
  expect((await call('models.add', { ...mine, model: 'other' })).error?.data.code).toBe('alias-taken')
  const half = { upstream: name, model: 'half', prices: { inUsdPerM: '3' } }
  expect((await call('models.add', half)).error?.data.code).toBe('price-incomplete')
  const preview = await done<{ gone: string[]; diff: string }>('models.importPreview', { upstream: name })
  expect(preview.gone).toEqual([])
  economy.upstream.reset()
  expect((await economy.chat(key, { model: 'mine' })).status).toBe(200)
  expect(economy.upstream.requests.map(({ json }) => json?.model)).toEqual(['my-own'])
  expect((await call('models.remove', { upstream: name, model: 'gpt-x' })).error?.data.code).toBe('model-listed')
  await done('models.remove', { upstream: name, model: 'my-own' })
  expect((await economy.chat(key, { model: 'mine' })).status).toBe(404)
})

test('models.describe says it better than the list, sends another id, and null goes back', async () => {
  const which = { upstream: name, model: 'gpt-x' }
  await done('models.describe', { ...which, name: 'House model', contextLength: 5000, upstreamModel: 'deployment-7' })
  const shown = (await (await economy.get('/v1/models/gpt-x')).json()) as Json
  expect(shown).toMatchObject({ id: 'gpt-x', name: 'House model', context_length: 5000 })
  expect((await economy.chat(key)).status).toBe(200)
  expect(economy.upstream.requests.at(-1)?.json?.model).toBe('deployment-7')
  expect((await model()).described).toEqual(['name', 'contextLength', 'upstreamModel'])
  await done('models.describe', { ...which, name: null, contextLength: null, upstreamModel: null })
  expect(await model()).toMatchObject({ described: [], upstreamModel: 'gpt-x' })
})

test('D-041 models.resetPrice returns to the upstream price times fees', async () => {
  const one = { upstream: name, model: 'gpt-x' }
  await done('models.setPrice', { ...one, inUsdPerM: '2', outUsdPerM: '4' })
  expect(await model()).toMatchObject({ custom: true, inUsdPerM: '2' })
  expect(await done('models.resetPrice', { models: [one] })).toEqual({ changed: 1 })
  expect(await model()).toMatchObject({ custom: false, can: { resetPrice: { refused: 'no-own-price' } } })
})

test('D-044 a model test obeys the price gate, costs nobody anything, and its text is kept nowhere', async () => {
  const one = { upstream: name, model: 'gpt-x' }
  const before = await done('overview.get')
  const text = 'a canary of a question'
  const tried = await done<Json & { costMsat: number }>('models.test', { ...one, text })
  expect(tried).toMatchObject({ ok: true, status: 200, usage: { input: expect.any(Number) } })
  expect(tried.costMsat).toBeGreaterThan(0)
  expect((await done('overview.get')).totals).toEqual(before.totals as Json)
  const kept = JSON.stringify([await done('events.list', { limit: 500 }), await done('logs.list', { limit: 500 })])
  expect(kept).not.toContain('canary of a question')
  await done('models.disable', { models: [one] })
  expect((await call('models.test', one)).error?.data.code).toBe('model-not-sellable')
  await done('models.enable', { models: [one] })
  economy.upstream.next({ fault: { status: 500 } })
  expect(await done('models.test', one)).toMatchObject({ ok: false, status: 500 })
})

test('P-22 an upstream that was removed, key and all, does not come back from the environment at the next start', async () => {
  const { node, mint, upstream } = await startEconomy()
  const listed = async (one: typeof node) => ((await one.call('upstreams.list')).result as { rows: Row[] }).rows
  const [row] = await listed(node)
  expect((await node.call('upstreams.remove', { upstream: row?.name })).error).toBeUndefined()
  expect(await listed(node)).toEqual([])
  const { directory } = node
  await node.stop({ keep: true })
  const environment = {
    CASHU_MINTS: mint.url,
    UPSTREAM_BASE_URL: upstream.url,
    UPSTREAM_API_KEY: 'canary-upstream-key',
  }
  const again = await startNode({ directory, environment })
  const back = await listed(again)
  await Promise.all([again.stop(), mint.stop(), upstream.stop()])
  expect(back).toEqual([])
}, 60_000)
