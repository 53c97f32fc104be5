/** The rules of a payout by token (wallet 5.2): asked for once, never taken back once it may have been handed out. */
import { expect, test } from 'bun:test'
import { type Payout, payout } from '../../events/deciders/payout'
import { promisedShares } from '../../events/deciders/payout-shares'
import { swap } from '../../events/deciders/swap'
import { asMsat } from '../../events/schema/money'
import type { PayoutEvent } from '../../events/schema/payout'
import type { SwapEvent } from '../../events/schema/swap'
import { given } from '../kit/given'

const purse = `${'a'.repeat(16)}/sat`
const other = `${'b'.repeat(16)}/sat`
const share = (at: string, msat: number) => ({ purse: at, msat: asMsat(msat) })
const coin = (counter: number, amount: number) => ({ keysetId: '00', counter, amount, c: '02' })
const attempt = {
  n: 1,
  seedId: 'seed',
  keysetId: '00',
  from: 5,
  outputs: [
    { counter: 5, amount: 1, b: '02', part: 'keep' as const },
    { counter: 6, amount: 2, b: '02', part: 'send' as const },
  ],
  feeUnits: 1,
}
const wish = {
  purpose: 'refund' as const,
  sessionId: 'session-1',
  balanceVersion: 1,
  try: 1,
  by: 'session-1',
  requestId: 'request',
  msat: 2000,
  shares: [share(purse, 1500), share(other, 500)],
}
const plan = { purse, mint: 'https://mint.example', moved: [share(other, 500)], inputs: [coin(1, 4)], attempt }
const ready = {
  purse,
  mint: plan.mint,
  moved: plan.moved,
  seedId: 'seed',
  send: [coin(6, 2)],
  keep: [coin(5, 1)],
  feeUnits: 1,
  token: 'token/1',
  exactMatch: false,
}
const requested: PayoutEvent = { type: 'payout.requested', data: wish }
const planned: PayoutEvent = { type: 'payout.planned', data: plan }
const isReady: PayoutEvent = { type: 'payout.ready', data: ready }
const claimed: PayoutEvent = { type: 'payout.claimed', data: { purse, units: 2, seenAt: 9, whose: 'customer' } }

test('P-02 one payout is asked for once', () => {
  given(payout, []).when({ do: 'request', wish }).then(requested)
  for (const past of [[requested], [requested, planned], [requested, planned, isReady]])
    given(payout, past).when({ do: 'request', wish }).refused({ refused: 'payout-exists' })
})

test('wallet 5.2 the fee of a swap is what its outputs leave of its inputs', () => {
  given(payout, [requested, planned])
    .when({ do: 'settle', seedId: 'seed', send: ready.send, keep: ready.keep, token: 'token/1' })
    .then(isReady)
})

test('W-10 a second closing event is impossible', () => {
  const settle = { do: 'settle', seedId: 'seed', send: ready.send, keep: [], token: 'token/2' } as const
  for (const past of [[requested], [requested, planned, isReady], [requested, planned, isReady, claimed]])
    given(payout, past).when(settle).refused({ refused: 'payout-moved-on' })
})

test('P-02 what may have been handed out is never given back', () => {
  const reject = { do: 'reject', reason: 'not-sent' } as const
  for (const past of [
    [requested, planned, isReady],
    [requested, planned, isReady, claimed],
  ])
    given(payout, past).when(reject).refused({ refused: 'payout-moved-on' })
})

test('wallet 16 a return goes to the purse where the money is promised after it moved', () => {
  given(payout, [requested, planned])
    .when({ do: 'reject', reason: 'not-sent' })
    .then({
      type: 'payout.rejected',
      data: {
        reason: 'not-sent',
        whose: 'customer',
        shares: [share(purse, 2000)],
        coins: { purse, units: 4, fate: 'freed' },
      },
    })
  given(payout, [requested])
    .when({ do: 'reject', reason: 'cancelled' })
    .then({ type: 'payout.rejected', data: { reason: 'cancelled', whose: 'customer', shares: wish.shares } })
  expect(promisedShares(given(payout, [requested, planned, isReady]).state)).toEqual([share(purse, 2000)])
})

test('wallet 5.2 a token is handed over and collected once, and both may be said again', () => {
  const handed: PayoutEvent = { type: 'payout.handed', data: { to: 'body' } }
  given(payout, [requested, planned, isReady]).when({ do: 'hand', to: 'body' }).then(handed)
  given(payout, [requested, planned, isReady, handed]).when({ do: 'hand', to: 'header' }).then()
  given(payout, [requested, planned, isReady, handed]).when({ do: 'claim', seenAt: 9 }).then(claimed)
  given(payout, [requested, planned, isReady, claimed]).when({ do: 'claim', seenAt: 10 }).then()
  given(payout, [requested, planned]).when({ do: 'claim', seenAt: 9 }).refused({ refused: 'payout-moved-on' })
})

test('architecture 4 open work is what the state owes', () => {
  const todo = (past: readonly PayoutEvent[]) => payout.todo(given(payout, past).state).map(({ work }) => work)
  expect(todo([])).toEqual([])
  expect(todo([requested])).toEqual(['find-coins'])
  expect(todo([requested, planned])).toEqual(['swap'])
  expect(todo([requested, planned, isReady])).toEqual(['watch'])
  expect(todo([requested, planned, isReady, claimed])).toEqual([])
})

const third = `${'c'.repeat(16)}/sat`
const merged = (state: Payout, from: string, to: string) => {
  const after = payout.merged?.(state, { from, to, mint: 'https://third.example' })
  if (after === undefined) throw new Error('payouts follow merges')
  return after
}
const sharesIn = (state: Payout) => (state.is === 'unknown' ? [] : state.wish.shares)

test('wallet 5.6 a payout that waits for coins waits where its purse was merged to; one with coins stays', () => {
  const waiting = given(payout, [requested]).state
  expect(sharesIn(merged(waiting, purse, third))).toEqual([share(third, 1500), share(other, 500)])
  expect(sharesIn(merged(waiting, other, purse))).toEqual([share(purse, 2000)])
  expect(sharesIn(merged(waiting, purse, other))).toEqual([share(other, 2000)])
  for (const past of [
    [requested, planned],
    [requested, planned, isReady],
  ]) {
    const { state } = given(payout, past)
    expect(merged(state, purse, third)).toEqual(state)
    expect(promisedShares(state)).toEqual([share(purse, 2000)])
  }
})

test('wallet 5.6 the owner’s payout stays in its purse, whatever is merged', () => {
  const owners = { ...wish, purpose: 'withdraw-token' as const, sessionId: undefined, balanceVersion: undefined }
  const { state } = given(payout, [{ type: 'payout.requested', data: owners }])
  expect(merged(state, purse, third)).toEqual(state)
})

test('wallet 5.6 coins and returns that were reckoned before a merge are refused after it', () => {
  const state = merged(given(payout, [requested]).state, purse, third)
  const refusal = { refused: 'shares-merged' }
  expect(payout.decide(state, { do: 'plan', plan })).toEqual(refusal as never)
  expect(payout.decide(state, { do: 'match', ready })).toEqual(refusal as never)
  expect(payout.decide(state, { do: 'reject', reason: 'cancelled', shares: wish.shares })).toEqual(refusal as never)
  expect(payout.decide(state, { do: 'plan', plan: { ...plan, purse: third } })).toMatchObject([
    { type: 'payout.planned' },
  ])
})

test('wallet 5.6 a Lightning refund that was quoted before a merge is quoted again where it pays now', () => {
  const byLightning = {
    ...wish,
    purpose: 'refund-lightning' as const,
    destination: 'a@b.example',
    shares: [share(purse, 2000)],
  }
  const invoice = { bolt11: 'lnbc1', paymentHash: 'a'.repeat(64), msat: 1000, expiresAt: 9 }
  const quote = { purse, mint: plan.mint, quoteId: 'q', units: 1, reserveUnits: 1, expiresAt: 9 }
  const { state } = given(payout, [
    { type: 'payout.requested', data: byLightning },
    { type: 'payout.resolved', data: invoice },
    { type: 'payout.quoted', data: quote },
  ])
  expect(merged(state, purse, third)).toMatchObject({
    wish: { shares: [share(third, 2000)] },
    lightning: { is: 'resolved', invoice, tries: 1 },
  })
  expect(
    payout.decide(merged(state, purse, third), { do: 'give-up', reason: 'too-dear', shares: byLightning.shares }),
  ).toEqual({ refused: 'shares-merged' } as never)
})

test('wallet 9.8 a token that was called collected is made again only by the night, and promised again then', () => {
  const made = { swapId: 'swap-1', seedId: 'seed', send: [coin(9, 2)], token: 'token/2' }
  given(payout, [requested, planned, isReady, claimed])
    .when({ do: 'reissue', ...made })
    .refused({ refused: 'payout-moved-on' })
  given(payout, [requested, planned, isReady, claimed])
    .when({ do: 'reissue', ...made, isLate: true })
    .then({ type: 'payout.reissued', data: { ...made, found: { purse, units: 2 } } })
  // Whoever had not looked yet: nothing was called collected.
  given(payout, [requested, planned, isReady])
    .when({ do: 'reissue', ...made, isLate: true })
    .then({ type: 'payout.reissued', data: made })
  expect(
    given(payout, [
      requested,
      planned,
      isReady,
      claimed,
      { type: 'payout.reissued', data: { ...made, found: { purse, units: 2 } } },
    ]).state,
  ).toMatchObject({ is: 'ready', handed: false, ready: { send: made.send, token: 'token/2' } })
})

test('wallet 9.8 a swap that was given up stays so, unless it made a customer’s token again', () => {
  const swapPlan = { purse, mint: plan.mint, reason: 'reclaim' as const, inputs: [coin(1, 4)], added: [], attempt }
  const rejected = {
    purse,
    reason: 'reclaim' as const,
    why: 'spent-elsewhere' as const,
    freedUnits: 0,
    lostUnits: 0,
    evidence: { kind: 'spent', looks: [], sends: 1 },
  }
  const past = (is: 'reissued' | 'swept'): SwapEvent[] => [
    { type: 'swap.planned', data: { ...swapPlan, then: { is, by: 'owner' } } },
    { type: 'swap.rejected', data: rejected },
  ]
  const settle = { do: 'settle', attemptN: 1, seedId: 'seed', send: [coin(6, 4)], keep: [], lockedUnits: 0 } as const
  given(swap, past('swept')).when(settle).refused({ refused: 'swap-moved-on' })
  const { do: _, ...made } = settle
  given(swap, past('reissued'))
    .when(settle)
    .then({
      type: 'swap.settled',
      data: { purse, reason: 'reclaim', ...made, send: [coin(6, 4)], keep: [], outUnits: 4, feeUnits: 0 },
    })
})
