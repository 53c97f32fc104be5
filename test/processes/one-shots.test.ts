/** The end of one-shot payments against what a mint can do to their change (wallet 5.2, 6.5, contract 7.1). */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import type { Change, OneShots } from '../../core/processes/one-shot-types'
import { createOneShots } from '../../core/processes/one-shots'
import { unlimited } from '../../events'
import { chargeOf } from '../kit/charge'
import { type DepositKit, noLadder, openDeposits } from '../kit/deposits'
import { openTestLog, type TestLog, temporaryDirectory } from '../kit/log'
import { until } from '../kit/node'
import { faceOf } from '../kit/x-cashu'

const directory = temporaryDirectory()
let opened: TestLog
beforeAll(async () => {
  opened = await openTestLog(directory.path)
}, 60_000)
afterAll(async () => {
  await opened.close()
  directory.remove()
})

const open: DepositKit[] = []
function kit(options: Parameters<typeof openDeposits>[1] = {}) {
  const one = openDeposits(opened, { ladder: noLadder, ...options })
  open.push(one)
  return { one, oneShots: createOneShots({ ...one.payoutDeps, payouts: one.payouts, deposits: one.deposits }) }
}
afterEach(async () => {
  for (const one of open.splice(0)) {
    const rows = await one.sheet()
    expect(rows.reduce((sum, row) => sum + row.msat, 0n)).toBe(0n)
    const held = rows.filter(({ account }) => ['free', 'locked', 'out'].includes(account))
    // I1: what the mint owes is what we hold, have locked or have handed out.
    expect(BigInt(one.mint.outstanding('sat')) * 1000n).toBe(held.reduce((sum, row) => sum + row.msat, 0n))
    await one.close()
  }
})
const account = async (one: DepositKit, name: string) =>
  Number((await one.sheet()).find((row) => row.account === name)?.msat ?? 0n)

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

test('C-140 W-11 twelve payments that end at once: each has its exact change, and no coin is paid twice', async () => {
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
  expect([await account(one, 'customers'), await account(one, 'locked')]).toEqual([0, 0])
  expect(await account(one, 'owner:rounding')).toBe(-12 * 999)
}, 30_000)

test('C-147 W-06 a payment ends once: a second charge, and a second end without one, change nothing', async () => {
  const { one, oneShots } = kit()
  const deposit = await redeemed(one, oneShots, one.mint.token(32))
  const charge = chargeOf(2500)
  const first = await oneShots.close({ deposit, charge, requestId: 'r' })
  const second = await oneShots.close({ deposit, charge: chargeOf(9000), requestId: 'r' })
  expect([first?.requestId, second?.requestId]).toEqual([charge.requestId, charge.requestId])
  expect(await oneShots.close({ deposit, charge: undefined, requestId: 'r' })).toBeUndefined()
  expect(await account(one, 'owner:earned')).toBe(-2500)
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
  await until('a fence is planned', async () => (await opened.log.claims('fencing')).length > 0)
  one.onStop(async () => undefined)
  await one.swaps.resume()
  await until('nothing is locked', async () => (await account(one, 'locked')) === 0)
  expect(unitsOf(await first)).toBe('pending')
  expect(await opened.log.claims('one-shot')).toHaveLength(1)
  expect([await account(one, 'customers'), await account(one, 'free')]).toEqual([-63_000, 61_000])
  const again = oneShots.change(deposit, 'header', patient)
  await until('it is asked for', async () => (await opened.log.claims('coinless')).length === 1)
  expect([await account(one, 'promised'), await account(one, 'customers')]).toEqual([-63_000, 0])
  await one.redeem(one.mint.token(32, 'sat', { amounts: [32] }))
  expect(unitsOf(await again)).toBe(63)
  expect(await opened.log.claims('one-shot')).toEqual([])
}, 30_000)
