/** `POST /v1/balance/refund` over real HTTP, against real mints (contract 4.4, C-064 to C-072, P-01, P-02). */

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { verifyLog } from '../../events'
import { type Economy, type ErrorEnvelope, errorOf, startEconomy } from '../kit/economy'
import { createTestMint, type TestMint } from '../kit/mint'
import { until } from '../kit/node'

let economy: Economy
let second: TestMint
beforeAll(async () => {
  second = createTestMint()
  economy = await startEconomy({ mints: [second.url], node: { environment: { MINT_WAIT_S: '3' } } })
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  expect((await verifyLog(economy.node.node.log)).problems).toEqual([])
  await economy.stop()
  await second.stop()
})

type Refunded = {
  readonly token: string
  readonly sats?: string
  readonly msats?: string
  readonly refund_id: string
  readonly remaining_msats: number
}
const refund = (bearer: string, body: unknown = {}) => economy.post('/v1/balance/refund', body, bearer)
const refunded = async (bearer: string, body: unknown = {}) => (await (await refund(bearer, body)).json()) as Refunded
const refusal = async (response: Response) => ({
  status: response.status,
  code: ((await response.json()) as ErrorEnvelope).error.code,
})
/** What the customer's own wallet gets for a token. */
const worth = async (token: string) => {
  const response = await economy.post('/v1/balance/create', { initial_balance_token: token })
  return ((await response.json()) as { balance: number }).balance
}

test('C-064 P-02 whole sats leave as a token of the full debit, and the same call gets the same token', async () => {
  const key = await economy.key(50)
  const { total_spent } = await afterChat(key)
  const first = await refunded(key)
  expect(first.sats).toBe(String(Math.floor((50_000 - total_spent) / 1000)))
  expect(first.remaining_msats).toBe((50_000 - total_spent) % 1000)
  expect((await refunded(key)).token).toBe(first.token)
  expect((await refunded(key, { refund_id: first.refund_id })).token).toBe(first.token)
  expect((await economy.info(key)).balance).toBe(first.remaining_msats)
  expect(await worth(first.token)).toBe(Number(first.sats) * 1000)
  expect((await refunded(key)).token).toBe(first.token)
})
const afterChat = async (key: string) => {
  expect((await economy.chat(key)).status).toBe(200)
  return economy.info(key)
}

test('C-065 ten parallel calls make one debit and return one token', async () => {
  const key = await economy.key(77)
  await afterChat(key)
  const all = await Promise.all(Array.from({ length: 10 }, () => refunded(key)))
  expect(new Set(all.map(({ token }) => token)).size).toBe(1)
})

test('C-066 C-042 after refund, top-up, refund the second token is new; the token as Bearer still works', async () => {
  const text = economy.mint.token(42)
  const { api_key: key } = (await (
    await economy.post('/v1/balance/create', { initial_balance_token: text })
  ).json()) as { api_key: string }
  const first = await refunded(key)
  await economy.post('/v1/balance/topup', { cashu_token: economy.mint.token(69) }, key)
  expect((await economy.info(text)).balance).toBe(69_000)
  const next = await refunded(text)
  expect([first.sats, next.sats]).toEqual(['42', '69'])
  expect((await refunded(key, { refund_id: first.refund_id })).token).toBe(first.token)
})

test('C-067 during a request in flight: 425 with Retry-After, and it works right after', async () => {
  const key = await economy.key(50)
  economy.upstream.next({ pieces: 8, pauseMs: 60 })
  const chat = economy.chat(key, { stream: true }).then((response) => response.text())
  await until('the request holds money', async () => (await economy.info(key)).reserved > 0)
  const during = await refund(key)
  expect(Number(during.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refusal(during)).toEqual({ status: 425, code: 'refund_ongoing_requests' })
  await chat
  await until('the request ended', async () => (await economy.info(key)).reserved === 0)
  expect((await refund(key)).status).toBe(200)
})

test('C-068 C-045 what has nothing, less than one sat, or no key', async () => {
  const key = await economy.key(1)
  const token = await refunded(key)
  expect(token.sats).toBe('1')
  // Refunded once: the same token, not a refusal.
  expect((await refund(key)).status).toBe(200)
  const unknown = await refund(`sk-${'0'.repeat(64)}`)
  expect(await refusal(unknown)).toEqual({ status: 401, code: 'key_not_found' })
  const spent = await economy.key(30)
  economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
  expect((await afterChat(spent)).balance).toBe(0)
  const nothing = (await (await refund(spent)).json()) as ErrorEnvelope
  expect([nothing.error.code, nothing.detail]).toEqual(['no_balance_to_refund', 'No balance to refund'] as never)
  expect(await refusal(await refund('sk-1'))).toEqual({ status: 401, code: 'invalid_api_key' })
  expect(await refusal(await economy.post('/v1/balance/refund', {}))).toEqual({ status: 401, code: 'missing_api_key' })
  expect(await refusal(await refund(economy.mint.token(5)))).toEqual({ status: 401, code: 'key_not_found' })
})

test('C-072 an empty body with a JSON content type is a refund; other bodies are refused and debit nothing', async () => {
  const key = await economy.key(9)
  for (const [body, status, code] of [
    ['[]', 400, 'invalid_body'],
    ['{', 400, 'invalid_json'],
    [{ refund_id: 7 }, 400, 'invalid_field'],
    [{ refund_id: 'nonsense' }, 404, 'refund_not_found'],
    [{ lightning_address: 'user@host.example' }, 400, 'invalid_lightning_address'],
  ] as const)
    expect(await refusal(await refund(key, body))).toEqual({ status, code })
  expect((await economy.info(key)).balance).toBe(9000)
  const empty = await economy.post('/v1/balance/refund', '', key)
  expect(((await empty.json()) as Refunded).sats).toBe('9')
})

test('P-02 a key fed from two mints is paid in one token or waits, and each mint’s books stay whole', async () => {
  const key = await economy.key(100)
  await economy.post('/v1/balance/topup', { cashu_token: second.token(300) }, key)
  const waiting = await refund(key)
  expect(waiting.status).toBe(425)
  const { code, details } = await errorOf(waiting)
  expect([code, details?.status]).toEqual(['refund_pending', 'pending'])
  expect((await economy.info(key)).balance).toBe(0)
  // The owner earns there: his money takes the place of what lies at the other mint.
  const other = await economy.post('/v1/balance/create', { initial_balance_token: second.token(5000) })
  const { api_key: payer } = (await other.json()) as { api_key: string }
  economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
  expect((await afterChat(payer)).total_spent).toBeGreaterThan(110_000)
  await until('the waiting refund found its coins', async () => (await refund(key)).status === 200, 30_000)
  const { token, sats } = await refunded(key)
  expect(sats).toBe('400')
  // Also once a new credit made the next refund a new one.
  await economy.post('/v1/balance/topup', { cashu_token: second.token(1) }, key)
  const older = (await (await refund(key, { refund_id: details?.refund_id })).json()) as Refunded
  expect([older.token, older.sats]).toEqual([token, '400'])
  expect(await worth(token)).toBe(400_000)
}, 60_000)

test('remote-admin 10 refunds.list, payouts.list and payouts.get tell what waits, page by page, and no token', async () => {
  const key = await economy.key(21)
  const { token, refund_id } = await refunded(key)
  const call = async (method: string, params: Record<string, unknown>) =>
    (await economy.node.call(method, params)).result as {
      rows: { refund?: string; payout?: string; sat: number; state: string }[]
      next?: string
      total: number
      totals: { sat: number }
      steps: { what: string }[]
    }
  const waiting = await call('refunds.list', {})
  expect(waiting.rows.find(({ refund }) => refund === refund_id)).toMatchObject({ sat: 21, state: 'uncollected' })
  expect(waiting.totals.sat).toBe(waiting.rows.reduce((sum, { sat }) => sum + sat, 0))
  expect((await call('refunds.list', { olderThanDays: 1 })).rows).toEqual([])
  const all: string[] = []
  let cursor: string | undefined
  do {
    const { rows, next } = await call('payouts.list', { limit: 2, ...(cursor === undefined ? {} : { cursor }) })
    all.push(...rows.map(({ payout }) => payout ?? ''))
    cursor = next
  } while (cursor !== undefined)
  const { rows, total } = await call('payouts.list', { limit: 500 })
  expect(all).toEqual(rows.map(({ payout }) => payout ?? ''))
  expect(total).toBe(all.length)
  const one = await call('payouts.get', { payout: refund_id })
  expect(one.steps.map(({ what }) => what)).toEqual(['payout.requested', 'payout.ready', 'payout.handed'])
  expect(JSON.stringify([waiting, rows, one])).not.toContain(token.slice(0, 20))
  expect((await economy.node.call('payouts.get', { payout: '0'.repeat(32) })).error?.data.reason).toBe('NOT_FOUND')
})

test('P-01 C-069 no token leaves that was not stored before: a node that dies after it answered tells it again', async () => {
  const key = await economy.key(33)
  await afterChat(key)
  const { token } = await refunded(key)
  const events = (await economy.node.call('events.list', { type: 'payout.ready', limit: 1 })).result as {
    rows: readonly unknown[]
  }
  expect(events.rows).toHaveLength(1)
  expect(JSON.stringify(events)).not.toContain('cashu')
  expect(economy.node.lines.join('\n')).not.toContain(token)
})
