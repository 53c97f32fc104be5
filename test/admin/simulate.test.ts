/** commands.simulate, commands.waiting, and the document of the door: what would be, what waits, what there is. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import { pathRoutes } from '../../core/admin/paths/paths'
import { browserOf, jsonOf, keyOf, type Send } from '../kit/door'
import { type Economy, type Json, startEconomy } from '../kit/economy'
import type { Envelope } from '../kit/node'

let economy: Economy
let owner: Send
let viewer: Send
let upstream: string
const viewerKey = generateSecretKey()
beforeAll(async () => {
  economy = await startEconomy({ mint: { units: ['sat', 'msat'] } })
  const { call } = economy.node
  await call('admins.add', { npub: getPublicKey(viewerKey), role: 'viewer', label: 'a viewer' })
  owner = await browserOf(economy.node)
  viewer = keyOf(economy.node, viewerKey)
  await call('security.setPassword', { password: 'a password of the tests' })
  upstream = economy.node.node.adminNode.upstreams.streams()[0] ?? ''
}, 60_000)
afterAll(() => economy.stop())

const rpc = async (send: Send, method: string, params: Json = {}): Promise<Envelope> =>
  (await (
    await send('POST', '/admin/api/rpc', { body: { id: crypto.randomUUID(), method, params } })
  ).json()) as Envelope
type Simulated = { readonly wouldRun: boolean; readonly needs: readonly string[]; readonly refusal?: Json }

/** Simulated, and nothing at all happened: no event, nobody outside heard of it, no code was told. */
async function simulate(send: Send, name: string, params: Json = {}): Promise<Simulated> {
  const { mint, upstream: asked, node } = economy
  const seen = () => [node.node.log.head(), mint.calls(), asked.calls(), node.printed.length]
  const before = seen()
  const answer = await rpc(send, 'commands.simulate', { name, params })
  expect(seen()).toEqual(before)
  expect(answer.error).toBeUndefined()
  return answer.result as unknown as Simulated
}

test('R-124 a simulation of a query is its answer, and of a command what it would meet', async () => {
  expect(await simulate(viewer, 'settings.get', { keys: ['identity.name'] })).toMatchObject([{ key: 'identity.name' }])
  expect(await simulate(owner, 'node.pause', { reason: 'only a thought' })).toEqual({ wouldRun: true, needs: [] })
  expect((await rpc(viewer, 'node.status')).result).toMatchObject({ state: 'running' })
  const which = { upstream, model: 'gpt-x' }
  expect(await simulate(owner, 'models.setPrice', { ...which, inUsdPerM: '2', outUsdPerM: '6' })).toEqual({
    wouldRun: true,
    needs: [],
  })
  expect(await simulate(owner, 'models.setPrice', { ...which, inUsdPerM: '9000', outUsdPerM: '9000' })).toEqual({
    wouldRun: true,
    needs: ['check'],
  })
  const nothing = await simulate(owner, 'models.setPrice', { ...which, inUsdPerM: '2' })
  expect(nothing).toMatchObject({ wouldRun: false, refusal: { reason: 'REFUSED', code: 'price-incomplete' } })
  expect((await economy.node.call('commands.waiting')).result).toEqual({ rows: [] })
})

test('commands.simulate says role, schema, name and step-up as the command itself would', async () => {
  expect(await simulate(viewer, 'node.pause')).toMatchObject({
    wouldRun: false,
    refusal: { reason: 'FORBIDDEN', need: 'operator' },
  })
  expect(await simulate(owner, 'sessions.freeze', { sessions: [] })).toMatchObject({
    wouldRun: false,
    refusal: { reason: 'PARAMS', path: 'sessions' },
  })
  for (const name of ['no.such', 'setup.claim'])
    expect(await simulate(owner, name)).toMatchObject({ wouldRun: false, refusal: { reason: 'NO_METHOD' } })
  // No guess at a code costs less than one of its tries.
  for (const name of ['commands.confirm', 'confirm', 'commands.cancel', 'commands.simulate'])
    expect(await simulate(owner, name, { code: 'AAAAA' })).toMatchObject({ refusal: { code: 'not-simulated' } })
  const add = { npub: getPublicKey(generateSecretKey()), role: 'operator' }
  expect(await simulate(owner, 'admins.add', add)).toEqual({ wouldRun: true, needs: ['step-up'] })
  expect((await rpc(owner, 'admins.list')).result).toMatchObject({ rows: [{ role: 'viewer' }] })
})

test('R-019 a simulated withdrawal names the floor; what only a mint or an upstream can say is left to it', async () => {
  const beyond = await simulate(owner, 'payouts.toToken', { sat: 1_000_000 })
  expect(beyond.needs).toEqual(['step-up', 'second-way'])
  expect(beyond).toMatchObject({ wouldRun: false, refusal: { reason: 'REFUSED', code: 'below-floor' } })
  economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
  expect((await economy.chat(await economy.key(2000))).status).toBe(200)
  expect(await simulate(owner, 'payouts.toToken', { sat: 1 })).toEqual({
    wouldRun: true,
    needs: ['step-up', 'outside'],
  })
  const elsewhere = { name: 'elsewhere', kind: 'generic', baseUrl: 'http://127.0.0.1:9', apiKeys: ['canary-simulated'] }
  expect((await simulate(owner, 'upstreams.add', elsewhere)).needs).toEqual(['step-up', 'outside'])
  const rows = ['mints.test', 'upstreams.test', 'models.importPreview', 'books.check', 'wallet.showWords', 'sweep.run']
  for (const name of rows)
    expect([name, (await simulate(owner, name, { upstream, mint: economy.mint.url })).needs.at(-1)]).toEqual([
      name,
      'outside',
    ])
})

test('R-015 commands.waiting says who waits for a yes to what, and never the code', async () => {
  const far = { upstream, model: 'gpt-x', inUsdPerM: '9000', outUsdPerM: '9000' }
  const held = await rpc(owner, 'models.setPrice', far)
  const { code, what } = held.error?.data ?? {}
  const waiting = (await rpc(viewer, 'commands.waiting')).result as { rows: Json[] }
  expect(waiting.rows).toEqual([
    { id: expect.any(String), by: expect.any(String), what, expires: expect.any(Number) },
  ] as never)
  expect(JSON.stringify(waiting)).not.toContain(String(code))
  expect((await rpc(owner, 'commands.cancel')).result).toEqual({ cancelled: true })
  expect((await rpc(viewer, 'commands.waiting')).result).toEqual({ rows: [] })
})

type Document = {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Json>> }
}

test('R-124 the OpenAPI document holds every row of the table and every path, for those who signed in', async () => {
  expect((await fetch(`${economy.node.url}/admin/api/openapi.json`)).status).toBe(401)
  const document = (await jsonOf(await viewer('GET', '/admin/api/openapi.json'))) as unknown as Document
  const { methods } = (await economy.node.call('rpc.describe')).result as { methods: { name: string }[] }
  const names = Object.keys(document.components.schemas)
  for (const { name } of methods) expect(names).toEqual(expect.arrayContaining([`${name}.params`, `${name}.result`]))
  for (const { method, path } of pathRoutes)
    expect([path, document.paths[`/admin/api${path}`]?.[method.toLowerCase()]]).toEqual([path, expect.anything()])
  // Every reference leads to something.
  const referred = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
    (one) => one[1] ?? '',
  )
  expect(referred.filter((name) => !names.includes(name))).toEqual([])
  expect(JSON.stringify(document)).not.toContain('$defs')
  expect(document.components.schemas['sessions.freeze.params']).toMatchObject({
    type: 'object',
    required: ['sessions', 'reason'],
    properties: { sessions: { type: 'array', minItems: 1, maxItems: 100 } },
  })
})
