/** `Refund-LNURL` and `Key-Expiry-Time` over HTTP (contract 3.7): checked, kept with the money, shown, and in force. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { type Economy, errorOf, startEconomy } from '../kit/economy'
import { until } from '../kit/node'
import { createReceiver, type TestReceiver } from '../kit/receiver'
import { atNight } from '../kit/sizes'

let economy: Economy
let receiver: TestReceiver
let now = Date.UTC(2026, 10, 27, 12)
beforeAll(async () => {
  receiver = createReceiver(() => now)
  economy = await startEconomy({ node: { now: () => now, foreign: receiver.foreign } })
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  await economy.stop()
  await receiver.stop()
})

const inS = (seconds: number) => Math.floor(now / 1000) + seconds
const sessionOf = (key: string) => `session-${createHash('sha256').update(key).digest('hex')}`
const code = async (response: Response) =>
  response.ok ? response.status : `${response.status} ${(await errorOf(response)).code}`
type Told = { api_key: string; refund_address: string | null; key_expiry_time: number | null; state: string }
const info = async (key: string, headers: Record<string, string> = {}) =>
  (await (await economy.get('/v1/balance/info', { authorization: `Bearer ${key}`, ...headers })).json()) as Told
const topUp = (key: string, headers: Record<string, string>) =>
  economy.post('/v1/balance/topup', { cashu_token: economy.mint.token(4) }, key, headers)
const pair = (seconds: number) => ({ 'refund-lnurl': 'lightning:me@example.com', 'key-expiry-time': `${inS(seconds)}` })

test('C-057 contract 3.7 the pair is kept with the first money, shown in info, and a repeat changes nothing', async () => {
  const token = economy.mint.token(50)
  const create = (headers: Record<string, string>) =>
    economy.post('/v1/balance/create', { initial_balance_token: token }, undefined, headers)
  expect(await code(await create(pair(600)))).toBe(200)
  const told = { refund_address: 'me@example.com', key_expiry_time: inS(600), state: 'open' }
  expect(await info(token)).toMatchObject(told)
  await create({ 'refund-lnurl': 'other@example.com', 'key-expiry-time': `${inS(9000)}` })
  await info(token, pair(1))
  expect(await info(token)).toMatchObject(told)
  const { api_key } = await info(economy.mint.token(9), { 'refund-lnurl': 'you@example.com' })
  expect(await info(api_key)).toMatchObject({ refund_address: 'you@example.com', key_expiry_time: null })
})

test('contract 3.7 a top-up sets either of them, an expiry only beside an address that is stored or new', async () => {
  const key = await economy.key(20)
  expect(await code(await topUp(key, { 'key-expiry-time': `${inS(600)}` }))).toBe('400 invalid_field')
  for (const address of ['nobody', 'http://example.com/x', 'lnurl1qqqq', 'https://me@example.com/pay', 'a b@c.example'])
    expect([address, await code(await topUp(key, { 'refund-lnurl': address }))]).toEqual([address, '400 invalid_field'])
  expect(await info(key)).toMatchObject({ refund_address: null, key_expiry_time: null })
  expect(await code(await topUp(key, { 'refund-lnurl': 'me@example.com' }))).toBe(200)
  expect(await code(await topUp(key, { 'key-expiry-time': `${inS(600)}` }))).toBe(200)
  expect(await info(key)).toMatchObject({ refund_address: 'me@example.com', key_expiry_time: inS(600) })
  expect(await code(await topUp(key, { 'refund-lnurl': 'you@example.com' }))).toBe(200)
  expect(await info(key)).toMatchObject({ refund_address: 'you@example.com', key_expiry_time: inS(600) })
  // One claim for each such key: the list of whom something is owed at that time.
  const owner = await economy.node.node.log.claimedBy('key-expiry', sessionOf(key))
  expect(owner).toBe(String(inS(600)))
})

test('contract 3.7 on a child key they are ignored', async () => {
  const parent = await economy.key(20)
  const made = await economy.post('/v1/balance/child-key', {}, parent)
  const [child = ''] = ((await made.json()) as { api_keys: string[] }).api_keys
  expect(await code(await topUp(child, { 'refund-lnurl': 'me@example.com' }))).toBe(200)
  expect(await code(await topUp(child, { 'refund-lnurl': 'nonsense' }))).toBe(200)
  for (const key of [parent, child]) expect((await info(key)).refund_address).toBeNull()
})

test('C-057 C-054 when the time passes the key is expired, and what cannot be paid is still refunded', async () => {
  receiver.twist({ offer: { tag: 'withdrawRequest' } })
  const { api_key } = await info(economy.mint.token(30), pair(60))
  expect(await code(await economy.chat(api_key))).toBe(200)
  now += 60_000
  expect((await info(api_key)).state).toBe('expired')
  const refused = await economy.chat(api_key)
  expect((await errorOf(refused)).message).toContain(new Date(now).toISOString())
  expect(await code(await topUp(api_key, {}))).toBe('403 key_expired')
  const session = sessionOf(api_key).slice('session-'.length)
  expect((await economy.node.call('sessions.get', { session })).result).toMatchObject({ state: 'expired' })
  const refund = await economy.post('/v1/balance/refund', {}, api_key)
  expect(((await refund.json()) as { token?: string }).token).toContain('cashu')
  receiver.twist({})
})

atNight(
  'C-057 a valid pair leads to one payout of all whole sats after expiry, and none before',
  async () => {
    const headers = { 'refund-lnurl': receiver.address, 'key-expiry-time': `${inS(120)}` }
    const { api_key } = await info(economy.mint.token(512), headers)
    const invoices = receiver.invoices().length
    now += 119_000
    await Bun.sleep(20)
    expect(receiver.invoices().length).toBe(invoices)
    now += 1000
    const left = async () => ((await economy.info(api_key)) as { balance: number }).balance
    await until('it is paid out', async () => (await left()) < 10_000, 20_000)
    await until('the claim is gone', async () => {
      const owner = await economy.node.node.log.claimedBy('key-expiry', sessionOf(api_key))
      return owner === undefined
    })
    await until('the receiver made an invoice', () => receiver.invoices().length > invoices)
    await until('the rest is back', async () => (await left()) > 0 || receiver.invoices().length > invoices + 1)
    expect(receiver.invoices().length).toBe(invoices + 1)
    const events = await economy.node.node.log.read(sessionOf(api_key), 0)
    expect(events.filter(({ type }) => type === 'session.debited')).toHaveLength(1)
    expect((await info(api_key)).state).toBe('expired')
  },
  40_000,
)

test('contract 3.7 remote-admin 10 beyond its holder’s day no key is extended: refused before it, and beside the key after', async () => {
  const { api_key } = await info(economy.mint.token(30), pair(60))
  const session = sessionOf(api_key).slice('session-'.length)
  const extend = async (until: number | null) => {
    const { result, error } = await economy.node.call('sessions.extend', {
      sessions: [session],
      until,
      reason: 'longer',
    })
    return result ?? error?.data
  }
  const row = async () =>
    (await economy.node.call('sessions.get', { session })).result as { expiresAt: number; can: { extend: unknown } }
  const day = inS(60)
  const refused = { reason: 'REFUSED', code: 'expires-by-holder', expiresAt: day }
  for (const until of [day + 1, null]) expect(await extend(until)).toMatchObject(refused)
  expect(await extend(day - 30)).toEqual({ changed: 1 })
  await until('the list knows its new end', async () => (await row()).expiresAt === day - 30)
  expect((await row()).can.extend).toEqual({ ok: true })
  // As far as its holder lets it.
  expect(await extend(day + 600)).toEqual({ changed: 1 })
  await until('the list knows its new end', async () => (await row()).expiresAt === day)
  now += 60_000
  for (const until of [day + 600, day + 601, null]) expect(await extend(until)).toMatchObject(refused)
  expect((await row()).can.extend).toEqual({ refused: 'expires-by-holder' })
  expect((await info(api_key)).state).toBe('expired')
})

test('contract 4.4 a stored Refund-LNURL is the default recipient of a refund', async () => {
  const { api_key } = await info(economy.mint.token(256), { 'refund-lnurl': receiver.address })
  const paid = (await (await economy.post('/v1/balance/refund', {}, api_key)).json()) as Record<string, unknown>
  expect(paid).toMatchObject({ status: 'paid', recipient: receiver.address })
})

type Refunded = {
  readonly status?: string
  readonly token?: string
  readonly sats?: string
  readonly refund_id?: string
}
const refund = async (key: string, body: object = {}) =>
  (await (await economy.post('/v1/balance/refund', body, key)).json()) as Refunded

test.each([
  ['an invoice of another amount', () => receiver.twist({ msat: 1000 })],
  ['no invoice', () => receiver.twist({ invoice: {} })],
  ['a payment that fails', () => economy.mint.setLightning({ outcome: 'failed', fee: 1, reserve: 2 })],
] as const)(
  'contract 3.7 P-02 %s at a stored address: the very call answers with a token, and each later one with the same',
  async (_, twist) => {
    const { api_key } = await info(economy.mint.token(100), { 'refund-lnurl': receiver.address })
    twist()
    const first = await refund(api_key)
    expect(first).toMatchObject({ sats: '100' })
    expect(await refund(api_key)).toEqual(first)
    expect((await economy.info(api_key)) as object).toMatchObject({ balance: 0 })
    receiver.twist({})
    economy.mint.setLightning({})
  },
)

test('contract 4.4 P-02 what came back of a payment by Lightning is one token, on every call', async () => {
  const { api_key } = await info(economy.mint.token(2000))
  economy.mint.setLightning({ fee: 1, reserve: 2 })
  expect(await refund(api_key, { lightning_address: receiver.address })).toMatchObject({ status: 'paid' })
  const rest = await refund(api_key)
  expect(rest.token).toContain('cashu')
  expect(await refund(api_key)).toEqual(rest)
  expect(await refund(api_key, { lightning_address: receiver.address })).toEqual(rest)
  economy.mint.setLightning({})
})

// It waits for rounds of five real seconds.
atNight(
  'C-057 contract 3.7 an expired key whose receiver fails once is paid out later, once',
  async () => {
    const { api_key } = await info(economy.mint.token(512), {
      'refund-lnurl': receiver.address,
      'key-expiry-time': `${inS(60)}`,
    })
    receiver.twist({ msat: 1000 })
    const count = async (wanted: string) =>
      (await economy.node.node.log.read(sessionOf(api_key), 0)).filter(({ type }) => type === wanted).length
    now += 60_000
    await until('it was tried in vain', async () => (await count('session.returned')) === 1, 20_000)
    expect((await economy.info(api_key)) as object).toMatchObject({ balance: 512_000 })
    receiver.twist({})
    const isTriedAgain = async () => {
      now += 10_000
      return (await count('session.debited')) === 2
    }
    await until('it is tried again', isTriedAgain, 40_000)
    const isDone = async () => (await economy.node.node.log.claimedBy('key-expiry', sessionOf(api_key))) === undefined
    await until('the claim is gone', isDone, 20_000)
    now += 24 * 3600_000
    await Bun.sleep(6000)
    expect(await count('session.debited')).toBe(2)
  },
  110_000,
)
