/** The state table of contract 3.6, cell by cell over HTTP, and the operator's commands that lead there. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { verifyLog } from '../../events'
import { type Economy, type ErrorEnvelope, errorOf, startEconomy } from '../kit/economy'
import { until } from '../kit/node'

let economy: Economy
let now = Date.UTC(2026, 10, 27, 12)
beforeAll(async () => {
  economy = await startEconomy({ node: { now: () => now } })
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  expect((await verifyLog(economy.node.node.log)).problems).toEqual([])
  await economy.stop()
})

/** Turns the clock and waits for the rate of that time: a change of settings asks for it. */
async function turn(ms: number): Promise<void> {
  now += ms
  await economy.node.call('settings.apply', { changes: { 'identity.description': `as of ${now}` } })
  await until('there is a rate', async () => {
    const { data } = (await (await economy.get('/v1/models')).json()) as { data: { sats_pricing: unknown }[] }
    return data[0]?.sats_pricing !== null
  })
}
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const reason = 'as the test wants it'
/** A command on this key, once the read model knows it. */
async function command(name: string, key: string, params: Record<string, unknown> = {}) {
  const session = hashOf(key)
  await until('the key is listed', async () => (await get(session)).error === undefined)
  return economy.node.call(name, {
    ...(name === 'sessions.setLimits' ? { session } : { sessions: [session] }),
    reason,
    ...params,
  })
}
const get = (session: string) => economy.node.call('sessions.get', { session })
const stateOf = async (key: string) => (await get(hashOf(key))).result?.state
const answerOf = async (response: Response) =>
  response.ok ? response.status : `${response.status} ${(await errorOf(response)).code}`

/** What every path says to a key, in the order of the table. */
async function cells(key: string) {
  const topup = { cashu_token: economy.mint.token(3) }
  return {
    inference: await answerOf(await economy.chat(key)),
    topUp: await answerOf(await economy.post('/v1/balance/topup', topup, key)),
    invoice: await answerOf(await economy.post('/lightning/invoice', { purpose: 'topup', amount_sats: 5 }, key)),
    childKey: await answerOf(await economy.post('/v1/balance/child-key', {}, key)),
    info: await answerOf(await economy.get('/v1/balance/info', bearer(key))),
    history: await answerOf(await economy.get('/v1/balance/history', bearer(key))),
    refund: await answerOf(await economy.post('/v1/balance/refund', {}, key)),
  }
}
const closed = (code: string) => ({
  inference: code,
  topUp: code,
  invoice: code,
  childKey: code,
  info: 200,
  history: 200,
  refund: 200,
})

test('C-054 an open key may do everything', async () => {
  const answers = Object.values(await cells(await economy.key(50)))
  expect(answers).toEqual(answers.map(() => 200))
})

test('C-054 an expired key spends and takes nothing, tells its state and is refunded', async () => {
  const created = await economy.post('/v1/balance/create', {
    initial_balance_token: economy.mint.token(40),
    validity_date: 1_700_000_000,
  })
  const { api_key: key } = (await created.json()) as { api_key: string }
  expect((await economy.info(key)).state).toBe('expired')
  expect(await cells(key)).toEqual(closed('403 key_expired'))
  expect(await stateOf(key)).toBe('expired')
})

test('C-054 C-058 P-30 a frozen key gets 403 session_frozen, its refund works, and unfreezing restores it', async () => {
  const key = await economy.key(50)
  expect((await command('sessions.freeze', key)).result).toEqual({ frozen: 1 })
  const refused = await economy.chat(key)
  const { error } = (await refused.json()) as ErrorEnvelope
  expect([error.type, error.message]).toEqual([
    'session_frozen',
    'This key is frozen by the operator; its balance can still be refunded',
  ])
  expect((await economy.info(key)).state).toBe('frozen')
  expect(await cells(key)).toEqual(closed('403 session_frozen'))
  const row = (await get(hashOf(key))).result as { state: string; can: Record<string, unknown> }
  expect([row.state, row.can.freeze, row.can.unfreeze]).toEqual([
    'frozen',
    { refused: 'already-frozen' },
    { ok: true },
  ] as never)
  expect((await command('sessions.unfreeze', key)).result).toEqual({ unfrozen: 1 })
  expect(await answerOf(await economy.post('/v1/balance/topup', { cashu_token: economy.mint.token(30) }, key))).toBe(
    200,
  )
  expect(await answerOf(await economy.chat(key))).toBe(200)
})

test('C-054 P-30 a key revoked with days is refundable until its day, and then the rest is the owner’s', async () => {
  const key = await economy.key(50)
  await economy.chat(key)
  const { balance } = await economy.info(key)
  const answer = await command('sessions.revoke', key, { balance: 'refundable', days: 2 })
  expect(answer.result).toEqual({ releasedMsat: 0, openHolds: 0 })
  const refused = (await (await economy.chat(key)).json()) as ErrorEnvelope
  expect(refused.error.message).toBe('This key is revoked; refundable until 2026-11-29T12:00:00.000Z')
  expect(await economy.info(key)).toMatchObject({ state: 'revoked', balance })
  expect(await cells(key)).toEqual(closed('403 key_revoked'))
  const other = await economy.key(20)
  // Its request runs over the day: no key ends before its last request.
  economy.upstream.next({ pieces: 20, pauseMs: 100 })
  const chat = economy.chat(other, { stream: true }).then((response) => response.text())
  await until('the request holds money', async () => (await economy.info(other)).reserved > 0)
  await command('sessions.revoke', other, { balance: 'refundable', days: 2 })
  await turn(2 * 86_400_000)
  expect(await answerOf(await economy.post('/v1/balance/refund', {}, other))).toBe('403 key_revoked')
  // Its token was not collected yet: asked for again it is the same one, and the key does not end before.
  expect(await answerOf(await economy.post('/v1/balance/refund', {}, key))).toBe(200)
  expect(await chat).toContain('[DONE]')
  await until('the other key has ended', async () => (await stateOf(other)) === 'ended')
  expect(await stateOf(key)).toBe('revoked')
  const { spentMsat, why } = (await get(hashOf(other))).result as { spentMsat: number; why: Record<string, number> }
  expect([spentMsat > 0, why.forfeitedMsat, why.balanceMsat]).toEqual([true, 20_000 - spentMsat, 0])
})

test('C-054 P-30 a key that the owner takes is unknown at once, and its money is his', async () => {
  const text = economy.mint.token(30)
  const key = (await economy.info(text)).api_key
  const before = await totals()
  const answer = await command('sessions.revoke', key, { balance: 'keep' })
  expect(answer.result).toEqual({ releasedMsat: 30_000, openHolds: 0 })
  const unknown = '401 invalid_api_key'
  const paths = { inference: unknown, topUp: unknown, childKey: unknown, info: unknown, history: unknown }
  expect(await cells(key)).toEqual({ ...paths, invoice: '404 topup_api_key_not_found', refund: '401 key_not_found' })
  expect(await answerOf(await economy.get('/v1/balance/info', bearer(text)))).toBe(unknown)
  const again = await economy.post('/v1/balance/create', { initial_balance_token: text })
  expect(await answerOf(again)).toBe('400 cashu_token_already_spent')
  const after = await totals()
  expect([before.owedMsat - after.owedMsat, after.mineMsat - before.mineMsat]).toEqual([30_000, 30_000])
  expect((await command('sessions.revoke', key, { balance: 'keep' })).error?.data.code).toBe('session-ended')
})
const totals = async () =>
  (await economy.node.call('overview.get')).result?.totals as { owedMsat: number; mineMsat: number }

test('P-30 an uncollected refund is the customer’s until its days are over, and the operator’s only by command', async () => {
  const key = await economy.key(30)
  type Refund = { readonly token: string; readonly refund_id: string }
  const refund = () => economy.post('/v1/balance/refund', {}, key)
  const { token, refund_id } = (await (await refund()).json()) as Refund
  const take = () => economy.node.call('refunds.take', { refund: refund_id, reason })
  expect((await take()).error?.data).toMatchObject({ code: 'refund-too-young', needDays: 180 })
  await turn(179 * 24 * 3600_000)
  expect((await take()).error?.data).toMatchObject({ code: 'refund-too-young', ageDays: 179 })
  await turn(30 * 24 * 3600_000)
  // Past its days it is not taken by itself, and the same call still tells it.
  expect(((await (await refund()).json()) as Refund).token).toBe(token)
  expect((await take()).result).toMatchObject({ state: 'takenBack' })
  expect(await answerOf(await refund())).toBe('410 refund_swept')
}, 30_000)

test('P-30 a request that runs while its key is taken ends and is charged, and the key ends with its hold', async () => {
  const key = await economy.key(60)
  economy.upstream.next({ pieces: 8, pauseMs: 60 })
  const chat = economy.chat(key, { stream: true }).then((response) => response.text())
  await until('the request holds money', async () => (await economy.info(key)).reserved > 0)
  const { available } = await economy.info(key)
  const answer = await command('sessions.revoke', key, { balance: 'keep' })
  expect(answer.result).toEqual({ releasedMsat: available, openHolds: 1 })
  expect(await answerOf(await economy.chat(key))).toBe('403 key_revoked')
  expect(await chat).toContain('[DONE]')
  await until('the key has ended', async () => (await stateOf(key)) === 'ended')
  const { why, spentMsat } = (await get(hashOf(key))).result as { why: Record<string, number>; spentMsat: number }
  expect([spentMsat > 0, why.forfeitedMsat, why.balanceMsat]).toEqual([true, 60_000 - spentMsat, 0])
})

test('contract 3.5 remote-admin 10 limits and dates of the operator hold from the next request on', async () => {
  const key = await economy.key(90)
  expect((await command('sessions.setLimits', key, { limitMsat: 0, period: 'daily', maxParallel: 1 })).result).toEqual(
    expect.objectContaining({ limitMsat: 0 }),
  )
  expect(await answerOf(await economy.chat(key))).toBe('402 balance_limit_exceeded')
  const { limits } = (await get(hashOf(key))).result as { limits: unknown }
  expect(limits).toEqual({ limitMsat: 0, period: 'daily', validUntil: null, maxParallel: 1, spentInPeriodMsat: 0 })
  await command('sessions.setLimits', key, { limitMsat: null, period: null })
  economy.upstream.next({ pieces: 8, pauseMs: 60 })
  const first = economy.chat(key, { stream: true }).then((response) => response.text())
  await until('the request holds money', async () => (await economy.info(key)).reserved > 0)
  expect(await answerOf(await economy.chat(key))).toBe('429 too_many_requests')
  await first
  const past = await command('sessions.extend', key, { until: Math.floor(now / 1000) })
  expect(past.error?.data).toMatchObject({ reason: 'REFUSED', code: 'date-past' })
  await command('sessions.extend', key, { until: Math.floor(now / 1000) + 60 })
  expect(await answerOf(await economy.chat(key))).toBe(200)
  await turn(60_000)
  expect(await answerOf(await economy.chat(key))).toBe('403 key_expired')
  await command('sessions.extend', key, { until: null })
  expect(await answerOf(await economy.chat(key))).toBe(200)
})

test('remote-admin 10 sessions.list finds keys by state, expiry and origin', async () => {
  const key = await economy.key(9)
  await command('sessions.freeze', key)
  await command('sessions.extend', key, { until: Math.floor(now / 1000) + 3600 })
  const key12 = hashOf(key).slice(0, 12)
  const has = async (params: Record<string, unknown>) => {
    const { rows } = (await economy.node.call('sessions.list', { limit: 500, ...params })).result as {
      rows: { key12: string }[]
    }
    return rows.some((row) => row.key12 === key12)
  }
  for (const params of [{ state: 'frozen' }, { expires: '24h' }, { expires: '7d' }, { origin: 'token' }])
    expect([params, await has(params)]).toEqual([params, true])
  for (const params of [{ state: 'open' }, { expires: 'none' }, { expires: 'past' }, { origin: 'invoice' }])
    expect([params, await has(params)]).toEqual([params, false])
})

test('remote-admin 10 a key that is not known here stops the whole command, and a reason is asked for', async () => {
  const key = await economy.key(5)
  const none = await command('sessions.freeze', key, { sessions: [hashOf(key), '0'.repeat(64)] })
  expect(none.error?.data.reason).toBe('NOT_FOUND')
  expect((await command('sessions.freeze', key, { reason: 'no' })).error?.data.reason).toBe('PARAMS')
  expect((await economy.info(key)).state).toBe('open')
})
