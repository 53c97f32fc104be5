/** A drain and its bound on fees: refused before half of it is moved, and carried on where it stopped (wallet 5.6). */
import { afterEach, expect, test } from 'bun:test'
import { wish } from '../../events'
import { until } from '../kit/node'
import { atNight } from '../kit/sizes'
import { startTwoMints, type TwoMints } from '../kit/two-mints'

let two: TwoMints
afterEach(() => two.stop())

const open = async () => {
  two = await startTwoMints({ first: { feePpk: 100 }, second: { maxAmount: 400 } })
  await two.earn(await two.key(2000))
  two.mint.setLightning({ fee: 1 })
}
const sentenceOf = async (payout: string | undefined) => {
  const { result } = await two.node.call('payouts.get', { payout })
  const { rows } = (await two.node.call('payouts.list', { purpose: 'move' })).result as {
    rows: { payout: string; sentence: string }[]
  }
  expect(rows.find((row) => row.payout === payout)?.sentence).toBe(String(result?.sentence))
  return String(result?.sentence)
}

test('wallet 5.6 a bound that cannot carry all rounds is refused with its numbers, and one that can carries them', async () => {
  await open()
  const refused = (await two.drain({ maxFeeSat: 8 })).error?.data as Record<string, number>
  expect(refused).toMatchObject({ code: 'drain-fees', maxFeeMsat: 8000, rounds: 5 })
  expect(refused.needMsat).toBeGreaterThan(5 * 3000)
  expect(refused.needMsat).toBeLessThan(5 * 6000)
  // Nothing was done, and deposits go on.
  expect(await two.drainRow()).toBeUndefined()
  expect((await two.post('/v1/balance/create', { initial_balance_token: two.mint.token(5) })).status).toBe(200)
  const owed = await two.sheet('customers', two.mint)
  const { payout } = (await two.drain({ maxFeeSat: Math.ceil((refused.needMsat ?? 0) / 1000) + 3 })).result as {
    payout: string
  }
  await two.drained()
  expect([await two.sheet('customers', two.mint), await two.sheet('customers', two.second)]).toEqual([0, owed])
  expect(await sentenceOf(payout)).toContain('0 sat of customers’ balances are left')
  await two.check()
}, 60_000)

atNight(
  'wallet 5.6 quotes that set aside more than the bound can carry stop a drain before anything is moved',
  async () => {
    await open()
    two.mint.setLightning({ fee: 20, reserve: 20 })
    const customers = await two.sheet('customers', two.mint)
    const { payout } = (await two.drain({ maxFeeSat: 60 })).result as { payout: string }
    await two.drained()
    expect(two.mint.melts().filter(({ state }) => state !== 'UNPAID')).toEqual([])
    expect(await two.sheet('customers', two.mint)).toBe(customers)
    expect(await sentenceOf(payout)).toMatch(/: 0 sat arrived .*Drain it again with a higher bound/)
    expect((await two.node.call('mints.change', { mint: two.mint.url, deposits: true })).result).toBeDefined()
    await two.check()
  },
  60_000,
)

atNight(
  'wallet 5.6 a mint that raises what it sets aside half way: the drain says what moved and what is left, and another one carries on and merges all',
  async () => {
    await open()
    const customers = await two.sheet('customers', two.mint)
    two.onStop(async (place) => {
      if (place === 'drain: after a round ended') two.mint.setLightning({ fee: 1, reserve: 900 })
    })
    const { payout } = (await two.drain({ maxFeeSat: 40 })).result as { payout: string }
    await until('it stopped', async () => (await two.drainRow())?.state === 'stopped', 20_000)
    const stopped = await two.drainRow()
    expect(stopped).toMatchObject({ whyNot: 'fee-limit', movedSat: 400 })
    expect(stopped?.sentence).toContain('Drain it again with a higher bound')
    const told = await sentenceOf(payout)
    expect(told).toContain(`${stopped?.movedSat} sat arrived`)
    expect(told).toContain(
      `${(customers / -1000).toLocaleString('en-US')} sat of customers’ balances are left at ${two.mint.url}`,
    )
    expect(told).toContain('Drain it again with a higher bound')
    // Balances are here still, their first coins there: nobody spends those meanwhile.
    expect(await two.sheet('customers', two.mint)).toBe(customers)
    await two.check()
    two.onStop(async () => undefined)
    two.mint.setLightning({ fee: 1 })
    expect((await two.drain({ maxFeeSat: 4 })).error?.data).toMatchObject({ code: 'drain-fees', rounds: 4 })
    expect((await two.drain({ maxFeeSat: 200 })).result).toHaveProperty('payout')
    await two.drained()
    expect([await two.sheet('customers', two.mint), await two.sheet('customers', two.second)]).toEqual([0, customers])
    expect(await sentenceOf(payout)).toContain('Another drain took over what it left')
    await two.check()
  },
  60_000,
)

atNight(
  'wallet 5.6, 8.1 no round takes more coins than the mint takes at once, and a bound on fees reckons with as many rounds',
  async () => {
    two = await startTwoMints({ first: { feePpk: 100, rates: { maxInputs: 10 } } })
    for (let n = 0; n < 10; n += 1) await two.key(98)
    await two.earn(await two.key(400))
    two.mint.setLightning({ fee: 1 })
    const { engine, mints } = two.node.node.adminNode
    const learnt = wish('mint', `mint-${mints.normalise(two.mint.url)?.mintId}`, {
      do: 'learn-input-cap',
      maxInputs: 19,
      at: Date.now(),
    })
    await engine.execute(learnt, { meta: { actor: 'test', door: 'node' } })
    const owed = await two.sheet('customers', two.mint)
    const refused = (await two.drain({ maxFeeSat: 5 })).error?.data as Record<string, number>
    // All of its coins would be one round.
    expect(refused).toMatchObject({ code: 'drain-fees', maxFeeMsat: 5000, rounds: 2 })
    const maxFeeSat = Math.ceil((refused.needMsat ?? 0) / 1000) + 3
    expect((await two.drain({ maxFeeSat })).result).toHaveProperty('payout')
    await two.drained()
    expect([two.mint.rates.mostInputs() <= 10, two.mint.rates.refused()]).toEqual([true, 0])
    expect([await two.sheet('customers', two.mint), await two.sheet('customers', two.second)]).toEqual([0, owed])
    await two.check()
  },
  120_000,
)
