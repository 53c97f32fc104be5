/** What may happen to a Lightning invoice, and in which order (wallet 5.3). */
import { expect, test } from 'bun:test'
import { deposit } from '../../events/deciders/deposit'
import type { DepositEvent, WalletAttempt } from '../../events/schema/deposit'
import { asMsat } from '../../events/schema/money'
import { given } from '../kit/given'

const plan: Extract<DepositEvent, { type: 'deposit.requested' }>['data'] = {
  purpose: 'create',
  target: 'session-1',
  limits: { balanceLimitMsat: null, balanceLimitReset: null, validUntil: null },
  mint: 'https://mint.example',
  purse: '0123456789abcdef/sat',
  unit: 'sat',
  units: 21,
  quotePubkey: '02',
  apiKey: 'invoice-key/1',
  requestId: 'r1',
  at: 1000,
}
const quote: Extract<DepositEvent, { type: 'deposit.quoted' }>['data'] = {
  quoteId: 'q1',
  bolt11: 'lnbc210n1',
  paymentHash: '0'.repeat(64),
  units: 21,
  expiresAt: 3600,
  locked: true,
}
const attempt: WalletAttempt = {
  n: 1,
  seedId: 's',
  keysetId: 'k',
  from: 0,
  outputs: [
    { counter: 0, amount: 1, b: '02', part: 'keep' },
    { counter: 1, amount: 20, b: '03', part: 'keep' },
  ],
  feeUnits: 0,
}
const token: Extract<DepositEvent, { type: 'deposit.started' }>['data'] = {
  sessionId: 'session-1',
  via: 'create',
  target: 'session-1',
  limits: plan.limits,
  mint: plan.mint,
  purse: plan.purse,
  unit: 'sat',
  faceUnits: 21,
  inputs: [{ keysetId: 'k', amount: 21, y: '02' }],
  proofs: 'proofs/1',
  attempt,
  requestId: 'r1',
}
const coins = attempt.outputs.map(({ counter, amount }) => ({ keysetId: 'k', counter, amount, c: '02' }))

const requested: DepositEvent = { type: 'deposit.requested', data: plan }
const quoted: DepositEvent = { type: 'deposit.quoted', data: quote }
const paid: DepositEvent = { type: 'deposit.paid-seen', data: { via: 'poll', at: 2000 } }
const planned: DepositEvent = { type: 'deposit.planned', data: { attempt } }
const settled: DepositEvent = {
  type: 'deposit.settled',
  data: {
    attemptN: 1,
    purse: plan.purse,
    seedId: 's',
    coins,
    units: 21,
    feeUnits: 0,
    amountMsat: asMsat(21_000),
  },
}
const lapsed = (why: 'never-quoted' | 'unpaid' | 'quote-unknown'): DepositEvent => ({
  type: 'deposit.lapsed',
  data: { why },
})
const disputed: DepositEvent = { type: 'deposit.disputed', data: { what: 'issued-not-by-us' } }

const forgotten: DepositEvent = { type: 'deposit.disputed', data: { what: 'quote-unknown' } }

const paths: Readonly<Record<string, readonly DepositEvent[]>> = {
  nothing: [],
  requested: [requested],
  quoted: [requested, quoted],
  'paid-seen': [requested, quoted, paid],
  planned: [requested, quoted, paid, planned],
  settled: [requested, quoted, paid, planned, settled],
  unpaid: [requested, quoted, lapsed('unpaid')],
  'quote-unknown': [requested, quoted, lapsed('quote-unknown')],
  'never-quoted': [requested, lapsed('never-quoted')],
  disputed: [requested, quoted, paid, planned, disputed],
  forgotten: [requested, quoted, paid, planned, forgotten],
}
const at = (path: string) => given(deposit, paths[path] ?? [])

test('wallet 5.3 an invoice goes from request to credit, and each step follows the one before it', () => {
  at('nothing').when({ do: 'request', plan, isMintTrusted: true }).then(requested)
  at('requested').when({ do: 'quote', quote }).then(quoted)
  at('quoted').when({ do: 'see-paid', via: 'poll', at: 2000 }).then(paid)
  at('paid-seen').when({ do: 'plan', attempt }).then(planned)
  at('planned').when({ do: 'settle', attemptN: 1, seedId: 's', coins }).then(settled)
})

test('W-14 the credit is what the mint signed', () => {
  const { decided } = at('planned').when({ do: 'settle', attemptN: 1, seedId: 's', coins: coins.slice(1) })
  expect(decided).toMatchObject([{ data: { units: 20, amountMsat: 20_000 } }])
})

test('P-03 a settled invoice is closed: no second credit, plan, payment or lapse', () => {
  for (const command of [
    { do: 'settle', attemptN: 1, seedId: 's', coins },
    { do: 'plan', attempt },
    { do: 'see-paid', via: 'poll', at: 3000 },
    { do: 'lapse', why: 'unpaid' },
    { do: 'dispute', what: 'quote-unknown' },
    { do: 'reopen', by: 'client', isMintTrusted: true },
  ] as const)
    at('settled').when(command).refused({ refused: 'deposit-closed' })
})

test('wallet 6.3 time never closes a quote that was seen paid', () => {
  for (const path of ['paid-seen', 'planned'])
    at(path).when({ do: 'lapse', why: 'unpaid' }).refused({ refused: 'deposit-open' })
  at('paid-seen').when({ do: 'lapse', why: 'quote-unknown' }).refused({ refused: 'deposit-open' })
})

test('wallet 5.3 only what was quoted and lapsed is opened again', () => {
  for (const path of ['unpaid', 'quote-unknown'])
    at(path)
      .when({ do: 'reopen', by: 'client', isMintTrusted: true })
      .then({ type: 'deposit.reopened', data: { by: 'client' } })
  at('never-quoted').when({ do: 'reopen', by: 'client', isMintTrusted: true }).refused({ refused: 'deposit-closed' })
  at('quoted').when({ do: 'reopen', by: 'client', isMintTrusted: true }).then()
  const again = given(deposit, [...(paths.unpaid ?? []), { type: 'deposit.reopened', data: { by: 'client' } }])
  again.when({ do: 'see-paid', via: 'poll', at: 2000 }).then(paid)
})

test('wallet 5.3, 6.3 a payment that its mint had forgotten goes on where it stood; no other dispute is opened again', () => {
  const reopen = { do: 'reopen', by: 'watcher', isMintTrusted: true } as const
  const reopened: DepositEvent = { type: 'deposit.reopened', data: { by: 'watcher' } }
  at('forgotten').when(reopen).then(reopened)
  at('disputed').when(reopen).refused({ refused: 'deposit-closed' })
  const again = given(deposit, [...(paths.forgotten ?? []), reopened])
  again.when({ do: 'settle', attemptN: 1, seedId: 's', coins }).then(settled)
  given(deposit, [requested, quoted, paid, forgotten, reopened]).when({ do: 'plan', attempt }).then(planned)
})

test('wallet 9.5 at a mint that was removed meanwhile nothing begins, is opened again or is credited late', () => {
  const gone = { refused: 'mint-unknown' } as const
  at('nothing').when({ do: 'request', plan, isMintTrusted: false }).refused(gone)
  at('unpaid').when({ do: 'reopen', by: 'client', isMintTrusted: false }).refused(gone)
  at('nothing').when({ do: 'start', plan: token, isMintTrusted: false }).refused(gone)
  const evidence = { kind: 'code', looks: [], sends: 1 }
  const settle = { do: 'settle', attemptN: 1, seedId: 's', coins, isMintTrusted: false } as const
  const started: DepositEvent = { type: 'deposit.started', data: token }
  given(deposit, [started, { type: 'deposit.rejected', data: { reason: 'refused', evidence } }])
    .when(settle)
    .refused(gone)
})

test('wallet 7/13 a request without a quote lapses as never quoted, and as nothing else', () => {
  at('requested').when({ do: 'lapse', why: 'never-quoted' }).then(lapsed('never-quoted'))
  at('requested').when({ do: 'lapse', why: 'unpaid' }).refused({ refused: 'deposit-open' })
  at('quoted').when({ do: 'lapse', why: 'never-quoted' }).refused({ refused: 'deposit-open' })
  at('never-quoted').when({ do: 'quote', quote }).refused({ refused: 'deposit-closed' })
})

test('W-10 what is repeated changes nothing', () => {
  at('planned').when({ do: 'see-paid', via: 'poll', at: 3000 }).then()
  at('unpaid').when({ do: 'lapse', why: 'unpaid' }).then()
  at('disputed').when({ do: 'dispute', what: 'quote-unknown' }).then()
  at('planned').when({ do: 'plan', attempt }).refused({ refused: 'deposit-open' })
  at('requested').when({ do: 'request', plan, isMintTrusted: true }).refused({ refused: 'deposit-open' })
})

test('W-08 a new plan keeps the earlier ones', () => {
  const second = { ...attempt, n: 2, from: 2 }
  at('planned')
    .when({ do: 'replan', attempt: second, why: 'rotation' })
    .then({ type: 'deposit.replanned', data: { attempt: second, why: 'rotation' } })
  const { state } = given(deposit, [
    ...(paths.planned ?? []),
    { type: 'deposit.replanned', data: { attempt: second, why: 'rotation' } },
  ])
  expect(state.is === 'invoice' && 'attempts' in state.invoice ? state.invoice.attempts : []).toEqual([attempt, second])
})

test('wallet 6.6 what an invoice owes the world after each event', () => {
  const owed = Object.fromEntries(
    Object.keys(paths).map((path) => [path, deposit.todo(at(path).state).map(({ work }) => work)]),
  )
  expect(owed).toEqual({
    nothing: [],
    requested: ['ask-quote'],
    quoted: ['watch-quote'],
    'paid-seen': ['issue'],
    planned: ['issue'],
    settled: [],
    unpaid: [],
    'quote-unknown': [],
    'never-quoted': [],
    disputed: [],
    forgotten: ['watch-quote'],
  })
})

test('a token is never redeemed in the stream of an invoice, nor an invoice made in that of a token', () => {
  at('quoted')
    .when({ do: 'reject', reason: 'refused', evidence: { kind: 'x', looks: [], sends: 0 } })
    .refused({ refused: 'deposit-open' })
  at('nothing').when({ do: 'quote', quote }).refused({ refused: 'deposit-closed' })
})
