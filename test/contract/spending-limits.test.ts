/** A spending limit counts what its current period holds, whatever it was spent on and whenever the limit was set (contract 3.5). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { verifyLog } from '../../events'
import { type Economy, type ErrorEnvelope, startEconomy } from '../kit/economy'

/** A Wednesday: its day, its week and its month began at different times. */
const now = Date.UTC(2026, 10, 25, 12)
let economy: Economy
beforeAll(async () => {
  economy = await startEconomy({ node: { now: () => now, environment: { CHILD_KEY_COST: '1000' } } })
  // Every chat costs all that it was promised.
  economy.upstream.always({ tokens: { prompt: 114, completion: 100 } })
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  expect((await verifyLog(economy.node.node.log)).problems).toEqual([])
  await economy.stop()
})

/** What one chat of the kit is promised, and costs here. */
const costMsat = 348
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
const keyWith = async (limits: Record<string, unknown>) => {
  const made = await economy.post('/v1/balance/create', { initial_balance_token: economy.mint.token(100), ...limits })
  return ((await made.json()) as { api_key: string }).api_key
}
const setLimits = (key: string, limits: Record<string, unknown>) =>
  economy.node.call('sessions.setLimits', { session: hashOf(key), reason: 'as the test wants it', ...limits })
const chats = async (key: string, times: number) => {
  const statuses: number[] = []
  for (let done = 0; done < times; done += 1) statuses.push((await economy.chat(key)).status)
  return statuses
}
const spentInPeriod = async (key: string) => {
  const { result } = await economy.node.call('sessions.get', { session: hashOf(key) })
  return (result as { limits: { spentInPeriodMsat: number } }).limits.spentInPeriodMsat
}

test('C-055 P-31 a limit whose period the operator changes counts what that period holds already, and holds', async () => {
  const key = await keyWith({ balance_limit: 10 * costMsat, balance_limit_reset: 'daily' })
  expect(await chats(key, 1)).toEqual([200])
  for (const period of ['weekly', 'monthly', 'daily']) {
    const { total_spent } = await economy.info(key)
    await setLimits(key, { period })
    expect([period, await spentInPeriod(key)]).toEqual([period, total_spent])
    await setLimits(key, { limitMsat: total_spent + 2 * costMsat })
    expect([period, await chats(key, 4)]).toEqual([period, [200, 200, 402, 402]])
  }
  expect((await economy.info(key)).total_spent).toBe(7 * costMsat)
})

test('C-055 a limit that begins to be renewed counts what was spent today before it was set', async () => {
  const key = await keyWith({})
  expect(await chats(key, 3)).toEqual([200, 200, 200])
  await setLimits(key, { period: 'daily', limitMsat: 4 * costMsat })
  expect(await spentInPeriod(key)).toBe(3 * costMsat)
  expect(await chats(key, 2)).toEqual([200, 402])
})

for (const reset of [null, 'daily', 'weekly', 'monthly'])
  test(`C-055 P-31 the price of child keys counts towards a limit that is renewed ${reset ?? 'never'}`, async () => {
    const key = await keyWith({ balance_limit: 3000, balance_limit_reset: reset })
    const buy = (count: number) => economy.post('/v1/balance/child-key', { count }, key)
    expect((await buy(2)).status).toBe(200)
    const refused = await buy(2)
    const { error } = (await refused.json()) as ErrorEnvelope
    expect([refused.status, error.code, error.details]).toEqual([
      402,
      'balance_limit_exceeded',
      { required_msat: 2000, reserved_msat: 0, limit_msat: 3000, spent_msat: 2000 },
    ])
    expect((await buy(1)).status).toBe(200)
    expect(await spentInPeriod(key)).toBe(3000)
    expect(await chats(key, 1)).toEqual([402])
    expect((await economy.info(key)).balance).toBe(97_000)
  })
