/** The page's live stream over HTTP (remote-admin 5, dashboard 5): snapshots, bounded, for whom they are. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import { createTable } from '../../core/admin/table'
import { createWatches } from '../../core/admin/watch'
import { limits } from '../../core/limits'
import { browserOf, consoleOf, jsonOf, keyOf, type Send } from '../kit/door'
import { startNode, type TestNode, until } from '../kit/node'

let node: TestNode
let browser: Send
const viewer = generateSecretKey()
beforeAll(async () => {
  node = await startNode()
  browser = await browserOf(node)
}, 60_000)
afterAll(() => node.stop())

type Push = {
  readonly push: string
  readonly seq: number
  readonly rev: number
  readonly data?: Readonly<Record<string, unknown>>
  readonly error?: { readonly data: { readonly reason: string } }
}
const watch = (send: Send, topics: string) => send('GET', `/admin/api/watch?topics=${topics}`)

/** Reads events until there are so many, or until the stream ends. */
async function pushes(response: Response, most: number): Promise<readonly Push[]> {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  const found = () =>
    [...text.matchAll(/^id: \d+\ndata: (.+)\n\n/gm)].map((match) => JSON.parse(match[1] ?? '') as Push)
  for (;;) {
    const next = await reader?.read()
    if (next === undefined || next.done) return found()
    text += decoder.decode(next.value)
    if (found().length >= most) {
      await reader?.cancel()
      return found()
    }
  }
}

test('R-073 R-074 one stream carries the topics of a page, as snapshots at a constant interval', async () => {
  const begun = Date.now()
  const response = await watch(browser, 'overview,sessions,settings')
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  expect(response.headers.get('access-control-allow-origin')).toBeNull()
  const seen = await pushes(response, 6)
  const names = ['overview', 'sessions', 'settings']
  expect(seen.map(({ push, seq }) => [push, seq])).toEqual([...names, ...names].map((name, index) => [name, index + 1]))
  expect(Date.now() - begun).toBeGreaterThanOrEqual(limits.watchEveryMs)
  // The ages in its health lines go on.
  const { health: _, ...overview } = (await node.call('overview.get')).result ?? {}
  expect(seen[0]?.data).toMatchObject(overview)
  expect(seen[2]?.data).toMatchObject({ 'identity.name': 'Routstr Node', 'pricing.exchangeFee': 1.005 })
  for (const push of seen) expect(JSON.stringify(push.data).length).toBeLessThanOrEqual(limits.watchPushBytes)
})

test('R-072 R-073 the topics are those that rpc.describe names; another one is refused by its name', async () => {
  const { topics } = (await node.call('rpc.describe')).result as { topics: string[] }
  expect(topics).toContain('session:<key>')
  const named = topics.filter((name) => !name.includes('<'))
  const seen = await pushes(await watch(browser, [...named, `session:${'a'.repeat(64)}`].join(',')), topics.length)
  expect(seen.map(({ push }) => push)).toEqual([...named, `session:${'a'.repeat(64)}`])
  expect(seen.slice(0, -1).map(({ error }) => error)).toEqual(named.map(() => undefined))
  expect(seen.at(-1)?.error?.data.reason).toBe('NOT_FOUND')
  for (const wrong of ['', 'overview,weather', 'session:abc']) {
    const refused = await watch(browser, wrong)
    expect([refused.status, ((await jsonOf(refused)).error as { code: string }).code]).toEqual([400, 'params'])
  }
})

test('P-24 R-118 nobody watches without having signed in, and a viewer may', async () => {
  expect((await fetch(`${node.url}/admin/api/watch?topics=overview`)).status).toBe(401)
  const admin = { npub: getPublicKey(viewer), role: 'viewer', label: 'a viewer' }
  expect((await node.call('admins.add', admin)).error).toBeUndefined()
  const [seen] = await pushes(await watch(keyOf(node, viewer), 'overview'), 1)
  expect(seen?.push).toBe('overview')
})

test('R-008 a stream ends with the sign-out of its device, before another snapshot', async () => {
  const device = await browserOf(node)
  const response = await watch(device, 'overview')
  const reading = pushes(response, 100)
  await device('POST', '/admin/api/logout', { body: {} })
  const seen = await reading
  expect(seen.length).toBeLessThanOrEqual(1)
  expect((await watch(device, 'overview')).status).toBe(401)
})

test('R-073 three streams for each principal; one that was closed makes room', async () => {
  const device = await browserOf(node)
  const open = await Promise.all([1, 2, 3].map(() => watch(device, 'mints')))
  expect(open.map(({ status }) => status)).toEqual([200, 200, 200])
  const refused = await watch(device, 'mints')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2'])
  expect((await watch(browser, 'mints').then((other) => pushes(other, 1))).length).toBe(1)
  await open[0]?.body?.cancel()
  await until('the closed one is gone', async () => {
    const next = await watch(device, 'mints')
    await next.body?.cancel()
    return next.status === 200
  })
  for (const one of open.slice(1)) await one.body?.cancel()
})

/** The dispatcher's port, with an answer of a chosen size. */
const watchesOf = (bytes: number, now: () => number = Date.now) =>
  createWatches({
    dispatch: { look: async ({ id }) => ({ v: 1, id, result: { text: 'x'.repeat(bytes) } }) },
    table: createTable(),
    callerOf: (principal) => ({ principal, door: 'http', createdAtS: 0 }),
    now,
    everyMs: 1,
  })
const someone = { admin: 'a', name: 'a', role: 'viewer', stepUp: false } as const
const asked = new Request('http://127.0.0.1/admin/api/watch')

test('R-074 a slow reader loses snapshots and never costs memory', async () => {
  const watches = watchesOf(10_000)
  const response = await watches.open(asked, ['overview'], someone)
  const reader = response.body?.getReader()
  let text = ''
  const read = async () => {
    text += new TextDecoder().decode((await reader?.read())?.value)
  }
  const last = () => Number(/id: (\d+)\n(?![\s\S]*id: )/.exec(text)?.[1] ?? 0)
  await read()
  await Bun.sleep(200)
  while (last() < 20) await read()
  const ids = [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]))
  const gap = ids.findIndex((id, index) => index > 0 && id !== (ids[index - 1] ?? 0) + 1)
  expect(gap).toBeGreaterThan(0)
  // What waited for it is no more than the bound and the one snapshot that crossed it.
  expect(gap * 10_000).toBeLessThanOrEqual(limits.watchWaitingBytes + 2 * limits.watchPushBytes)
  watches.stop()
})

test('R-073 R-074 a stream ends by itself, ten are open at most, and a stop ends all of them', async () => {
  let nowMs = 0
  const watches = watchesOf(10, () => nowMs)
  const people = Array.from({ length: limits.watches }, (_, index) => ({ ...someone, name: `${index}` }))
  const open = await Promise.all(people.map((one) => watches.open(asked, ['overview'], one)))
  expect((await watches.open(asked, ['overview'], { ...someone, name: 'one more' })).status).toBe(429)
  nowMs = limits.watchMs
  for (const one of open) await one.text()
  const [again] = await Promise.all([watches.open(asked, ['overview'], someone)])
  expect(again?.status).toBe(200)
  watches.stop()
  expect(await again?.text()).toStartWith('retry: 2000')
  expect((await watches.open(asked, ['overview'], someone)).status).toBe(429)
})

test('a node that stops does not wait for its streams', async () => {
  const response = await watch(consoleOf(node), 'overview')
  const begun = Date.now()
  await node.served.stop(10_000)
  expect(Date.now() - begun).toBeLessThan(2000)
  await response.text().catch(() => undefined)
})
