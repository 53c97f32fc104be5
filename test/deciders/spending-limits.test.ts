/** What of a key's spending lies in the current period of its limit, for every order of the events (contract 3.5). */
import { expect, test } from 'bun:test'
import { limitLeftMsat, session, spentInPeriodMsat } from '../../events'
import { asMsat } from '../../events/schema/money'
import type { KeyLimits, SessionEvent } from '../../events/schema/session'
import { given } from '../kit/given'

const purse = 'aaaaaaaaaaaaaaaa/sat'
/** A Wednesday. */
const noon = Date.UTC(2026, 10, 25, 12)
const dayMs = 86_400_000
const requestId = '00000000-0000-4000-8000-000000000001'

const limited = (balanceLimitReset: KeyLimits['balanceLimitReset'], limitMsat = 1000): SessionEvent => ({
  type: 'session.limits-set',
  data: { balanceLimitMsat: asMsat(limitMsat), balanceLimitReset, maxParallel: null, reason: 'a test' },
})
const opened: SessionEvent = {
  type: 'session.opened',
  data: { origin: 'token', limits: { balanceLimitMsat: null, balanceLimitReset: null, validUntil: null } },
}
const credited: SessionEvent = {
  type: 'session.credited',
  data: { depositId: 'd', amountMsat: asMsat(90_000), feeMsat: asMsat(0), purse, unit: 'sat', mint: 'm' },
}
/** Folds as the charge of a key without a parent does, and is shorter to write. */
const spent = (at: number, msat: number): SessionEvent => ({
  type: 'session.spent',
  data: { requestId, at, costMsat: asMsat(msat) },
})
const bought = (msat: number, at?: number): SessionEvent => ({
  type: 'session.children-added',
  data: {
    children: ['session-b'],
    costMsat: asMsat(msat),
    shares: [{ purse, msat: asMsat(msat) }],
    ...(at === undefined ? {} : { at }),
  },
})
const after = (...past: readonly SessionEvent[]) => given(session, [opened, credited, ...past]).state

test('C-055 each period counts its own days, in whatever order it is set', () => {
  // The first of the month, the Sunday before this week, its Monday, and today.
  const past = [
    spent(Date.UTC(2026, 10, 1), 1),
    spent(Date.UTC(2026, 10, 22, 23, 59), 10),
    spent(Date.UTC(2026, 10, 23), 100),
    spent(noon, 1000),
  ]
  const inPeriod = (...more: readonly SessionEvent[]) => spentInPeriodMsat(after(...past, ...more), noon)
  expect(inPeriod(limited('daily'))).toBe(1000)
  expect(inPeriod(limited('daily'), limited('weekly'))).toBe(1100)
  expect(inPeriod(limited('weekly'), limited('monthly'))).toBe(1111)
  expect(inPeriod(limited('monthly'), limited('daily'))).toBe(1000)
  expect(inPeriod(limited(null))).toBe(1111)
  expect(spentInPeriodMsat(after(...past, limited('daily')), noon + dayMs)).toBe(0)
  expect(spentInPeriodMsat(after(...past, limited('monthly')), Date.UTC(2026, 11, 1))).toBe(0)
})

test('C-055 a clock that ran ahead for one request switches no limit off', () => {
  for (const reset of ['daily', 'weekly', 'monthly'] as const) {
    const past = [limited(reset), spent(noon, 300), spent(noon + 400 * dayMs, 50), spent(noon + 1, 400)]
    expect([reset, limitLeftMsat(after(...past), noon + 2)]).toEqual([reset, 300])
  }
})

test('C-055 a request that ended yesterday and is booked today counts for yesterday', () => {
  const midnight = Date.UTC(2026, 10, 26)
  const state = after(limited('daily'), spent(midnight, 5), spent(midnight - 1, 700))
  expect([spentInPeriodMsat(state, midnight), spentInPeriodMsat(state, midnight - 1)]).toEqual([5, 700])
})

test('C-055 P-31 what child keys cost stands in the period of their day; of a price without a day the newest is taken', () => {
  expect(limitLeftMsat(after(limited('daily'), bought(400, noon)), noon)).toBe(600)
  expect(limitLeftMsat(after(limited('daily'), bought(400, noon)), noon + dayMs)).toBe(1000)
  // Events of before it was kept.
  expect(limitLeftMsat(after(limited('daily'), spent(noon, 100), bought(400)), noon)).toBe(500)
  expect(limitLeftMsat(after(limited('daily'), bought(400)), noon)).toBe(1000)
  const add = { do: 'add-children', costEachMsat: 400, heldMsat: 100, nowMs: noon, most: 9 } as const
  given(session, [opened, credited, limited('daily'), bought(300, noon)])
    .when({ ...add, children: ['session-c'] })
    .then({
      type: 'session.children-added',
      data: { at: noon, children: ['session-c'], costMsat: asMsat(400), shares: [{ purse, msat: asMsat(400) }] },
    })
  given(session, [opened, credited, limited('daily'), bought(600, noon)])
    .when({ ...add, children: ['session-c'] })
    .refused({ refused: 'limit-reached', needMsat: 400, leftMsat: 300, heldMsat: 100 })
})

test('architecture 4 of years of spending a state keeps what a period can ask for, and no more', () => {
  const days = Array.from({ length: 799 }, (_, day) => spent(noon + day * dayMs, 1))
  const state = after(...days, limited('monthly'))
  expect(new Date(noon + 798 * dayMs).toISOString()).toStartWith('2029-01-31')
  expect(spentInPeriodMsat(state, noon + 798 * dayMs)).toBe(31)
  expect(JSON.stringify(state).length).toBeLessThan(4000)
})

test('C-055 a child whose parent lets it begin anew has spent nothing in any period', () => {
  const reset: SessionEvent = { type: 'session.spending-reset', data: { at: noon } }
  const state = after(limited('weekly'), spent(noon - dayMs, 10), spent(noon, 20), reset, spent(noon, 3))
  expect(spentInPeriodMsat(state, noon)).toBe(3)
  expect(spentInPeriodMsat(after(spent(noon, 20), reset, limited('monthly')), noon)).toBe(0)
})
