/** What a request with `X-Cashu` is refused for before its token is redeemed: it goes back as it came (contract 7.2). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { givenBy } from '../../core/proxy/change'
import { type Economy, startEconomy } from '../kit/economy'
import { createTestMint, type TestMint } from '../kit/mint'
import { type Answered, type Customer, createCustomer } from '../kit/x-cashu'

let economy: Economy
let foreign: TestMint
let customer: Customer
let now = Date.now()
beforeAll(async () => {
  foreign = createTestMint()
  economy = await startEconomy({
    mint: { feePpk: 100 },
    node: { now: () => now, environment: { MINT_WAIT_S: '1', BTC_USD_REFRESH_S: '5', PRICE_MAX_AGE_S: '7200' } },
  })
  customer = createCustomer(economy)
}, 60_000)
afterAll(async () => {
  // 63 sat of the token that somebody else spent.
  await customer.check(economy, 63)
  await economy.stop()
  await foreign.stop()
})

/** Nothing happened: the token still works, no upstream and no swap was asked, and there is nothing to collect. */
async function untouched(
  paid: Answered,
  token: string,
  { isEchoed = true, isSpendable = true }: { readonly isEchoed?: boolean; readonly isSpendable?: boolean } = {},
): Promise<void> {
  expect(paid.token).toBe(isEchoed ? token : null)
  expect([paid.change, paid.refundToken]).toEqual([null, undefined])
  expect(paid.headers.get('x-should-retry')).toBe('false')
  if (isSpendable) expect(await customer.statesOf(token)).toEqual(['UNSPENT'])
  const later = await customer.collect(token)
  expect([later.status, later.code]).toEqual([404, 'refund_not_found'])
  expect(later.headers.get('x-should-retry')).toBe('false')
  expect([economy.upstream.calls(), economy.mint.calls('swap')]).toEqual([0, 0])
}

test('C-141 C-142 undecodable, no token at all, over the limits: 400 and no echo', async () => {
  for (const [token, why] of [
    ['cashuBnonsense', 'it cannot be decoded'],
    [`sk-${'a'.repeat(64)}`, 'it cannot be decoded'],
    ['x', 'it cannot be decoded'],
  ] as const) {
    const paid = await customer.pay(token)
    expect([paid.status, paid.code, paid.json.error]).toMatchObject([
      400,
      'invalid_cashu_token',
      { message: `Cashu token is not valid: ${why}` },
    ])
    await untouched(paid, token, { isEchoed: false, isSpendable: false })
  }
})

test('C-141 C-047 a foreign mint: 422 with the accepted ones, echoed, and no connection is opened', async () => {
  const token = foreign.token(100)
  const paid = await customer.pay(token)
  expect([paid.status, paid.code]).toEqual([422, 'cashu_untrusted_source_mint'])
  expect(paid.json.error).toMatchObject({ details: { accepted_mints: [economy.mint.url] } })
  await untouched(paid, token, { isSpendable: false })
  expect(foreign.calls()).toBe(0)
})

test('C-141 C-014 a bad body, media type, field or model: as for a key, and echoed', async () => {
  const token = customer.token(100)
  for (const [body, headers, status, code] of [
    ['{', {}, 400, 'invalid_json'],
    ['[]', {}, 400, 'invalid_body'],
    [{ model: '' }, {}, 400, 'missing_model'],
    [{ max_tokens: -1 }, {}, 400, 'invalid_max_tokens'],
    [{ model: 'nobody' }, {}, 404, 'model_not_found'],
    [{}, { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
    [{}, { 'ehbp-encapsulated-key': 'x' }, 400, 'unsupported_parameter'],
  ] as const) {
    const paid = await customer.pay(token, body, headers)
    expect([paid.status, paid.code]).toEqual([status, code])
    await untouched(paid, token)
  }
})

test('C-011 C-141 a token above 8 KiB is not echoed in a header', async () => {
  const token = customer.token(64, 'sat', { amounts: Array.from({ length: 64 }, () => 1) })
  expect(token.length).toBeGreaterThan(8 * 1024)
  const paid = await customer.pay(token, '{')
  expect([paid.status, paid.code]).toEqual([400, 'invalid_json'])
  await untouched(paid, token, { isEchoed: false })
})

test('C-011 change above 8 KiB is withheld from the header, and said to be collected', () => {
  const change = { is: 'ready', payout: 'payout-1', unit: 'sat', sats: 1, msat: 1000 } as const
  const long = 'c'.repeat(8 * 1024 + 1)
  expect(givenBy({ ...change, token: long })).toEqual({ headers: { 'x-routstr-change': 'pending' }, token: long })
  expect(givenBy({ ...change, token: long.slice(1) }).headers['x-routstr-change']).toBe('sent')
})

test('C-141 C-140 a token worth less than the hold: 402 with the amount, untouched and echoed', async () => {
  // 1 sat is left of 2 after the mint's fee, the hold is 4545 msat.
  const token = customer.token(2, 'sat', { amounts: [1, 1] })
  const paid = await customer.pay(token, { max_tokens: undefined })
  expect([paid.status, paid.code]).toEqual([402, 'minimum_balance_required'])
  expect(paid.json.detail).toMatchObject({
    reason: 'Insufficient balance',
    amount_required_msat: 4545,
    model: 'gpt-x',
    type: 'minimum_balance_required',
    error: { message: 'Insufficient balance: this request needs a token worth 4545 msat after mint fees' },
  })
  expect(economy.node.lines.some((line) => line.includes('Insufficient balance'))).toBe(true)
  await untouched(paid, token)
})

test('C-141 fees that use the token up: 422, untouched and echoed', async () => {
  const token = customer.token(1)
  const paid = await customer.pay(token)
  expect([paid.status, paid.code]).toEqual([422, 'cashu_token_swap_fees_exceed_amount'])
  await untouched(paid, token)
})

test('C-141 C-168 a paused node: 503 and echoed', async () => {
  const token = customer.token(100)
  expect((await economy.node.call('node.pause', {})).error).toBeUndefined()
  const paid = await customer.pay(token)
  expect([paid.status, paid.code]).toEqual([503, 'node_paused'])
  await untouched(paid, token)
  expect((await economy.node.call('node.resume', {})).error).toBeUndefined()
})

test('C-141 C-027 no current rate: 503 and echoed', async () => {
  const token = customer.token(100)
  now += 3 * 3600_000
  const paid = await customer.pay(token)
  expect([paid.status, paid.code]).toEqual([503, 'price_unavailable'])
  now -= 3 * 3600_000
  await untouched(paid, token)
})

test('C-141 a mint that refuses the connection or limits us, before anything is sent: 503 and echoed', async () => {
  const token = customer.token(100)
  await economy.mint.stop()
  const down = await customer.pay(token)
  expect([down.status, down.code, down.token]).toEqual([503, 'cashu_mint_unreachable', token])
  economy.mint.restart()
  await untouched(down, token)
  // What is known of its keysets is too old, and it will not tell.
  now += 11 * 60_000
  economy.mint.fault({ path: 'keysets', kind: 'limit', retryAfter: '1' })
  const limited = await customer.pay(token)
  expect([limited.status, limited.code, limited.token]).toEqual([503, 'cashu_mint_rate_limited', token])
  // By then its pace binds nobody any more (wallet 9.4).
  now += 10 * 60_000
  await untouched(limited, token)
})

test('C-141 C-052 spent elsewhere: 400, never echoed, and asked at the mint once', async () => {
  const proofs = economy.mint.proofs(64)
  const token = economy.mint.encode(proofs)
  economy.mint.spend(proofs)
  const spent = await customer.pay(token)
  expect([spent.status, spent.code, spent.token, spent.change]).toEqual([400, 'cashu_token_already_spent', null, null])
  const calls = economy.mint.calls()
  // A request that is wrong in itself gives no spent token back either.
  for (const body of [{}, '{', { model: 'nobody' }]) {
    const again = await customer.pay(token, body)
    expect([again.status, again.code, again.token]).toEqual([400, 'cashu_token_already_spent', null])
  }
  const later = await customer.collect(token)
  expect([later.status, later.code]).toEqual([404, 'refund_not_found'])
  expect([economy.upstream.calls(), economy.mint.calls()]).toEqual([0, calls])
})

test('C-141 refused by its mint: 400, untouched and echoed, and it may be tried again', async () => {
  const token = customer.token(64)
  economy.mint.fault({ path: 'swap', kind: 'code', code: 11_007 })
  const refused = await customer.pay(token)
  expect([refused.status, refused.code, refused.token]).toEqual([400, 'cashu_token_redemption_failed', token])
  expect(await customer.statesOf(token)).toEqual(['UNSPENT'])
  expect((await customer.collect(token)).code).toBe('refund_not_found')
})

test('C-018 P-37 a flood of dead tokens is slowed with 429, and reaches no mint', async () => {
  now += 61_000
  const calls = economy.mint.calls()
  const codes = new Map<string, number>()
  for (let batch = 0; batch < 4; batch += 1)
    for (const { code = '' } of await Promise.all(
      Array.from({ length: 80 }, (_, n) => customer.pay(`cashuBdead${batch}x${n}`)),
    ))
      codes.set(code, (codes.get(code) ?? 0) + 1)
  const { invalid_cashu_token: heard = 0, too_many_requests: slowed = 0 } = Object.fromEntries(codes)
  // What the window still knows of the tests before counts as well.
  expect([heard <= 300, slowed >= 20, heard + slowed]).toEqual([true, true, 320])
  expect(economy.mint.calls()).toBe(calls)
  now += 61_000
  expect((await customer.pay('cashuBdead')).code).toBe('invalid_cashu_token')
})
