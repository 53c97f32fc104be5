/** A node thrown away at every step of a refund makes one debit and tells one token afterwards (wallet 7, P-01, P-02). */
import { expect, test } from 'bun:test'
import { noLadder } from '../kit/deposits'
import { type Economy, startEconomy } from '../kit/economy'
import { startNode, until } from '../kit/node'
import { spread } from '../kit/sizes'

const places = [
  'payout: before the request',
  'payout: after the request',
  'payout: before the swap',
  'payout: after the swap',
  'payout: before it is ready',
  'payout: after it is ready',
]
const environment = { MINT_WAIT_S: '1' }

/** A key whose only coin is one of 128, some of it spent: its refund needs a swap. */
async function spentKey({ mint, chat, info }: Economy): Promise<string> {
  const { api_key } = await info(mint.token(129, 'sat', { amounts: [128, 1] }))
  expect((await chat(api_key)).status).toBe(200)
  return api_key
}

test.each(spread(places, 2))(
  'P-01 P-02 C-065 C-069 a node that dies %s tells one token after restart',
  async (place) => {
    const hang = new Promise<void>(() => undefined)
    let reached = false
    const economy = await startEconomy({
      mint: { feePpk: 100 },
      node: {
        // A refund needs a swap, so that it can be killed in it.
        ladder: noLadder,
        environment,
        async stopHere(at) {
          if (at !== place) return
          reached = true
          await hang
        },
      },
    })
    const key = await spentKey(economy)
    const asked = economy.post('/v1/balance/refund', {}, key).catch(() => undefined)
    await until(`the node reaches ${place}`, () => reached)
    await Promise.race([asked, Bun.sleep(50)])
    await economy.node.abandon()
    const node = await startNode({
      directory: economy.node.directory,
      environment: { ...environment, CASHU_MINTS: economy.mint.url },
    })
    const refund = () =>
      fetch(`${node.url}/v1/balance/refund`, { method: 'POST', headers: { authorization: `Bearer ${key}` } })
    const texts = new Set<string>()
    await until('the refund is there', async () => {
      const response = await refund()
      if (response.status === 200) texts.add(((await response.json()) as { token: string }).token)
      return response.status === 200
    })
    const again = (await (await refund()).json()) as { token: string; sats: string; remaining_msats: number }
    texts.add(again.token)
    expect(texts.size).toBe(1)
    expect(again.remaining_msats).toBeLessThan(1000)
    const debits = (await node.call('events.list', { type: 'session.debited' })).result as { rows: unknown[] }
    expect(debits.rows).toHaveLength(1)
    expect((await node.call('books.check')).result).toMatchObject({ balanced: true })
    await node.stop()
    await economy.stop()
  },
  40_000,
)
