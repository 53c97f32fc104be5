/** Every command of class L leaves the same events by HTTP and by Nostr: one node each, compared. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import { createTable } from '../../core/admin/table'
import { wish } from '../../events'
import { type Economy, startEconomy } from '../kit/economy'
import { type TestNode, until } from '../kit/node'
import { connectClient, type RemoteClient } from '../kit/nostr-client'
import { createTestRelay, type TestRelay } from '../kit/relay'

const ownerSecret = generateSecretKey()
const admin = getPublicKey(generateSecretKey())
let relay: TestRelay
let byHttp: Economy
let byNostr: Economy
let owner: RemoteClient
let offsetMs = 0
const now = () => Date.now() + offsetMs
const nowS = () => Math.floor(now() / 1000)

beforeAll(async () => {
  relay = createTestRelay({ nowS })
  // Both listen there, so that both say the same of themselves; each is asked by its own door only.
  const environment = { ADMIN_NPUB: getPublicKey(ownerSecret), ADMIN_RELAYS: relay.url }
  byHttp = await startEconomy({ node: { now, environment } })
  byNostr = await startEconomy({ node: { now, environment } })
  await until('both nodes listen', () => relay.sockets() === 2)
  owner = await connectClient(relay.url, byNostr.node.node.adminNode.inbox, ownerSecret, nowS)
}, 60_000)
afterAll(async () => {
  owner.close()
  await byHttp.stop()
  await byNostr.stop()
  await relay.stop()
})

type Params = Record<string, unknown>
const upstreamOf = ({ node }: Economy): string => node.node.adminNode.upstreams.streams()[0] ?? ''
const model = (economy: Economy): Params => ({ upstream: upstreamOf(economy), model: 'gpt-x' })

const reason = 'the same reason'
/** The hash of a new key with a balance, once the node lists it. */
async function listed(economy: Economy): Promise<string> {
  const session = createHash('sha256')
    .update(await economy.key(100))
    .digest('hex')
  const isListed = async () => (await economy.node.call('sessions.get', { session })).error === undefined
  await until('the key is listed', isListed)
  return session
}

/** The upstream that was added here, once its list is read. */
async function second({ node }: Economy): Promise<Params> {
  const stateOf = async () => (await node.call('upstreams.get', { upstream: 'second' })).result?.state
  await until('its list is read', async () => ['connected', 'paused'].includes(String(await stateOf())))
  return { upstream: 'second' }
}

/** Money of the owner's own: without any there is nothing to give. */
async function earn(economy: Economy): Promise<void> {
  economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
  await economy.chat(await economy.key(100))
}

/** Parameters of each row; what a node made itself is looked up at that node. */
const rows: Readonly<Record<string, (economy: Economy) => Params | Promise<Params>>> = {
  'node.pause': () => ({ reason }),
  'node.drain': () => ({ on: true, note: 'the same note' }),
  'node.resume': () => ({}),
  'setup.skip': () => ({ step: 'payout' }),
  'setup.hide': () => ({ step: 'nostr' }),
  'settings.apply': () => ({ changes: { 'identity.name': 'Same Name', 'pricing.upstreamFee': 1.2 } }),
  'settings.revert': async ({ node }) => {
    const { rows: changes } = (await node.call('settings.history')).result as { rows: { change: string }[] }
    return { change: changes[0]?.change }
  },
  'config.import': () => ({
    document: { format: 1, settings: { 'identity.description': 'from a file' } },
    apply: true,
  }),
  'admins.add': () => ({ npub: admin, role: 'operator', label: 'the same label' }),
  'admins.setRole': () => ({ npub: admin, role: 'viewer', label: 'another label' }),
  'admins.remove': () => ({ npub: admin }),
  'devices.end': () => ({ all: true }),
  'tokens.end': async ({ node }) => {
    await node.call('tokens.create', { name: 'the same name', role: 'viewer' })
    const { rows: tokens } = (await node.call('tokens.list')).result as { rows: { token: string }[] }
    return { token: tokens[0]?.token }
  },
  'upstreams.add': (economy) => ({
    name: 'second',
    kind: 'generic',
    baseUrl: economy.upstream.url,
    apiKeys: ['canary-key-of-the-second'],
  }),
  'upstreams.change': async (economy) => ({ ...(await second(economy)), priority: 3 }),
  'upstreams.replaceKey': async (economy) => ({
    ...(await second(economy)),
    apiKeys: { add: ['canary-key-two-of-the-second'] },
  }),
  'upstreams.pause': async (economy) => ({ ...(await second(economy)), reason }),
  'upstreams.resume': second,
  'upstreams.remove': second,
  'models.disable': (economy) => ({ models: [model(economy)] }),
  'models.enable': (economy) => ({ models: [model(economy)] }),
  'models.setPrice': (economy) => ({ ...model(economy), inUsdPerM: '2', outUsdPerM: '6' }),
  'models.setAliases': (economy) => ({ ...model(economy), aliases: ['same-alias'] }),
  'models.lock': (economy) => ({ models: [model(economy)] }),
  'models.unlock': (economy) => ({ models: [model(economy)] }),
  'models.resetPrice': (economy) => ({ models: [model(economy)] }),
  'models.describe': (economy) => ({ ...model(economy), description: 'the same description' }),
  'models.add': (economy) => ({
    upstream: upstreamOf(economy),
    model: 'same-own',
    prices: { inUsdPerM: '1', outUsdPerM: '2' },
  }),
  'models.remove': (economy) => ({ upstream: upstreamOf(economy), model: 'same-own' }),
  'models.applyImport': async (economy) => {
    const preview = await economy.node.call('models.importPreview', { upstream: upstreamOf(economy) })
    return { diff: preview.result?.diff, accept: 'all' }
  },
  'sessions.rename': async (economy) => ({ session: await listed(economy), label: 'the same label' }),
  'sessions.setLimits': async (economy) => ({
    session: await listed(economy),
    limitMsat: 5000,
    period: 'daily',
    reason,
  }),
  'sessions.freeze': async (economy) => ({ sessions: [await listed(economy)], reason }),
  'sessions.unfreeze': async (economy) => {
    const session = await listed(economy)
    await economy.node.call('sessions.freeze', { sessions: [session], reason })
    return { sessions: [session], reason }
  },
  'mints.resume': async ({ mint, node }) => {
    const { engine } = node.node.adminNode
    const [trusted] = (await engine.state('node', 'node')).mints
    await engine.execute(wish('mint', `mint-${trusted?.mintId}`, { do: 'suspend', why: 'lied' }), {
      meta: { actor: 'node', door: 'node' },
    })
    return { mint: mint.url, reason: 'it was a mistake' }
  },
  // Both refuse it: nobody knows that deposit.
  'deposits.closeDispute': () => ({ deposit: '0'.repeat(32), decision: 'drop', reason: 'the same reason' }),
  'mints.change': ({ mint }) => ({ mint: mint.url, capSat: 900_000 }),
  // Both refuse it: a customer's money lies there.
  'mints.remove': ({ mint }) => ({ mint: mint.url }),
  'sweep.resume': () => ({}),
  'sweep.pause': () => ({}),
  // Both refuse it: nobody knows that payout.
  'payouts.showToken': () => ({ payout: '0'.repeat(32) }),
  // Both refuse it: nothing was found that could be released.
  'wallet.releaseUnattributed': ({ mint }) => ({ mint: mint.url, msat: 1 }),
  // Both refuse it: that mint takes all of its coins.
  'wallet.confirmLoss': ({ mint }) => ({ mint: mint.url, keyset: mint.keysetIds()[0] ?? '', msat: 1 }),
  'sessions.extend': async (economy) => ({ sessions: [await listed(economy)], until: 2_000_000_000, reason }),
  'sessions.revoke': async (economy) => ({ sessions: [await listed(economy)], balance: 'keep', reason }),
  'sessions.credit': async (economy) => {
    const session = await listed(economy)
    await earn(economy)
    return { session, msat: 1500, reason }
  },
  'setup.testKey': async (economy) => {
    await earn(economy)
    return {}
  },
  'sessions.debit': async (economy) => ({ session: await listed(economy), msat: 99_999, reason }),
  // Both refuse it: neither the console nor an admin's own key is a device.
  'me.signOut': () => ({}),
}
/** The dispatcher's own row; it runs what is held, which has a row here. */
const elsewhere = ['commands.confirm']

test('R-124 every row of class L that both doors have is compared', () => {
  const wanted = createTable().rows.filter((row) => row.class === 'L' && row.doors !== 'H')
  expect([...Object.keys(rows), ...elsewhere].sort()).toEqual(wanted.map(({ name }) => name).sort())
})

/** Ids, addresses and times differ between two nodes; what happened does not. As text: numbers become names. */
function alike(value: unknown): string {
  return JSON.stringify(value, null, 1)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
    .replace(/127\.0\.0\.1:\d+/g, '<host>')
    .replace(/(roundTripMs\\?": ?)\d+/g, '$1<time>')
    .replace(/("mintId": )"[0-9a-f]{16}"/g, '$1<mint>')
    .replace(/\bin \d+ ms\b/g, 'in <time> ms')
    .replace(/("change": )"\d+"/g, '$1<change>')
    .replace(/127-0-0-1-\d+/g, '<host>')
    .replace(/\b1[0-9]{9,12}\b/g, '<time>')
    .replace(new RegExp(`(?!${admin})\\b[0-9a-f]{64}\\b`, 'g'), '<hash>')
    .replace(/\b[0-9a-f]{12}\b/g, '<short hash>')
    .replace(/\b[0-9a-f]{16}\b/g, '<mint>')
}
/** What the command left; the node's own work goes on beside it. */
async function eventsSince({ node }: TestNode, since: bigint) {
  const found = (await node.log.after(since, 1000)).filter(({ meta }) => meta.door !== 'node')
  const shape = found.map(({ type, data }) => {
    if (type !== 'command.received') return [type, data]
    const { method, params, class: kind } = data as { method: string; params: unknown; class: string }
    return [type, { method, params, kind }]
  })
  return { shape, by: new Set(found.map(({ meta }) => `${meta.actor} ${meta.door}`)) }
}
/** By Nostr, when its buckets allow: the clock of all turns on. */
async function ask(method: string, params: Params, id: string = crypto.randomUUID()) {
  offsetMs += 10_000
  return owner.ask(method, params, { id, waitMs: 10_000 })
}

test.each(Object.keys(rows))('R-007 R-124 P-25 both doors leave the same events: %s', async (method) => {
  const paramsOf = rows[method]
  if (paramsOf === undefined) throw new Error('no such row')
  const [forHttp, forNostr] = [await paramsOf(byHttp), await paramsOf(byNostr)]
  const [httpHead, nostrHead] = [byHttp.node.node.log.head(), byNostr.node.node.log.head()]
  const http = await byHttp.node.call(method, forHttp)
  const nostr = await ask(method, forNostr)
  expect(nostr?.error?.data.reason).toBe(http.error?.data.reason)
  expect(alike(nostr?.result ?? null)).toBe(alike(http.result ?? null))
  const [left, other] = [await eventsSince(byNostr.node, nostrHead), await eventsSince(byHttp.node, httpHead)]
  expect(alike(left.shape)).toBe(alike(other.shape))
  expect(left.shape.length).toBeGreaterThanOrEqual(2)
  expect([...left.by]).toEqual([`${owner.publicKey} nostr`])
})

test('R-015 R-053 a command that asks for a yes over Nostr gets it there, and runs once', async () => {
  const far = { ...model(byNostr), inUsdPerM: '5000', outUsdPerM: '5000' }
  const asked = await ask('models.setPrice', far)
  expect(asked?.error?.data).toMatchObject({ reason: 'CONFIRM_REQUIRED', kind: 'check' })
  const id = crypto.randomUUID()
  const before = byNostr.node.node.log.head()
  const confirmed = await ask('commands.confirm', { code: asked?.error?.data.code }, id)
  expect(confirmed?.error).toBeUndefined()
  // Its answer may have been lost on the way: sent again it is the same, though the code is gone.
  const again = await ask('commands.confirm', { code: asked?.error?.data.code }, id)
  expect([again?.result, again?.replayed]).toEqual([confirmed?.result, true])
  const { shape } = await eventsSince(byNostr.node, before)
  expect(shape.map(([type]) => type)).toEqual(['command.received', 'model.price-set', 'command.finished'])
  expect((await ask('commands.confirm', { code: asked?.error?.data.code }))?.error?.data.reason).toBe('REFUSED')
})

test('R-072 what the node says that it can do is the same by both doors, less what this door lacks', async () => {
  type Described = { readonly methods: readonly { readonly name: string }[] }
  const http = (await byHttp.node.call('rpc.describe')).result as Described | undefined
  const nostr = (await ask('rpc.describe', {}))?.result as Described | undefined
  const walled = new Set(
    createTable()
      .rows.filter(({ doors }) => doors === 'H')
      .map(({ name }) => name),
  )
  const names = (described: Described | undefined) => (described?.methods ?? []).map(({ name }) => name)
  expect(names(nostr)).toEqual(names(http).filter((name) => !walled.has(name)))
})
