/** The Nostr door over a real relay and real sockets: commands in, answers out, strangers in silence (remote-admin 2, 3, 14). */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import * as nip19 from 'nostr-tools/nip19'
import { generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import { startNode, type TestNode, until } from '../kit/node'
import { type Answer, connectClient, type RemoteClient } from '../kit/nostr-client'
import { createTestRelay, type TestRelay } from '../kit/relay'

const ownerSecret = generateSecretKey()
let relay: TestRelay
let node: TestNode
let owner: RemoteClient

let offsetMs = 0
const now = () => Date.now() + offsetMs
const nowS = () => Math.floor(now() / 1000)
/** Lets every bucket fill again: the clock of node, relay and client turns on together. */
const rest = () => {
  offsetMs += 30_000
}
const connect = (secret?: Uint8Array) => connectClient(relay.url, node.node.adminNode.inbox, secret, nowS)

beforeEach(rest)
beforeAll(async () => {
  relay = createTestRelay({ nowS })
  node = await startNode({
    now,
    environment: { ADMIN_NPUB: nip19.npubEncode(getPublicKey(ownerSecret)), ADMIN_RELAYS: relay.url },
  })
  await until('the node listens', () => relay.sockets() === 1)
  owner = await connect(ownerSecret)
}, 60_000)
afterAll(async () => {
  owner.close()
  await node.stop()
  await relay.stop()
})

const counts = () => node.node.remote.health().counts as Record<string, number>
const counted = (exit: string, before: number) => until(`one more ${exit}`, () => (counts()[exit] ?? 0) === before + 1)
/** Asks until the buckets let it through, each time under a new id. */
async function insist(method: string, params: Record<string, unknown> = {}): Promise<Answer | undefined> {
  let answer: Answer | undefined
  await until(`${method} is let through`, async () => {
    rest()
    answer = await owner.ask(method, params, { waitMs: 3000 })
    return answer !== undefined && answer.error?.data.reason !== 'RATE_LIMITED'
  })
  return answer
}
const head = () => node.node.log.head()

test('R-020 R-021 a live and a durable command are run, and answered in the wrap they came by', async () => {
  const live = await owner.ask('node.status')
  expect(live?.result).toMatchObject({ state: 'running', inbox: node.node.adminNode.inbox })
  const durable = await owner.ask('node.pause', { reason: 'from afar' }, { durable: true })
  expect(durable?.result).toEqual({ state: 'paused' })
  const stored = relay
    .events()
    .filter(({ kind, tags }) => kind === 1059 && tags.some((tag) => tag[1] === owner.publicKey))
  expect(stored.length).toBeGreaterThanOrEqual(1)
  for (const { tags } of stored)
    expect(Number(tags.find((tag) => tag[0] === 'expiration')?.[1])).toBeGreaterThan(nowS() + 71 * 3600)
  expect((await owner.ask('node.resume'))?.result).toEqual({ state: 'running' })
  const last = owner.answers.at(-1)
  expect(last?.rumor.tags.map((tag) => tag[0])).toEqual(['p', 'e'])
})

test('R-012 the seal of the owner key itself is the step-up, and the wall of H rows stands', async () => {
  const added = await insist('admins.add', {
    npub: getPublicKey(generateSecretKey()),
    role: 'viewer',
    label: 'by Nostr',
  })
  expect(added?.result).toMatchObject({ role: 'viewer', label: 'by Nostr' })
  const password = await owner.ask('security.setPassword', { password: 'canary-password-nostr' })
  expect(password?.error?.data.reason).toBe('WRONG_DOOR')
})

test('R-055 a change by Nostr keeps what proves it: the seal, its author, its signature', async () => {
  await owner.ask('settings.apply', { changes: { 'identity.description': 'proven' } })
  const { rows } = (await node.call('commands.list', { limit: 5 })).result as {
    rows: { name: string; door: string; principal: string; proof: unknown }[]
  }
  const row = rows.find(({ name }) => name === 'settings.apply')
  expect([row?.door, row?.principal]).toEqual(['nostr', owner.publicKey])
  expect(row?.proof).toMatchObject({ author: owner.publicKey })
})

test('P-25 R-049 ten copies in wrappers of their own have one effect and ten equal answers', async () => {
  const id = crypto.randomUUID()
  const content = (n: number) =>
    JSON.stringify({ id, try: n, method: 'settings.apply', params: { changes: { 'identity.description': 'ten' } } })
  const before = head()
  const from = owner.answers.length
  for (let n = 1; n <= 10; n += 1) owner.send(owner.wrap(owner.rumor(content(n))))
  await until('ten answers', () => owner.answers.length === from + 10)
  const results = owner.answers.slice(from).map(({ answer }) => JSON.stringify(answer.result))
  expect(new Set(results).size).toBe(1)
  expect(Number(head() - before)).toBe(3)
})

test('R-011 R-041 strangers get silence: nothing is published, nothing is written', async () => {
  const stranger = await connect()
  const before = [head(), relay.received.filter(([type]) => type === 'EVENT').length, counts().stranger ?? 0] as const
  expect(await stranger.ask('node.pause', {}, { waitMs: 400 })).toBeUndefined()
  await counted('stranger', before[2])
  expect(head()).toBe(before[0])
  expect(relay.received.filter(([type]) => type === 'EVENT').length).toBe(before[1] + 1)
  stranger.close()
})

test('R-025 a typed message is dropped and counted, whoever wrote it', async () => {
  const before = [head(), counts().typed ?? 0, owner.answers.length] as const
  owner.send(owner.wrap(owner.rumor('pause', { kind: 14 })))
  await counted('typed', before[1])
  expect([head(), owner.answers.length]).toEqual([before[0], before[2]])
})

test('R-042 R-044 a stale one is refused with its skew, a repeat of a known one is answered whatever its age', async () => {
  const at = nowS()
  const stale = await owner.ask('node.pause', {}, { createdAtS: at - 500 })
  expect(stale?.error?.data).toMatchObject({ reason: 'STALE' })
  const id = crypto.randomUUID()
  expect((await owner.ask('node.pause', {}, { id }))?.result).toEqual({ state: 'paused' })
  const again = await owner.ask('node.pause', {}, { id, createdAtS: at - 5000 })
  expect([again?.result, again?.replayed]).toEqual([{ state: 'paused' }, true])
  const late = await owner.ask('node.pause', {}, { createdAtS: at - 36_000, exp: at + 60, durable: true })
  expect(late?.result).toEqual({ state: 'paused' })
  await node.call('node.resume')
})

test('R-034 R-036 a message of many parts is put together, and a long answer comes in parts', async () => {
  const description = 'ä"\\'.repeat(160)
  const changes: Record<string, unknown> = {
    'identity.description': description,
    'network.corsOrigins': Array.from({ length: 49 }, (_, n) => `https://${'x'.repeat(400)}${n}.example`),
  }
  const applied = await insist('settings.apply', { changes })
  expect(applied?.result?.changed).toEqual(['identity.description', 'network.corsOrigins'])
  const read = await owner.ask('settings.get', { keys: ['network.corsOrigins', 'identity.description'] })
  expect(JSON.stringify(read?.result)).toContain('x'.repeat(400))
  for (const frame of relay.sent) expect(frame.length).toBeLessThanOrEqual(65_536 + 200)
  await node.call('settings.apply', { changes: { 'network.corsOrigins': ['*'] } })
})

type Sent = { readonly id: string; readonly kind: number; readonly tags: readonly (readonly string[])[] }
/** Every wrap that the node's inbox was ever sent. */
const sentToInbox = (): readonly Sent[] =>
  relay.received
    .filter(
      ([type, event]) => type === 'EVENT' && (event as Sent).tags.some((tag) => tag[1] === node.node.adminNode.inbox),
    )
    .map(([, event]) => event as Sent)
async function restart(): Promise<void> {
  const { directory } = node
  await node.stop({ keep: true })
  node = await startNode({ directory, now, environment: {} })
  await until('the node listens again', () => node.node.remote.health().relays[0]?.state === 'live')
}

test('R-060 a stored wrap that was answered before a restart is not even opened after it', async () => {
  expect((await owner.ask('node.pause', { reason: 'once' }, { durable: true }))?.result).toEqual({ state: 'paused' })
  const wrap = sentToInbox().findLast(({ kind }) => kind === 1059)
  await restart()
  // The relay delivers it by itself, as each does to who asks for the last days; and once more by our hand.
  const before = counts().duplicate ?? 0
  relay.deliver(wrap as never)
  await until('it is known', () => (counts().duplicate ?? 0) > before)
  expect(counts().answered).toBe(0)
  expect((await insist('node.resume'))?.result).toEqual({ state: 'running' })
})

test('R-023 R-052 thirty days of redelivery after a restart run nothing again, with its side table lost', async () => {
  const seen = sentToInbox()
  await restart()
  await node.node.views.sql.query('delete from seen_wraps')
  const before = head()
  for (const event of seen) relay.deliver(event as never)
  await until(
    'all were looked at',
    () => Object.values(counts()).reduce((sum, count) => sum + count, 0) >= seen.length - 20,
  )
  await node.node.remote.settled()
  const ran = (await node.node.log.after(before, 1000)).filter(
    ({ type }) => type !== 'command.received' && type !== 'command.finished',
  )
  expect(ran).toEqual([])
})

test('R-039 R-040 a damaged copy that comes first does not hide the good one', async () => {
  for (const fault of ['altered-content', 'altered-signature'] as const) {
    const before = counts()['bad-wrap'] ?? 0
    relay.setFault((event) =>
      event.kind === 21_059 && event.tags.some((tag) => tag[1] === node.node.adminNode.inbox) ? fault : undefined,
    )
    expect((await owner.ask('node.status'))?.result).toMatchObject({ state: 'running' })
    relay.setFault(undefined)
    expect(counts()['bad-wrap']).toBe(before + 1)
  }
})

test('R-132 R-130 after the relay was gone and came back the node hears again, also what was stored meanwhile', async () => {
  await relay.stop()
  await until('the node noticed', () => node.node.remote.health().relays[0]?.state === 'down')
  relay.restart()
  await until('the node is back', () => node.node.remote.health().relays[0]?.state === 'live', 30_000)
  owner.close()
  owner = await connect(ownerSecret)
  expect((await owner.ask('node.status'))?.result).toMatchObject({ state: 'running' })
  relay.kick()
  const writer = await connect(ownerSecret)
  const stored = await writer.ask('node.pause', {}, { durable: true, waitMs: 10_000 })
  expect(stored?.result).toEqual({ state: 'paused' })
  owner.close()
  owner = writer
  await insist('node.resume')
}, 60_000)

test('R-058 a flood of strangers leaves the owner answered, and bounded work behind', async () => {
  const flooder = generateSecretKey()
  const stranger = await connect(flooder)
  for (let n = 0; n < 300; n += 1)
    stranger.send(stranger.wrap(stranger.rumor(`{"id":"flood-${n}-0000","method":"node.pause"}`)))
  await until('they were shed', () => (counts().shed ?? 0) > 50)
  expect((counts().stranger ?? 0) < 200).toBe(true)
  // The bucket of the flooded inbox fills slowly: the owner resends, as section 4 tells clients to.
  const heard = (await insist('node.status'))?.result
  expect(heard).toMatchObject({ state: 'running' })
  stranger.close()
}, 60_000)

test('R-043 R-136 junk, oversized frames and notices do no harm', async () => {
  for (const frame of [
    'not json',
    '[]',
    '{}',
    '["EVENT"]',
    '["EVENT","inbox",null]',
    '["EVENT","inbox",{"id":7}]',
    '["OK"]',
    '["NOTICE","\\u001b[31mred"]',
    '["AUTH"]',
    `["EVENT","inbox","${'x'.repeat(200_000)}"]`,
    `["NOTICE","${'n'.repeat(1_048_576)}"]`,
  ])
    relay.sendRaw(frame)
  await until('the big ones were counted', () => (node.node.remote.health().relays[0]?.oversized ?? 0) >= 2)
  expect(node.node.remote.health().relays[0]?.lastNotice).not.toContain('\u001b')
  const heard = (await insist('node.status'))?.result
  expect(heard).toBeDefined()
}, 30_000)

test('P-21 nothing readable and no name of this node stands on the relay', () => {
  const all = JSON.stringify(relay.received) + relay.sent.join('')
  for (const word of ['node.pause', 'identity.name', 'Same Name', 'canary-password']) expect(all).not.toContain(word)
  const authors = relay.received
    .filter(([type]) => type === 'EVENT')
    .map(([, event]) => (event as { pubkey: string }).pubkey)
  expect(authors).not.toContain(node.node.adminNode.inbox)
})
