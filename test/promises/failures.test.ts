/** Failure costs nothing, delivered work is billed, and a hold ends with its request (P-05, P-06, P-08, P-09, P-39). */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { type Economy, errorOf, eventsOf, type Json, startEconomy } from '../kit/economy'
import { failures } from '../kit/failures'
import { until } from '../kit/node'
import { spread } from '../kit/sizes'
import type { Behaviour } from '../kit/upstream'

let economy: Economy
let now = Date.now()
beforeAll(async () => {
  economy = await startEconomy({
    node: {
      now: () => now,
      environment: {
        BTC_USD_REFRESH_S: '5',
        PRICE_MAX_AGE_S: '7200',
        FIRST_BYTE_STREAM_S: '1',
        FIRST_BYTE_BODY_S: '1',
        IDLE_S: '1',
        DRAIN_AFTER_DISCONNECT_S: '2',
      },
    },
  })
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  await economy.stop()
})
afterEach(() => {
  economy.upstream.reset()
  // A limit of before shall be over in the next test; all of them together are shorter than a price may be old.
  now += 61_000
})

type Row = {
  readonly outcome: string
  readonly costMsat: number
  readonly marks: readonly string[]
  readonly requestId: string
}
const requests = async (requestId: string): Promise<readonly Row[]> => {
  const notBefore = Number(economy.node.node.log.head())
  const { rows } = (await economy.node.call('requests.list', { text: requestId }, { notBefore })).result as {
    rows: Row[]
  }
  return rows
}
const settled = (key: string) => until('nothing is held', async () => (await economy.info(key)).reserved === 0)

for (const stream of [false, true])
  test.each(stream ? spread(failures, 3) : failures)(
    `P-08 P-39 C-100 C-160 C-161 %s costs nothing${stream ? ', streamed' : ''}`,
    async (_, behaviour, status) => {
      const key = await economy.key(20)
      economy.upstream.next(behaviour)
      const response = await economy.chat(key, { stream })
      const error = await errorOf(response)
      expect([response.status, [401, 402, 403].includes(response.status)]).toEqual([status, false])
      expect(error.message).not.toMatch(/sk-abcdef|org-abc|127\.0\.0\.1|canary/)
      expect(error.type).not.toBe('authentication_error')
      if (status === 424 || status === 429) expect(response.headers.get('x-routstr-error-scope')).toBe('upstream')
      if (status === 429) expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(7)
      expect(await economy.info(key)).toMatchObject({ balance: 20_000, reserved: 0, total_spent: 0 })
      const id = response.headers.get('x-request-id') ?? ''
      expect((await requests(id)).map(({ outcome, costMsat }) => [outcome, costMsat])).toEqual([['upstream-failed', 0]])
    },
  )

test.each(['cut-mid-stream', 'cut-mid-chunk', 'hang-mid-stream', 'error-event-later', 'end-early'] as const)(
  'C-129 P-08 a stream that ends by %s tells one error, says no [DONE] and costs nothing',
  async (fault) => {
    const key = await economy.key(20)
    economy.upstream.next({ fault, pieces: 6, pauseMs: 5 })
    const events = await eventsOf(await economy.chat(key, { stream: true }))
    const errors = events.filter((event) => event !== '[DONE]' && 'error' in event)
    expect([errors.length, events.at(-1)]).toEqual([1, errors[0] ?? '[DONE]'])
    expect(events).not.toContain('[DONE]')
    await settled(key)
    expect((await economy.info(key)).balance).toBe(20_000)
  },
)

test('C-100 an empty answer costs nothing; one that the own cap or stop ended is billed', async () => {
  const key = await economy.key(20)
  for (const stream of [false, true]) {
    economy.upstream.next({ answer: 'empty' })
    await (await economy.chat(key, { stream })).text()
    await settled(key)
    expect((await economy.info(key)).balance).toBe(20_000)
  }
  // A length that the client did not ask for is the model's own end.
  for (const cap of [{ max_tokens: null }, { max_tokens: 0 }]) {
    economy.upstream.next({ answer: 'empty', finish: 'length' })
    await (await economy.chat(key, cap)).text()
    expect((await economy.info(key)).balance).toBe(20_000)
  }
  economy.upstream.next({ answer: 'empty', finish: 'length' })
  await (await economy.chat(key, { max_tokens: 50 })).text()
  const afterCap = (await economy.info(key)).balance
  expect(afterCap).toBeLessThan(20_000)
  economy.upstream.next({ answer: 'empty', finish: 'stop' })
  await (await economy.chat(key, { stop: ['x'] })).text()
  expect((await economy.info(key)).balance).toBeLessThan(afterCap)
})

test('C-102 P-09 a client that leaves after the first chunk pays what the drained upstream reports', async () => {
  const key = await economy.key(20)
  economy.upstream.next({ pieces: 6, pauseMs: 30, tokens: { prompt: 100, completion: 50 } })
  const controller = new AbortController()
  const response = await fetch(`${economy.node.url}/v1/chat/completions`, {
    method: 'POST',
    signal: controller.signal,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({
      model: 'gpt-x',
      messages: [{ role: 'user', content: 'a'.repeat(300) }],
      max_tokens: 100,
      stream: true,
    }),
  })
  await response.body?.getReader().read()
  controller.abort()
  await settled(key)
  await until('it is charged', async () => (await economy.info(key)).total_requests === 1)
  // 100 x 1.1055 + 50 x 2.211, one rounding.
  expect((await economy.info(key)).total_spent).toBe(222)
  await until('the upstream was read to its end', () => economy.upstream.answered() === 1)
  expect(economy.upstream.dropped()).toBe(0)
})

test('C-102 C-101 a client that left and an upstream that was cut: what was seen is estimated, never above the hold', async () => {
  const key = await economy.key(20)
  economy.upstream.next({ fault: 'hang-mid-stream', pieces: 6, pauseMs: 5, text: 'hello world, this is seen' })
  const controller = new AbortController()
  const response = await fetch(`${economy.node.url}/v1/chat/completions`, {
    method: 'POST',
    signal: controller.signal,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({
      model: 'gpt-x',
      messages: [{ role: 'user', content: 'a'.repeat(300) }],
      max_tokens: 100,
      stream: true,
    }),
  })
  const id = response.headers.get('x-request-id') ?? ''
  await response.body?.getReader().read()
  controller.abort()
  await until('it is charged', async () => (await economy.info(key)).total_requests === 1, 20_000)
  const [row] = await requests(id)
  expect(row?.outcome).toBe('client-left')
  expect(row?.costMsat).toBeGreaterThan(0)
  expect(row?.costMsat).toBeLessThanOrEqual(348)
  expect(JSON.stringify((await economy.node.call('requests.get', { requestId: id })).result)).toContain(
    '"estimated":true',
  )
})

test('P-09 a client that leaves before anything was said, and an upstream that fails, cost nothing', async () => {
  const key = await economy.key(20)
  economy.upstream.next({ fault: 'hang-before-headers' })
  const controller = new AbortController()
  const asked = fetch(`${economy.node.url}/v1/chat/completions`, {
    method: 'POST',
    signal: controller.signal,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'gpt-x', messages: [{ role: 'user', content: 'x' }], max_tokens: 10 }),
  }).catch(() => undefined)
  await until('it is under way', () => economy.upstream.requests.some(({ method }) => method === 'POST'))
  controller.abort()
  await asked
  await settled(key)
  expect((await economy.info(key)).balance).toBe(20_000)
})

test('P-05 fifty streams cut at different places leave no hold, and every one has one outcome', async () => {
  const key = await economy.key(500)
  const faults: readonly Behaviour[] = [
    { fault: 'cut-after-headers' },
    { fault: 'cut-after-role' },
    { fault: 'cut-mid-stream', pieces: 6 },
    { fault: 'hang-mid-stream', pieces: 6 },
    {},
  ]
  const before = (await economy.info(key)).total_requests
  const ids = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      const behaviour = { ...faults[n % faults.length], pauseMs: 3 } as Behaviour
      const messages = [{ role: 'user', content: `#behave:${JSON.stringify(behaviour)}` }]
      const response = await economy.chat(key, { stream: true, messages })
      await response.text().catch(() => '')
      return response.headers.get('x-request-id') ?? ''
    }),
  )
  await settled(key)
  const { total_requests } = await economy.info(key)
  const charged = (await economy.node.call('events.list', { type: 'session.charged', limit: 500 })).result as {
    rows: { data: Json }[]
  }
  const mine = charged.rows.filter(({ data }) => ids.includes(String(data.requestId)))
  // Whoever met a resting offer was refused before anything was sent; the others have one charge each.
  expect(total_requests - before).toBe(mine.length)
  expect(new Set(mine.map(({ data }) => data.requestId)).size).toBe(mine.length)
  expect((await economy.node.call('overview.get')).result).toMatchObject({ totals: { inFlightMsat: 0, running: 0 } })
})

test('P-06 C-103 a stream of twenty minutes keeps its hold whatever the clock says, and is charged once', async () => {
  const key = await economy.key(20)
  economy.upstream.next({ pieces: 8, pauseMs: 40 })
  const response = await economy.chat(key, { stream: true })
  await until('the hold stands', async () => (await economy.info(key)).reserved > 0)
  const { reserved } = await economy.info(key)
  now += 20 * 60_000
  await Bun.sleep(0)
  expect((await economy.info(key)).reserved).toBe(reserved)
  await response.text()
  await settled(key)
  expect(await economy.info(key)).toMatchObject({ total_requests: 1 })
})

test('P-06 C-099 a cost of many times the hold takes what is free and nothing that another request was promised', async () => {
  const key = await economy.key(10)
  economy.upstream.next({ pieces: 6, pauseMs: 60, tokens: { prompt: 1, completion: 1 } })
  const slow = economy.chat(key, { stream: true, max_tokens: 2000 })
  await until('the other hold stands', async () => (await economy.info(key)).reserved > 4000)
  const { reserved: otherHold } = await economy.info(key)
  economy.upstream.next({ tokens: { prompt: 20_000, completion: 20_000 } })
  const dear = await economy.chat(key)
  const { cost } = (await dear.json()) as { cost: { total_msats: number } }
  expect(cost.total_msats).toBe(10_000 - otherHold)
  expect(await economy.info(key)).toMatchObject({ balance: otherHold, reserved: otherHold, available: 0 })
  await (await slow).text()
  await settled(key)
  const charged = (await economy.node.call('events.list', { type: 'session.charged', limit: 10 })).result as {
    rows: { data: Json }[]
  }
  expect(charged.rows.some(({ data }) => Number(data.shortfallMsat) > 50_000)).toBe(true)
  expect((await economy.info(key)).balance).toBeLessThan(otherHold)
})

test('C-163 P-39 an offer that limits us is not asked before its time', async () => {
  const key = await economy.key(20)
  economy.upstream.next({ fault: { status: 429, headers: { 'retry-after': '30' } } })
  expect((await economy.chat(key)).status).toBe(429)
  const calls = economy.upstream.calls()
  const again = await economy.chat(key)
  expect([again.status, Number(again.headers.get('retry-after')) <= 30]).toEqual([429, true])
  expect(economy.upstream.calls()).toBe(calls)
  now += 31_000
  expect((await economy.chat(key)).status).toBe(200)
})

test('contract 8.4 an offer that failed is asked by one request at a time, the others are answered at once', async () => {
  const key = await economy.key(100)
  economy.upstream.next({ fault: { status: 500 } })
  expect((await economy.chat(key)).status).toBe(424)
  economy.upstream.always({ pauseMs: 60, pieces: 3 })
  const calls = economy.upstream.calls()
  const statuses = await Promise.all(
    Array.from({ length: 10 }, async () => (await economy.chat(key, { stream: true })).status),
  )
  expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  expect(economy.upstream.calls() - calls).toBe(1)
})

test('C-101 an upstream that tells no usage is estimated from what was sent and seen', async () => {
  const key = await economy.key(20)
  economy.upstream.next({ usage: 'none' })
  const answer = (await (await economy.chat(key)).json()) as { cost: Json }
  expect(answer.cost.estimated).toBe(true)
  expect(Number(answer.cost.total_msats)).toBeLessThanOrEqual(348)
  economy.upstream.next({ usage: 'none' })
  const events = await eventsOf(await economy.chat(key, { stream: true }))
  const last = events.at(-2) as Json
  expect([(last.choices as unknown[]).length, (last.cost as Json).estimated]).toEqual([0, true])
})
