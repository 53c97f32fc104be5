/** Answers of any length through the inbox and a real relay: in parts, all of them, or a word that they are too long. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import { type AdminInbox, createAdminInbox } from '../../core/nostr/inbox'
import { openRelays, type Relays } from '../../core/nostr/relays'
import { createTrace } from '../../core/trace'
import { until } from '../kit/node'
import { connectClient, type RemoteClient } from '../kit/nostr-client'
import { createTestRelay, type TestRelay } from '../kit/relay'

const secret = generateSecretKey()
const key = { secret, publicKey: getPublicKey(secret) }
const ownerSecret = generateSecretKey()
let relay: TestRelay
let relays: Relays
let inbox: AdminInbox
let client: RemoteClient
const lines: string[] = []

beforeAll(async () => {
  relay = createTestRelay()
  const trace = createTrace({ level: 'info', format: 'json', now: Date.now, write: (text) => lines.push(text) })
  inbox = createAdminInbox({
    inbox: key,
    // The dispatcher's port: what it answers is as long as it is asked to be, and does not compress.
    dispatch: {
      dispatch: async ({ id, params }) => ({ v: 1, id, result: { text: randomText(Number(params?.chars)) } }),
      look: async ({ id }) => ({ v: 1, id }),
      closeOpen: async () => 0,
    },
    principalOf: (pubkey) =>
      pubkey === getPublicKey(ownerSecret) ? { admin: pubkey, name: pubkey, role: 'owner', stepUp: false } : undefined,
    publish: async (event) => relays.publish(event),
    catchUp: () => undefined,
    seenBefore: { has: async () => false, add: () => undefined },
    rev: () => 0n,
    now: Date.now,
    trace,
  })
  relays = openRelays({
    urls: [relay.url],
    inboxes: () => [key],
    routeTo: async () => ({ proxy: undefined }),
    onEvent: inbox.take,
    canaryMs: () => 60_000,
    now: Date.now,
    trace,
  })
  await until('the link is live', () => relay.sockets() === 1)
  client = await connectClient(relay.url, key.publicKey, ownerSecret)
})
afterAll(async () => {
  client.close()
  inbox.close()
  await inbox.settled()
  relays.close()
  await relay.stop()
})

const randomText = (chars: number): string => {
  const bytes = new Uint8Array(Math.ceil((chars * 3) / 4))
  for (let from = 0; from < bytes.length; from += 65_536) crypto.getRandomValues(bytes.subarray(from, from + 65_536))
  return Buffer.from(bytes).toString('base64').slice(0, chars)
}
const ask = (chars: number) => client.ask('any.method', { chars }, { waitMs: 25_000 })

test('R-034 R-036 an answer of fifty parts arrives whole, each on the wire within 65,536 bytes', async () => {
  expect(String((await ask(900_000))?.result?.text)).toHaveLength(900_000)
  const wraps = relay.received.filter(([type]) => type === 'EVENT').map(([, event]) => JSON.stringify(event).length)
  expect(wraps.length).toBeGreaterThan(30)
  for (const bytes of wraps) expect(bytes).toBeLessThanOrEqual(65_536)
}, 30_000)

test('R-136 a relay that acknowledges no live event gets every part all the same', async () => {
  relay.setFault(() => 'no-ok')
  expect(String((await ask(400_000))?.result?.text)).toHaveLength(400_000)
  relay.setFault(undefined)
}, 30_000)

test('R-035 an answer longer than any number of parts may carry is TOO_LARGE, with the bound', async () => {
  expect((await ask(4_300_000))?.error?.data).toEqual({ reason: 'TOO_LARGE', max: 4 * 1024 * 1024 })
  expect(lines.filter((line) => line.includes('error'))).toEqual([])
}, 30_000)
