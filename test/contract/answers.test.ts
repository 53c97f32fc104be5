/** Contract 6.7 and 6.8 end to end: where the cost stands, and when it may leave. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { type Economy, errorOf, eventsOf, type Json, startEconomy } from '../kit/economy'
import { until } from '../kit/node'

let economy: Economy
let key: string
let holdCharges: Promise<void> | undefined
let reached = 0
let after = 0
beforeAll(async () => {
  economy = await startEconomy({
    node: {
      stopHere: async (place) => {
        if (place === 'charge: after the append') after += 1
        if (place !== 'charge: before the append' || holdCharges === undefined) return
        reached += 1
        await holdCharges
      },
    },
  })
  key = await economy.key(1000)
}, 60_000)
afterAll(() => economy.stop())
let release: () => void = () => undefined
afterEach(() => {
  release()
  holdCharges = undefined
})

const costFields = [
  'total_msats',
  'input_msats',
  'output_msats',
  'base_msats',
  'cache_read_msats',
  'cache_creation_msats',
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'total_usd',
  'sats_cost',
  'estimated',
  'remaining_balance_msats',
]

test('C-120 C-131 P-27 cost object, headers, balance, statement and event agree to the msat', async () => {
  const before = await economy.info(key)
  economy.upstream.next({
    usageMore: { cost: 0.5, cost_details: { x: 1 }, is_byok: false },
    more: { provider: 'Upstream Inc' },
  })
  const response = await economy.chat(key)
  const answer = (await response.json()) as { usage: Json; cost: Json; metadata: Json; model: string; provider: string }
  const { cost, usage } = answer
  expect(Object.keys(cost)).toEqual(costFields)
  expect([answer.model, answer.provider]).toEqual(['gpt-x', 'generic'])
  expect([typeof usage.cost, usage.cost, usage.cost_sats]).toEqual([
    'number',
    cost.total_usd as number,
    cost.sats_cost as number,
  ])
  for (const field of ['cost_details', 'is_byok']) expect(field in usage).toBe(false)
  expect((answer.metadata as { routstr: { cost: Json } }).routstr.cost).toEqual(cost)
  expect(Number(cost.input_msats) + Number(cost.output_msats) + Number(cost.base_msats)).toBe(Number(cost.total_msats))
  const header = (name: string) => Number(response.headers.get(name))
  expect(header('x-routstr-cost-msats')).toBe(Number(cost.total_msats))
  expect(header('x-routstr-input-cost-msats') + header('x-routstr-output-cost-msats')).toBe(Number(cost.total_msats))
  expect(header('x-routstr-cost-usd')).toBe(Number(cost.total_usd))
  const now = await economy.info(key)
  expect(before.balance - now.balance).toBe(Number(cost.total_msats))
  expect([cost.remaining_balance_msats, now.available]).toEqual([now.available, now.available])
  const requestId = response.headers.get('x-request-id') ?? ''
  const trace = (
    await economy.node.call('requests.get', { requestId }, { notBefore: Number(economy.node.node.log.head()) })
  ).result
  expect(JSON.stringify(trace)).toContain(String(cost.total_msats))
})

test('C-121 C-122 C-127 C-130 a stream: choices in every object, one id, a role first, the cost last, [DONE] once', async () => {
  for (const behaviour of [
    { pieces: 3 },
    { pieces: 3, noDone: true },
    { pieces: 3, usage: 'every' as const, withRole: false, id: null },
  ]) {
    economy.upstream.next(behaviour)
    const before = (await economy.info(key)).balance
    const response = await economy.chat(key, { stream: true })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(response.headers.get('x-accel-buffering')).toBe('no')
    const events = await eventsOf(response)
    expect(events.filter((event) => event === '[DONE]')).toHaveLength(1)
    expect(events.at(-1)).toBe('[DONE]')
    const chunks = events.slice(0, -1) as {
      choices: { delta?: Json; finish_reason: string | null }[]
      id: string
      usage?: Json
      cost?: Json
      model: string
    }[]
    for (const chunk of chunks) expect([Array.isArray(chunk.choices), chunk.model]).toEqual([true, 'gpt-x'])
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
    expect(chunks[0]?.choices[0]?.delta?.role).toBe('assistant')
    expect(chunks.filter(({ usage, cost }) => usage !== undefined || cost !== undefined)).toEqual([
      chunks.at(-1) as never,
    ])
    const last = chunks.at(-1)
    expect([last?.choices.length, Object.keys(last?.cost ?? {})]).toEqual([0, costFields])
    expect(before - (await economy.info(key)).balance).toBe(Number(last?.cost?.total_msats))
  }
})

test('C-128 P-27 neither the finish nor any cost leaves before the charge is durable', async () => {
  holdCharges = new Promise((resolve) => {
    release = resolve
  })
  reached = 0
  economy.upstream.next({ pieces: 1 })
  const response = await economy.chat(key, { stream: true })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  void (async () => {
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) text += next.value
  })()
  await until('the charge is about to be written', () => reached === 1)
  await until('the text came', () => text.includes('world'))
  expect(text).not.toContain('"finish_reason":"stop"')
  expect(text).not.toContain('cost')
  const json = economy
    .chat(key)
    .then(async (answered) => ({ at: after, cost: answered.headers.get('x-routstr-cost-msats') }))
  await until('the second one waits too', () => reached === 2)
  const committed = after
  release()
  holdCharges = undefined
  await until('the stream ended', () => text.endsWith('data: [DONE]\n\n'))
  expect(text).toContain('"finish_reason":"stop"')
  expect((await json).at).toBeGreaterThan(committed)
})

test('C-096 nothing is written before the upstream is called for a key that has a balance', async () => {
  economy.upstream.next({ fault: 'hang-after-headers' })
  const head = economy.node.node.log.head()
  const calls = economy.upstream.calls()
  const controller = new AbortController()
  const asked = fetch(`${economy.node.url}/v1/chat/completions`, {
    method: 'POST',
    signal: controller.signal,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'gpt-x', messages: [{ role: 'user', content: 'x' }], stream: true }),
  }).catch(() => undefined)
  await until('the upstream was called', () => economy.upstream.calls() > calls)
  expect(economy.node.node.log.head()).toBe(head)
  controller.abort()
  await asked
  economy.upstream.reset()
})

test('C-126 a stream that is split at every byte, with any line ends, reads the same', async () => {
  const texts = new Set<string>()
  for (const more of [
    {},
    { byteByByte: true },
    { lineEnd: '\r\n' as const },
    { lineEnd: '\r' as const, byteByByte: true },
    { comments: true },
  ]) {
    economy.upstream.next({ ...more, pieces: 3, text: 'grüße 漢字 🙂' })
    const events = await eventsOf(await economy.chat(key, { stream: true }))
    texts.add(JSON.stringify(events.slice(0, -2)))
  }
  expect(texts.size).toBe(1)
})

test('contract 6.8 JSON to a streamed request is delivered as a body, with its cost', async () => {
  economy.upstream.next({ asJson: true })
  const response = await economy.chat(key, { stream: true })
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(Number(response.headers.get('x-routstr-cost-msats'))).toBeGreaterThan(0)
  await response.text()
})

test('C-093 no URL inside a body is ever fetched', async () => {
  let asked = 0
  const bait = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch() {
      asked += 1
      return new Response('here')
    },
  })
  const url = `http://127.0.0.1:${bait.port}/picture.png`
  const content = [
    { type: 'text', text: 'look' },
    { type: 'image_url', image_url: { url } },
  ]
  expect((await economy.chat(key, { messages: [{ role: 'user', content }] })).status).toBe(200)
  expect(asked).toBe(0)
  await bait.stop(true)
})

test('P-09 usage is asked for upstream whether the client did or not, and its other options stay', async () => {
  economy.upstream.reset()
  await (await economy.chat(key, { stream: true })).text()
  await (
    await economy.chat(key, { stream: true, stream_options: { include_usage: false, other: 1 }, custom: { deep: [1] } })
  ).text()
  const sent = economy.upstream.requests.filter(({ method }) => method === 'POST').map(({ json }) => json)
  expect(sent.map((json) => json?.stream_options)).toEqual([{ include_usage: true }, { include_usage: true, other: 1 }])
  expect(sent[1]?.custom).toEqual({ deep: [1] })
})

test('P-15 C-095 the 402 names what is needed, free and held, and a hold is exactly that', async () => {
  const poor = await economy.key(1)
  const refused = await economy.chat(poor, { max_tokens: 2000 })
  const error = await errorOf(refused)
  expect([refused.status, error.details]).toEqual([
    402,
    { required_msat: 4549, available_msat: 1000, reserved_msat: 0, balance_msat: 1000, model: 'gpt-x' },
  ])
  expect((await economy.info(poor)).reserved).toBe(0)
})
