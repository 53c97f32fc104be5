/** Money between the owner and a key: whose right it is, exact in both books, never below the floor (R-019, wallet 15). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import type { Caller } from '../../core/admin/principal'
import { verifyLog } from '../../events'
import { type Economy, startEconomy } from '../kit/economy'
import { until } from '../kit/node'
import { createCustomer } from '../kit/x-cashu'

let economy: Economy
beforeAll(async () => {
  economy = await startEconomy({ mint: { units: ['sat', 'msat'], feePpk: 100 } })
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  expect((await verifyLog(economy.node.node.log)).problems).toEqual([])
  await economy.stop()
})

const reason = 'as the test wants it'
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
async function listed(key: string): Promise<string> {
  const session = hashOf(key)
  const isListed = async () => (await economy.node.call('sessions.get', { session })).error === undefined
  await until('the key is listed', isListed)
  return session
}
const change = async (name: 'sessions.credit' | 'sessions.debit', key: string, msat: number) =>
  economy.node.call(name, { session: await listed(key), msat, reason })
const totals = async () =>
  (await economy.node.call('overview.get')).result?.totals as { owedMsat: number; mineMsat: number }
const sheet = async (account: string) =>
  (await economy.node.node.log.sheet())
    .filter((row) => row.account === account)
    .reduce((sum, row) => sum + Number(row.msat), 0)
async function earn(): Promise<void> {
  economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
  await economy.chat(await economy.key(101))
}

test('R-019 D-034 a credit above what is the owner’s is refused with the numbers and changes nothing', async () => {
  const key = await economy.key(101)
  const head = economy.node.node.log.head()
  const refused = await change('sessions.credit', key, 50_000)
  expect(refused.error?.data).toMatchObject({ reason: 'REFUSED', code: 'below-floor', spendableMsat: 0 })
  expect(Number(refused.error?.data.owedMsat)).toBeGreaterThanOrEqual(100_000)
  expect((await economy.node.node.log.after(head, 9)).map(({ type }) => type)).toEqual([
    'command.received',
    'command.finished',
  ])
  expect((await economy.info(key)).balance).toBe(100_000)
})

test('R-019 P-27 a credit and a debit move exactly the msat named, in both books, with reason and door', async () => {
  const key = await economy.key(101)
  await earn()
  const before = await totals()
  const credited = await change('sessions.credit', key, 1234)
  expect(credited.result).toMatchObject({ balanceMsat: 101_234, availableMsat: 101_234 })
  expect((await economy.info(key)).balance).toBe(101_234)
  const between = await totals()
  expect([between.owedMsat - before.owedMsat, between.mineMsat - before.mineMsat]).toEqual([1234, -1234])
  expect(await sheet('owner:granted')).toBe(1234)
  expect((await change('sessions.debit', key, 234)).result).toMatchObject({ balanceMsat: 101_000 })
  const after = await totals()
  expect([after.owedMsat - before.owedMsat, after.mineMsat - before.mineMsat]).toEqual([1000, -1000])
  expect(await sheet('owner:granted')).toBe(1000)
  const events = await economy.node.node.log.read(`session-${hashOf(key)}`, 0)
  const granted = events.find(({ type }) => type === 'session.granted')
  expect([granted?.data, granted?.meta.door, granted?.meta.actor]).toEqual([
    expect.objectContaining({ amountMsat: 1234, reason }),
    'console',
    'console',
  ])
  const { why } = (await economy.node.call('sessions.get', { session: hashOf(key) })).result as { why: unknown }
  expect(why).toMatchObject({ depositedMsat: 100_000, grantedMsat: 1000, balanceMsat: 101_000 })
})

test('contract 4.4 an operator’s credit is a new balance: the next refund is a new one, and the old one is still told', async () => {
  const key = await economy.key(31)
  const refund = async () =>
    (await (await economy.post('/v1/balance/refund', {}, key)).json()) as { token: string; sats: string }
  const first = await refund()
  await earn()
  expect((await change('sessions.credit', key, 5000)).error).toBeUndefined()
  const next = await refund()
  expect([first.sats, next.sats]).toEqual(['30', '5'])
  expect(next.token).not.toBe(first.token)
})

test('D-034 a debit takes no more than the key has available, to the last msat', async () => {
  const key = await economy.key(51)
  const refused = await change('sessions.debit', key, 50_001)
  expect(refused.error?.data).toMatchObject({ code: 'above-available', availableMsat: 50_000 })
  economy.upstream.next({ pieces: 8, pauseMs: 60 })
  const chat = economy.chat(key, { stream: true }).then((response) => response.text())
  await until('the request holds money', async () => (await economy.info(key)).reserved > 0)
  const { available } = await economy.info(key)
  expect((await change('sessions.debit', key, available + 1)).error?.data.code).toBe('above-available')
  expect((await change('sessions.debit', key, available)).error).toBeUndefined()
  await chat
  await until('the request ended', async () => (await economy.info(key)).reserved === 0)
  const { balance, total_spent } = await economy.info(key)
  expect(balance).toBe(50_000 - available - total_spent)
})

test('wallet 15 credits at once never spend the same money twice: they stop exactly at the floor', async () => {
  await earn()
  const keys = await Promise.all(Array.from({ length: 6 }, () => economy.key(2)))
  for (const key of keys) await listed(key)
  const first = await change('sessions.credit', keys[0] ?? '', 10_000_000)
  const spendable = Number(first.error?.data.spendableMsat)
  const each = Math.floor(spendable / 4)
  const answers = await Promise.all(keys.map((key) => change('sessions.credit', key, each)))
  expect(answers.filter(({ error }) => error === undefined)).toHaveLength(4)
  const { mineMsat } = await totals()
  expect(mineMsat).toBeGreaterThanOrEqual(0)
})

test('R-012 D-031 money that changes its owner needs the owner and a fresh proof; what moves none does not', async () => {
  const session = await listed(await economy.key(11))
  const ask = async (method: string, role: 'operator' | 'owner', params: Record<string, unknown>, stepUp = false) => {
    // A device of the console's: it proves nothing over this request.
    const caller: Caller = {
      principal: { admin: 'password', name: 'a device', role, stepUp },
      door: 'http',
      createdAtS: Math.floor(Date.now() / 1000),
    }
    const id = crypto.randomUUID()
    const answer = (await economy.node.node.dispatch.dispatch({ id, method, params }, caller)) as {
      error?: { data: { reason: string } }
    }
    return answer.error?.data.reason ?? 'done'
  }
  const money = { session, msat: 1, reason }
  for (const method of ['sessions.credit', 'sessions.debit']) {
    expect(await ask(method, 'operator', money, true)).toBe('FORBIDDEN')
    expect(await ask(method, 'owner', money)).toBe('STEP_UP_REQUIRED')
  }
  const sessions = { sessions: [session], reason }
  expect(await ask('sessions.revoke', 'operator', { ...sessions, balance: 'refundable' }, true)).toBe('FORBIDDEN')
  expect(await ask('sessions.revoke', 'owner', { ...sessions, balance: 'keep' })).toBe('STEP_UP_REQUIRED')
  expect(await ask('sessions.debit', 'owner', { ...money, msat: 10_000 }, true)).toBe('done')
  expect(await ask('sessions.revoke', 'owner', { ...sessions, balance: 'keep' })).toBe('done')
  // Nothing is left on a key whose refund is under way, but should that fail it comes back, and would be the owner's.
  const customer = await economy.key(50)
  await economy.post('/v1/balance/topup', { cashu_token: economy.mint.token(70_000, 'msat') }, customer)
  void economy.post('/v1/balance/refund', {}, customer).catch(() => undefined)
  await until('it is under way', async () => Number((await economy.info(customer)).balance) < 1000)
  const refunding = { sessions: [await listed(customer)], reason, balance: 'keep' }
  const { balance } = await economy.info(customer)
  const rest = { session: refunding.sessions[0] ?? '', msat: Number(balance), reason }
  if (rest.msat > 0) expect(await ask('sessions.debit', 'owner', rest, true)).toBe('done')
  expect(await ask('sessions.revoke', 'owner', refunding)).toBe('STEP_UP_REQUIRED')
  for (const method of ['sessions.freeze', 'sessions.unfreeze'])
    expect(await ask(method, 'operator', { sessions: [await listed(await economy.key(3))], reason })).toBe('done')
})

test('P-26 a finished one-shot payment, which no key opens, is offered no money and takes none', async () => {
  await earn()
  const customer = createCustomer(economy)
  const token = customer.token(50)
  const paid = await customer.pay(token)
  expect([paid.status, paid.change]).toEqual([200, 'sent'])
  type Row = { readonly key12: string; readonly origin: string; readonly can: Record<string, unknown> }
  const row = async () =>
    ((await economy.node.call('sessions.list')).result as { rows: Row[] }).rows.find(
      ({ origin }) => origin === 'x-cashu',
    )
  await until('it is listed', async () => (await row()) !== undefined)
  const { key12: session = '', can = {} } = (await row()) ?? {}
  const before = await totals()
  const money = { session, msat: 1000, reason }
  const many = { sessions: [session], reason }
  const asked = [
    ['sessions.credit', 'credit', money],
    ['sessions.debit', 'debit', money],
    ['sessions.setLimits', 'setLimits', { session, limitMsat: 1, reason }],
    ['sessions.extend', 'extend', { ...many, until: null }],
    ['sessions.freeze', 'freeze', many],
    ['sessions.revoke', 'revoke', { ...many, balance: 'keep' }],
  ] as const
  for (const [method, action, params] of asked) {
    expect([method, (await economy.node.call(method, params)).error?.data.code]).toEqual([method, 'is-one-shot'])
    expect([action, can[action]]).toEqual([action, { refused: 'is-one-shot' }])
  }
  expect(await totals()).toEqual(before)
  expect((await customer.collect(token)).json).toMatchObject({ token: paid.token })
})

test('dashboard 4.6 money.list shows what the operator gave and took as its own kinds, with the key, on every page', async () => {
  type List = { rows: { kind: string; sat: number; id: string; session?: string }[]; total: number; next?: string }
  const list = async (params: Record<string, unknown> = {}) =>
    (await economy.node.call('money.list', params)).result as unknown as List
  const key = await economy.key(101)
  await earn()
  expect((await change('sessions.credit', key, 3000)).result).toBeDefined()
  expect((await change('sessions.debit', key, 1500)).result).toBeDefined()
  const session = hashOf(key).slice(0, 12)
  await until('both are listed', async () => (await list({ text: session })).total === 3)
  const [debit, credit, deposit] = (await list({ text: session })).rows
  expect([debit, credit, deposit]).toMatchObject([
    { kind: 'debit', sat: 1.5, session },
    { kind: 'credit', sat: 3, session },
    { kind: 'deposit', sat: 100, session },
  ])
  expect((await list({ kind: 'credit', text: session })).rows.map(({ id }) => id)).toEqual([credit?.id ?? ''])
  expect((await list({ kind: 'debit', text: session })).rows.map(({ id }) => id)).toEqual([debit?.id ?? ''])
  expect((await list({ kind: 'refund', text: session })).total).toBe(0)
  const first = await list({ text: session, limit: 2 })
  const second = await list({ text: session, limit: 2, cursor: first.next })
  expect(second.rows.map(({ id }) => id)).toEqual([deposit?.id ?? ''])
})
