/** A token in `X-Cashu` pays for one request, over real HTTP against a real mint (contract 7.1, 7.3, P-01, P-02, P-26). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Economy, startEconomy } from '../kit/economy'
import { until } from '../kit/node'
import { type Answered, type Customer, createCustomer, faceOf } from '../kit/x-cashu'

const feeless = { EXCHANGE_FEE: '1', UPSTREAM_FEE: '1', MINT_WAIT_S: '3' }
let economy: Economy
let withFees: Economy
let customer: Customer
let payer: Customer
beforeAll(async () => {
  economy = await startEconomy({ mint: { units: ['sat', 'msat'] }, node: { environment: feeless } })
  withFees = await startEconomy({ mint: { feePpk: 100 }, node: { environment: { MINT_WAIT_S: '3' } } })
  customer = createCustomer(economy)
  payer = createCustomer(withFees)
}, 60_000)
afterAll(async () => {
  await customer.check()
  await payer.check()
  await economy.stop()
  await withFees.stop()
})

const eight = [64, 16, 8, 4, 4, 2, 1, 1]
const costOf = ({ headers }: Answered) => Number(headers.get('x-routstr-cost-msats'))
const charges = async (one: Economy, requestId: string | null) => {
  const { rows } = (await one.node.call('events.list', { type: 'session.charged', limit: 50 })).result as {
    rows: { data: { requestId: string; costMsat: number; shortfallMsat: number } }[]
  }
  return rows.map(({ data }) => data).filter((charge) => charge.requestId === requestId)
}
const accountOf = async (one: Economy, account: string) =>
  (await one.node.node.log.sheet())
    .filter((row) => row.account === account)
    .reduce((msat, row) => msat - Number(row.msat), 0)

test('C-140 P-01 100 sat in 8 proofs at 100 ppk, cost 2211: 96 sat of change, 789 msat to the node', async () => {
  const token = payer.token(100, 'sat', { amounts: eight })
  const before = await accountOf(withFees, 'owner:rounding')
  const paid = await payer.pay(token)
  expect([paid.status, paid.change, costOf(paid)]).toEqual([200, 'sent', 2211])
  expect(faceOf(paid.token ?? '')).toEqual({ units: 96, unit: 'sat', mint: withFees.mint.url })
  expect((await accountOf(withFees, 'owner:rounding')) - before).toBe(789)
  expect(await payer.statesOf(paid.token ?? '')).toEqual(['UNSPENT'])
  expect(paid.json.cost).toMatchObject({ total_msats: 2211 })
  expect(paid.json.cost).not.toHaveProperty('remaining_balance_msats')
})

test('C-140 P-08 C-100 the same token, the upstream failed: a full refund of 99 sat and no charge', async () => {
  withFees.upstream.next({ fault: { status: 400, body: { error: { message: 'no', code: 'bad' } } } })
  const paid = await payer.pay(payer.token(100, 'sat', { amounts: eight }))
  expect([paid.status, paid.code, paid.change]).toEqual([400, 'bad', 'sent'])
  expect(paid.token).toBe(paid.refundToken ?? '')
  expect(faceOf(paid.token ?? '').units).toBe(99)
  expect(await charges(withFees, paid.headers.get('x-request-id'))).toMatchObject([{ costMsat: 0 }])
})

test.each([
  ['100 sat, cost 2000: change 98 sat', 100, 'sat', 2000, 2000, 98],
  ['5 sat, cost 4001: used in full', 5, 'sat', 4001, 4001, undefined],
  ['5 sat, cost 9000: used in full, the rest is a shortfall', 5, 'sat', 9000, 5000, undefined],
  ['100000 of unit msat, cost 2211: change 97789 msat', 100_000, 'msat', 2211, 2211, 97_789],
] as const)('C-140 C-144 %s', async (_, amount, unit, cost, charge, due) => {
  economy.upstream.next({ tokens: { prompt: cost, completion: 0 } })
  const token = customer.token(amount, unit)
  const paid = await customer.pay(token)
  expect([paid.status, costOf(paid), paid.change]).toEqual([200, charge, due === undefined ? 'none' : 'sent'])
  const [booked] = await charges(economy, paid.headers.get('x-request-id'))
  expect(booked).toMatchObject({ costMsat: charge, shortfallMsat: cost - charge })
  const later = await customer.collect(token)
  if (due === undefined) {
    expect([paid.token, later.status, later.code, later.token]).toEqual([null, 410, 'cashu_token_already_spent', null])
    expect(later.json.error).toMatchObject({
      type: 'token_already_spent',
      message: 'The payment was used in full; no change is due',
      details: { cost_msat: charge, change_msat: 0 },
    })
    const again = await customer.pay(token)
    expect([again.status, again.code, again.token, again.change]).toEqual([
      400,
      'cashu_token_already_spent',
      null,
      'none',
    ])
  } else {
    expect(faceOf(paid.token ?? '')).toEqual({ units: due, unit, mint: economy.mint.url })
    expect([later.status, later.token, later.json.token]).toEqual([200, paid.token, paid.token])
    expect(later.json[unit === 'sat' ? 'sats' : 'msats']).toBe(String(due))
    expect(later.json.refund_id).toMatch(/^[0-9a-f]{32}$/)
  }
})

test('C-143 P-02 P-26 a replayed token gets its change again and again, never a second upstream call, in any spelling', async () => {
  const proofs = economy.mint.proofs(50)
  const token = economy.mint.encode(proofs)
  const first = await customer.pay(token)
  expect([first.status, first.change]).toEqual([200, 'sent'])
  const calls = economy.upstream.calls()
  const swaps = economy.mint.calls('swap')
  for (const spelling of [
    token,
    `cashu:${token}`,
    economy.mint.encode(proofs, 'sat', { version: 3 }),
    economy.mint.encode([...proofs].reverse()),
  ]) {
    const again = await customer.pay(spelling)
    expect([again.status, again.code, again.token, again.refundToken]).toEqual([
      400,
      'cashu_token_already_spent',
      first.token,
      first.token ?? '',
    ])
    expect(again.headers.get('x-should-retry')).toBe('false')
    expect((await customer.collect(spelling)).json.token).toBe(first.token)
  }
  expect([economy.upstream.calls(), economy.mint.calls('swap')]).toEqual([calls, swaps])
})

test('C-143 C-065 P-26 ten parallel uses of one token: one answer, nine refusals that may be repeated', async () => {
  const token = customer.token(64)
  const before = economy.upstream.calls()
  economy.upstream.next({ pieces: 4, pauseMs: 50 })
  const all = await Promise.all(Array.from({ length: 10 }, () => customer.pay(token, { stream: true })))
  const served = all.filter(({ status }) => status === 200)
  expect(served).toHaveLength(1)
  expect(economy.upstream.calls() - before).toBe(1)
  for (const other of all.filter(({ status }) => status !== 200)) {
    expect([other.status, other.code, other.token]).toEqual([425, 'payment_in_progress', null])
    expect(other.headers.get('retry-after')).toBe('2')
    expect(other.headers.get('x-should-retry')).toBe('false')
  }
  const stored = (await Promise.all(Array.from({ length: 10 }, () => customer.collect(token)))).map(
    ({ json }) => json.token,
  )
  expect(new Set(stored)).toEqual(new Set([served[0]?.token ?? '']))
})

test('C-141 P-26 in flight the refund endpoint says 425 with Retry-After, and 200 right after', async () => {
  const token = customer.token(64)
  const calls = economy.upstream.calls()
  economy.upstream.next({ pieces: 6, pauseMs: 60 })
  const paying = customer.pay(token, { stream: true })
  await until('the upstream is asked', () => economy.upstream.calls() > calls)
  const during = await customer.collect(token)
  expect([during.status, during.code, during.headers.get('retry-after')]).toEqual([425, 'refund_pending', '2'])
  const { token: change } = await paying
  expect((await customer.collect(token)).json.token).toBe(change ?? '')
})

test('C-043 X-Cashu wins over a key, no key opens its session, and as a key or top-up it is spent without a mint call', async () => {
  const key = await economy.key(50)
  const before = await economy.info(key)
  const token = customer.token(40)
  const paid = await customer.pay(token, {}, { authorization: `Bearer ${key}` })
  expect([paid.status, paid.change]).toEqual([200, 'sent'])
  expect(await economy.info(key)).toEqual(before)
  const calls = economy.mint.calls()
  const bearer = await economy.chat(token)
  expect([bearer.status, ((await bearer.json()) as { error: { code: string } }).error.code]).toEqual([
    400,
    'cashu_token_already_spent',
  ])
  for (const [path, body] of [
    ['/v1/balance/topup', { cashu_token: token }],
    ['/v1/balance/create', { initial_balance_token: token }],
  ] as const) {
    const refused = await economy.post(path, body, key)
    expect([path, ((await refused.json()) as { error: { code: string } }).error.code]).toEqual([
      path,
      'cashu_token_already_spent',
    ])
  }
  expect(economy.mint.calls()).toBe(calls)
})

test('C-143 C-141 a token that opened a session or was a top-up is spent, and there is no payment to collect', async () => {
  const opened = customer.token(30)
  const { api_key: key } = await economy.info(opened)
  const added = customer.token(31)
  expect((await economy.post('/v1/balance/topup', { cashu_token: added }, key)).status).toBe(200)
  const calls = economy.upstream.calls()
  for (const token of [opened, added]) {
    const refused = await customer.pay(token)
    expect([refused.status, refused.code, refused.token]).toEqual([400, 'cashu_token_already_spent', null])
    expect((await customer.collect(token)).code).toBe('refund_not_found')
  }
  expect(economy.upstream.calls()).toBe(calls)
})

test('C-100 P-08 an empty answer is an answer, and costs nothing', async () => {
  economy.upstream.next({ answer: 'empty' })
  const paid = await customer.pay(customer.token(20))
  expect([paid.status, paid.change, costOf(paid), faceOf(paid.token ?? '').units]).toEqual([200, 'sent', 0, 20])
})

test('C-069 P-21 no token stands in any line of the process log', async () => {
  const token = customer.token(44)
  const paid = await customer.pay(token)
  const lines = economy.node.lines.join('\n')
  expect(lines).not.toContain(token.slice(0, 60))
  expect(lines).not.toContain(paid.token ?? 'none')
})

test('remote-admin 10 refunds.list names uncollected change by its request, and payouts.get tells its steps, without a token', async () => {
  const paid = await customer.pay(customer.token(33))
  const requestId = paid.headers.get('x-request-id') ?? ''
  const notBefore = Number(economy.node.node.log.head())
  const { rows } = (await economy.node.call('refunds.list', {}, { notBefore })).result as {
    rows: { refund: string; requestId?: string; key12?: string; sat: number; state: string }[]
  }
  const row = rows.find((one) => one.requestId === requestId)
  expect(row).toMatchObject({ sat: 31, state: 'uncollected' })
  expect(row?.key12).toBeUndefined()
  const one = (await economy.node.call('payouts.get', { payout: row?.refund ?? '' })).result as {
    purpose: string
    steps: { what: string }[]
  }
  expect([one.purpose, one.steps.map(({ what }) => what).at(-1)]).toEqual(['change', 'payout.handed'])
  expect(JSON.stringify([rows, one])).not.toContain('cashu')
})
