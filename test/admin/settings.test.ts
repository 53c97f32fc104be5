/** settings.get, history and revert: what is set, by whom, and how to take it back (dashboard 4.4, R-018, R-125). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startNode, type TestNode, until } from '../kit/node'

let node: TestNode
beforeAll(async () => {
  node = await startNode()
}, 60_000)
afterAll(() => node.stop())

type Json = Record<string, unknown>
type Change = { change: string; key: string; old?: unknown; new?: unknown; by: string; door: string }
const done = async <T = Json>(method: string, params: Json = {}) => {
  const { result, error } = await node.call(method, params)
  expect(error).toBeUndefined()
  return result as T
}
const setting = async (key: string) => (await done<Json[]>('settings.get', { keys: [key] }))[0]
const history = async (params: Json = {}) => done<{ rows: Change[]; next?: string }>('settings.history', params)

test('D-048 every setting has its default, its bounds and its source; a set one says who, when and by which door', async () => {
  const all = await done<Json[]>('settings.get')
  for (const one of all)
    expect(one).toMatchObject({ key: expect.any(String), bounds: expect.any(String), class: expect.any(String) })
  expect(await setting('pricing.upstreamFee')).toMatchObject({ value: 1.1, source: 'default', unit: '×' })
  expect(await setting('pricing.upstreamFee')).not.toHaveProperty('by')
  await done('settings.apply', { changes: { 'pricing.upstreamFee': 1.2 } })
  await until('it is in the history', async () => Object.hasOwn((await setting('pricing.upstreamFee')) ?? {}, 'by'))
  expect(await setting('pricing.upstreamFee')).toMatchObject({
    value: 1.2,
    source: 'operator',
    by: 'console',
    door: 'console',
    at: expect.any(Number),
    change: expect.any(String),
  })
})

test('D-049 one save of several is one entry with old and new; saving what stands already is none', async () => {
  const changes = { 'identity.description': '', 'pricing.fixed': true, 'pricing.minRequestMsat': 7 }
  await done('settings.apply', { changes })
  const { rows } = await history()
  const saved = rows.filter((row) => row.change === rows[0]?.change)
  expect(saved.map(({ key, old, new: now }) => [key, old, now])).toEqual([
    ['pricing.fixed', false, true],
    ['pricing.minRequestMsat', 1, 7],
  ])
  await done('settings.apply', { changes })
  expect((await history()).rows[0]?.change).toBe(rows[0]?.change as string)
})

test('D-050 a revert restores what stood before, in one entry of its own, and can be reverted', async () => {
  const last = (await history()).rows[0]?.change as string
  expect(await done('settings.revert', { change: last })).toEqual({
    changed: ['pricing.fixed', 'pricing.minRequestMsat'],
  })
  expect(await setting('pricing.minRequestMsat')).toMatchObject({ value: 1, source: 'operator' })
  expect(await done('settings.revert', { change: last })).toEqual({ changed: [] })
  const back = (await history({ key: 'pricing.fixed' })).rows
  expect(back.map(({ old, new: now }) => [old, now])).toEqual([
    [true, false],
    [false, true],
  ])
  await done('settings.revert', { change: back[0]?.change })
  expect(await setting('pricing.fixed')).toMatchObject({ value: true })
  expect((await node.call('settings.revert', { change: '1' })).error?.data.reason).toBe('NOT_FOUND')
})

test('D-052 a password that is set is an entry without its text, which no revert brings back', async () => {
  await done('security.setPassword', { password: 'a canary of a password' })
  const [row] = (await history()).rows
  expect(row).toMatchObject({ key: 'security.password', can: { revert: { refused: 'secret-replaced' } } })
  expect(JSON.stringify(await history())).not.toContain('canary')
  expect((await node.call('settings.revert', { change: row?.change })).error?.data.reason).toBe('NOT_FOUND')
})

test('settings.history goes page by page and keeps a save together', async () => {
  const seen: string[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < 20; pages += 1) {
    const { rows, next } = await history({ limit: 3, ...(cursor === undefined ? {} : { cursor }) })
    seen.push(...rows.map((row) => `${row.change} ${row.key}`))
    cursor = next
    if (next === undefined) break
  }
  const { rows } = await history({ limit: 500 })
  expect(seen).toEqual(rows.map((row) => `${row.change} ${row.key}`))
})

test('D-046 customers’ keys do not travel in the clear: a public URL is https, or of one’s own network', async () => {
  const isTaken = async (url: string) =>
    (await node.call('settings.apply', { changes: { 'identity.publicUrl': url } })).error === undefined
  for (const url of ['https://node.example', 'http://192.168.1.7:8000', 'http://[::1]:8000', 'http://umbrel.local', ''])
    expect([url, await isTaken(url)]).toEqual([url, true])
  for (const url of [
    'http://node.example',
    'HTTP://node.example',
    'http://203.0.113.5',
    'http://local.example',
    'ftp://node.example',
    'node',
  ])
    expect([url, await isTaken(url)]).toEqual([url, false])
})
