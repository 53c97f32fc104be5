/** Three admin relays: each command once, each answer everywhere, and two of them may fail (R-024, R-127, P-25). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import { startNode, type TestNode, until } from '../kit/node'
import { connectClient, type RemoteClient } from '../kit/nostr-client'
import { createTestRelay, type TestRelay } from '../kit/relay'

const ownerSecret = generateSecretKey()
let relays: readonly TestRelay[]
let node: TestNode
let clients: readonly RemoteClient[]

beforeAll(async () => {
  relays = [createTestRelay(), createTestRelay({ auth: 'required' }), createTestRelay({ auth: 'lazy' })]
  const urls = relays.map(({ url }) => url)
  node = await startNode({
    environment: { ADMIN_NPUB: getPublicKey(ownerSecret), ADMIN_RELAYS: [...urls, `${urls[0]}/`].join(',') },
  })
  const health = () => node.node.remote.health().relays
  await until('all are live', () => health().filter(({ state }) => state === 'live').length === 3)
  await until('two know us', () => health().filter(({ auth }) => auth === 'ok').length === 2)
  clients = await Promise.all(urls.map((url) => connectClient(url, node.node.adminNode.inbox, ownerSecret)))
}, 60_000)
afterAll(async () => {
  for (const client of clients) client.close()
  await node.stop()
  for (const relay of relays) await relay.stop()
})
const client = (index: number): RemoteClient => {
  const found = clients[index]
  if (found === undefined) throw new Error('no such client')
  return found
}
const answersTo = (id: string) => clients.map(({ answers }) => answers.filter(({ answer }) => answer.id === id).length)

test('R-024 R-049 the same wrap by three relays runs once and is answered on all of them', async () => {
  const id = crypto.randomUUID()
  const before = node.node.log.head()
  const content = JSON.stringify({ id, method: 'node.pause', params: { reason: 'by three relays' } })
  const wrap = client(0).wrap(client(0).rumor(content), { is: 'durable', ttlS: 3600 })
  for (const one of clients) one.send(wrap)
  await until('all three have the answer', () => answersTo(id).every((count) => count >= 1))
  await node.node.remote.settled()
  const left = (await node.node.log.after(before, 100)).map(({ type }) => type)
  expect(left).toEqual(['command.received', 'node.paused', 'command.finished'])
  expect(answersTo(id)).toEqual([1, 1, 1])
})

test('P-25 two of three relays deaf: the third carries question and answer', async () => {
  const [first, second] = relays
  first?.setDeaf(true)
  await second?.stop()
  expect((await client(2).ask('node.resume', {}, { waitMs: 10_000 }))?.result).toEqual({ state: 'running' })
  first?.setDeaf(false)
  second?.restart()
  const live = () => node.node.remote.health().relays.filter(({ state }) => state === 'live').length
  await until('the second is back', () => live() === 3, 30_000)
}, 45_000)
