/** What an import may take over by itself, and what waits for a yes (dashboard 4.3, D-039, D-042). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startNode, type TestNode, until } from '../kit/node'
import { createTestUpstream, type TestUpstream } from '../kit/upstream'

let node: TestNode
let upstream: TestUpstream
const name = 'main'
const listed = (id: string, prompt: string, completion: string) => ({
  id,
  context_length: 10_000,
  pricing: { prompt, completion },
})
const calm = [listed('steady', '0.000003', '0.000015'), listed('other', '0.000001', '0.000002')]
const wild = listed('steady', '0.0003', '0.0015')

type Preview = {
  diff: string
  new: { model: string }[]
  changed: { model: string }[]
  refused: { model: string; why: string; code: string; prices?: unknown[] }[]
}
const done = async <T>(method: string, params = {}) => {
  const answer = await node.call(method, params)
  if (answer.error !== undefined) throw new Error(JSON.stringify(answer.error))
  return answer.result as T
}
const preview = () => done<Preview>('models.importPreview', { upstream: name })
const model = (id: string) => done<Record<string, unknown>>('models.get', { upstream: name, model: id })

beforeAll(async () => {
  upstream = createTestUpstream({ models: calm })
  node = await startNode()
  await done('upstreams.add', { name, kind: 'generic', baseUrl: upstream.url })
  await until('the models are listed', async () => (await done<{ total: number }>('models.list')).total === 2)
}, 60_000)
afterAll(async () => {
  await node.stop()
  await upstream.stop()
})

test('D-039 a price outside the guard is refused by an import, also of a known model, until a yes that names old and new', async () => {
  upstream.setModels([wild, listed('other', '0.0000011', '0.000002')])
  const shown = await preview()
  expect(shown.changed.map((row) => row.model)).toEqual(['other'])
  expect(shown.refused).toMatchObject([
    {
      model: 'steady',
      code: 'outside-guard',
      prices: [
        { field: 'input', old: '3', new: '300' },
        { field: 'output', old: '15', new: '1500' },
      ],
    },
  ])
  expect(await done('models.applyImport', { diff: shown.diff, accept: 'all' })).toMatchObject({
    counts: { new: 0, gone: 0, changed: 1 },
  })
  expect(await model('other')).toMatchObject({ upstreamInUsdPerM: '1.1' })
  expect(await model('steady')).toMatchObject({ upstreamInUsdPerM: '3' })
  const accept = { new: [], gone: [], changed: ['steady'] }
  const asked = await node.call('models.applyImport', { diff: shown.diff, accept })
  expect(asked.error?.data).toMatchObject({ reason: 'CONFIRM_REQUIRED' })
  for (const price of ['steady', '$3', '$300', '$15', '$1500']) expect(String(asked.error?.data.what)).toContain(price)
  await done('commands.confirm', { code: asked.error?.data.code })
  expect(await model('steady')).toMatchObject({ upstreamInUsdPerM: '300', state: 'sellable' })
})

test('D-039 a price in doubt stays in doubt when an import of something else is applied', async () => {
  upstream.setModels([listed('steady', '0.03', '0.15'), listed('other', '0.0000012', '0.000002')])
  await done('upstreams.change', { upstream: name, priority: 1 })
  await until('the price is in doubt', async () => (await model('steady')).state === 'unconfirmed')
  upstream.setModels([listed('steady', '0.03', '0.15'), listed('other', '0.0000013', '0.000002')])
  const shown = await preview()
  await done('models.applyImport', { diff: shown.diff, accept: 'all' })
  expect(await model('other')).toMatchObject({ upstreamInUsdPerM: '1.3' })
  expect(await model('steady')).toMatchObject({ state: 'unconfirmed', upstreamInUsdPerM: '300' })
})

test('D-039 D-043 an id that an alias has is refused, "id taken", by an import and by the node’s own look at the list', async () => {
  await done('models.setAliases', { upstream: name, model: 'other', aliases: ['chat-best'] })
  upstream.setModels([...calm, listed('Chat-Best', '0.000001', '0.000002'), listed('fresh', '0.000001', '0.000002')])
  const shown = await preview()
  expect(shown.new.map((row) => row.model)).toEqual(['fresh'])
  expect(shown.refused).toContainEqual(
    expect.objectContaining({ model: 'Chat-Best', code: 'id-taken', why: 'id taken' }),
  )
  await done('models.applyImport', {
    diff: shown.diff,
    accept: { new: ['Chat-Best', 'fresh'], gone: [], changed: [] },
  })
  await done('upstreams.change', { upstream: name, priority: 2 })
  await until('the list was read', async () => (await model('other')).upstreamInUsdPerM === '1')
  const { rows } = await done<{ rows: { model: string }[] }>('models.list')
  expect(rows.map((row) => row.model).sort()).toEqual(['fresh', 'other', 'steady'])
})

test('D-042 of two prices far from the upstream’s the question names both, and both wait for it', async () => {
  const asked = await node.call('models.setPrice', {
    upstream: name,
    model: 'other',
    inUsdPerM: '300',
    outUsdPerM: '5000',
  })
  const what = String(asked.error?.data.what)
  for (const price of ['$300', '$5000', '$1,', '$2.']) expect(`${what} `).toContain(price)
  expect(await model('other')).toMatchObject({ custom: false })
})

test('D-042 P-12 one side at 0 is as far from the upstream’s price as can be: it waits for a yes, both at 0 are refused', async () => {
  const wish = { upstream: name, model: 'other', inUsdPerM: '1', outUsdPerM: '0' }
  const asked = await node.call('models.setPrice', wish)
  expect(asked.error?.data.reason).toBe('CONFIRM_REQUIRED')
  expect(asked.error?.data.what).toContain('output $0 per 1M tokens')
  const given = await node.call('models.setPrice', { ...wish, inUsdPerM: '0' })
  expect(given.error?.data).toMatchObject({ code: 'price-zero' })
  expect(await model('other')).toMatchObject({ custom: false })
})
