/** config.import of what an operator made of his upstreams and their models, and what it leaves alone (remote-admin 10). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Economy, startEconomy } from '../kit/economy'
import { until } from '../kit/node'

type Json = Readonly<Record<string, unknown>>
type Exported = {
  readonly settings: Json
  readonly upstreams: readonly (Json & { readonly name: string; readonly models: Json })[]
}

let economy: Economy
let name = ''
const model = 'gpt-x'
beforeAll(async () => {
  economy = await startEconomy()
  name = (await exported()).upstreams[0]?.name ?? ''
}, 60_000)
afterAll(() => economy.stop())

async function done<T = Json>(method: string, params: Record<string, unknown> = {}): Promise<T> {
  const { result, error } = await economy.node.call(method, params)
  expect(error).toBeUndefined()
  return result as T
}
const exported = async () => (await done<{ document: Exported }>('config.export')).document
const imported = (document: unknown, apply = false) => done<{ diff: Json[] }>('config.import', { document, apply })
/** The document with something else said of one model. */
const saying = (document: Exported, chosen: Json, id = model) => ({
  ...document,
  upstreams: document.upstreams.map((one) => ({ ...one, models: { [id]: chosen } })),
})
const setBack = async () => {
  await done('models.resetPrice', { models: [{ upstream: name, model }] })
  await done('models.setAliases', { upstream: name, model, aliases: [] })
  await done('models.enable', { models: [{ upstream: name, model }] })
  await done('upstreams.change', { upstream: name, priority: 0, fee: null, streamUsage: true })
}

test('R-124 prices, aliases and switches of models, and what an upstream was told, come back from a file', async () => {
  await done('models.setPrice', { upstream: name, model, inUsdPerM: '3', outUsdPerM: '4.5' })
  await done('models.setAliases', { upstream: name, model, aliases: ['friend', 'other-name'] })
  await done('models.disable', { models: [{ upstream: name, model }] })
  await done('upstreams.change', { upstream: name, priority: 7, fee: '1.3', streamUsage: false })
  const document = await exported()
  expect(JSON.stringify(document)).not.toContain('canary-upstream-key')
  expect(document.upstreams[0]).not.toHaveProperty('keys')
  await setBack()
  const diff = [
    { kind: 'upstream', name, field: 'priority', old: 0, new: 7 },
    { kind: 'upstream', name, field: 'fee', old: null, new: '1.3' },
    { kind: 'upstream', name, field: 'streamUsage', old: true, new: false },
    { kind: 'model', name: `${name} ${model}`, field: 'prices', old: [], new: ['inUsdPerM 3', 'outUsdPerM 4.5'] },
    { kind: 'model', name: `${name} ${model}`, field: 'aliases', old: [], new: ['friend', 'other-name'] },
    { kind: 'model', name: `${name} ${model}`, field: 'enabled', old: true, new: false },
  ]
  const before = await exported()
  expect(await imported(document)).toEqual({ diff })
  expect(await exported()).toEqual(before)
  expect(await imported(document, true)).toEqual({ diff })
  expect(await exported()).toEqual(document)
  expect(await imported(document, true)).toEqual({ diff: [] })
  await setBack()
  await until('it is sold again', async () => (await economy.get(`/v1/models/${model}`)).status === 200)
})

test('R-126 P-12 what needs a key, a second yes, or a model that is not here, is named and keeps nobody from the rest', async () => {
  const document = await exported()
  const far = saying(document, { enabled: true, prices: { inUsdPerM: '9000', outUsdPerM: '9000' } })
  expect((await imported(far, true)).diff).toMatchObject([{ field: 'prices', left: 'by-hand' }])
  const half = saying(document, { enabled: true, aliases: ['half'], prices: { inUsdPerM: '3' } })
  expect((await imported(half, true)).diff).toMatchObject([
    { field: 'prices', left: 'unfit' },
    { field: 'aliases', new: ['half'] },
  ])
  const given = saying(document, { enabled: true, aliases: ['half'], prices: { inUsdPerM: '0', outUsdPerM: '0' } })
  expect((await imported(given, true)).diff).toMatchObject([{ field: 'prices', left: 'unfit' }])
  const clash = saying(document, { enabled: true, aliases: ['twice', 'Twice'] })
  expect((await imported(clash, true)).diff).toMatchObject([{ field: 'aliases', left: 'unfit' }])
  const unknown = saying(document, { enabled: false }, 'nobody/has-this')
  expect((await imported(unknown, true)).diff).toEqual([
    { kind: 'model', name: `${name} nobody/has-this`, left: 'unknown' },
  ])
  const moved = {
    ...document,
    upstreams: document.upstreams.map((one) => ({ ...one, models: {}, baseUrl: 'https://elsewhere.example/v1' })),
  }
  expect((await imported(moved, true)).diff).toMatchObject([{ kind: 'upstream', field: 'baseUrl', left: 'by-hand' }])
  const after = await exported()
  expect(after.upstreams[0]?.baseUrl).toBe(document.upstreams[0]?.baseUrl as string)
  expect(after.upstreams[0]?.models).toEqual({ [model]: { enabled: true, free: false, aliases: ['half'] } })
})

test('R-126 a metadata address in a file is no upstream, and nothing is asked of it', async () => {
  const document = {
    format: 1,
    upstreams: [{ name: 'the-cloud', baseUrl: 'http://169.254.169.254/v1', kind: 'generic', models: {} }],
  }
  expect((await imported(document, true)).diff).toEqual([
    { kind: 'upstream', name: 'the-cloud', field: 'baseUrl', new: 'http://169.254.169.254/v1', left: 'unfit' },
  ])
  expect((await exported()).upstreams.map((one) => one.name)).toEqual([name])
})
