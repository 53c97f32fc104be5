/** A node that dies while a key is being taken, or a child is being charged, does neither by halves (P-30, P-31, wallet 7). */
import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { type Economy, startEconomy } from '../kit/economy'
import { startNode, type TestNode, until } from '../kit/node'

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
const restarted = ({ mint, node }: Economy) =>
  startNode({ directory: node.directory, environment: { CASHU_MINTS: mint.url } })
const sessionOf = async (node: TestNode, key: string) =>
  (await node.call('sessions.get', { session: hashOf(key) })).result as {
    state: string
    balanceMsat: number
    spentMsat: number
    requests: number
    why: { forfeitedMsat: number }
  }

test('P-30 a node that dies with a request of a revoked key ends that key at its next start, once', async () => {
  const economy = await startEconomy()
  const key = await economy.key(60)
  economy.upstream.next({ pieces: 40, pauseMs: 100 })
  const chat = economy.chat(key, { stream: true }).catch(() => undefined)
  await until('the request holds money', async () => (await economy.info(key)).reserved > 0)
  await until('the key is listed', async () => (await sessionOf(economy.node, key)) !== undefined)
  const revoke = { sessions: [hashOf(key)], balance: 'keep', reason: 'as the test wants it' }
  expect((await economy.node.call('sessions.revoke', revoke)).result).toMatchObject({ openHolds: 1 })
  expect((await sessionOf(economy.node, key)).state).toBe('revoked')
  await economy.node.abandon()
  await chat
  const node = await restarted(economy)
  await until('the key has ended', async () => (await sessionOf(node, key))?.state === 'ended')
  const { balanceMsat, spentMsat, why } = await sessionOf(node, key)
  // The request died with the node, unpaid or paid: the rest is the owner's in either case.
  expect([balanceMsat, why.forfeitedMsat + spentMsat]).toEqual([0, 60_000])
  const ends = (await node.call('events.list', { type: 'session.ended' })).result as { rows: unknown[] }
  expect(ends.rows).toHaveLength(1)
  expect(await node.node.log.claims('revoked')).toEqual([])
  expect((await node.call('books.check')).result).toMatchObject({ balanced: true })
  await node.stop()
  await economy.stop()
}, 40_000)

test.each(['charge: before the append', 'charge: after the append'])(
  'P-31 C-056 a node that dies %s has charged parent and child alike',
  async (place) => {
    const hang = new Promise<void>(() => undefined)
    let reached = false
    const economy = await startEconomy({
      node: {
        async stopHere(at) {
          if (at !== place) return
          reached = true
          await hang
        },
      },
    })
    const parent = await economy.key(50)
    const made = await economy.post('/v1/balance/child-key', {}, parent)
    const [child = ''] = ((await made.json()) as { api_keys: string[] }).api_keys
    const chat = economy.chat(child).catch(() => undefined)
    await until(`the node reaches ${place}`, () => reached)
    await economy.node.abandon()
    await chat
    const node = await restarted(economy)
    await until('both are listed', async () => (await sessionOf(node, child)) !== undefined)
    const [theirs, own] = [await sessionOf(node, parent), await sessionOf(node, child)]
    expect([own.spentMsat, own.requests]).toEqual([theirs.spentMsat, theirs.requests])
    expect(theirs.balanceMsat).toBe(50_000 - own.spentMsat)
    expect(own.requests).toBe(place === 'charge: after the append' ? 1 : 0)
    expect((await node.call('books.check')).result).toMatchObject({ balanced: true })
    await node.stop()
    await economy.stop()
  },
  40_000,
)
