/** A mint whose only active keyset has expired takes no new outputs; with its next one it is at work again (wallet 8.1, 9.2). */
import { expect, test } from 'bun:test'
import { errorOf, startEconomy } from '../kit/economy'

test('wallet 9.2 an expired keyset is not planned with, and the next one is found without a restart', async () => {
  let offsetMs = 0
  const economy = await startEconomy({ node: { now: () => Date.now() + offsetMs } })
  const { mint } = economy
  const create = (token: string) => economy.post('/v1/balance/create', { initial_balance_token: token })
  try {
    // Served once, so that no look at its keysets from the start of the node is still under way.
    expect((await create(mint.token(10))).status).toBe(200)
    const swaps = mint.calls('swap')
    const token = mint.token(100)
    mint.rotate('sat', { finalExpiry: Math.floor(Date.now() / 1000) - 3600 })
    // The list of keysets that the node holds is old by now.
    offsetMs += 11 * 60_000
    const refused = await create(token)
    expect([refused.status, (await errorOf(refused)).code]).toEqual([503, 'cashu_mint_unreachable'])
    expect(mint.calls('swap')).toBe(swaps)
    const asked = mint.calls('keysets')
    await Promise.all(Array.from({ length: 10 }, () => create(token)))
    expect(mint.calls('keysets')).toBe(asked)
    mint.rotate('sat')
    offsetMs += 6000
    expect((await create(token)).status).toBe(200)
    expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  } finally {
    await economy.stop()
  }
})
