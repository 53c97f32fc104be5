/** The limit of a day counts what left, and nothing else: not what failed, nor what came back. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { verifyLog } from '../../events'
import { noLadder } from '../kit/deposits'
import { type Economy, startEconomy } from '../kit/economy'
import { atNight } from '../kit/sizes'

const dayMs = 24 * 3600_000
let economy: Economy
let offsetMs = 0
beforeAll(async () => {
  economy = await startEconomy({
    mint: { units: ['sat', 'msat'] },
    // Few coins: what is asked for needs a swap.
    node: { now: () => Date.now() + offsetMs, ladder: noLadder, environment: { MINT_WAIT_S: '1' } },
  })
  await ask('settings.apply', { changes: { 'security.dailyOutSat': 1000 } })
}, 60_000)
beforeEach(async () => {
  offsetMs += 4 * dayMs
  await economy.post('/v1/balance/donate', { token: economy.mint.token(4096) })
})
afterEach(async () => {
  expect((await ask('books.check')).result).toMatchObject({ balanced: true })
})
afterAll(async () => {
  expect((await verifyLog(economy.node.node.log)).problems).toEqual([])
  await economy.stop()
})

const ask = (method: string, params: Record<string, unknown> = {}) => economy.node.call(method, params)
/** The mint is down meanwhile. */
async function withoutMint(work: () => Promise<void>): Promise<void> {
  await economy.mint.stop()
  try {
    await work()
  } finally {
    economy.mint.restart()
  }
}
const leftToday = async () => ((await ask('withdraw.get')).result as { limits: { leftToday: number } }).limits.leftToday
type Taken = { readonly payout: string; readonly token?: string; readonly sentence?: string }
const take = async (sat: number) => (await ask('payouts.toToken', { sat })).result as Taken
const stateOf = async (payout: string) =>
  ((await ask('payouts.get', { payout })).result as { state: string } | undefined)?.state

test('R-018 a withdrawal of which nothing was sent leaves the limit as it was, and its answer says so', async () => {
  await ask('payouts.quote', { sat: 333 })
  await withoutMint(async () => {
    for (let n = 0; n < 3; n += 1) {
      const { payout, token, sentence } = await take(333)
      expect([token, await stateOf(payout)]).toEqual([undefined, 'failed'])
      expect(sentence).toContain('nothing left')
    }
    expect(await leftToday()).toBe(1000)
  })
}, 30_000)

atNight(
  'R-018 a withdrawal that is cancelled before it holds coins leaves the limit as it was',
  async () => {
    // More coins than go into one swap are put together first; until the mint is back it holds none.
    const small = Array.from({ length: 102 }, () => economy.mint.token(1, 'msat'))
    await Promise.all(small.map((token) => economy.post('/v1/balance/donate', { token })))
    await withoutMint(async () => {
      const { payout } = (await ask('payouts.toToken', { unit: 'msat', sat: 102 })).result as Taken
      expect([await stateOf(payout), await leftToday()]).toEqual(['prepared', 999.898] as never)
      expect((await ask('payouts.cancel', { payout })).result).toMatchObject({ state: 'failed' })
      expect(await leftToday()).toBe(1000)
    })
  },
  30_000,
)

test('R-018 a token that the owner took back did not leave, one that its holder redeemed did', async () => {
  const { payout } = await take(900)
  expect([await leftToday(), (await ask('payouts.toToken', { sat: 200 })).error?.data.code]).toEqual([
    100,
    'daily-limit',
  ] as never)
  expect((await ask('payouts.takeBack', { payout })).result).toMatchObject({ state: 'takenBack' })
  expect(await leftToday()).toBe(1000)
  const { payout: redeemed, token } = await take(800)
  await economy.post('/v1/balance/create', { initial_balance_token: token })
  expect((await ask('payouts.takeBack', { payout: redeemed })).error).toBeDefined()
  expect(await leftToday()).toBe(200)
}, 30_000)

test('R-018 to look while the clock is wrong makes the node forget nothing that left', async () => {
  await take(900)
  for (const hours of [25, -25, 24 * 365]) {
    offsetMs += hours * 3600_000
    await ask('withdraw.get')
    await ask('payouts.quote', { sat: 1 })
    offsetMs -= hours * 3600_000
    expect([hours, await leftToday()]).toEqual([hours, 100])
  }
  expect((await ask('payouts.toToken', { sat: 900 })).error?.data.code).toBe('daily-limit')
}, 30_000)

test('R-018 what left while the clock was a day ahead counts when it is right again', async () => {
  await take(500)
  offsetMs += 25 * 3600_000
  await take(400)
  offsetMs -= 25 * 3600_000
  expect(await leftToday()).toBe(100)
  offsetMs += dayMs + 1000
  expect(await leftToday()).toBe(600)
}, 30_000)

test('R-018 rows of days long ago are dropped with the next withdrawal', async () => {
  await take(10)
  offsetMs += 3 * dayMs
  await take(20)
  expect((await economy.node.node.log.claims('owner-out')).length).toBe(1)
}, 30_000)
