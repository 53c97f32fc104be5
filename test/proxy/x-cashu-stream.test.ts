/** Streams that a token pays for: kept back with the change in the header, or live with it in the last event (contract 7.4). */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { limits } from '../../core/limits'
import { noLadder } from '../kit/deposits'
import { chatBody, type Economy, type Json, startEconomy } from '../kit/economy'
import { until } from '../kit/node'
import { createTestUpstream, gptX, type TestUpstream } from '../kit/upstream'
import { type Customer, createCustomer, faceOf } from '../kit/x-cashu'

let economy: Economy
let second: TestUpstream
let dear: TestUpstream
let customer: Customer
let now = Date.now()
beforeAll(async () => {
  economy = await startEconomy({
    node: {
      // Change needs a swap, so that a mint can be too slow for it.
      ladder: noLadder,
      now: () => now,
      // The wait for the change of a last event, in a tenth of its time.
      pause: (ms) => Bun.sleep(ms === limits.changeChunkMs ? ms / 10 : ms),
      environment: {
        EXCHANGE_FEE: '1',
        UPSTREAM_FEE: '1',
        MINT_WAIT_S: '3',
        IDLE_S: '1',
        DRAIN_AFTER_DISCONNECT_S: '2',
        PRICE_MAX_AGE_S: '7200',
      },
    },
  })
  customer = createCustomer(economy)
  second = createTestUpstream()
  dear = createTestUpstream({
    models: [{ ...gptX, pricing: { prompt: '0.00001', completion: '0.00002' } }],
  })
}, 60_000)
afterAll(async () => {
  await customer.check()
  await economy.stop()
  await second.stop()
  await dear.stop()
})
afterEach(() => {
  economy.upstream.reset()
  // What failed before shall not be at rest in the next test.
  now += 301_000
})

const stream: Json = { stream: true }
const live = { 'x-cashu-stream': 'live' }
const objectsIn = (text: string): readonly Json[] =>
  text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice('data: '.length)) as Json)
const changeIn = (object: Json | undefined) =>
  (object?.metadata as { routstr?: { cashu_change?: string | null } } | undefined)?.routstr?.cashu_change
const withoutChange = (text: string) => text.replace(/,"cashu_change":(null|"[^"]*")/, '')

test('C-145 C-121 C-122 kept back: change and cost in the headers, and the bytes of a live stream', async () => {
  const [kept, open] = [
    await customer.pay(customer.token(50), stream),
    await customer.pay(customer.token(50), stream, live),
  ]
  expect([kept.status, kept.change, open.status, open.change]).toEqual([200, 'sent', 200, 'pending'])
  expect(kept.headers.get('content-type')).toBe('text/event-stream')
  expect(kept.headers.get('x-routstr-cost-msats')).toBe('2000')
  expect(faceOf(kept.token ?? '')).toMatchObject({ units: 48 })
  expect(open.headers.get('x-routstr-cost-msats')).toBeNull()
  expect(withoutChange(open.text)).toBe(kept.text)
  expect(kept.text.endsWith('data: [DONE]\n\n')).toBe(true)
  const last = objectsIn(open.text).at(-1)
  expect([last?.choices, faceOf(changeIn(last) ?? '').units]).toEqual([[], 48])
})

test('C-146 P-26 P-01 live: the first byte precedes the upstream’s end, and the change of the last event stays collectable', async () => {
  const token = customer.token(50)
  economy.upstream.next({ pieces: 6, pauseMs: 100 })
  const response = await economy.post('/v1/chat/completions', { ...chatBody, ...stream }, undefined, {
    'x-cashu': token,
    ...live,
  })
  const reader = response.body?.getReader()
  const first = await reader?.read()
  expect([first?.done, economy.upstream.answered()]).toEqual([false, 0])
  expect((await customer.collect(token)).code).toBe('refund_pending')
  let text = new TextDecoder().decode(first?.value)
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read())
    text += new TextDecoder().decode(next.value)
  const change = changeIn(objectsIn(text).at(-1))
  expect(faceOf(change ?? '').units).toBe(48)
  const later = await customer.collect(token)
  expect([later.status, later.json.token]).toEqual([200, change ?? ''])
})

test('C-146 C-141 live, a mint too slow for the last event: null there, and collected later', async () => {
  // Coins of other sizes: the change needs a swap.
  const token = customer.token(64, 'sat', { amounts: [64] })
  economy.mint.fault({ path: 'swap', kind: 'delay-before', nth: 2, ms: 1500 })
  const paid = await customer.pay(token, stream, live)
  expect([paid.status, changeIn(objectsIn(paid.text).at(-1))]).toEqual([200, null])
  expect(paid.text.endsWith('data: [DONE]\n\n')).toBe(true)
  await until('the change is there', async () => (await customer.collect(token)).status === 200)
  expect(faceOf(String((await customer.collect(token)).json.token)).units).toBe(62)
}, 40_000)

test('C-129 C-141 live, a failure after the first byte: one error event with the token, charge 0', async () => {
  const token = customer.token(50)
  economy.upstream.next({ pieces: 6, fault: 'cut-mid-stream' })
  const paid = await customer.pay(token, stream, live)
  const last = objectsIn(paid.text).at(-1) as { error: { code: string; refund_token: string } }
  expect([last.error.code, faceOf(last.error.refund_token).units]).toEqual(['UPSTREAM_UNAVAILABLE', 50])
  expect([paid.text.includes('[DONE]'), paid.token]).toEqual([false, null])
  expect((await customer.collect(token)).json.token).toBe(last.error.refund_token)
})

test.each([
  ['cut in mid-stream', { fault: 'cut-mid-stream', pieces: 6 }, 424],
  ['ended before it finished', { fault: 'end-early', pieces: 6 }, 424],
  ['an error in mid-stream', { fault: 'error-event-later', pieces: 6 }, 424],
  ['silent in mid-stream', { fault: 'hang-mid-stream', pieces: 6 }, 424],
  ['a rate limit', { fault: { status: 429 } }, 429],
  ['a rejected body', { fault: { status: 422 } }, 422],
] as const)(
  'C-141 P-08 C-100 %s while it is kept back: the error with the full refund',
  async (_, behaviour, status) => {
    economy.upstream.always(behaviour)
    const token = customer.token(50)
    const paid = await customer.pay(token, stream)
    expect([paid.status, paid.change, paid.headers.get('x-routstr-error-scope')]).toEqual([status, 'sent', 'upstream'])
    expect([paid.token, faceOf(paid.token ?? '').units]).toEqual([paid.refundToken ?? '', 50])
    expect(paid.headers.get('x-should-retry')).toBe('false')
    const later = await customer.collect(token)
    expect([later.status, later.json.token]).toEqual([200, paid.token])
  },
)

test('C-102 P-09 a client that left is billed, and collects its change', async () => {
  for (const headers of [{}, live]) {
    const token = customer.token(50)
    const leaving = new AbortController()
    const asked = economy.upstream.calls()
    economy.upstream.next({ pieces: 6, pauseMs: 60 })
    const call = fetch(`${economy.node.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-cashu': token, ...headers },
      body: JSON.stringify({ ...chatBody, ...stream }),
      signal: leaving.signal,
    })
      .then((response) => response.text())
      .catch(() => undefined)
    await until('the upstream is asked', () => economy.upstream.calls() > asked)
    await Bun.sleep(100)
    leaving.abort()
    await call
    await until('the change is there', async () => (await customer.collect(token)).status === 200)
    expect(faceOf(String((await customer.collect(token)).json.token)).units).toBe(48)
  }
})

test('P-37 C-145 an answer above 16 MiB goes live, and its change stays collectable', async () => {
  const token = customer.token(50)
  economy.upstream.next({ text: 'a'.repeat(17 * 1024 * 1024), pieces: 34 })
  const paid = await customer.pay(token, stream)
  expect([paid.status, paid.change, paid.token]).toEqual([200, 'pending', null])
  expect(paid.text.length).toBeGreaterThan(17 * 1024 * 1024)
  const change = changeIn(objectsIn(paid.text).at(-1))
  expect(faceOf(change ?? '').units).toBe(48)
  expect((await customer.collect(token)).json.token).toBe(change ?? '')
}, 30_000)

const sells = (one: TestUpstream, name: string) =>
  economy.node
    .call('upstreams.add', { kind: 'generic', name, baseUrl: one.url, apiKeys: [`canary-${name}`] })
    .then(() => until(`${name} is known`, () => one.requests.some(({ path }) => path === '/v1/models')))

test('C-148 P-10 another offer serves, also after a stream broke that was kept back', async () => {
  await sells(second, 'second')
  for (const behaviour of [{ fault: { status: 500 } }, { fault: 'cut-mid-stream', pieces: 6 }] as const) {
    economy.upstream.always(behaviour)
    const calls = second.calls()
    const paid = await customer.pay(customer.token(50), stream)
    expect([paid.status, paid.change, second.calls() - calls]).toEqual([200, 'sent', 1])
    expect(faceOf(paid.token ?? '').units).toBe(48)
    now += 301_000
  }
})

test('C-162 C-148 a dearer offer is asked only if the token can bear it, and is billed at its price', async () => {
  for (const one of [economy.upstream, second]) one.always({ fault: { status: 500 } })
  await sells(dear, 'dear')
  const poor = await customer.pay(customer.token(2))
  expect([poor.status, faceOf(poor.refundToken ?? '').units, dear.calls()]).toEqual([424, 2, 0])
  now += 301_000
  const rich = await customer.pay(customer.token(50))
  expect([rich.status, rich.headers.get('x-routstr-cost-msats'), dear.calls()]).toEqual([200, '20000', 1])
  expect(faceOf(rich.token ?? '').units).toBe(30)
})
