/** Refunds by token against what a mint can do to them (wallet 5.2, 6, 7, 8). */
import { expect, test } from 'bun:test'
import { refundId } from '../../core/processes/payout-plan'
import type { Refund } from '../../core/processes/payout-types'
import { unlimited } from '../../events'
import { spends } from '../kit/charge'
import type { DepositKit } from '../kit/deposits'
import { until } from '../kit/node'
import { spread } from '../kit/sizes'
import { accountOf, moneySuite } from '../kit/suite'

const suite = moneySuite()
const { kit } = suite
const opens = async (one: DepositKit, sat: number): Promise<string> => {
  const token = one.mint.token(sat)
  await one.redeem(token)
  return one.sessionOf(token)
}
const ready = (refund: Refund) => {
  if (!('is' in refund) || refund.is !== 'ready') throw new Error(`no token: ${JSON.stringify(refund)}`)
  return refund
}
const topUp = (one: DepositKit, target: string, sat: number) => {
  const text = one.mint.token(sat)
  const asked = {
    text,
    via: 'topup',
    sessionId: one.sessionOf(text),
    target,
    limits: unlimited,
    requestId: 'r',
  } as const
  return one.deposits.redeem(asked, Number.POSITIVE_INFINITY)
}
/** The customer's own wallet takes the token in. */
const collected = async (one: DepositKit, token: string) => one.redeem(token)

test('W-16 C-064 coins that add up are handed over without asking the mint', async () => {
  const one = kit({ feePpk: 100 })
  const session = await opens(one, 100)
  const before = one.mint.calls()
  one.mint.fault({ path: 'swap', kind: 'hang-before', times: 1 })
  const refund = ready(await one.refund(session))
  expect(refund).toMatchObject({ sats: 99, unit: 'sat' })
  expect(one.mint.calls() - before).toBe(0)
  one.mint.clearFaults()
  expect(await accountOf(one, 'out')).toBe(99_000)
  expect(await accountOf(one, 'promised')).toBe(-99_000)
  expect(await collected(one, refund.token)).toMatchObject({ settled: true, amountMsat: 98_000 })
  await one.payouts.watch()
  expect([await accountOf(one, 'out'), await accountOf(one, 'promised')]).toEqual([0, 0])
})

test('C-064 P-14 whole sats leave, the remainder stays on the key and is part of the next refund', async () => {
  const one = kit()
  const session = await opens(one, 50)
  await spends(one, session, 7001)
  const refund = ready(await one.refund(session))
  expect(refund.sats).toBe(42)
  expect((await one.opened.engine.state('session', session)).balanceMsat).toBe(999)
  const redeemed = await collected(one, refund.token)
  expect(redeemed).toMatchObject({ settled: true, amountMsat: 42_000 })
  await one.payouts.watch()
})

test('P-02 C-065 ten parallel calls make one debit and return one token', async () => {
  const one = kit()
  const session = await opens(one, 50)
  await spends(one, session, 3000)
  const refunds = await Promise.all(Array.from({ length: 10 }, () => one.refund(session)))
  expect(new Set(refunds.map((refund) => ready(refund).token)).size).toBe(1)
  expect(one.mint.calls('swap')).toBe(2)
  expect((await one.events(session)).filter((type) => type === 'session.debited')).toHaveLength(1)
  expect(ready(await one.restart().refund(session)).token).toBe(ready(refunds[0] as Refund).token)
})

test('wallet 5.2 the face value is the debit, and the fee of the swap is the node’s', async () => {
  const one = kit({ feePpk: 500 })
  // One coin of 128: nothing below it adds up.
  const session = await opens(one, 129)
  const balance = (await one.opened.engine.state('session', session)).balanceMsat
  await spends(one, session, 20_000)
  const refund = ready(await one.refund(session))
  expect(refund.sats).toBe((balance - 20_000) / 1000)
  expect(await accountOf(one, 'owner:mintFees')).toBeGreaterThan(0)
})

test('wallet 5.2 coins that cannot bear the fee pay what they can, and the rest stays on the key', async () => {
  const one = kit({ feePpk: 1000 })
  const token = one.mint.token(8, 'sat', { amounts: [8] })
  await one.redeem(token)
  const session = one.sessionOf(token)
  await spends(one, session, 1)
  const refund = ready(await one.refund(session))
  expect(refund.sats).toBeLessThan(7)
  expect(await accountOf(one, 'locked')).toBe(0)
})

test('C-066 P-02 after refund, top-up, refund the second token is new, and the first stays reachable', async () => {
  const one = kit()
  const session = await opens(one, 42)
  const first = ready(await one.refund(session))
  expect(ready(await one.refund(session)).token).toBe(first.token)
  await topUp(one, session, 69)
  const second = ready(await one.refund(session))
  expect([first.sats, second.sats]).toEqual([42, 69])
  expect(second.token).not.toBe(first.token)
  expect(ready(await one.payouts.byId(session, first.payout, 1)).token).toBe(first.token)
  expect(await one.payouts.byId(`session-${'0'.repeat(64)}`, first.payout, 1)).toEqual({ refused: 'unknown-refund' })
})

test.each([
  'payout: before the request',
  'payout: after the request',
  'payout: before the swap',
  'payout: after the swap',
  'payout: before it is ready',
  'payout: after it is ready',
])('P-03 a top-up that comes "%s" of a refund is in the refund or on the key, to the last msat', async (place) => {
  const one = kit()
  const session = await opens(one, 50)
  await spends(one, session, 7001)
  let topped = false
  one.onStop(async (at) => {
    if (at !== place || topped) return
    topped = true
    expect(await topUp(one, session, 69)).toMatchObject({ settled: true })
  })
  const refund = ready(await one.refund(session))
  const { balanceMsat } = await one.opened.engine.state('session', session)
  expect([topped, refund.sats * 1000 + balanceMsat]).toEqual([true, 111_999])
  // What stayed is the next refund, and the first one stays reachable.
  const next = await one.refund(session)
  if (balanceMsat >= 1000) expect(ready(next)).toMatchObject({ sats: Math.floor(balanceMsat / 1000) })
  expect(ready(await one.payouts.byId(session, refund.payout, 1)).token).toBe(refund.token)
})

test('P-03 a refund that is asked for while a top-up is on its way waits for it, and has both', async () => {
  const one = kit()
  const session = await opens(one, 42)
  let asked: unknown
  one.onStop(async (at) => {
    if (at === 'deposit: before the credit') asked = await one.refund(session)
  })
  expect(await topUp(one, session, 69)).toMatchObject({ settled: true })
  expect(asked).toEqual({ refused: 'deposit-open' })
  expect(ready(await one.refund(session)).sats).toBe(111)
})

test.each(spread(['drop-after', 'status-after', 'truncated', 'drop-before'] as const, 2))(
  'W-01 W-02 an answer of the swap that is lost by %s is found again: one token, nothing lost',
  async (kind) => {
    const one = kit({ feePpk: 100 })
    const session = await opens(one, 200)
    await spends(one, session, 33_000)
    one.mint.fault({ path: 'swap', kind })
    const refund = ready(await one.refund(session))
    expect(refund.sats).toBe(Math.floor(((await sumOf(one, session)) as number) / 1000))
  },
  40_000,
)
const sumOf = async (one: DepositKit, session: string) => {
  const events = await one.opened.log.read(session, 0)
  const debit = events.find(({ type }) => type === 'session.debited')?.data as { amountMsat: number } | undefined
  return debit?.amountMsat
}

test('W-07 a mint that was not there at all gives the money back, and the next call starts again', async () => {
  const one = kit()
  const session = await opens(one, 50)
  await spends(one, session, 3000)
  await one.desk().keysets(true)
  await one.desk().outputKeyset('sat')
  await one.mint.stop()
  const refund = await one.refund(session)
  expect(refund).toEqual({ is: 'reversed' })
  expect((await one.opened.engine.state('session', session)).balanceMsat).toBe(47_000)
  expect(await accountOf(one, 'free')).toBe(50_000)
  one.mint.restart()
  expect(ready(await one.refund(session)).sats).toBe(47)
})

test('W-08 a keyset that rotates between plan and swap is planned for anew; what is handed out keeps its amount', async () => {
  const one = kit()
  const session = await opens(one, 50)
  await spends(one, session, 3000)
  await one.desk().keysets(true)
  one.mint.rotate('sat')
  expect(ready(await one.refund(session)).sats).toBe(47)
})

test('C-070 a mint that hangs: the caller is sent away, the payout goes on, and the token comes later', async () => {
  const one = kit()
  const session = await opens(one, 50)
  await spends(one, session, 3000)
  one.mint.fault({ path: 'swap', kind: 'drop-before', times: 3 })
  const first = await one.refund(session, 0)
  expect(first).toMatchObject({ is: 'pending' })
  expect(ready(await one.refund(session)).sats).toBe(47)
  expect((await one.opened.engine.state('session', session)).balanceMsat).toBe(0)
})

test('W-07 W-10 a payout that was sent once before is not taken for one that never left', async () => {
  const one = kit()
  const session = await opens(one, 50)
  await spends(one, session, 3000)
  one.onStop(async (place) => {
    if (place !== 'payout: after the swap') return
    one.onStop(async () => undefined)
    throw new Error('something nobody foresaw, with the answer in hand')
  })
  expect(await one.refund(session)).toMatchObject({ is: 'pending' })
  await one.mint.stop()
  const before = one.pauses()
  const asked = one.refund(session)
  await until('it was tried in vain', () => one.pauses() > before + 2)
  one.mint.restart()
  expect(ready(await asked).sats).toBe(47)
})

test('P-01 C-069 a token whose commit has not come back yet is told to nobody', async () => {
  const one = kit()
  const session = await opens(one, 20)
  const { log } = one.opened
  const append = log.append
  let commit: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    commit = resolve
  })
  const held = log as { append: typeof append }
  held.append = async (wished) => {
    await gate
    return append(wished)
  }
  try {
    const first = one.refund(session)
    await until('it is decided in memory', () => one.opened.engine.peek('session', session)?.balanceMsat === 0)
    expect(await one.payouts.byId(session, refundId(session, 1, 1), 0)).toMatchObject({ is: 'pending' })
    commit()
    expect(ready(await first).sats).toBe(20)
  } finally {
    held.append = append
  }
})

test('C-067 C-068 what cannot be refunded is refused and changes nothing', async () => {
  const one = kit()
  const session = await opens(one, 50)
  one.hold(1000)
  expect(await one.refund(session)).toEqual({ refused: 'requests-ongoing' })
  one.hold(0)
  await spends(one, session, 49_500)
  expect(await one.refund(session)).toEqual({ refused: 'too-small' })
  await spends(one, session, 500)
  expect(await one.refund(session)).toEqual({ refused: 'nothing' })
  expect(await one.events(session)).toEqual([
    'session.opened',
    'session.credited',
    'session.charged',
    'session.charged',
  ])
})

test('I8 W-12 no event holds a token text, and the same coins give the same text when its row is gone', async () => {
  const one = kit()
  const session = await opens(one, 20)
  const refund = ready(await one.refund(session))
  const events = JSON.stringify(await one.opened.log.read(refund.payout, 0), (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  expect(events).not.toContain('cashu')
  const stored = await one.opened.log.read(refund.payout, 0)
  const event = stored.find(({ type }) => type === 'payout.ready') ?? { data: { token: '' } }
  await one.opened.engine.execute([], {
    meta: { actor: 'test', door: 'node', cause: undefined },
    erase: [(event.data as { token: string }).token],
    command: { id: crypto.randomUUID(), fingerprint: 'f', outcome: '{}' },
  })
  expect(ready(await one.restart().refund(session)).token).toBe(refund.token)
})

test('wallet 8.1 a mint that calls a payout too large is not called a liar: it waits, and other work there goes on', async () => {
  const one = kit()
  const session = await opens(one, 100)
  await spends(one, session, 30_500)
  one.mint.fault({ path: 'swap', kind: 'code', code: 11014, times: 2 })
  const refund = await one.payouts.refund(session, 'r', Number.POSITIVE_INFINITY)
  expect(refund).toMatchObject({ is: 'ready', sats: 69 })
  expect(await one.desk().isSuspended()).toBe(false)
})
