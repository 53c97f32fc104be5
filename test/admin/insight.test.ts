/** Lists that do not lie: sessions by every column, running requests, searches, the process log, pages over Nostr. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import { wish } from '../../events'
import { byToken } from '../kit/browser'
import { type Economy, startEconomy } from '../kit/economy'
import { until } from '../kit/node'
import { connectClient } from '../kit/nostr-client'
import { createTestRelay, type TestRelay } from '../kit/relay'

const ownerSecret = generateSecretKey()
let relay: TestRelay
let economy: Economy
const keys: string[] = []
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
type Json = Readonly<Record<string, unknown>>
type Listed = Json & { readonly key12: string; readonly balanceMsat: number; readonly heldMsat: number }
type Page = {
  readonly rows: Listed[]
  readonly next?: string
  readonly total: number
  readonly totals: Record<string, number>
}

async function ask<Answer>(name: string, params: Json = {}): Promise<Answer> {
  const { result, error } = await economy.node.call(name, params)
  expect([name, error]).toEqual([name, undefined])
  return result as Answer
}

beforeAll(async () => {
  relay = createTestRelay({ nowS: () => Math.floor(Date.now() / 1000) })
  const environment = { ADMIN_NPUB: getPublicKey(ownerSecret), ADMIN_RELAYS: relay.url }
  economy = await startEconomy({ node: { environment } })
  // What a client left behind is waited for that long.
  await ask('settings.apply', { changes: { 'network.drainS': 1 } })
  for (const sat of [300, 50, 700, 50, 200]) keys.push(await economy.key(sat))
  for (const [n, key] of keys.entries()) {
    for (let times = 0; times < n % 3; times += 1) expect((await economy.chat(key)).status).toBe(200)
    const session = hashOf(key)
    await until('it is listed', async () => (await economy.node.call('sessions.get', { session })).error === undefined)
    if (n % 2 === 0) await ask('sessions.rename', { session, label: `label ${9 - n}` })
  }
  await economy.post('/v1/balance/child-key', { count: 2, balance_limit: 40_000 }, keys[0])
  await ask('sessions.extend', { sessions: [hashOf(keys[2] ?? '')], until: 2_000_000_000, reason: 'a test' })
  await ask('sessions.freeze', { sessions: [hashOf(keys[3] ?? '')], reason: 'a test' })
}, 60_000)
afterAll(async () => {
  await economy.stop()
  await relay.stop()
})

/** One request under way until `end` is called: a hold of it is there. */
async function hanging(key: string) {
  economy.upstream.next({ fault: 'hang-before-headers' })
  const stop = new AbortController()
  const { node } = economy
  const before = node.node.adminNode.holds.totals().requests
  const body = JSON.stringify({ model: 'gpt-x', messages: [{ role: 'user', content: 'hello' }], max_tokens: 100 })
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` }
  const answer = fetch(`${node.url}/v1/chat/completions`, { method: 'POST', headers, body, signal: stop.signal })
  answer.catch(() => undefined)
  await until('it is held', () => node.node.adminNode.holds.totals().requests === before + 1)
  return async () => {
    stop.abort()
    await until('it is over', () => node.node.adminNode.holds.totals().requests === before, 20_000)
  }
}

const sorts = [
  ...['key12', 'label', 'balanceMsat', 'heldMsat', 'availableMsat', 'spentMsat', 'requests', 'createdAt', 'lastUsedAt'],
  ...['expiresAt', 'state', 'parent', 'depositedMsat', 'refundedMsat', 'origin', 'refundMint', 'limitMsat'],
]

test('D-028 D-036 by every column and both ways, page after page shows every key once, in the order that it says', async () => {
  const end = await hanging(keys[4] ?? '')
  const all = (await ask<Page>('sessions.list', { limit: 500 })).rows.map(({ key12 }) => key12).sort()
  expect(all.length).toBe(7)
  for (const sort of sorts.flatMap((one) => [one, `-${one}`])) {
    const rows: Listed[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await ask<Page>('sessions.list', { sort, limit: 2, ...(cursor === undefined ? {} : { cursor }) })
      rows.push(...page.rows)
      cursor = page.next
      if (cursor === undefined) break
    }
    expect([sort, rows.map(({ key12 }) => key12).sort()]).toEqual([sort, all])
    const values = rows.map((row) => row[sort.replace('-', '')]).filter((value) => value !== undefined)
    const up = values.every((value, n) => n === 0 || (values[n - 1] as never) <= (value as never))
    const down = values.every((value, n) => n === 0 || (values[n - 1] as never) >= (value as never))
    expect([sort, sort.startsWith('-') ? down : up]).toEqual([sort, true])
  }
  expect((await ask<Page>('sessions.list', { sort: '-heldMsat', limit: 1 })).rows[0]?.key12).toBe(
    hashOf(keys[4] ?? '').slice(0, 12),
  )
  await end()
}, 60_000)

test('D-028 the totals are those of the whole filter, holds among them, and a key itself stands nowhere', async () => {
  const end = await hanging(keys[0] ?? '')
  const held = economy.node.node.adminNode.holds.totals().heldMsat
  const funded = await ask<Page>('sessions.list', { funded: true, limit: 1 })
  expect([funded.total, funded.totals.heldMsat]).toEqual([5, held])
  const frozen = await ask<Page>('sessions.list', { state: 'frozen' })
  expect([frozen.total, frozen.totals.heldMsat, frozen.totals.balanceMsat]).toEqual([
    1,
    0,
    frozen.rows[0]?.balanceMsat ?? -1,
  ])
  const children = await ask<Page>('sessions.list', { kind: 'child' })
  expect(children.rows.map(({ parent }) => parent)).toEqual([0, 1].map(() => hashOf(keys[0] ?? '').slice(0, 12)))
  expect(JSON.stringify([funded, frozen, children])).not.toContain('sk-')
  await end()
})

type Held = {
  readonly requestId: string
  readonly model: string
  readonly upstream: string
  readonly heldMsat: number
  readonly ageS: number
}
type Timeline = {
  readonly rows: (Json & { kind: string; msat: number; balanceMsat: number })[]
  readonly holds: Held[]
  readonly next?: string
}

test('D-030 a running request is a hold with its age, lowers what is available and not the balance, and becomes one charge', async () => {
  const key = keys[2] ?? ''
  const session = hashOf(key)
  const before = await ask<Listed & { availableMsat: number }>('sessions.get', { session })
  const end = await hanging(key)
  const { rows, totals } = await ask<{ rows: Held[]; totals: Json }>('requests.running')
  expect(rows).toMatchObject([{ model: 'gpt-x', key12: session.slice(0, 12), ageS: expect.any(Number) }])
  expect(totals).toEqual({ requests: 1, heldMsat: rows[0]?.heldMsat })
  expect(rows[0]?.upstream).not.toBe('')
  const during = await ask<Listed & { availableMsat: number }>('sessions.get', { session })
  expect([during.balanceMsat, during.availableMsat]).toEqual([
    before.balanceMsat,
    before.availableMsat - (rows[0]?.heldMsat ?? 0),
  ])
  const timeline = await ask<Timeline>('sessions.timeline', { session })
  expect(timeline.holds).toEqual(rows.map((row) => ({ ...row, ageS: expect.any(Number) as never })))
  expect(timeline.rows.some(({ requestId }) => requestId === rows[0]?.requestId)).toBe(false)
  await end()
  const after = await ask<Timeline>('sessions.timeline', { session })
  expect([after.holds, after.rows.filter(({ requestId }) => requestId === rows[0]?.requestId).length]).toEqual([[], 1])
}, 30_000)

test('D-029 the line Why and the timeline add up to the balance, refunds and what became of them with them', async () => {
  const key = keys[4] ?? ''
  const session = hashOf(key)
  const refund = await economy.post('/v1/balance/refund', {}, key)
  expect(refund.status).toBe(200)
  const timeline = await ask<Timeline>('sessions.timeline', { session, limit: 500 })
  const { why } = await ask<{ why: { balanceMsat: number; byKind: Record<string, number> } }>('sessions.get', {
    session,
  })
  expect(Object.values(why.byKind).reduce((sum, msat) => sum + msat, 0)).toBe(why.balanceMsat)
  expect(timeline.rows.reduce((sum, { msat }) => sum + msat, 0)).toBe(why.balanceMsat)
  expect(timeline.rows[0]?.balanceMsat).toBe(why.balanceMsat)
  const asked = timeline.rows.find(({ kind }) => kind === 'refund')
  expect(asked).toMatchObject({ payout: expect.stringMatching(/^[0-9a-f]{32}$/), msat: why.byKind.refund ?? 0 })
  expect(timeline.rows.at(-1)).toMatchObject({ kind: 'opened', msat: 0, balanceMsat: 0 })
  const one = await ask<{ rows: Json[] }>('sessions.timeline', { session, kind: 'deposit' })
  expect(one.rows).toMatchObject([{ kind: 'deposit', msat: 200_000, balanceMsat: 200_000 }])
})

test('D-016 a search finds keys by hash, requests, models and payouts; what looks like a key is refused and not told back', async () => {
  type Found = { rows: { kind: string; id: string; label: string }[] }
  const key = keys[4] ?? ''
  const [request] = (await ask<{ rows: { requestId: string }[] }>('requests.list', { session: hashOf(key), limit: 1 }))
    .rows
  const [payout] = (await ask<{ rows: { payout: string }[] }>('payouts.list')).rows
  const kindsOf = async (text: string) =>
    (await ask<Found>('search.find', { text })).rows.map(({ kind, id }) => [kind, id])
  expect(await kindsOf(hashOf(key).slice(0, 9))).toEqual([['session', hashOf(key).slice(0, 12)]])
  expect(await kindsOf(request?.requestId ?? '')).toEqual([['request', request?.requestId ?? '']])
  expect(await kindsOf(payout?.payout ?? '')).toEqual([['payout', payout?.payout ?? '']])
  expect((await kindsOf('GPT')).map(([kind]) => kind)).toContain('model')
  for (const secret of [key, economy.mint.token(3), 'Bearer abc', `nsec1${'q'.repeat(58)}`]) {
    const answer = await economy.node.call('search.find', { text: secret.slice(0, 100) })
    expect(answer.error?.data).toMatchObject({ reason: 'PARAMS', path: 'text' })
    expect(JSON.stringify(answer)).not.toContain(secret.slice(0, 12))
  }
})

type Lines = {
  readonly rows: { readonly at: number; readonly message: string; readonly traced?: boolean; readonly fields: Json }[]
  readonly counts: Record<string, number>
}

test('D-067 the process log is searched by level, text, status and path, and its tail goes on where it ended', async () => {
  const first = await ask<Lines & { after: string }>('logs.tail', { level: 'warn' })
  economy.upstream.next({ fault: { status: 500, body: 'no' } })
  await economy.chat(keys[0] ?? '')
  const poor = await economy.key(1)
  const long = [{ role: 'user', content: 'a'.repeat(100_000) }]
  expect((await economy.chat(poor, { messages: long })).status).toBe(402)
  const failed = async () => (await ask<Lines>('logs.tail', { level: 'warn', after: first.after })).rows
  await until('the failure is told', async () =>
    (await failed()).some(({ message }) => message === 'Upstream request failed'),
  )
  const refused = async (params: Json) =>
    (await ask<Lines>('logs.list', { text: 'Insufficient balance', ...params })).rows.length
  await until('the refusal is told', async () => (await refused({})) === 1)
  expect([await refused({ status: 402 }), await refused({ status: 200 })]).toEqual([1, 0])
  expect([await refused({ path: '/v1/chat/completions' }), await refused({ path: '/nowhere' })]).toEqual([1, 0])
  const { counts, rows } = await ask<Lines>('logs.list', { level: 'error' })
  expect([counts.warn ?? 0, rows.length]).toEqual([expect.any(Number), counts.error ?? -1])
})

test('D-068 a refusal names the session of its key and claims no trace; one of a one-shot payment names none', async () => {
  const [poor, ended] = [await economy.key(1), await economy.key(300)]
  const long = [{ role: 'user', content: 'a'.repeat(100_000) }]
  const past = { do: 'extend', validUntil: 1_700_000_000, nowMs: 0, reason: 'a test' } as const
  const meta = { actor: 'test', door: 'console' } as const
  await economy.node.node.adminNode.engine.execute(wish('session', `session-${hashOf(ended)}`, past), { meta })
  const statuses = [await economy.chat(poor, { messages: long }), await economy.chat(ended)].map(({ status }) => status)
  expect(statuses).toEqual([402, 403])
  const oneShot = await fetch(`${economy.node.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-cashu': economy.mint.token(1), authorization: `Bearer ${poor}` },
    body: JSON.stringify({ model: 'gpt-x', messages: long, max_tokens: 100 }),
  })
  expect(oneShot.status).toBe(402)
  const told = async (text: string) => (await ask<Lines>('logs.list', { text })).rows
  const requestId = oneShot.headers.get('x-request-id') ?? ''
  await until('the last refusal is told', async () => (await told(requestId)).length === 1)
  const named = async (key: string) => (await told(hashOf(key).slice(0, 12))).map((line) => [line.message, line.traced])
  expect([await named(poor), await named(ended)]).toEqual([
    [['Insufficient balance', false]],
    [['Session expired', false]],
  ])
  const [line] = await told(requestId)
  expect([line?.message, line?.traced, line?.fields.session]).toEqual(['Insufficient balance', false, undefined])
})

test('D-068 a line of a request that was let in says that it has a trace', async () => {
  economy.upstream.next({ fault: { status: 500, body: 'no' } })
  const answer = await economy.chat(keys[0] ?? '')
  const text = answer.headers.get('x-request-id') ?? ''
  await until('its trace is there', async () => {
    const { rows } = await ask<Lines>('logs.list', { text })
    return rows.length > 0 && rows.every(({ traced }) => traced === true)
  })
  await ask('requests.get', { requestId: text })
})

type Moved = Json & {
  readonly kind: string
  readonly byName?: string
  readonly door?: string
  readonly changed?: Json[]
}

test('D-035 a row of the timeline says who did it, by which door, and which limits it moved from what to what', async () => {
  const session = hashOf(await economy.key(60))
  const reason = 'a pilot'
  await ask('sessions.setLimits', { session, limitMsat: 5_000_000, period: 'monthly', maxParallel: 3, reason })
  const { token } = await ask<{ token: string }>('tokens.create', { name: 'nightly', role: 'operator' })
  const extended = await byToken(economy.node, token)('sessions.extend', {
    sessions: [session],
    until: 2_000_000_000,
    reason,
  })
  expect(extended.status).toBe(200)
  await ask('sessions.setLimits', { session, limitMsat: 7_000_500, period: null, reason })
  const client = await connectClient(relay.url, economy.node.node.adminNode.inbox, ownerSecret)
  expect((await client.ask('sessions.freeze', { sessions: [session], reason }))?.error).toBe(undefined)
  client.close()
  const { rows } = await ask<{ rows: Moved[] }>('sessions.timeline', { session })
  const change = (what: string, before: unknown, after: unknown) => ({ what, before, after })
  expect(rows.map(({ kind, byName, door, changed }) => ({ kind, byName, door, changed }))).toEqual([
    { kind: 'frozen', byName: 'owner', door: 'nostr', changed: undefined },
    {
      kind: 'limits-set',
      byName: 'console',
      door: 'console',
      changed: [change('limitMsat', 5_000_000, 7_000_500), change('period', 'monthly', null)],
    },
    {
      kind: 'expiry-set',
      byName: 'token nightly',
      door: 'http',
      changed: [change('expiresAt', null, 2_000_000_000)],
    },
    {
      kind: 'limits-set',
      byName: 'console',
      door: 'console',
      changed: [
        change('limitMsat', null, 5_000_000),
        change('period', null, 'monthly'),
        change('maxParallel', null, 3),
      ],
    },
    { kind: 'deposit', byName: undefined, door: undefined, changed: undefined },
    { kind: 'opened', byName: undefined, door: undefined, changed: undefined },
  ])
})

test('D-035 a limit that a key was made with is what the first change of it started from', async () => {
  const { rows: children } = await ask<Page>('sessions.list', { kind: 'child', limit: 1 })
  const session = children[0]?.key12 ?? ''
  await ask('sessions.setLimits', { session, limitMsat: 30_000, reason: 'less' })
  const { rows } = await ask<{ rows: Moved[] }>('sessions.timeline', { session, kind: 'limits-set' })
  expect(rows.map(({ changed }) => changed)).toEqual([[{ what: 'limitMsat', before: 40_000, after: 30_000 }]])
})

test('R-034 over Nostr a page ends where 16 kB do, and page after page all rows come', async () => {
  for (let n = 0; n < 3; n += 1)
    await economy.post('/v1/balance/child-key', { count: 20, balance_limit: 40_000 }, keys[0])
  const whole = await ask<Page>('sessions.list', { limit: 500, sort: 'key12' })
  const client = await connectClient(relay.url, economy.node.node.adminNode.inbox, ownerSecret)
  const found: string[] = []
  for (let cursor: string | undefined; ; ) {
    const params = { limit: 500, sort: 'key12', ...(cursor === undefined ? {} : { cursor }) }
    const answer = await client.ask('sessions.list', params, { waitMs: 10_000 })
    expect(JSON.stringify(answer?.result).length).toBeLessThan(16_384)
    const page = answer?.result as unknown as Page
    found.push(...page.rows.map(({ key12 }) => key12))
    cursor = page.next
    if (cursor === undefined) break
  }
  client.close()
  expect(found).toEqual(whole.rows.map(({ key12 }) => key12))
  expect(found.length).toBeGreaterThan(60)
}, 30_000)
