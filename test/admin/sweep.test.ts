/** The sweep on its schedule, and limits that get looser only a day later (wallet 5.6, R-018). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Caller } from '../../core/admin/principal'
import { type Economy, startEconomy } from '../kit/economy'
import { type Envelope, until } from '../kit/node'
import { createReceiver, type TestReceiver } from '../kit/receiver'

let economy: Economy
let receiver: TestReceiver
let offsetMs = 0
const now = () => Date.now() + offsetMs
beforeAll(async () => {
  receiver = createReceiver(now)
  economy = await startEconomy({
    node: { now, foreign: receiver.foreign, environment: { RECEIVE_LN_ADDRESS: receiver.address } },
  })
  // Before the clock is turned: a price of yesterday sells nothing.
  const made = await economy.post('/v1/balance/create', { initial_balance_token: economy.mint.token(3000) })
  const { api_key: key } = (await made.json()) as { api_key: string }
  economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
  expect((await economy.chat(key)).status).toBe(200)
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  await economy.stop()
  await receiver.stop()
})

const owner = (): Caller => ({
  principal: { admin: 'owner', name: 'owner', role: 'owner', stepUp: true },
  door: 'http',
  createdAtS: Math.floor(now() / 1000),
})
const ask = async (method: string, params: Record<string, unknown> = {}) =>
  (await economy.node.node.dispatch.dispatch({ id: crypto.randomUUID(), method, params }, owner())) as Envelope
const get = async () => (await ask('sweep.get')).result as Record<string, unknown>
const tick = () => economy.node.node.adminNode.money.sweep.tick()

test('wallet 5.6 sweep.get names the address of the environment and why nothing runs', async () => {
  expect(await get()).toMatchObject({
    enabled: false,
    address: receiver.address,
    whyNot: 'off',
    next: null,
    last: null,
  })
  expect((await ask('sweep.resume')).result).toMatchObject({ enabled: true })
  offsetMs += 61 * 60_000
  await tick()
  expect(await get()).toMatchObject({ enabled: true, whyNot: 'below-threshold' })
})

test('wallet 5.6 at its time what is the owner’s leaves up to the cap, its fees above the floor; none while one is open', async () => {
  await ask('settings.apply', { changes: { 'sweep.thresholdSat': 50, 'sweep.capSat': 100 } })
  economy.mint.setLightning({ outcome: 'pending', fee: 1, reserve: 2 })
  offsetMs += 61 * 60_000
  await tick()
  await until('it is on its way', () => economy.mint.melts().some(({ state }) => state === 'PENDING'))
  expect(economy.mint.melts().at(-1)?.amount).toBe(100)
  expect((await ask('sweep.run')).result).toEqual({ whyNot: 'under-way' })
  economy.mint.endMelt(receiver.invoices().at(-1) ?? '', 'paid')
  economy.mint.setLightning({ fee: 1 })
  await until('it is paid', async () => {
    const { rows } = (await ask('payouts.list', { purpose: 'sweep' })).result as {
      rows: { state: string; payout: string }[]
    }
    await ask('payouts.ask', { payout: rows[0]?.payout })
    return rows[0]?.state === 'paid'
  })
  expect(await get()).toMatchObject({ last: expect.any(Number) })
  const more = (await ask('sweep.run')).result as { payout?: string; whyNot?: string }
  expect([more.payout === undefined, more.whyNot]).not.toEqual([true, 'under-way'])
  expect((await ask('sweep.pause')).result).toMatchObject({ enabled: false })
}, 30_000)

test('R-018 a larger cap, another address, a looser limit hold a day later; a tighter one at once', async () => {
  const shownOf = async (key: string) =>
    ((await ask('settings.get', { keys: [key] })).result as unknown as { value: unknown; pending?: unknown }[])[0]
  const apply = (changes: Record<string, unknown>) => ask('settings.apply', { changes })
  expect((await apply({ 'sweep.capSat': 500 })).result).toMatchObject({ later: { 'sweep.capSat': expect.any(Number) } })
  expect(await shownOf('sweep.capSat')).toMatchObject({ value: 100, pending: { value: 500 } })
  expect((await apply({ 'sweep.address': 'thief@elsewhere.example' })).result).toHaveProperty('later')
  expect((await get()).address).toBe(receiver.address)
  expect((await apply({ 'sweep.capSat': 60 })).result).not.toHaveProperty('later')
  expect(await shownOf('sweep.capSat')).toMatchObject({ value: 60 })
  await apply({ 'security.dailyOutSat': 10 })
  await apply({ 'security.dailyOutSat': 1_000_000 })
  expect(await shownOf('security.dailyOutSat')).toMatchObject({ value: 10 })
  offsetMs += 24 * 3600_000 + 1000
  expect(await shownOf('security.dailyOutSat')).toMatchObject({ value: 1_000_000 })
  expect((await get()).address).toBe('thief@elsewhere.example')
  expect((await apply({ 'sweep.address': 'no address' })).error?.data.reason).toBe('PARAMS')
})
