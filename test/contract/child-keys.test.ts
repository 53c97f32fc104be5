/** Child keys over HTTP (contract 3.8, 4.6): they spend their parent's balance, count for both, and outgrow nobody. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { verifyLog } from '../../events'
import { type Economy, errorOf, type Info, startEconomy } from '../kit/economy'
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

type ChildInfo = Info & {
  readonly is_child: boolean
  readonly balance_limit: number | null
  readonly parent_key_preview?: string
  readonly child_keys?: readonly { readonly key_id: string; readonly total_spent: number }[]
}
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
const info = (key: string) => economy.info(key) as Promise<ChildInfo>
const make = (parent: string, body: unknown = {}) => economy.post('/v1/balance/child-key', body, parent)
const child = async (parent: string, body: unknown = {}) =>
  ((await (await make(parent, body)).json()) as { api_keys: string[] }).api_keys[0] ?? ''
const reset = (parent: string, key: string) => economy.post('/v1/balance/child-key/reset', { child_key: key }, parent)
const code = async (response: Response) =>
  response.ok ? response.status : `${response.status} ${(await errorOf(response)).code}`
/** What one chat of the kit is promised, and an upstream that uses all of it. */
const holdMsat = 348
const full = { tokens: { prompt: 114, completion: 100 } }

async function turnTo(at: number): Promise<void> {
  now = at
  await economy.node.call('settings.apply', { changes: { 'identity.description': `as of ${at}` } })
  await until('there is a rate', async () => {
    const { data } = (await (await economy.get('/v1/models')).json()) as { data: { sats_pricing: unknown }[] }
    return data[0]?.sats_pricing !== null
  })
}

test('C-056 P-31 a child spends its parent’s balance, and one commit counts it for both', async () => {
  const parent = await economy.key(100)
  const key = await child(parent)
  expect(key).toMatch(/^sk-[0-9a-f]{64}$/)
  const paid = await economy.chat(key)
  const { usage } = (await paid.json()) as { usage: { cost_details?: unknown } }
  expect(usage).toBeDefined()
  const [theirs, own] = [await info(parent), await info(key)]
  expect(own.total_spent).toBeGreaterThan(0)
  expect(theirs).toMatchObject({ balance: 100_000 - own.total_spent, total_spent: own.total_spent, total_requests: 1 })
  expect(own).toMatchObject({ is_child: true, balance: theirs.balance, available: theirs.balance, total_requests: 1 })
  expect(Number(paid.headers.get('x-routstr-cost-msats'))).toBe(own.total_spent)
  expect(theirs.child_keys).toEqual([
    expect.objectContaining({ key_id: hashOf(key).slice(0, 12), total_spent: own.total_spent }),
  ])
  const charged = (await economy.node.node.log.read(`session-${hashOf(parent)}`, 0)).at(-1)
  const spent = (await economy.node.node.log.read(`session-${hashOf(key)}`, 0)).at(-1)
  expect([charged?.type, spent?.type]).toEqual(['session.charged', 'session.spent'])
  // Nothing came between the two: they are one append.
  expect(Number(spent?.position) - Number(charged?.position)).toBe(1)
  expect(charged?.data).toMatchObject({ child: `session-${hashOf(key)}` })
})

test('C-056 P-31 a child cannot refund, have children, or learn its parent’s or siblings’ keys', async () => {
  const parent = await economy.key(50)
  const [key, sibling] = [await child(parent), await child(parent)]
  expect(await code(await economy.post('/v1/balance/refund', {}, key))).toBe('400 child_key_not_allowed')
  expect(await code(await make(key))).toBe('400 child_key_not_allowed')
  expect(await code(await reset(key, sibling))).toBe('400 child_key_not_allowed')
  const text = JSON.stringify(await info(key))
  expect((await info(key)).parent_key_preview).toBe(`${hashOf(parent).slice(0, 12)}...`)
  for (const other of [parent, sibling]) expect(text).not.toContain(other.slice(3, 20))
  expect(text).not.toContain(hashOf(sibling).slice(0, 12))
  expect(JSON.stringify((await info(parent)).child_keys)).not.toContain(key.slice(3, 20))
  expect((await info(parent)).balance).toBe(50_000)
})

test('C-056 P-03 P-31 the top-up of a child, by token or invoice, is its parent’s money', async () => {
  const parent = await economy.key(50)
  const [key, sibling] = [await child(parent), await child(parent)]
  const topped = await economy.post('/v1/balance/topup', { cashu_token: economy.mint.token(20) }, key)
  expect(await topped.json()).toMatchObject({ credited_msats: 20_000 })
  const made = await economy.post('/lightning/invoice', { purpose: 'topup', amount_sats: 30 }, key)
  const { invoice_id, bolt11 } = (await made.json()) as { invoice_id: string; bolt11: string }
  economy.mint.pay(bolt11)
  const status = async () =>
    (await (await economy.get(`/lightning/invoice/${invoice_id}/status`)).json()) as { status: string; api_key: string }
  await until('the invoice is credited', async () => (await status()).status === 'paid')
  expect((await status()).api_key).toBe(key)
  expect([(await info(parent)).balance, (await info(key)).balance]).toEqual([100_000, 100_000])
  // A sibling spends the same balance and still does not learn the key that asked.
  const recover = (bearer: string) => economy.post('/lightning/recover', { bolt11 }, bearer)
  expect(await code(await recover(sibling))).toBe('400 preimage_required')
  expect(await code(await recover(key))).toBe(200)
})

test('C-055 P-31 a child’s own limit holds under a hundred parallel requests, and its parent’s beside it', async () => {
  const parent = await economy.key(1000)
  const [limited, free] = [await child(parent, { balance_limit: 3 * holdMsat + 100 }), await child(parent)]
  economy.upstream.always({ pauseMs: 30, ...full })
  const codes = await Promise.all(
    Array.from({ length: 100 }, async () => code(await economy.chat(limited, { stream: true }))),
  )
  economy.upstream.reset()
  expect([200, '402 balance_limit_exceeded'].map((one) => codes.filter((is) => is === one).length)).toEqual([3, 97])
  await until('nothing is held', async () => (await info(parent)).reserved === 0)
  expect((await info(limited)).total_spent).toBe(3 * holdMsat)
  expect(await code(await economy.chat(free))).toBe(200)
  const session = hashOf(parent)
  await economy.node.call('sessions.setLimits', { session, limitMsat: 0, reason: 'no more of it' })
  const refused = await economy.chat(free)
  const { error } = (await refused.json()) as { error: { code: string; details: { limit_msat: number } } }
  expect([error.code, error.details.limit_msat]).toEqual(['balance_limit_exceeded', 0])
})

test('C-055 P-31 a child’s limit begins anew at its boundary, and when its parent resets it', async () => {
  const parent = await economy.key(500)
  const key = await child(parent, { balance_limit: 2 * holdMsat, balance_limit_reset: 'daily' })
  expect((await info(key)).available).toBe(2 * holdMsat)
  economy.upstream.always(full)
  const twice = async () => [await code(await economy.chat(key)), await code(await economy.chat(key))]
  expect(await twice()).toEqual([200, 200])
  expect(await code(await economy.chat(key))).toBe('402 balance_limit_exceeded')
  await turnTo(Date.UTC(2026, 10, 28) - 1)
  expect(await code(await economy.chat(key))).toBe('402 balance_limit_exceeded')
  await turnTo(Date.UTC(2026, 10, 28))
  expect(await twice()).toEqual([200, 200])
  expect(await code(await economy.chat(key))).toBe('402 balance_limit_exceeded')
  const again = await reset(parent, key.slice(3))
  expect(await again.json()).toEqual({ success: true, message: 'Child key spending reset' })
  expect(await info(key)).toMatchObject({ total_spent: 0, available: 2 * holdMsat })
  expect(await code(await economy.chat(key))).toBe(200)
  economy.upstream.reset()
  // What was spent stays spent for the parent and for the operator.
  const row = (await economy.node.call('sessions.get', { session: hashOf(key) })).result as { spentMsat: number }
  expect(row.spentMsat).toBe((await info(parent)).total_spent)
  const other = await economy.key(10)
  expect(await code(await reset(other, key))).toBe('403 not_your_child_key')
  for (const wrong of [other, 'sk-1', '0'.repeat(64)])
    expect(await code(await reset(parent, wrong))).toBe('404 child_key_not_found')
  expect(await code(await economy.post('/v1/balance/child-key/reset', {}, parent))).toBe('400 invalid_field')
})

test('C-056 C-067 while a child’s request runs its parent’s refund waits, and both see what is held', async () => {
  const parent = await economy.key(50)
  const key = await child(parent)
  economy.upstream.next({ pieces: 8, pauseMs: 60 })
  const chat = economy.chat(key, { stream: true }).then((response) => response.text())
  await until('the request holds money', async () => (await info(parent)).reserved > 0)
  const [theirs, own] = [await info(parent), await info(key)]
  expect([own.reserved, own.available]).toEqual([theirs.reserved, theirs.available])
  expect(await code(await economy.post('/v1/balance/refund', {}, parent))).toBe('425 refund_ongoing_requests')
  expect(await chat).toContain('[DONE]')
  await until('the request ended', async () => (await info(parent)).reserved === 0)
  expect(await code(await economy.post('/v1/balance/refund', {}, parent))).toBe(200)
  expect((await info(key)).balance).toBe((await info(parent)).balance)
})

test('contract 3.8 4.6 creation debits its price from the parent, or does nothing at all', async () => {
  await economy.node.call('settings.apply', { changes: { 'pricing.childKeyMsat': 1500 } })
  expect(await (await economy.get('/v1/info')).json()).toMatchObject({ child_key_cost_msats: 1500 })
  const parent = await economy.key(7)
  const made = (await (await make(parent, { count: 3 })).json()) as { api_keys: string[] }
  expect(made).toMatchObject({
    count: 3,
    cost_msats: 4500,
    cost_sats: 4.5,
    parent_balance: 2500,
    parent_balance_sats: 2.5,
  })
  expect(new Set(made.api_keys).size).toBe(3)
  const head = economy.node.node.log.head()
  const refused = await make(parent, { count: 2 })
  expect(refused.status).toBe(402)
  expect((await errorOf(refused)).details).toEqual({
    required_msat: 3000,
    available_msat: 2500,
    reserved_msat: 0,
    balance_msat: 2500,
  })
  for (const count of [0, 51, 1.5, '2', null]) {
    const status = (await make(parent, { count })).status
    expect([count, status]).toEqual([count, count === null ? 200 : 400])
  }
  expect(await code(await make(parent, { balance_limit: -1 }))).toBe('400 invalid_field')
  expect((await info(parent)).balance).toBe(1000)
  expect((await economy.node.node.log.after(head, 9)).map(({ type }) => type)).toEqual([
    'session.children-added',
    'session.opened',
  ])
  await economy.node.call('settings.apply', { changes: { 'pricing.childKeyMsat': 0 } })
})

test('C-054 P-31 freezing, expiring and ending the parent does the same to its children; a child alone may be frozen', async () => {
  const parent = await economy.key(40)
  const [key, other] = [await child(parent), await child(parent, { validity_date: 1_700_000_000 })]
  const reason = 'as the test wants it'
  const sessions = [hashOf(parent)]
  expect([await code(await economy.chat(other)), (await info(other)).state]).toEqual(['403 key_expired', 'expired'])
  await until('all are listed', async () => (await listed(key)) !== undefined)
  await economy.node.call('sessions.freeze', { sessions, reason })
  expect([await code(await economy.chat(key)), (await info(key)).state]).toEqual(['403 session_frozen', 'frozen'])
  expect((await listed(key))?.state).toBe('frozen')
  expect(await code(await make(parent))).toBe('403 session_frozen')
  await economy.node.call('sessions.unfreeze', { sessions, reason })
  await economy.node.call('sessions.freeze', { sessions: [hashOf(key)], reason })
  expect([await code(await economy.chat(key)), await code(await economy.chat(parent))]).toEqual([
    '403 session_frozen',
    200,
  ])
  await economy.node.call('sessions.unfreeze', { sessions: [hashOf(key)], reason })
  await economy.node.call('sessions.revoke', { sessions, reason, balance: 'keep' })
  expect(await code(await economy.chat(key))).toBe('401 invalid_api_key')
  expect(await code(await economy.post('/v1/balance/refund', {}, key))).toBe('401 key_not_found')
  expect((await listed(key))?.state).toBe('ended')
})

test('remote-admin 10 the operator sees children with their parent, and counts their money once', async () => {
  const before = await listOf({})
  const parent = await economy.key(60)
  const key = await child(parent, { balance_limit: 30_000 })
  await economy.chat(key)
  await until('the child is listed', async () => Number((await listed(key))?.requests) > 0)
  const { total_spent } = await info(key)
  const after = await listOf({})
  expect(after.totals.spentMsat - before.totals.spentMsat).toBe(total_spent)
  expect(after.totals.balanceMsat - before.totals.balanceMsat).toBe(60_000 - total_spent)
  const row = await listed(key)
  expect(row).toMatchObject({
    parent: hashOf(parent).slice(0, 12),
    spentMsat: total_spent,
    limitMsat: 30_000,
    balanceMsat: 0,
  })
  expect(row?.can.credit).toEqual({ refused: 'is-child' })
  const { children } = (await economy.node.call('sessions.get', { session: hashOf(parent) })).result as {
    children: { key12: string }[]
  }
  expect(children.map(({ key12 }) => key12)).toEqual([hashOf(key).slice(0, 12)])
  const kinds = await listOf({ kind: 'child', limit: 500 })
  expect(kinds.rows.every((one) => one.parent !== undefined)).toBe(true)
  const credit = { session: hashOf(key), msat: 1, reason: 'as the test wants it' }
  await economy.node.call('sessions.credit', credit)
  expect((await economy.node.call('sessions.debit', credit)).error?.data.code).toBe('is-child')
})
type Row = Readonly<Record<string, unknown>> & { readonly can: Record<string, unknown> }
type List = { rows: readonly Row[]; totals: { spentMsat: number; balanceMsat: number } }
const listOf = async (params: Record<string, unknown>) =>
  (await economy.node.call('sessions.list', params)).result as unknown as List
const listed = async (key: string) => (await listOf({ search: hashOf(key).slice(0, 12) })).rows[0]
