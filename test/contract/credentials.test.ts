/** Contract 3 and 4 over HTTP: who pays, how money comes in by token, what a key knows of itself. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { chatBody, type Economy, type ErrorEnvelope, errorOf, startEconomy } from '../kit/economy'
import { until } from '../kit/node'

let economy: Economy
let now = Date.UTC(2026, 10, 27, 12)
/** Turns the clock and waits for the rate of that time. */
async function turnTo(at: number): Promise<void> {
  now = at
  // A change of settings asks for the rate at once.
  await economy.node.call('settings.apply', { changes: { 'identity.description': `as of ${at}` } })
  await until('there is a rate', async () => {
    const { data } = (await (await economy.get('/v1/models')).json()) as { data: { sats_pricing: unknown }[] }
    return data[0]?.sats_pricing !== null
  })
}
beforeAll(async () => {
  economy = await startEconomy({
    mint: { units: ['sat', 'msat'], feePpk: 100 },
    node: { now: () => now, environment: { BTC_USD_REFRESH_S: '5' } },
  })
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  await economy.stop()
})

const create = (body: unknown) => economy.post('/v1/balance/create', body)
const code = async (response: Response) => [response.status, (await errorOf(response)).code]
const bearer = (value: string) => ({ authorization: `Bearer ${value}` })

test('C-040 a key is sk- and the sha256 of the token text, and both reach one balance', async () => {
  const token = economy.mint.token(50)
  const { api_key } = await economy.info(token)
  expect(api_key).toBe(`sk-${createHash('sha256').update(token).digest('hex')}`)
  expect(await economy.info(`  cashu:${token} `)).toEqual(await economy.info(api_key))
})

test('C-043 C-045 x-api-key works wherever Bearer does and yields to it', async () => {
  const [mine, other] = [await economy.key(20), await economy.key(30)]
  const balance = async (headers: Record<string, string>) =>
    ((await (await economy.get('/v1/balance/info', headers)).json()) as { api_key?: string }).api_key
  expect(await balance({ 'x-api-key': mine })).toBe(mine)
  expect(await balance({ 'x-api-key': other, ...bearer(mine) })).toBe(mine)
  expect(await balance({ 'x-api-key': mine, authorization: '' })).toBe(mine)
  expect(await balance({ 'x-api-key': mine, authorization: 'Bearer ' })).toBe(mine)
  expect(await balance({ authorization: `bearer ${mine}` })).toBe(mine)
  expect(await code(await economy.get('/v1/balance/info'))).toEqual([401, 'missing_api_key'])
  for (const authorization of [`Basic ${mine}`, 'Bearer sk-short', 'Bearer hello', `Bearer ${mine}0`, mine])
    expect([
      authorization.slice(0, 9),
      ...(await code(await economy.get('/v1/balance/info', { authorization }))),
    ]).toEqual([authorization.slice(0, 9), 401, 'invalid_api_key'])
})

test('C-044 P-32 neither key nor token nor a part of the digest stands in an event, a stream name or a row', async () => {
  const token = economy.mint.token(21)
  const { api_key } = await economy.info(token)
  await economy.chat(api_key)
  const digest = api_key.slice(3)
  const rows = await economy.node.node.logDatabase.query<{ text: string }>(
    `select data || meta || coalesce(command_id, '') as text from events union all select name from streams
     union all select key || owner from claim union all select command_id || coalesce(outcome, '') from commands`,
  )
  const all = rows.map(({ text }) => text).join('\n')
  for (const secret of [token, token.slice(6, 60), api_key, digest, digest.slice(0, 16)])
    expect(all).not.toContain(secret)
  expect(all).toContain(`session-${createHash('sha256').update(api_key).digest('hex')}`)
})

test('C-048 P-19 one mint has one name: case and a trailing slash do not make it foreign', async () => {
  const { port } = new URL(economy.mint.url)
  const token = economy.mint.encode(economy.mint.proofs(8), 'sat', { mint: `HTTP://127.0.0.1:${port}/` })
  expect((await create({ initial_balance_token: token })).status).toBe(200)
})

test('C-049 credit and fee are told, in sat and in msat, and sum to the face value', async () => {
  const sat = (await (await create({ initial_balance_token: economy.mint.token(127) })).json()) as Record<
    string,
    unknown
  >
  expect(sat).toMatchObject({
    balance: 126_000,
    credited_msats: 126_000,
    fee_msats: 1000,
    unit: 'sat',
    mint_url: economy.mint.url,
  })
  const msat = (await (await create({ initial_balance_token: economy.mint.token(100_000, 'msat') })).json()) as Record<
    string,
    unknown
  >
  expect([Number(msat.credited_msats) + Number(msat.fee_msats), msat.unit]).toEqual([100_000, 'msat'])
})

test('C-051 an sk- value or nonsense given to create is no token, and dust is worth nothing', async () => {
  const key = await economy.key(5)
  for (const initial_balance_token of [key, 'cashuBnonsense', 'cashuA', '', 7, null, 'hello'])
    expect([initial_balance_token, (await create({ initial_balance_token })).status]).toEqual([
      initial_balance_token,
      400,
    ])
  expect(await code(await create({ initial_balance_token: key }))).toEqual([400, 'invalid_cashu_token'])
  const fees = await create({ initial_balance_token: economy.mint.token(1) })
  const { error } = (await fees.json()) as ErrorEnvelope
  expect([fees.status, error.code, error.details]).toEqual([
    422,
    'cashu_token_swap_fees_exceed_amount',
    { amount_msat: 1000, fee_msat: 1000 },
  ])
  const usd = economy.mint.encode(economy.mint.proofs(8), 'usd' as 'sat')
  expect(await code(await create({ initial_balance_token: usd }))).toEqual([400, 'cashu_token_redemption_failed'])
})

test('P-37 a token of more than 100 KiB or 256 proofs is refused without a call to its mint', async () => {
  const calls = economy.mint.calls()
  expect(await code(await create({ initial_balance_token: `cashuB${'a'.repeat(101 * 1024)}` }))).toEqual([
    400,
    'invalid_cashu_token',
  ])
  const proofs = economy.mint.proofs(2)
  const many = Array.from({ length: 257 }, (_, n) => ({ ...proofs[0], secret: `${n}`.padStart(64, '0') }))
  expect(await code(await create({ initial_balance_token: economy.mint.encode(many as never) }))).toEqual([
    400,
    'invalid_cashu_token',
  ])
  expect(economy.mint.calls()).toBe(calls)
})

test('C-054 C-055 limits given at create hold, roll over at their boundary, and a repeat never changes them', async () => {
  const token = economy.mint.token(100)
  const made = await create({ initial_balance_token: token, balance_limit: 4000, balance_limit_reset: 'daily' })
  expect(made.status).toBe(200)
  await create({ initial_balance_token: token, balance_limit: 9_000_000 })
  expect(await economy.info(token)).toMatchObject({
    balance_limit: 4000,
    balance_limit_reset: 'daily',
    // Of a key that is no child: balance less what is reserved (C-060), whatever its limit.
    available: 100_000 - 1000,
  })
  expect((await economy.chat(token)).status).toBe(200)
  const { total_spent } = await economy.info(token)
  const refused = await economy.chat(token, { max_tokens: 2000 })
  const { error } = (await refused.json()) as ErrorEnvelope
  expect([refused.status, error.code]).toEqual([402, 'balance_limit_exceeded'])
  expect(error.details).toMatchObject({ limit_msat: 4000, spent_msat: total_spent, reserved_msat: 0 })
  expect(error.details?.resets_at).toBe(Date.UTC(2026, 10, 28) / 1000)
  await turnTo(Date.UTC(2026, 10, 28, 0, 0, 1))
  expect(await economy.info(token)).toMatchObject({ total_spent })
  const session = createHash('sha256')
    .update((await economy.info(token)).api_key)
    .digest('hex')
  const listed = (await economy.node.call('sessions.get', { session })).result as { limits: unknown }
  expect(listed.limits).toMatchObject({ limitMsat: 4000, spentInPeriodMsat: 0 })
})

test('C-055 a limit holds under two hundred parallel requests', async () => {
  const token = economy.mint.token(1000)
  await create({ initial_balance_token: token, balance_limit: 3 * 348 + 100 })
  economy.upstream.always({ pauseMs: 30, tokens: { prompt: 114, completion: 100 } })
  const statuses = await Promise.all(
    Array.from({ length: 200 }, async () => (await economy.chat(token, { stream: true })).status),
  )
  economy.upstream.reset()
  expect([200, 402].map((status) => statuses.filter((one) => one === status).length)).toEqual([3, 197])
  await until('nothing is held', async () => (await economy.info(token)).reserved === 0)
})

test('C-054 an expired key is told so on requests and top-ups, and still sees its balance', async () => {
  const token = economy.mint.token(50)
  await create({ initial_balance_token: token, validity_date: Math.floor(now / 1000) + 60 })
  expect((await economy.chat(token)).status).toBe(200)
  now += 61_000
  const refused = await economy.chat(token)
  expect(await code(refused)).toEqual([403, 'key_expired'])
  expect(await code(await economy.post('/v1/balance/topup', { cashu_token: economy.mint.token(8) }, token))).toEqual([
    403,
    'key_expired',
  ])
  expect((await economy.info(token)).state).toBe('expired')
  for (const fields of [
    { balance_limit: -1 },
    { balance_limit: 1.5 },
    { balance_limit_reset: 'hourly' },
    { validity_date: 'soon' },
    { balance_limit: '4000' },
  ])
    expect(await code(await create({ initial_balance_token: economy.mint.token(8), ...fields }))).toEqual([
      400,
      'invalid_field',
    ])
})

test('C-057 an expiry without an address to pay out to, or in the past, is refused before the token is touched', async () => {
  const swaps = economy.mint.calls('swap')
  const token = economy.mint.token(50)
  const inAnHour = `${Math.floor(now / 1000) + 3600}`
  const address = { 'refund-lnurl': 'someone@example.com' }
  for (const headers of [
    { 'key-expiry-time': inAnHour },
    { ...address, 'key-expiry-time': '1000' },
    { ...address, 'key-expiry-time': 'soon' },
  ]) {
    const opening = await economy.get('/v1/balance/info', { ...bearer(token), ...headers })
    expect(await code(opening)).toEqual([400, 'invalid_field'])
    const created = await economy.get(`/v1/balance/create?initial_balance_token=${token}`, headers)
    expect(await code(created)).toEqual([400, 'invalid_field'])
  }
  expect(economy.mint.calls('swap')).toBe(swaps)
  const key = await economy.key(5)
  expect((await economy.get('/v1/balance/info', { ...bearer(key), 'key-expiry-time': inAnHour })).status).toBe(200)
})

test('C-060 balance includes what is reserved, and available is the difference', async () => {
  const key = await economy.key(100)
  economy.upstream.next({ pauseMs: 100, pieces: 4 })
  const running = economy.chat(key, { stream: true })
  await until('a hold stands', async () => (await economy.info(key)).reserved > 0)
  const { balance, reserved, available } = await economy.info(key)
  expect([balance, available]).toEqual([99_000, balance - reserved])
  await (await running).text()
  await until('the hold has ended', async () => (await economy.info(key)).reserved === 0)
})

test('C-061 C-046 a first use checks body and model before the token is redeemed', async () => {
  const token = economy.mint.token(50)
  const swaps = economy.mint.calls('swap')
  expect((await economy.chat(token, { model: 'no-such' })).status).toBe(404)
  expect((await economy.chat(token, { max_tokens: -1 })).status).toBe(400)
  expect(economy.mint.calls('swap')).toBe(swaps)
  expect((await economy.chat(token)).status).toBe(200)
})

test('C-062 P-03 thirty parallel top-ups with one token: one is told, the money is there once', async () => {
  const key = await economy.key(10)
  const added = economy.mint.token(40)
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => economy.post('/v1/wallet/topup', { cashu_token: added }, key)),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  for (const answer of answers.filter(({ status }) => status !== 200)) {
    const { code: word, details } = await errorOf(answer)
    expect([answer.status, word, details]).toEqual([
      400,
      'cashu_token_already_spent',
      { credited_to_this_key: true, credited_msats: 39_000 },
    ])
  }
  expect((await economy.info(key)).balance).toBe(9000 + 39_000)
  expect(await code(await economy.post('/v1/balance/topup', { cashu_token: added }, await economy.key(5)))).toEqual([
    400,
    'cashu_token_already_spent',
  ])
  expect(await code(await economy.get('/v1/balance/info', bearer(added)))).toEqual([400, 'cashu_token_already_spent'])
  expect(await code(await economy.post('/v1/balance/topup', {}, key))).toEqual([400, 'invalid_field'])
  expect(await code(await economy.post('/v1/balance/topup', '[]', key))).toEqual([400, 'invalid_body'])
})

test('C-017 a mint that hangs answers within the wait, the deposit goes on, and the same token meets it', async () => {
  await economy.node.call('settings.apply', { changes: { 'network.mintWaitS': 1 } })
  const token = economy.mint.token(64)
  economy.mint.fault({ path: 'swap', kind: 'delay-after', ms: 1300 })
  const waiting = await economy.get('/v1/balance/info', bearer(token))
  expect(await code(waiting)).toEqual([503, 'deposit_pending'])
  await until('it is credited', async () => (await economy.info(token)).balance === 63_000)
  const topped = economy.mint.token(32)
  economy.mint.fault({ path: 'swap', kind: 'delay-after', ms: 1300 })
  expect(await code(await economy.post('/v1/balance/topup', { cashu_token: topped }, token))).toEqual([
    503,
    'deposit_pending',
  ])
  // The next call for it is the one that hears of the credit.
  await until(
    'the top-up is told',
    async () => (await economy.post('/v1/balance/topup', { cashu_token: topped }, token)).status === 200,
  )
  expect((await economy.info(token)).balance).toBe(63_000 + 31_000)
})

test('C-013 P-03 what a stranger brings never becomes a 500', async () => {
  const strange = [
    'cashuAeyJ0b2tlbiI6W119',
    `cashuA${btoa('{"token":[{"mint":"http://127.0.0.1","proofs":[{"amount":-1}]}]}')}`,
    'cashuBo2F0gaJhaUgA',
    `cashuA${btoa('{"token":[{"mint":5,"proofs":[]}]}')}`,
    `cashuB${Buffer.from([0xa3, 0x61, 0x6d, 0x05, 0x61, 0x75, 0x63, 0x73, 0x61, 0x74, 0x61, 0x74, 0x80]).toString('base64url')}`,
  ]
  for (const token of strange) {
    for (const response of [
      await economy.get('/v1/balance/info', bearer(token)),
      await create({ initial_balance_token: token }),
    ])
      expect([token.slice(0, 12), response.status < 500]).toEqual([token.slice(0, 12), true])
    expect((await economy.post('/v1/chat/completions', chatBody, token)).status).toBeLessThan(500)
  }
})
