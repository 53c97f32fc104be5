/** The official OpenAI client, unchanged, pays with a Cashu token as its key. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { createTestMint, type TestMint } from '../kit/mint'
import { startNode, type TestNode, until } from '../kit/node'
import { createTestUpstream } from '../kit/upstream'

let mint: TestMint
let upstream: ReturnType<typeof createTestUpstream>
let node: TestNode
let client: OpenAI

beforeAll(async () => {
  mint = createTestMint()
  upstream = createTestUpstream({
    models: [
      {
        id: 'gpt-x',
        context_length: 10_000,
        max_completion_tokens: 2000,
        pricing: { prompt: '0.000001', completion: '0.000002' },
      },
    ],
  })
  node = await startNode({
    environment: { CASHU_MINTS: mint.url, UPSTREAM_BASE_URL: upstream.url, UPSTREAM_API_KEY: 'k-12345678' },
  })
  client = new OpenAI({ baseURL: `${node.url}/v1`, apiKey: mint.token(1000), maxRetries: 0 })
  await until('the client lists a model', async () =>
    (await client.models.list()).data.some((model) => model.id === 'gpt-x'),
  )
}, 60_000)
afterAll(async () => {
  await node.stop()
  await mint.stop()
  await upstream.stop()
})

test('C-120 C-127 the OpenAI client gets an answer and a stream that it understands', async () => {
  const messages = [{ role: 'user' as const, content: 'hello' }]
  const answer = await client.chat.completions.create({ model: 'gpt-x', messages, max_tokens: 50 })
  expect(answer.choices[0]?.message.content?.length).toBeGreaterThan(0)
  expect(answer.usage?.total_tokens).toBeGreaterThan(0)
  const stream = await client.chat.completions.create({ model: 'gpt-x', messages, max_tokens: 50, stream: true })
  const ids = new Set<string>()
  let text = ''
  let totalTokens = 0
  for await (const chunk of stream) {
    ids.add(chunk.id)
    text += chunk.choices[0]?.delta.content ?? ''
    totalTokens = chunk.usage?.total_tokens ?? totalTokens
  }
  expect([text, ids.size]).toEqual([answer.choices[0]?.message.content ?? '', 1])
  expect(totalTokens).toBeGreaterThan(0)
})

test('C-045 an unknown key is an AuthenticationError of the client, an unknown model a NotFoundError', async () => {
  const stranger = new OpenAI({ baseURL: `${node.url}/v1`, apiKey: `sk-${'1'.repeat(64)}`, maxRetries: 0 })
  const ask = (who: OpenAI, model: string) =>
    who.chat.completions.create({ model, messages: [{ role: 'user', content: 'x' }] }).catch((error: unknown) => error)
  expect(await ask(stranger, 'gpt-x')).toBeInstanceOf(OpenAI.AuthenticationError)
  expect(await ask(client, 'no-such-model')).toBeInstanceOf(OpenAI.NotFoundError)
})
