/** The owner's withdrawal beside a crowd of customers who leave: each in its turn, nobody loses his coins to another. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { noLadder } from '../kit/deposits'
import { type Economy, startEconomy } from '../kit/economy'

let economy: Economy
beforeAll(async () => {
  economy = await startEconomy({ node: { environment: { MINT_WAIT_S: '5' }, ladder: noLadder } })
}, 60_000)
afterAll(() => economy.stop())

test('P-02 wallet 15 a withdrawal asked for beside thirty refunds is made, and every refund begins', async () => {
  const keyOf = async (sat: number) => {
    const made = await economy.post('/v1/balance/create', { initial_balance_token: economy.mint.token(sat) })
    return ((await made.json()) as { readonly api_key: string }).api_key
  }
  const owner = await keyOf(2000)
  economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
  expect((await economy.chat(owner)).status).toBe(200)
  const keys: string[] = []
  for (let n = 0; n < 30; n += 1) keys.push(await keyOf(64))
  // What is left are no coins that stand ready: every refund needs counters for its change.
  for (const key of keys) expect((await economy.chat(key)).status).toBe(200)
  const leaving = keys.map(async (key) => (await economy.post('/v1/balance/refund', {}, key)).status)
  const taken = await economy.node.call('payouts.toToken', { sat: 5, mint: economy.mint.url })
  expect(taken.error).toBeUndefined()
  expect(taken.result).toMatchObject({ mint: economy.mint.url })
  expect((await Promise.all(leaving)).filter((status) => status !== 200 && status !== 202)).toEqual([])
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
}, 30_000)
