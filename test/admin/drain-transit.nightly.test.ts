/** A drain whose coins do not arrive: for an hour nothing of the owner's leaves, then what remains without them does (wallet 15). */
import { afterEach, expect, test } from 'bun:test'
import { limits } from '../../core/limits'
import { until } from '../kit/node'
import { startTwoMints, type TwoMints } from '../kit/two-mints'

let two: TwoMints
let offsetMs = 0
afterEach(() => two.stop())

const spendable = async (mint: string, sat = 1_000_000) => {
  const answer = await two.node.call('payouts.toToken', { mint, sat })
  return answer.error?.data ?? answer.result
}

/** The owner has earned at the other mint; a customer's 300 sat are called paid by the first, and nobody received them. */
async function keptByTheFirst(sat = 500, options: Parameters<typeof startTwoMints>[0] = {}): Promise<string> {
  offsetMs = 0
  two = await startTwoMints({ ...options, node: { now: () => Date.now() + offsetMs } })
  const { api_key: spender } = await two.info(two.second.token(1500))
  for (let n = 0; n < 3; n += 1) await two.earn(spender)
  const saver = await two.key(sat)
  for (let left = sat; left > 300; left -= 200) await two.earn(saver)
  two.mint.setLightning({ fee: 1, keepsAll: true })
  await two.drain({ maxFeeSat: 60 })
  await until('it is called paid', () => two.mint.melts().some(({ state }) => state === 'PAID'))
  await until('it is booked', async () => (await two.sheet('promisedOwner')) === 0)
  return saver
}

test('P-17 P-18 wallet 15 a mint that keeps what it calls paid holds up the owner’s money elsewhere for an hour, and then only its own amount', async () => {
  const saver = await keptByTheFirst()
  expect(await spendable(two.second.url)).toMatchObject({ code: 'below-floor', spendableMsat: 0 })
  offsetMs = limits.transitFreezeMs - 60_000
  expect(await spendable(two.second.url)).toMatchObject({ spendableMsat: 0 })
  offsetMs = limits.transitFreezeMs + 60_000
  expect(await two.drainRow()).toMatchObject({ state: 'moving', whyNot: 'under-way' })
  const floors = [...(await two.node.node.adminNode.money.floors()).values()]
  const owed = -(await two.sheet('customers', two.mint))
  const elsewhere = floors.find(({ freeMsat }) => freeMsat > 500_000)
  expect(elsewhere?.transitMsat).toBeGreaterThan(owed / 2)
  // What is the owner's at the other mint less all that the first owes and does not hold, and the fees of rounds to come.
  const { spendableMsat, inFlightMsat } = (await spendable(two.second.url)) as Record<string, number>
  expect(inFlightMsat).toBe(elsewhere?.transitMsat)
  const leftAtFirst = (await two.sheet('free', two.mint)) - owed
  expect(spendableMsat).toBeLessThanOrEqual((elsewhere?.overMsat ?? 0) + leftAtFirst)
  expect(spendableMsat).toBeGreaterThan(0)
  expect(await spendable(two.mint.url, 1)).toMatchObject({ code: 'below-floor', spendableMsat: 0 })
  expect(await spendable(two.second.url, Math.floor((spendableMsat ?? 0) / 1000) + 1)).toMatchObject({
    code: 'below-floor',
  })
  expect(await spendable(two.second.url, Math.floor((spendableMsat ?? 0) / 1000))).toHaveProperty('token')
  // It arrives after all: the drain goes on, and the customer is paid out where it arrived.
  two.mint.setLightning({ fee: 1 })
  two.second.pay(two.mint.melts()[0]?.request ?? '')
  await two.drained()
  expect(await two.sheet('customers', two.mint)).toBe(0)
  expect((await two.refund(saver)).sats).toBe(String(Math.floor(owed / 1000)))
  expect((await two.node.call('books.check')).result).toMatchObject({ balanced: true })
}, 60_000)

test('P-18 wallet 15 what arrives after that hour is held back for its customers before its round tells it', async () => {
  // More is left at the first mint for another round: the owner's part of it is no reason to spend customers' coins here.
  await keptByTheFirst(900, { second: { maxAmount: 250 } })
  offsetMs = limits.transitFreezeMs + 60_000
  const before = (await spendable(two.second.url)) as { spendableMsat: number }
  expect(await spendable(two.mint.url, 1)).toMatchObject({ code: 'below-floor', spendableMsat: 0 })
  const seen: number[] = []
  two.onStop(async (place) => {
    if (place !== 'drain: before a round ends' || seen.length > 0) return
    const floors = [...(await two.node.node.adminNode.money.floors()).values()]
    for (const { freeMsat, overMsat, spendableMsat } of floors)
      if (overMsat - 250_000 > 0 && freeMsat > 1_000_000) seen.push(spendableMsat, overMsat - 250_000)
    // The mints' clock: invoices of further rounds are not an hour old.
    offsetMs = 0
  })
  two.mint.setLightning({ fee: 1 })
  two.second.pay(two.mint.melts()[0]?.request ?? '')
  await two.drained()
  const [atOnce = 0, own = 0] = seen
  expect(before.spendableMsat).toBeGreaterThan(0)
  expect([atOnce, own]).toEqual([before.spendableMsat, before.spendableMsat])
}, 60_000)
