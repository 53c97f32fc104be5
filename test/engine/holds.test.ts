/** Promises of money: taken in one step, raised in one step, ended once. */
import { expect, test } from 'bun:test'
import { createHolds, type Hold, type HoldWish } from '../../events'

const wish = (needMsat: number, more: Partial<HoldWish> = {}): HoldWish => ({
  session: 'session-a',
  needMsat,
  balanceMsat: 1000,
  limitLeftMsat: Number.POSITIVE_INFINITY,
  most: 10,
  ...more,
})
const taken = (outcome: Hold | { refused: string }): Hold => {
  if ('refused' in outcome) throw new Error(outcome.refused)
  return outcome
}

test('P-05 a hold that was raised ends by whoever took it first, and only once', () => {
  const holds = createHolds()
  const hold = taken(holds.take(wish(300)))
  expect(holds.change(hold, wish(700))).toBe(hold)
  expect([hold.amountMsat, holds.heldMsat('session-a')]).toEqual([700, 700])
  holds.release(hold)
  holds.release(hold)
  expect([holds.heldMsat('session-a'), holds.totals()]).toEqual([0, { heldMsat: 0, requests: 0 }])
  expect(holds.change(hold, wish(100))).toBe(hold)
  expect(holds.totals().requests).toBe(0)
})

test('P-10 a hold that cannot be raised stays what it was', () => {
  const holds = createHolds()
  const hold = taken(holds.take(wish(300)))
  taken(holds.take(wish(600)))
  expect(holds.change(hold, wish(500))).toMatchObject({ refused: 'balance-too-low', availableMsat: 400 })
  expect([hold.amountMsat, holds.heldMsat('session-a')]).toEqual([300, 900])
})

test('contract 6.3 the in-flight cap answers before the limit, the limit before the balance', () => {
  const holds = createHolds()
  taken(holds.take(wish(100)))
  expect(holds.take(wish(5000, { most: 1, limitLeftMsat: 50 }))).toEqual({ refused: 'too-many-in-flight', most: 1 })
  expect(holds.take(wish(5000, { limitLeftMsat: 150 }))).toEqual({
    refused: 'limit-reached',
    needMsat: 5000,
    leftMsat: 50,
    heldMsat: 100,
  })
  expect(holds.take(wish(5000))).toMatchObject({ refused: 'balance-too-low', availableMsat: 900, heldMsat: 100 })
})
