/** The end of one-shot payments against what a mint can do to their change (wallet 5.2, 6.5, contract 7.1). */
import { expect, test } from 'bun:test'
import type { Change, OneShots } from '../../core/processes/one-shot-types'
import { createOneShots } from '../../core/processes/one-shots'
import { unlimited } from '../../events'
import { chargeOf } from '../kit/charge'
import type { DepositKit } from '../kit/deposits'
import { until } from '../kit/node'
import { accountOf, moneySuite, type Suite } from '../kit/suite'
import { faceOf } from '../kit/x-cashu'

const suite = moneySuite()
function kit(options: Parameters<Suite['kit']>[0] = {}) {
  const one = suite.kit(options)
  return { one, oneShots: createOneShots({ ...one.payoutDeps, payouts: one.payouts, deposits: one.deposits }) }
}

/** A token redeemed for one request; answers its deposit. */
async function redeemed(one: DepositKit, oneShots: OneShots, token: string): Promise<string> {
  const read = oneShots.read(token)
  if (read === undefined) throw new Error('no token')
  const { session } = read
  const outcome = await one.deposits.redeem(
    { text: token, via: 'x-cashu', sessionId: session, target: session, limits: unlimited, requestId: 'r' },
    Number.POSITIVE_INFINITY,
  )
  expect(outcome).toHaveProperty('settled')
  return read.deposit
}
const unitsOf = (change: Change) => (change.is === 'ready' ? faceOf(change.token).units : change.is)
const patient = Number.POSITIVE_INFINITY

test('C-140 P-14 W-11 twelve payments that end at once: each has its exact change, and no coin is paid twice', async () => {
  const { one, oneShots } = kit()
  const deposits: string[] = []
  for (let n = 0; n < 12; n += 1)
    deposits.push(await redeemed(one, oneShots, one.mint.token(64, 'sat', { amounts: [64] })))
  const changes = await Promise.all(
    deposits.map(async (deposit, n) => {
      await oneShots.close({ deposit, charge: chargeOf(n * 1000 + 1), requestId: 'r' })
      return oneShots.change(deposit, 'header', patient)
    }),
  )
  expect(changes.map(unitsOf)).toEqual(deposits.map((_, n) => 63 - n))
  const texts = changes.map((change) => (change.is === 'ready' ? change.token : ''))
  expect(new Set(texts).size).toBe(12)
  expect([await accountOf(one, 'customers'), await accountOf(one, 'locked')]).toEqual([0, 0])
  expect(await accountOf(one, 'owner:rounding')).toBe(-12 * 999)
}, 30_000)

test('C-147 W-06 a payment ends once: a second charge, and a second end without one, change nothing', async () => {
  const { one, oneShots } = kit()
  const deposit = await redeemed(one, oneShots, one.mint.token(32))
  const charge = chargeOf(2500)
  const first = await oneShots.close({ deposit, charge, requestId: 'r' })
  const second = await oneShots.close({ deposit, charge: chargeOf(9000), requestId: 'r' })
  expect([first?.requestId, second?.requestId]).toEqual([charge.requestId, charge.requestId])
  expect(await oneShots.close({ deposit, charge: undefined, requestId: 'r' })).toBeUndefined()
  expect(await accountOf(one, 'owner:earned')).toBe(-2500)
  expect(unitsOf(await oneShots.change(deposit, 'header', patient))).toBe(29)
})

test('wallet 5.2 6.5 change whose coins a fence brought back is asked for again, and never lowered: it waits for coins', async () => {
  const { one, oneShots } = kit()
  const deposit = await redeemed(one, oneShots, one.mint.token(64, 'sat', { amounts: [64] }))
  await oneShots.close({ deposit, charge: chargeOf(1000), requestId: 'r' })
  one.onStop(async (place) => {
    if (place === 'payout: before the swap') one.mint.raiseFees(3000)
  })
  const first = oneShots.change(deposit, 'header', patient)
  await until('a fence is planned', async () => (await suite.log().log.claims('fencing')).length > 0)
  one.onStop(async () => undefined)
  await one.swaps.resume()
  await until('nothing is locked', async () => (await accountOf(one, 'locked')) === 0)
  expect(unitsOf(await first)).toBe('pending')
  expect(await suite.log().log.claims('one-shot')).toHaveLength(1)
  expect([await accountOf(one, 'customers'), await accountOf(one, 'free')]).toEqual([-63_000, 61_000])
  const again = oneShots.change(deposit, 'header', patient)
  await until('it is asked for', async () => (await suite.log().log.claims('coinless')).length === 1)
  expect([await accountOf(one, 'promised'), await accountOf(one, 'customers')]).toEqual([-63_000, 0])
  await one.redeem(one.mint.token(32, 'sat', { amounts: [32] }))
  expect(unitsOf(await again)).toBe(63)
  expect(await suite.log().log.claims('one-shot')).toEqual([])
}, 30_000)
