/** Money that was on its way to a key when the key ended: it is nobody else's (wallet 5.1, contract 5.4). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { createKeyEnds } from '../../core/processes/key-ends'
import { createTrace } from '../../core/trace'
import { unlimited, wish } from '../../events'
import { type DepositKit, openDeposits } from '../kit/deposits'
import { type InvoiceKit, openInvoices } from '../kit/invoices'
import { openTestLog, type TestLog, temporaryDirectory } from '../kit/log'

const directory = temporaryDirectory()
let opened: TestLog
let kit: DepositKit
let invoices: InvoiceKit
beforeAll(async () => {
  opened = await openTestLog(directory.path)
  kit = openDeposits(opened)
  invoices = openInvoices(opened)
}, 60_000)
afterAll(async () => {
  await kit.close()
  await invoices.close()
  // What the owner took and what was saved from it sums to zero in every purse.
  for (const rows of Map.groupBy(await opened.log.sheet(), (row) => row.purse).values())
    expect(rows.reduce((sum, { msat }) => sum + msat, 0n)).toBe(0n)
  await opened.close()
  directory.remove()
})

const meta = { actor: 'test', door: 'node' } as const
const session = (name: string) => `session-${createHash('sha256').update(name).digest('hex')}`
const state = (stream: string) => opened.engine.state('session', stream)
/** A key that was revoked and has ended, its last money taken by the owner. */
async function ended(stream: string): Promise<void> {
  const { balanceMsat, debits } = await state(stream)
  const outcome = await opened.engine.execute(
    [
      ...(balanceMsat > 0 ? [] : [wish('session', stream, { do: 'open', origin: 'token', limits: unlimited })]),
      wish('session', stream, { do: 'revoke', at: 1, until: undefined, reason: 'as the test wants it' }),
      wish('session', stream, { do: 'end', nowMs: 2000, heldMsat: 0, debits }),
    ],
    { meta },
  )
  expect(outcome).not.toHaveProperty('refused')
  expect((await state(stream)).is).toBe('ended')
}

test('wallet 5.1 P-30 a top-up whose key ended meanwhile credits the key of its own token, and says where it lies', async () => {
  const target = session('a key that ends')
  await ended(target)
  const token = kit.mint.token(21)
  const own = kit.sessionOf(token)
  const asked = { text: token, via: 'topup', sessionId: own, target, limits: unlimited, requestId: 'r' } as const
  expect(await kit.deposits.redeem(asked, Number.POSITIVE_INFINITY)).toMatchObject({
    settled: true,
    target: own,
    amountMsat: 21_000,
  })
  expect(await state(own)).toMatchObject({ is: 'open', balanceMsat: 21_000 })
  expect((await state(target)).balanceMsat).toBe(0)
  // A new process knows it from the log alone.
  expect(await kit.restart().deposits.redeem(asked, Number.POSITIVE_INFINITY)).toMatchObject({ target: own })
})

test('wallet 5.1 P-30 a key that ends between the plan and the credit of its top-up takes none of it', async () => {
  const target = session('a key that ends in mid-flight')
  await opened.engine.execute(wish('session', target, { do: 'open', origin: 'token', limits: unlimited }), { meta })
  const token = kit.mint.token(13)
  const own = kit.sessionOf(token)
  kit.onStop(async (place) => {
    if (place === 'deposit: before the credit' && (await state(target)).is === 'open') await ended(target)
  })
  const asked = { text: token, via: 'topup', sessionId: own, target, limits: unlimited, requestId: 'r' } as const
  expect(await kit.deposits.redeem(asked, Number.POSITIVE_INFINITY)).toMatchObject({ target: own })
  kit.onStop(async () => undefined)
  expect((await state(own)).balanceMsat).toBe(13_000)
  expect((await opened.log.read(target, 0)).some(({ type }) => type === 'session.credited')).toBe(false)
})

test('contract 5.4 C-080 an invoice paid after its key ended opens a new one, whose key its status tells', async () => {
  const key = `sk-${'a'.repeat(64)}`
  const target = session(key)
  await opened.engine.execute(wish('session', target, { do: 'open', origin: 'token', limits: unlimited }), { meta })
  const made = await invoices.made(34, { purpose: 'topup', target, key })
  await ended(target)
  invoices.mint.pay(made.bolt11)
  const isPaid = async () => (await invoices.invoices.status(made.invoiceId))?.status === 'paid'
  await invoices.watch(60_000, isPaid)
  const told = await invoices.invoices.status(made.invoiceId)
  expect(told).toMatchObject({ status: 'paid', purpose: 'topup' })
  expect(told?.key).toMatch(/^sk-[0-9a-f]{64}$/)
  expect(told?.key).not.toBe(key)
  expect(await state(session(told?.key ?? ''))).toMatchObject({ is: 'open', balanceMsat: 34_000 })
  const again = await invoices.restart().invoices.status(made.invoiceId)
  expect(again?.key).toBe(told?.key ?? '')
})

test('P-30 W-13 a key does not end over a refund whose append is still waiting its turn', async () => {
  const target = session('a key that is refunded and taken at once')
  const debit = {
    do: 'debit',
    payoutId: 'payout-1',
    shares: [],
    balanceVersion: 0,
    heldMsat: 0,
  } as const
  const requested = {
    purpose: 'refund',
    sessionId: target,
    balanceVersion: 0,
    try: 1,
    by: target,
    requestId: 'r',
    msat: 1000,
    shares: [],
  } as const
  await opened.engine.execute(
    [
      wish('session', target, { do: 'open', origin: 'token', limits: unlimited }),
      wish('session', target, { do: 'revoke', at: 1, until: 1_800_000_000, reason: 'as the test wants it' }),
    ],
    { meta },
  )
  const ends = createKeyEnds({
    engine: opened.engine,
    log: opened.log,
    heldMsat: () => 0,
    isDepositOpen: async () => false,
    now: () => 1_900_000_000_000,
    trace: createTrace({ level: 'error', format: 'json', now: () => 0, write: () => undefined }),
  })
  const payout = `payout-${'e'.repeat(32)}`
  await opened.engine.state('payout', payout)
  await opened.engine.state('session', session('another'))
  // One commit runs, the refund waits for the next: its claim is not on disk, its debit is in memory.
  const other = wish('session', session('another'), { do: 'open', origin: 'token', limits: unlimited })
  const running = opened.engine.execute(other, { meta })
  const refund = opened.engine.execute(
    [wish('session', target, debit), wish('payout', payout, { do: 'request', wish: { ...requested, shares: [] } })],
    { meta, claims: [{ kind: 'coinless', key: payout, owner: 'payout' }] },
  )
  // Decided within a few turns: all of it is in memory.
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve()
  expect(opened.engine.peek('session', target)?.debits).toBe(1)
  expect(await ends.endsNow([target])).toEqual([])
  expect([await running, await refund].every((outcome) => 'position' in outcome)).toBe(true)
})
