/** Every rich purse is swept at its time, by schedule and by command, and sweep.get says when (wallet 5.6). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Caller } from '../../core/admin/principal'
import { wish } from '../../events'
import { type Economy, startEconomy } from '../kit/economy'
import { createTestMint, type TestMint } from '../kit/mint'
import { type Envelope, until } from '../kit/node'
import { createReceiver, type TestReceiver } from '../kit/receiver'

let economy: Economy
let second: TestMint
let third: TestMint
let receiver: TestReceiver
let offsetMs = 0
const now = () => Date.now() + offsetMs
beforeAll(async () => {
  receiver = createReceiver(now)
  second = createTestMint()
  third = createTestMint()
  economy = await startEconomy({
    mints: [second.url, third.url],
    node: { now, foreign: receiver.foreign, environment: { RECEIVE_LN_ADDRESS: receiver.address } },
  })
  for (const mint of [economy.mint, second])
    expect((await economy.post('/v1/balance/donate', { token: mint.token(1000) })).status).toBe(200)
  await ask('settings.apply', { changes: { 'sweep.thresholdSat': 50, 'sweep.capSat': 100 } })
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  await economy.stop()
  await second.stop()
  await third.stop()
  await receiver.stop()
})

const owner = (): Caller => ({
  principal: { admin: 'owner', name: 'owner', role: 'owner', stepUp: true },
  door: 'http',
  createdAtS: Math.floor(now() / 1000),
})
const ask = async (method: string, params: Record<string, unknown> = {}) =>
  (await economy.node.node.dispatch.dispatch({ id: crypto.randomUUID(), method, params }, owner())) as Envelope
type Sweep = { readonly last: number | null; readonly next: number | null; readonly whyNot?: string }
const get = async () => (await ask('sweep.get')).result as unknown as Sweep
const tick = () => economy.node.node.adminNode.money.sweep.tick()
const sweeps = async () =>
  ((await ask('payouts.list', { purpose: 'sweep' })).result as { rows: { state: string }[] }).rows
const allPaid = (count: number) =>
  until('all of them are paid', async () => {
    const rows = await sweeps()
    return rows.length === count && rows.every(({ state }) => state === 'paid')
  })

test('wallet 5.6 a change of its interval moves the next sweep at once', async () => {
  expect((await ask('sweep.resume')).result).toMatchObject({ enabled: true, last: null })
  const { next } = await get()
  await ask('settings.apply', { changes: { 'sweep.everyMin': 600 } })
  expect((await get()).next).toBe((next ?? 0) + 540 * 60)
  await ask('settings.apply', { changes: { 'sweep.everyMin': 10 } })
  expect((await get()).next).toBe((next ?? 0) - 50 * 60)
})

test('wallet 5.6 each interval every purse above the threshold has a sweep of its own, up to the cap', async () => {
  await tick()
  expect(await sweeps()).toEqual([])
  offsetMs += 11 * 60_000
  await tick()
  await allPaid(2)
  for (const mint of [economy.mint, second]) expect(mint.melts().map(({ amount }) => amount)).toEqual([100])
  expect(Math.abs(((await get()).last ?? 0) - now() / 1000)).toBeLessThan(30)
})

test('wallet 5.6 sweep.run sweeps every such purse too, and sweep.get tells when it did', async () => {
  const before = (await get()).last ?? 0
  offsetMs += 5 * 60_000
  const { payout, payouts } = (await ask('sweep.run')).result as { payout: string; payouts: string[] }
  expect([payouts.length, payouts[0]]).toEqual([2, payout])
  expect((await get()).last).toBeGreaterThanOrEqual(before + 5 * 60)
  await allPaid(4)
})

test('wallet 15 what all purses together can bear is shared by the sweeps of one interval, not given to each', async () => {
  const { money, engine, log, mints } = economy.node.node.adminNode
  const made = await economy.post('/v1/balance/create', { initial_balance_token: third.token(300) })
  expect(made.status).toBe(200)
  // A mint's loss is the owner's: what he has elsewhere stands for its customers (wallet 9.7).
  const purse = `${mints.normalise(third.url)?.mintId}/sat`
  const coins = await log.coins(purse)
  const evidence = { kind: 'audit', looks: [], sends: 0 }
  const lost = wish('mint', `mint-${purse.split('/')[0]}`, { do: 'lose-coins', purse, coins, evidence })
  const moves = coins.map(({ keysetId, counter }) => ({
    keysetId,
    counter,
    from: 'free' as const,
    to: 'spent' as const,
  }))
  expect(await engine.execute(lost, { meta: { actor: 'test', door: 'node' }, moves })).toHaveProperty('position')
  const most = [...(await money.floors()).values()].reduce((msat, floor) => Math.max(msat, floor.allBearableMsat), 0)
  offsetMs += 25 * 3600_000
  await ask('settings.apply', { changes: { 'sweep.capSat': 1000 } })
  offsetMs += 25 * 3600_000
  const draft = await money.sweep.draft('test')
  if ('whyNot' in draft) throw new Error(draft.whyNot)
  const asked = draft.wishes.map(({ command }) => (command(undefined) as unknown as { wish: Asked }).wish)
  expect(asked).toHaveLength(2)
  expect(asked.reduce((msat, one) => msat + one.msat + one.maxFeeMsat, 0)).toBeLessThanOrEqual(most)
  expect(asked.every(({ msat }) => msat > 300_000)).toBe(true)
})
type Asked = { readonly msat: number; readonly maxFeeMsat: number }
