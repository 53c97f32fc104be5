/** A node thrown away at every step of a deposit credits it exactly once afterwards (wallet 7, promises 1.2). */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createTestMint } from '../kit/mint'
import { startNode, type TestNode, until } from '../kit/node'
import { spread } from '../kit/sizes'

const places = [
  'deposit: before the swap',
  'deposit: after the swap',
  'deposit: before the credit',
  'deposit: after the credit',
]

test.each(spread(places, 2))(
  'C-053 P-03 a node that dies %s credits once after restart',
  async (place) => {
    const mint = createTestMint({ feePpk: 100 })
    const token = mint.token(100)
    const hang = new Promise<void>(() => undefined)
    let reached = false
    const first = await startNode({
      environment: { CASHU_MINTS: mint.url, MINT_WAIT_S: '1' },
      stopHere: async (at) => {
        if (at !== place) return
        reached = true
        await hang
      },
    })
    const asked = fetch(`${first.url}/v1/balance/info`, { headers: { authorization: `Bearer ${token}` } }).catch(
      () => undefined,
    )
    await until(`the node reaches ${place}`, () => reached)
    await asked
    await first.abandon()
    const second = await startNode({ directory: first.directory, environment: { CASHU_MINTS: mint.url } })
    const info = async () =>
      (await (
        await fetch(`${second.url}/v1/balance/info`, { headers: { authorization: `Bearer ${token}` } })
      ).json()) as { balance?: number }
    await until('the deposit is credited', async () => (await info()).balance === 99_000)
    expect((await second.call('books.check')).result).toMatchObject({ balanced: true })
    expect(mint.outstanding('sat')).toBe(99)
    const events = (await second.call('events.list', { type: 'session.credited' })).result as { rows: unknown[] }
    expect(events.rows).toHaveLength(1)
    await second.stop()
    await mint.stop()
  },
  30_000,
)

describe('one node and its mint', () => {
  const mint = createTestMint({ feePpk: 100 })
  let node: TestNode
  const ask = (token: string) => fetch(`${node.url}/v1/balance/info`, { headers: { authorization: `Bearer ${token}` } })
  const balanceOf = async (token: string) => ((await (await ask(token)).json()) as { balance?: number }).balance
  beforeAll(async () => {
    node = await startNode({ environment: { CASHU_MINTS: mint.url } })
  }, 30_000)
  afterAll(async () => {
    await node.stop()
    await mint.stop()
  })

  test.each(['drop-after', 'status-after', 'drop-before', 'truncated'] as const)(
    'W-01 W-05 an answer lost by %s is found again, and credited once',
    async (kind) => {
      mint.fault({ path: 'swap', kind })
      const token = mint.token(100)
      await until('the deposit is credited', async () => (await balanceOf(token)) === 99_000)
      expect((await node.call('books.check')).result).toMatchObject({ balanced: true })
    },
    30_000,
  )

  test('W-07 a mint that cannot be reached leaves the token untouched, and it works when the mint is back', async () => {
    const token = mint.token(10)
    await mint.stop()
    expect((await ask(token)).status).toBe(503)
    mint.restart()
    await until('the token is credited', async () => (await ask(token)).status === 200)
  }, 30_000)
})
