/** Contract 5 over HTTP: top-ups by Lightning, their status and their recovery. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readBolt11 } from '../../core/money/bolt11'
import { type Economy, errorOf, type Json, startEconomy } from '../kit/economy'
import { createTestMint } from '../kit/mint'
import { startNode, until } from '../kit/node'

let economy: Economy
let now = Date.UTC(2026, 10, 27, 12)
beforeAll(async () => {
  economy = await startEconomy({
    mint: { now: () => now },
    node: { now: () => now, environment: { BTC_USD_REFRESH_S: '5' } },
  })
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  await economy.stop()
})

type Made = {
  readonly invoice_id: string
  readonly bolt11: string
  readonly amount_sats: number
  readonly expires_at: number
  readonly payment_hash: string
}
type Status = {
  readonly status: string
  readonly purpose: string
  readonly api_key: string | null
  readonly amount_sats: number
  readonly paid_at: number | null
  readonly created_at: number
  readonly expires_at: number
}

const ask = (body: Json, bearer?: string) => economy.post('/v1/lightning/invoice', body, bearer)
const made = async (body: Json, bearer?: string) => {
  // Every test is a minute of its own, as far as the limits count.
  now += 60_000
  return (await (await ask(body, bearer)).json()) as Made
}
const statusOf = async (id: string) =>
  (await (await economy.get(`/v1/lightning/invoice/${id}/status`)).json()) as Status
const code = async (response: Response) => [response.status, (await errorOf(response)).code]
const recover = (body: Json, bearer?: string) => economy.post('/v1/lightning/recover', body, bearer)

async function paid(invoice: Made): Promise<Status> {
  economy.mint.pay(invoice.bolt11)
  let status = await statusOf(invoice.invoice_id)
  economy.mint.clearFaults()
  await until('it is credited', async () => {
    now += 2000
    status = await statusOf(invoice.invoice_id)
    return status.status === 'paid'
  })
  return status
}

test('C-084 payment hash, amount and expiry are those inside the invoice', async () => {
  const invoice = await made({ amount_sats: 1234 })
  expect(readBolt11(invoice.bolt11)).toEqual({
    network: 'bcrt',
    amountMsat: 1_234_000,
    paymentHash: invoice.payment_hash,
    expiresAt: invoice.expires_at,
  })
  expect(invoice.amount_sats).toBe(1234)
  expect(invoice.invoice_id).toMatch(/^[0-9a-f]{32}$/)
})

test('C-081 the status of a paid invoice shows a new key that works', async () => {
  const invoice = await made({ amount_sats: 100 })
  expect(await statusOf(invoice.invoice_id)).toEqual({
    status: 'pending',
    purpose: 'create',
    api_key: null,
    amount_sats: 100,
    paid_at: null,
    created_at: Math.floor(now / 1000),
    expires_at: invoice.expires_at,
  })
  const status = await paid(invoice)
  expect(status).toMatchObject({ purpose: 'create', amount_sats: 100, paid_at: expect.any(Number) })
  expect(status.api_key).toMatch(/^sk-[0-9a-f]{64}$/)
  expect(await economy.info(status.api_key ?? '')).toMatchObject({ balance: 100_000, state: 'open' })
  const { log, views } = economy.node.node
  await views.caughtUp(log.head(), 5000)
  const [row] = await views.sql.query<Json>('select * from transfers order by "startedAt" desc limit 1')
  expect(row).toMatchObject({ via: 'invoice', state: 'settled', faceUnits: 100n, feeUnits: 0n, amountMsat: 100_000n })
})

test('C-081 a top-up is credited to its key, named in the header or in the body, and its status shows that key', async () => {
  const key = await economy.key(50)
  for (const [body, bearer] of [
    [{}, key],
    [{ api_key: key }, undefined],
  ] as const) {
    const before = (await economy.info(key)).balance
    const invoice = await made({ amount_sats: 21, purpose: 'topup', ...body }, bearer)
    expect(await paid(invoice)).toMatchObject({ purpose: 'topup', api_key: key, amount_sats: 21 })
    expect((await economy.info(key)).balance).toBe(before + 21_000)
  }
})

test('C-081 an unknown invoice is not found', async () => {
  for (const id of ['0'.repeat(32), 'x', `${'0'.repeat(32)}0`])
    expect(await code(await economy.get(`/v1/lightning/invoice/${id}/status`))).toEqual([404, 'invoice_not_found'])
})

test('C-082 P-04 recover needs the preimage, and with it answers as the status does', async () => {
  const invoice = await made({ amount_sats: 7 })
  const { preimage } = economy.mint.quote(invoice.bolt11)
  const status = await paid(invoice)
  const { bolt11 } = invoice
  const stranger = await economy.key(3)
  expect(await code(await recover({ bolt11 }))).toEqual([400, 'preimage_required'])
  expect(await code(await recover({ bolt11 }, stranger))).toEqual([400, 'preimage_required'])
  expect(await code(await recover({ bolt11 }, status.api_key ?? ''))).toEqual([400, 'preimage_required'])
  expect(await code(await recover({ bolt11, preimage: 'ab'.repeat(32) }))).toEqual([403, 'preimage_mismatch'])
  expect(await code(await recover({ bolt11, preimage: 'ab' }))).toEqual([400, 'invalid_field'])
  expect(await code(await recover({ bolt11: 'lnbc1', preimage }))).toEqual([400, 'invalid_field'])
  expect(await (await recover({ bolt11: bolt11.toUpperCase(), preimage })).json()).toEqual(status)
})

test('C-082 a top-up is recovered by its own key too, and by no other', async () => {
  const key = await economy.key(3)
  const invoice = await made({ amount_sats: 7, purpose: 'topup' }, key)
  const status = await paid(invoice)
  const { bolt11 } = invoice
  expect(await (await recover({ bolt11 }, key)).json()).toEqual(status)
  expect(await code(await recover({ bolt11 }, await economy.key(3)))).toEqual([400, 'preimage_required'])
})

test('C-082 an invoice of somebody else is not found, even with its preimage', async () => {
  const quote = (await (
    await fetch(`${economy.mint.url}/v1/mint/quote/bolt11`, { method: 'POST', body: '{"amount":5,"unit":"sat"}' })
  ).json()) as { request: string }
  const { preimage } = economy.mint.quote(quote.request)
  expect(await code(await recover({ bolt11: quote.request, preimage }))).toEqual([404, 'invoice_not_found'])
})

test('C-083 P-04 limits given with the invoice are on the key', async () => {
  const validity_date = Math.floor(now / 1000) + 30 * 24 * 3600
  const limits = { balance_limit: 1, balance_limit_reset: 'weekly', validity_date }
  const { api_key } = await paid(await made({ amount_sats: 30, ...limits }))
  expect(await economy.info(api_key ?? '')).toMatchObject({ balance: 30_000, ...limits })
  expect(await code(await economy.chat(api_key ?? ''))).toEqual([402, 'balance_limit_exceeded'])
})

test('contract 5.1 what is wrong in a wish for an invoice is named', async () => {
  now += 60_000
  for (const amount_sats of [0, 1_000_001, 1.5, '5', null])
    expect(await code(await ask({ amount_sats }))).toEqual([400, 'invalid_field'])
  expect(await code(await ask({ amount_sats: 5, purpose: 'gift' }))).toEqual([400, 'invalid_field'])
  expect(await code(await ask({ amount_sats: 5, balance_limit: -1 }))).toEqual([400, 'invalid_field'])
  expect(await code(await ask({ amount_sats: 5, purpose: 'topup' }))).toEqual([401, 'topup_authorization_required'])
  for (const key of ['sk-short', 'hello'])
    expect(await code(await ask({ amount_sats: 5, purpose: 'topup' }, key))).toEqual([
      400,
      'topup_invalid_api_key_format',
    ])
  const unknown = `sk-${'0'.repeat(64)}`
  expect(await code(await ask({ amount_sats: 5, purpose: 'topup', api_key: unknown }))).toEqual([
    404,
    'topup_api_key_not_found',
  ])
  expect(await code(await economy.post('/v1/lightning/invoice', '[1]'))).toEqual([400, 'invalid_body'])
})

test('C-002 the aliases of section 5 are one', async () => {
  const { invoice_id } = await made({ amount_sats: 5 })
  for (const base of ['', '/v1', '/v2', '/v1/balance', '/v1/wallet', '/balance', '/wallet'])
    expect(await (await economy.get(`${base}/lightning/invoice/${invoice_id}/status/`)).json()).toMatchObject({
      status: 'pending',
    })
  expect((await economy.get('/v1/lightning/invoice')).status).toBe(405)
  expect((await economy.post(`/v1/lightning/invoice/${invoice_id}/status`, {})).status).toBe(405)
})

test('C-168 a paused node makes no invoice, and credits one that is paid', async () => {
  const invoice = await made({ amount_sats: 5 })
  await economy.node.call('node.pause', { reason: 'test' })
  expect(await code(await ask({ amount_sats: 5 }))).toEqual([503, 'node_paused'])
  expect((await paid(invoice)).status).toBe('paid')
  await economy.node.call('node.resume')
})

test('contract 1.10 sixty invoices a minute from one address, then 429 with Retry-After, and no event', async () => {
  now += 120_000
  for (let n = 0; n < 60; n += 1) expect((await ask({ amount_sats: 1 })).status).toBe(200)
  const before = economy.node.node.log.head()
  const refused = await ask({ amount_sats: 1 })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  expect(await code(refused)).toEqual([429, 'too_many_invoices'])
  expect(economy.node.node.log.head()).toBe(before)
})

test('contract 1.8 a mint that is down, or makes an invoice for another amount, is told apart', async () => {
  now += 120_000
  economy.mint.twistInvoices({ msat: 1000 })
  expect(await code(await ask({ amount_sats: 5 }))).toEqual([500, 'invoice_creation_failed'])
  economy.mint.twistInvoices({})
  await economy.mint.stop()
  expect(await code(await ask({ amount_sats: 5 }))).toEqual([503, 'lightning_mint_unreachable'])
  economy.mint.restart()
  // The first call may still take the connection that died with it, and then it counts as down for a while.
  await until('it makes invoices again', async () => {
    now += 5000
    return (await ask({ amount_sats: 5 })).status === 200
  })
})

test('P-32 neither the key nor the id nor the preimage of an invoice stands in an event or a line', async () => {
  const invoice = await made({ amount_sats: 8 })
  const { preimage } = economy.mint.quote(invoice.bolt11)
  const { api_key } = await paid(invoice)
  await recover({ bolt11: invoice.bolt11, preimage })
  const events = JSON.stringify(await economy.node.node.log.after(0n, 100_000), (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  const lines = economy.node.lines.join('\n')
  for (const secret of [api_key ?? '', (api_key ?? '').slice(3), invoice.invoice_id, preimage]) {
    expect(secret.length).toBeGreaterThan(30)
    expect([events.includes(secret), lines.includes(secret)]).toEqual([false, false])
  }
})

test('P-03 contract 4.4 a refund waits for a payment that was seen and is not credited yet', async () => {
  const key = await economy.key(10)
  const invoice = await made({ amount_sats: 8, purpose: 'topup' }, key)
  economy.mint.fault({ path: 'mint', kind: 'status', status: 500, times: 1000 })
  economy.mint.pay(invoice.bolt11)
  const plans = async () => (await economy.node.call('events.list', { type: 'deposit.planned' })).result?.rows
  const before = ((await plans()) as unknown[]).length
  await until('the payment is seen', async () => {
    now += 1000
    return ((await plans()) as unknown[]).length > before
  })
  expect(await code(await economy.post('/v1/balance/refund', {}, key))).toEqual([425, 'deposit_pending'])
  economy.mint.clearFaults()
  await until('it is credited', async () => (await economy.info(key)).balance === 18_000)
  expect(await (await economy.post('/v1/balance/refund', {}, key)).json()).toMatchObject({ sats: '18' })
})

test('contract 5.1 the second mint makes the invoice while the first one cannot be reached', async () => {
  const second = createTestMint({ now: () => now })
  const first = createTestMint({ now: () => now })
  const node = await startNode({ now: () => now, environment: { CASHU_MINTS: `${first.url},${second.url}` } })
  await first.stop()
  const response = await fetch(`${node.url}/lightning/invoice`, { method: 'POST', body: '{"amount_sats":5}' })
  expect(response.status).toBe(200)
  expect(second.quotes()).toHaveLength(1)
  expect(
    ((await node.call('events.list', { type: 'deposit.requested' })).result as { rows: unknown[] }).rows,
  ).toHaveLength(1)
  await node.stop()
  await second.stop()
})

test('C-066 P-02 after a refund an invoice in the background is refunded by a new token, worth what it paid', async () => {
  const key = await economy.key(42)
  const refund = async () =>
    (await (await economy.post('/v1/balance/refund', {}, key)).json()) as { token: string; sats: string }
  const first = await refund()
  expect(first.sats).toBe('42')
  const invoice = await made({ amount_sats: 69, purpose: 'topup' }, key)
  economy.mint.pay(invoice.bolt11)
  await until('nobody asks, and it is credited', async () => {
    now += 1000
    return (await economy.info(key)).balance === 69_000
  })
  const second = await refund()
  expect([second.sats, second.token === first.token]).toEqual(['69', false])
  expect(await refund()).toEqual(second)
})

test('contract 5.2 the key is not shown any more once it was used and a week has passed since the payment', async () => {
  const unused = await made({ amount_sats: 100 })
  const invoice = await made({ amount_sats: 100 })
  const { api_key } = await paid(invoice)
  await paid(unused)
  await until('there is a rate, and it is used', async () => (await economy.chat(api_key ?? '')).status === 200)
  const shownKey = async (one: Made) => (await statusOf(one.invoice_id)).api_key
  expect(await shownKey(invoice)).toBe(api_key)
  now += 8 * 24 * 3600_000
  expect(await shownKey(invoice)).toBeNull()
  expect(await shownKey(unused)).toMatch(/^sk-/)
})
