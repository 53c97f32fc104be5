/** The whole story on real parts: a token comes in, an answer goes out, the books add up, also after a restart. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createTestMint, type TestMint } from '../kit/mint'
import { startNode, type TestNode, until } from '../kit/node'
import { createTestUpstream } from '../kit/upstream'

let mint: TestMint
let upstream: ReturnType<typeof createTestUpstream>
let node: TestNode
const price = { prompt: '0.000001', completion: '0.000002' }

beforeAll(async () => {
  mint = createTestMint({ units: ['sat', 'msat'], feePpk: 100 })
  upstream = createTestUpstream({
    models: [{ id: 'gpt-x', context_length: 10_000, max_completion_tokens: 2000, pricing: price }],
  })
  node = await startNode({
    environment: {
      CASHU_MINTS: mint.url,
      UPSTREAM_BASE_URL: upstream.url,
      UPSTREAM_API_KEY: 'canary-upstream-key',
    },
  })
  await until('the models are listed', async () => {
    const list = (await (await fetch(`${node.url}/v1/models`)).json()) as { data: unknown[] }
    return list.data.length > 0
  })
}, 60_000)
afterAll(async () => {
  await node.stop()
  await mint.stop()
  await upstream.stop()
})

const body = { model: 'gpt-x', messages: [{ role: 'user', content: 'canary prompt text' }], max_tokens: 100 }
const post = (path: string, sent: unknown, bearer?: string) =>
  fetch(`${node.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    body: JSON.stringify(sent),
  })
const info = async (bearer: string) =>
  (await (
    await fetch(`${node.url}/v1/balance/info`, { headers: { authorization: `Bearer ${bearer}` } })
  ).json()) as Record<string, number>

test('C-040 C-049 a token opens a key, credited net of the exact mint fee', async () => {
  const token = mint.token(1000)
  const made = (await (await post('/v1/balance/create', { initial_balance_token: token })).json()) as Record<
    string,
    unknown
  >
  expect(made).toMatchObject({
    balance: 999_000,
    credited_msats: 999_000,
    fee_msats: 1000,
    unit: 'sat',
    mint_url: mint.url,
  })
  expect(await info(String(made.api_key))).toEqual(await info(token))
  const again = (await (await post('/v1/wallet/create', { initial_balance_token: token })).json()) as Record<
    string,
    unknown
  >
  expect(again).toEqual(made)
})

test('P-27 C-131 what an answer says it cost is what the balance lost, in body and headers alike', async () => {
  const token = mint.token(100)
  const before = (await info(token)).balance ?? 0
  const response = await post('/v1/chat/completions', body, token)
  expect(response.status).toBe(200)
  const answer = (await response.json()) as { cost: { total_msats: number }; usage: { cost: unknown }; model: string }
  const after = await info(token)
  expect(before - (after.balance ?? 0)).toBe(answer.cost.total_msats)
  expect(Number(response.headers.get('x-routstr-cost-msats'))).toBe(answer.cost.total_msats)
  expect(typeof answer.usage.cost).toBe('number')
  expect(after.reserved).toBe(0)
})

test('C-041 thirty parallel first uses of one token redeem it once', async () => {
  const token = mint.token(64)
  const swaps = mint.calls('swap')
  const all = await Promise.all(Array.from({ length: 30 }, () => info(token)))
  expect(mint.calls('swap') - swaps).toBe(1)
  expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1)
})

test('C-062 P-03 the second top-up with one token is refused and changes nothing', async () => {
  const key = mint.token(50)
  const added = mint.token(20)
  expect((await post('/v1/balance/topup', { cashu_token: added }, key)).status).toBe(200)
  const balance = (await info(key)).balance
  const second = await post('/v1/balance/topup', { cashu_token: added }, key)
  expect(second.status).toBe(400)
  expect(((await second.json()) as { error: { code: string } }).error.code).toBe('cashu_token_already_spent')
  expect((await info(key)).balance).toBe(balance)
})

test('P-15 a request that the balance cannot cover is refused with the numbers, and nothing is held', async () => {
  const token = mint.token(3)
  const refused = (await (await post('/v1/chat/completions', { ...body, max_tokens: 1900 }, token)).json()) as {
    error: { code: string; details: Record<string, number> }
  }
  expect(refused.error.code).toBe('insufficient_balance')
  expect(refused.error.details.available_msat).toBe(2000)
  expect((await info(token)).reserved).toBe(0)
})

test('C-095 P-07 money for three holds buys exactly three of two hundred requests', async () => {
  const token = mint.token(16)
  const { balance = 0 } = await info(token)
  const probe = (await (await post('/v1/chat/completions', { ...body, max_tokens: 2000, n: 128 }, token)).json()) as {
    error: { details: { required_msat: number } }
  }
  // A hold of a third of the balance: the output part is scaled until three fit and four do not.
  const perToken = probe.error.details.required_msat / (2000 * 128)
  const cap = Math.floor(balance / 3.5 / perToken)
  upstream.always({ pauseMs: 40, pieces: 5 })
  const statuses = await Promise.all(
    Array.from(
      { length: 200 },
      async () =>
        (
          await post(
            '/v1/chat/completions',
            { ...body, max_tokens: Math.min(cap, 2000), n: Math.max(1, Math.floor(cap / 2000)), stream: true },
            token,
          )
        ).status,
    ),
  )
  upstream.reset()
  expect(statuses.filter((status) => status === 402).length + statuses.filter((status) => status === 200).length).toBe(
    200,
  )
  expect(statuses.filter((status) => status === 200).length).toBe(3)
  await until('no hold is left', async () => (await info(token)).reserved === 0)
  expect((await info(token)).available).toBeGreaterThanOrEqual(0)
})

test('C-052 a dead token presented a hundred times costs its mint one try', async () => {
  const proofs = mint.proofs(8)
  const token = mint.encode(proofs)
  mint.spend(proofs)
  const ask = async () =>
    (await fetch(`${node.url}/v1/balance/info`, { headers: { authorization: `Bearer ${token}` } })).status
  expect(await ask()).toBe(400)
  const calls = mint.calls()
  for (let times = 0; times < 100; times += 1) expect(await ask()).toBe(400)
  expect(mint.calls()).toBe(calls)
})

test('C-047 P-19 a token of another mint is refused without a connection to it', async () => {
  const foreign = createTestMint()
  const response = await post('/v1/balance/create', { initial_balance_token: foreign.token(10) })
  expect(response.status).toBe(422)
  const { error } = (await response.json()) as { error: { code: string; details: { accepted_mints: string[] } } }
  expect(error).toMatchObject({ code: 'cashu_untrusted_source_mint', details: { accepted_mints: [mint.url] } })
  expect(foreign.calls()).toBe(0)
  await foreign.stop()
})

test('C-003 C-004 C-045 C-046 unknown paths, verbs and keys have their documented refusals', async () => {
  const unknown = await fetch(`${node.url}/v1/nothing/here`)
  expect([unknown.status, ((await unknown.json()) as { error: { message: string } }).error.message]).toEqual([
    404,
    "Path '/v1/nothing/here' not found",
  ])
  const verb = await fetch(`${node.url}/v1/models`, { method: 'DELETE' })
  expect([verb.status, verb.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  const key = `sk-${'0'.repeat(64)}`
  for (const model of ['gpt-x', 'no-such-model'])
    expect((await post('/v1/chat/completions', { ...body, model }, key)).status).toBe(401)
  expect((await post('/v1/chat/completions', body)).status).toBe(401)
})

test('P-05 P-39 an upstream that refuses our key costs nothing, and the client hears 424', async () => {
  const token = mint.token(30)
  const before = (await info(token)).balance
  upstream.next({ fault: { status: 401 } })
  const response = await post('/v1/chat/completions', body, token)
  expect(response.status).toBe(424)
  const after = await info(token)
  expect([after.balance, after.reserved]).toEqual([before, 0])
})

test('A1 A2 the books add up, and a restart on the same directory knows every key', async () => {
  const check = await node.call('books.check')
  expect(check.result).toMatchObject({ balanced: true })
  const token = mint.token(16)
  const before = await info(token)
  await node.stop({ keep: true })
  node = await startNode({
    directory: node.directory,
    environment: { UPSTREAM_BASE_URL: upstream.url, UPSTREAM_API_KEY: 'canary-upstream-key' },
  })
  expect(await info(token)).toEqual(before)
  expect((await node.call('books.check')).result).toMatchObject({ balanced: true })
})

test('P-21 C-016 no key, token, prompt or credential stands in the log of the process or in an event', async () => {
  const events = await node.call('events.list', { limit: 500 })
  const shown = JSON.stringify(events) + node.lines.join('')
  for (const secret of ['canary prompt text', 'canary-upstream-key', 'cashuB']) expect(shown).not.toContain(secret)
  expect(shown).not.toMatch(/sk-[0-9a-f]{64}/)
})
