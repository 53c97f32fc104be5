/** What the operator may do to a key, and what each state lets its holder do (contract 3.6, wallet 4). */
import { expect, test } from 'bun:test'
import { isRefundable, keyStateOf, session, unlimited } from '../../events'
import { asMsat } from '../../events/schema/money'
import type { SessionEvent } from '../../events/schema/session'
import { given } from '../kit/given'

const nowMs = Date.UTC(2026, 10, 27, 12)
const nowS = nowMs / 1000
const purse = 'aaaaaaaaaaaaaaaa/sat'
const reason = 'abuse'
const opened: SessionEvent = { type: 'session.opened', data: { origin: 'token', limits: unlimited } }
const credited = (msat: number, place = purse): SessionEvent => ({
  type: 'session.credited',
  data: { depositId: 'd', amountMsat: asMsat(msat), feeMsat: asMsat(0), purse: place, unit: 'sat', mint: 'm' },
})
const frozen: SessionEvent = { type: 'session.frozen', data: { reason } }
const revoked = (until?: number): SessionEvent => ({
  type: 'session.revoked',
  data: { at: nowS, reason, ...(until === undefined ? {} : { until }) },
})
const stateOf = (...past: readonly SessionEvent[]) => given(session, [opened, ...past]).state

test('C-054 a key is at the worst of what happened to it', () => {
  const expired: SessionEvent = { type: 'session.extended', data: { validUntil: nowS, reason } }
  expect(keyStateOf(stateOf(), nowMs)).toBe('open')
  expect(keyStateOf(stateOf(expired), nowMs)).toBe('expired')
  expect(keyStateOf(stateOf(expired), nowMs - 1)).toBe('open')
  expect(keyStateOf(stateOf(expired, frozen), nowMs)).toBe('frozen')
  expect(keyStateOf(stateOf(expired, frozen, revoked()), nowMs)).toBe('revoked')
  const ended: SessionEvent = { type: 'session.ended', data: { amountMsat: asMsat(0), shares: [] } }
  expect(keyStateOf(stateOf(frozen, revoked(), ended), nowMs)).toBe('ended')
})

test('P-30 freezing twice or unfreezing what is open changes nothing', () => {
  given(session, [opened]).when({ do: 'freeze', reason }).then(frozen)
  given(session, [opened, frozen]).when({ do: 'freeze', reason: 'again' }).then()
  given(session, [opened]).when({ do: 'unfreeze', reason }).then()
  given(session, []).when({ do: 'freeze', reason }).refused({ refused: 'session-unknown' })
})

test('remote-admin 10 a date of the past is refused, no date lifts it, and the same one is no event', () => {
  const extend = (validUntil: number | null) =>
    given(session, [opened]).when({ do: 'extend', validUntil, nowMs, reason })
  extend(nowS).refused({ refused: 'date-past' })
  extend(null).then()
  extend(nowS + 60).then({ type: 'session.extended', data: { validUntil: nowS + 60, reason } })
})

test('contract 3.7 no date of the operator’s moves the day that the holder chose, but one before it may be set and moved', () => {
  const byHolder = (expiresAt: number): SessionEvent => ({
    type: 'session.payout-set',
    data: { address: 'me@example.com', expiresAt },
  })
  const until = (validUntil: number | null): SessionEvent => ({
    type: 'session.extended',
    data: { validUntil, reason },
  })
  const day = nowS + 100
  const extend = (past: readonly SessionEvent[], validUntil: number | null, atMs = nowMs) =>
    given(session, [opened, byHolder(day), ...past]).when({ do: 'extend', validUntil, nowMs: atMs, reason })
  const refusal = { refused: 'expires-by-holder', expiresAt: day }
  for (const later of [day + 1, null]) {
    extend([], later).refused(refusal)
    extend([until(day + 50)], later).refused(refusal)
    extend([until(day - 50)], later).then(until(later))
    // Both days are over: to move ours opens nothing.
    extend([until(day - 50)], later, day * 1000).refused(refusal)
    extend([until(day - 50)], later, day * 1000 - 1).then(until(later))
  }
  extend([], day).then(until(day))
  extend([], day - 1).then(until(day - 1))
})

test('contract 3.5 limits that are not named stay, and a new limit counts what was spent before', () => {
  const set: SessionEvent = {
    type: 'session.limits-set',
    data: { balanceLimitMsat: asMsat(5000), balanceLimitReset: null, maxParallel: 2, reason },
  }
  given(session, [opened])
    .when({ do: 'set-limits', balanceLimitMsat: asMsat(5000), maxParallel: 2, reason })
    .then(set)
  given(session, [opened, set]).when({ do: 'set-limits', maxParallel: 2, reason }).then()
  given(session, [opened, set])
    .when({ do: 'set-limits', balanceLimitReset: 'weekly', reason })
    .then({
      type: 'session.limits-set',
      data: { balanceLimitMsat: asMsat(5000), balanceLimitReset: 'weekly', maxParallel: 2, reason },
    })
})

test('P-30 a revoked key ends after its day, without a hold, and its whole balance is named by purse', () => {
  const until = nowS + 86_400
  const past = [opened, credited(3000), credited(500, 'bbbbbbbbbbbbbbbb/sat'), revoked(until)]
  const end = { do: 'end', nowMs: until * 1000, heldMsat: 0, debits: 0 } as const
  given(session, past)
    .when({ ...end, nowMs: until * 1000 - 1 })
    .refused({ refused: 'still-refundable' })
  given(session, past)
    .when({ ...end, heldMsat: 1 })
    .then()
  given(session, past)
    .when({ ...end, debits: 1 })
    .then()
  given(session, past)
    .when(end)
    .then({
      type: 'session.ended',
      data: {
        amountMsat: asMsat(3500),
        shares: [
          { purse, msat: asMsat(3000) },
          { purse: 'bbbbbbbbbbbbbbbb/sat', msat: asMsat(500) },
        ],
      },
    })
  given(session, [opened, credited(3000)])
    .when(end)
    .refused({ refused: 'session-not-revoked' })
})

test('C-054 a key revoked for the owner takes no refund; one with a day does until that day', () => {
  const debit = {
    do: 'debit',
    payoutId: 'p',
    shares: [{ purse, msat: asMsat(3000) }],
    balanceVersion: 1,
    heldMsat: 0,
  } as const
  given(session, [opened, credited(3000), revoked()])
    .when(debit)
    .refused({ refused: 'session-revoked' })
  expect('refused' in given(session, [opened, credited(3000), revoked(nowS + 60)]).when(debit).decided).toBe(false)
  expect(isRefundable(stateOf(revoked(nowS + 60)), nowMs + 59_999)).toBe(true)
  expect(isRefundable(stateOf(revoked(nowS + 60)), nowMs + 60_000)).toBe(false)
  expect(isRefundable(stateOf(revoked()), nowMs)).toBe(false)
})

test('P-30 a request that runs while its key is revoked is charged; a second revocation moves no day', () => {
  const past = [opened, credited(3000), revoked(nowS + 60)]
  given(session, past)
    .when({ do: 'revoke', at: nowS, until: undefined, reason })
    .refused({ refused: 'session-revoked' })
  given(session, past)
    .when({ do: 'extend', validUntil: nowS + 900, nowMs, reason })
    .refused({ refused: 'session-revoked' })
})
