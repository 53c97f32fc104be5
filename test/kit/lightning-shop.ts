/** What suites on Lightning payments share: a node at two mints, a receiver, and books that agree after each test. */
import { afterAll, afterEach, beforeAll, expect } from 'bun:test'
import { verifyLog } from '../../events'
import { type Economy, startEconomy } from './economy'
import { createTestMint, type TestMint } from './mint'
import { until } from './node'
import { createReceiver, type TestReceiver } from './receiver'

export type LightningShop = {
  readonly economy: Economy
  readonly receiver: TestReceiver
  /** A second mint that the node accepts; the owner earns nothing there. */
  readonly second: TestMint
}

/** Call it at the top of a test file; what it answers is there once the first test runs. `now` is the node's clock. */
export function lightningSuite(now: () => number = Date.now) {
  let open: LightningShop | undefined
  const shop = (): LightningShop => {
    if (open === undefined) throw new Error('the shop opens before the first test')
    return open
  }
  beforeAll(async () => {
    const receiver = createReceiver(now)
    const second = createTestMint()
    const economy = await startEconomy({
      mint: { feePpk: 100 },
      mints: [second.url],
      node: { now, foreign: receiver.foreign, environment: { MINT_WAIT_S: '2' } },
    })
    open = { economy, receiver, second }
  }, 60_000)
  afterEach(async () => {
    const { economy, receiver } = shop()
    receiver.twist({})
    receiver.setAddresses(['93.184.216.34'])
    economy.mint.setLightning({})
    economy.mint.clearFaults()
    await until('the books agree', async () => {
      const books = (await economy.node.call('books.check')).result as { balanced: boolean }
      return books.balanced
    })
  })
  afterAll(async () => {
    const { economy, receiver, second } = shop()
    expect((await verifyLog(economy.node.node.log)).problems).toEqual([])
    await economy.stop()
    await receiver.stop()
    await second.stop()
  })
  return {
    shop,
    /** A key with 2,000 sat, some two hundred of which the owner has earned. */
    async earn(): Promise<string> {
      const { economy } = shop()
      const made = await economy.post('/v1/balance/create', { initial_balance_token: economy.mint.token(2000) })
      const { api_key: key } = (await made.json()) as { api_key: string }
      economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
      expect((await economy.chat(key)).status).toBe(200)
      return key
    },
    /** msat of an account, over all purses. */
    async sheet(account: string): Promise<number> {
      const rows = await shop().economy.node.node.log.sheet()
      return rows.reduce((msat, row) => msat + (row.account === account ? Number(row.msat) : 0), 0)
    },
  }
}
