/** What the Overview and the Logs tab are drawn from is answered alike by HTTP and by Nostr. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import { insightRows } from '../../core/admin/queries/insight'
import { type Economy, startEconomy } from '../kit/economy'
import { until } from '../kit/node'
import { connectClient, type RemoteClient } from '../kit/nostr-client'
import { createTestRelay, type TestRelay } from '../kit/relay'

const ownerSecret = generateSecretKey()
let relay: TestRelay
let economy: Economy
let owner: RemoteClient
let session = ''
/** Stands still while one question is asked by both doors: nothing but the door differs then. */
let clockMs = Date.now()
const now = () => clockMs
const nowS = () => Math.floor(now() / 1000)

beforeAll(async () => {
  relay = createTestRelay({ nowS })
  const environment = { ADMIN_NPUB: getPublicKey(ownerSecret), ADMIN_RELAYS: relay.url }
  economy = await startEconomy({ node: { now, environment } })
  await until('the node listens', () => relay.sockets() === 1)
  owner = await connectClient(relay.url, economy.node.node.adminNode.inbox, ownerSecret, nowS)
  const key = await economy.key(500)
  session = createHash('sha256').update(key).digest('hex')
  economy.upstream.next({ tokens: { prompt: 900, completion: 100 } })
  expect((await economy.chat(key)).status).toBe(200)
  expect(await (await economy.chat(key, { stream: true })).text()).toContain('[DONE]')
  economy.upstream.next({ fault: { status: 500, body: 'no' } })
  expect((await economy.chat(key)).status).toBeGreaterThanOrEqual(400)
  await until('the lines are kept', async () => (await linesOf('Upstream request failed')).length > 0)
}, 60_000)
afterAll(async () => {
  owner.close()
  await economy.stop()
  await relay.stop()
})

const linesOf = async (text: string) =>
  ((await economy.node.call('logs.list', { text })).result as { rows: readonly unknown[] }).rows

const requestId = async () =>
  ((await economy.node.call('requests.list')).result as { rows: { requestId: string }[] }).rows[0]?.requestId ?? ''

type Params = Record<string, unknown>
/** What each row is asked, as its page does. */
const asked: Readonly<Record<(typeof insightRows)[number]['name'], () => Params | Promise<Params>>> = {
  'search.find': () => ({ text: session.slice(0, 12) }),
  'health.get': () => ({}),
  'overview.numbers': () => ({ range: '7d' }),
  'overview.series': () => ({ range: '24h', metric: 'revenue', points: 48 }),
  'overview.models': () => ({ range: '30d', metric: 'requests' }),
  'overview.errors': () => ({ range: '24h' }),
  'overview.wallet': () => ({ part: 'users' }),
  'sessions.timeline': () => ({ session, limit: 2 }),
  'logs.list': () => ({ level: 'warn', text: 'Upstream request failed' }),
  'logs.tail': () => ({ level: 'warn' }),
  'requests.list': () => ({ outcome: 'answered', limit: 1 }),
  'requests.get': async () => ({ requestId: await requestId() }),
  'requests.running': () => ({}),
}

test.each(insightRows.map(({ name }) => name))('R-007 R-124 P-25 both doors give the same answer: %s', async (name) => {
  const params = await asked[name]()
  clockMs += 20_000
  const http = await economy.node.call(name, params)
  const nostr = await owner.ask(name, params, { waitMs: 10_000 })
  expect(http.error).toBeUndefined()
  expect(nostr?.error).toBeUndefined()
  expect(nostr?.result).toEqual(http.result as never)
  const text = JSON.stringify(http.result)
  expect(text).not.toContain('sk-')
  // 16 kB for a page.
  expect(text.length).toBeLessThan(16_384)
})

const own: Readonly<Record<string, Params>> = {
  'exports.make': { what: 'requests', format: 'csv', filter: { outcome: 'answered' } },
  'commands.simulate': { name: 'sessions.freeze', params: { sessions: ['0'.repeat(64)], reason: 'just to see' } },
  'commands.waiting': {},
}
test.each(Object.keys(own))('R-007 R-124 the dispatcher’s own answers are the same by both doors: %s', async (name) => {
  clockMs += 20_000
  const http = await economy.node.call(name, own[name])
  const nostr = await owner.ask(name, own[name] ?? {}, { waitMs: 10_000 })
  expect([http.error, nostr?.error]).toEqual([undefined, undefined])
  expect(nostr?.result).toEqual(http.result as never)
})

test('overview.get is the same by both doors too, save for what ticks', async () => {
  clockMs += 20_000
  // The room on the disk is the machine's, and other tests write beside this one.
  const still = (result: unknown) => JSON.parse(JSON.stringify(result).replace(/[\d.]+ of [\d.]+ GB/g, 'GB')) as never
  const http = (await economy.node.call('overview.get')).result
  const nostr = (await owner.ask('overview.get', {}, { waitMs: 10_000 }))?.result
  expect(still(nostr)).toEqual(still(http))
})
