/** books.check says what the mints say of our coins: free ones that somebody else spent, and tokens that were collected. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { getDecodedToken } from '@cashu/cashu-ts'
import { type Economy, startEconomy } from '../kit/economy'
import { spendCoin, walletOf } from '../kit/losses'

let economy: Economy
beforeAll(async () => {
  economy = await startEconomy()
}, 60_000)
afterAll(() => economy.stop())

type Check = { readonly balanced: boolean; readonly sentence: string; readonly perMint: readonly Readonly<Row>[] }
type Row = { coinsMsat: number; unspentMsat: number; spentMsat: number }
const check = async () => (await economy.node.call('books.check')).result as unknown as Check

test('I2 books.check tells a token that was collected from free coins that somebody else spent, with the numbers', async () => {
  const { mint, node } = economy
  await economy.key(500)
  expect((await check()).sentence).toBe('Every posting sums to zero, and the coins are what the books say.')
  const refunded = await economy.post('/v1/balance/refund', {}, await economy.key(300))
  const { token } = (await refunded.json()) as { token: string }
  mint.spend(getDecodedToken(token, [...mint.keysetIds()]).proofs)
  const collected = await check()
  expect(collected.balanced).toBe(true)
  expect(collected.sentence).toContain('300 sat in tokens were collected')
  expect(collected.sentence).not.toContain('free coins')
  const purse = `${node.node.adminNode.mints.normalise(mint.url)?.mintId}/sat`
  const [coin] = (await node.node.log.coins(purse)).filter(({ state }) => state === 'free')
  if (coin === undefined) throw new Error('no coin is free')
  spendCoin(coin, mint, await walletOf(node))
  const stolen = await check()
  expect(stolen).toMatchObject({
    balanced: true,
    perMint: [{ spentMsat: 300_000 + coin.amount * 1000 }, { unit: 'msat' }],
  })
  expect(stolen.sentence).toContain(`${coin.amount} sat of free coins are spent or pending at their mint`)
  expect(stolen.sentence).toContain('300 sat in tokens were collected')
})
