/** config.import through the HTTP door: a document is compared, then applied as far as it can be (remote-admin 10). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { signIn } from '../kit/browser'
import { startNode, type TestNode } from '../kit/node'

let node: TestNode
const password = 'a password of the tests'
beforeAll(async () => {
  node = await startNode()
}, 60_000)
afterAll(() => node.stop())

type Json = Record<string, unknown>
const done = async <T = Json>(method: string, params: Json = {}) => {
  const { result, error } = await node.call(method, params)
  expect(error).toBeUndefined()
  return result as T
}
const exported = async () => (await done<{ document: Json }>('config.export')).document

test('R-124 what a node exported differs from it in nothing, and an import of it is no event', async () => {
  await done('settings.apply', { changes: { 'pricing.upstreamFee': 1.2, 'security.dailyOutSat': 5000 } })
  const before = await done<{ rows: Json[] }>('settings.history')
  expect(await done('config.import', { document: await exported(), apply: true })).toEqual({ diff: [] })
  expect(await done<{ rows: Json[] }>('settings.history')).toEqual(before)
})

test('R-124 R-125 a comparison changes nothing; the import changes what fits, in one entry, and names the rest', async () => {
  const document = {
    ...(await exported()),
    settings: {
      'pricing.upstreamFee': 1.5,
      'identity.picture': 'https://pictures.example/node.png',
      'pricing.guardFactor': 'three',
      'no.such': true,
    },
    upstreams: [
      { name: 'elsewhere', kind: 'generic', baseUrl: 'http://127.0.0.1:9/v1', models: { 'gpt-x': { enabled: false } } },
    ],
    mints: [{ url: 'https://mint.example', units: ['sat'] }],
    relays: ['wss://relay.example'],
  }
  const diff = [
    { kind: 'setting', name: 'pricing.upstreamFee', old: 1.2, new: 1.5 },
    { kind: 'setting', name: 'identity.picture', old: '', new: 'https://pictures.example/node.png' },
    { kind: 'setting', name: 'pricing.guardFactor', old: 3, new: 'three', left: 'unfit' },
    { kind: 'setting', name: 'no.such', new: true, left: 'unknown' },
    { kind: 'upstream', name: 'elsewhere', field: 'baseUrl', new: 'http://127.0.0.1:9/v1' },
    { kind: 'model', name: 'elsewhere gpt-x', left: 'later' },
    { kind: 'mint', name: 'https://mint.example', left: 'by-hand' },
    { kind: 'relay', name: 'wss://relay.example', left: 'by-hand' },
  ]
  expect(await done('config.import', { document })).toEqual({ diff })
  expect(await exported()).toMatchObject({ settings: { 'pricing.upstreamFee': 1.2 } })
  expect(await done('config.import', { document, apply: true })).toEqual({ diff })
  expect(await exported()).toMatchObject({
    settings: { 'pricing.upstreamFee': 1.5, 'identity.picture': 'https://pictures.example/node.png' },
  })
  const upstreams = await done<{ rows: Json[] }>('upstreams.list')
  expect(upstreams.rows).toMatchObject([{ name: 'elsewhere', keyLast4: [], privateAddress: true }])
  // Again: what was added is there now, and its model is not listed by it.
  expect((await done<{ diff: Json[] }>('config.import', { document })).diff.slice(0, 3)).toEqual([
    ...diff.slice(2, 4),
    { kind: 'model', name: 'elsewhere gpt-x', left: 'unknown' },
  ])
  const { rows } = await done<{ rows: { change: string; key: string }[] }>('settings.history')
  const entry = rows.filter(({ change }) => change === rows[0]?.change)
  expect(entry.map(({ key }) => key).toSorted()).toEqual(['identity.picture', 'pricing.upstreamFee'])
})

test('R-012 R-018 a device needs a fresh proof for it, and what is looser waits its day as it would by hand', async () => {
  await done('security.setPassword', { password })
  const { ask } = await signIn(node, password)
  const document = { ...(await exported()), settings: { 'security.dailyOutSat': 900_000 } }
  const asked = { document, apply: true }
  expect((await ask('config.import', asked)).error?.data.reason).toBe('STEP_UP_REQUIRED')
  const { result } = await ask('config.import', asked, { 'x-admin-password': password })
  const later = result?.later as Readonly<Record<string, number>>
  expect(Number(later['security.dailyOutSat']) - Date.now() / 1000).toBeGreaterThan(23 * 3600)
  const [limit] = await done<Json[]>('settings.get', { keys: ['security.dailyOutSat'] })
  expect(limit).toMatchObject({ value: 5000, pending: { value: 900_000 } })
})

test('R-032 a document of another kind is refused with the path, and nothing of it comes back', async () => {
  const { error } = await node.call('config.import', { document: { format: 2, settings: {} } })
  expect(error?.data).toMatchObject({ reason: 'PARAMS', path: 'document.format' })
})
