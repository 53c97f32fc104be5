/** What a client of a streamed chat sees, byte for byte the promises of contract 6.8. */
import { afterAll, afterEach, describe, expect, test } from 'bun:test'
import type { Settlement } from '../../core/proxy/chat-stream'
import type { Json } from '../../core/upstream/seen'
import { createSseParser } from '../../core/upstream/sse'
import { behaving, chunk, cost, finalOf, read, said, served } from '../kit/chat-stream'
import { type Behaviour, createTestUpstream } from '../kit/upstream'

const upstream = createTestUpstream()
afterAll(upstream.stop)
afterEach(upstream.reset)

const gate = () => Promise.withResolvers<void>()

describe('the last chunk', () => {
  test('C-121 every object has choices, and the cost rides on the last one, which has none', async () => {
    const answer = await read(await behaving(upstream, { id: 'u1' }))
    for (const object of answer.objects) expect(Array.isArray(object.choices)).toBe(true)
    expect(answer.objects.filter((object) => 'cost' in object || 'usage' in object)).toHaveLength(1)
    expect(finalOf(answer)).toEqual({
      id: 'u1',
      object: 'chat.completion.chunk',
      created: 1_700_000_000,
      model: 'public/gpt-x',
      provider: 'generic',
      choices: [],
      usage: { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500, cost: 0.002, cost_sats: 2 },
      cost,
      metadata: { routstr: { cost } },
    })
  })

  test('C-120 usage.cost is a number, whatever the upstream calls its own', async () => {
    const usageMore = { cost: { total_cost: 9 }, cost_details: { a: 1 }, is_byok: true, cost_in_usd_ticks: 5 }
    const answer = await read(await behaving(upstream, { usageMore, more: { cost: 3, is_byok: false } }))
    expect(finalOf(answer).usage).toEqual({
      prompt_tokens: 1000,
      completion_tokens: 500,
      total_tokens: 1500,
      cost: 0.002,
      cost_sats: 2,
    })
    for (const object of answer.objects.slice(0, -1)) expect(Object.keys(object)).not.toContain('cost')
    expect(answer.text).not.toMatch(/total_cost|is_byok|cost_in_usd_ticks/)
  })

  test.each<[string, Behaviour]>([
    ['last', { usage: 'last' }],
    ['in every chunk', { usage: 'every' }],
    ['on the finish', { usage: 'with-finish' }],
    ['in x_groq', { usage: 'x_groq' }],
  ])('P-09 usage %s is read, leaves the content and stands on the last chunk', async (_, behaviour) => {
    const asked = await behaving(upstream, behaviour)
    const answer = await read(asked)
    expect(asked.settled).toMatchObject([{ ending: 'complete', seen: { usage: { completion_tokens: 500 } } }])
    expect(answer.objects.filter((object) => 'usage' in object || 'x_groq' in object)).toHaveLength(1)
    expect(finalOf(answer).usage).toMatchObject({ prompt_tokens: 1000, completion_tokens: 500, cost: 0.002 })
  })

  test('P-09 without usage the last chunk says what was billed', async () => {
    const asked = await behaving(upstream, { usage: 'none' })
    expect(finalOf(await read(asked)).usage).toMatchObject({ prompt_tokens: 1000, completion_tokens: 500 })
    expect(asked.settled).toMatchObject([{ ending: 'complete', seen: { usage: undefined, textBytes: 11 } }])
  })

  test.each<[string, Behaviour]>([
    ['with it', {}],
    ['without it', { noDone: true }],
    ['with more behind it', { afterDone: true }],
    ['without its blank line', { openTail: true }],
  ])('C-122 [DONE] comes once and last, from an upstream %s', async (_, behaviour) => {
    const { lines, text } = await read(await behaving(upstream, behaviour))
    expect(lines.filter((line) => line.includes('[DONE]'))).toEqual(['data: [DONE]'])
    expect(text).toEndWith('data: [DONE]\n\n')
    expect(text).not.toContain('after-done')
  })
})

describe('every chunk', () => {
  test('C-127 has our model and one id, and the first delta of each choice has a role', async () => {
    const { objects } = await read(await behaving(upstream, { choices: 3, withRole: false, id: 'u7' }))
    expect(new Set(objects.map(({ id }) => id))).toEqual(new Set(['u7']))
    expect(new Set(objects.map(({ model }) => model))).toEqual(new Set(['public/gpt-x']))
    const choices = objects.flatMap((object) => object.choices as { index: number; delta: Json }[])
    for (const index of [0, 1, 2]) {
      const deltas = choices.filter((choice) => choice.index === index).map(({ delta }) => delta)
      expect(deltas[0]).toEqual({ role: 'assistant', content: 'hello ' })
      expect(deltas.slice(1).filter((delta) => 'role' in delta)).toEqual([])
    }
  })

  test('C-127 a fallback id, once used, is kept', async () => {
    const { id: _, ...anonymous } = chunk({ content: 'a' })
    const { objects } = await read(served(said(anonymous, { ...anonymous, id: 7 }, chunk({}, 'stop'), '[DONE]')))
    expect(new Set(objects.map(({ id }) => id))).toEqual(new Set(['chatcmpl-r1']))
  })

  test("keeps what it does not know, and loses the upstream's extras", async () => {
    const odd = { ...chunk({ content: 'a', odd: 1 }), system_fingerprint: 'f', citations: ['c'], x_groq: { id: 'g' } }
    const { objects } = await read(served(said({ ...odd, provider: 'Them', usage: null }, chunk({}, 'stop'))))
    expect(objects[0]).toEqual({
      ...chunk({ content: 'a', odd: 1, role: 'assistant' }),
      system_fingerprint: 'f',
      citations: ['c'],
      model: 'public/gpt-x',
      provider: 'generic',
    })
  })

  test('names no provider where the operator exposes none', async () => {
    const hidden = { provider: undefined }
    const { text } = await read(
      served(said({ ...chunk({ content: 'a' }), provider: 'Them' }, chunk({}, 'stop')), hidden),
    )
    expect(text).not.toContain('provider')
  })

  test('passes filter results that come without a choice, with choices all the same', async () => {
    const filter = { id: '', object: '', model: '', created: 0, prompt_filter_results: [{ prompt_index: 0 }] }
    const { objects } = await read(served(said({ ...filter, choices: [] }, chunk({ content: 'a' }), chunk({}, 'stop'))))
    expect(objects[0]).toMatchObject({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] })
    expect(objects).toHaveLength(4)
  })

  test('C-121 a chunk without choices gets an empty list', async () => {
    const { objects } = await read(served(said({ id: 'u1', note: 'x' }, chunk({ content: 'a' }), chunk({}, 'stop'))))
    expect(objects[0]).toMatchObject({ choices: [], note: 'x' })
  })
})

describe('C-126 the network changes nothing', () => {
  const told = [chunk({ role: 'assistant' }), chunk({ content: 'ä😀' }), chunk({}, 'stop'), '[DONE]']
  const asText = (lineEnd: string) =>
    told
      .map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}${lineEnd}${lineEnd}`)
      .join('')

  test.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
  ])('C-126 a stream with %s split at every byte position gives identical output', async (_, lineEnd) => {
    const bytes = new TextEncoder().encode(asText(lineEnd))
    const { text } = await read(served(said(...told)))
    for (let at = 0; at <= bytes.length; at += 1) {
      const parser = createSseParser(10_000)
      const events = [...parser.feed(bytes.subarray(0, at)), ...parser.feed(bytes.subarray(at)), ...parser.end()]
      expect((await read(served(said(...events.map(({ data }) => data))))).text).toBe(text)
    }
  })

  test.each<[string, Behaviour]>([
    ['one byte at a time', { byteByByte: true }],
    ['with CRLF', { lineEnd: '\r\n' }],
    ['with CR', { lineEnd: '\r' }],
    ['with several data lines', { multiLine: true }],
    ['with comments', { comments: true }],
  ])('C-126 a stream %s gives identical output', async (_, behaviour) => {
    const { text } = await read(await behaving(upstream, {}))
    expect((await read(await behaving(upstream, behaviour))).text).toBe(text)
  })
})

test('C-128 the finish and every cost figure leave only after the charge is durable', async () => {
  const committed = gate()
  const settling = gate()
  const asked = await behaving(
    upstream,
    {},
    {
      async settle() {
        settling.resolve()
        await committed.promise
        return { ok: true, cost }
      },
    },
  )
  const reader = asked.stream.getReader()
  let before = ''
  const readAll = async () => {
    for (let got = await reader.read(); !got.done; got = await reader.read())
      before += new TextDecoder().decode(got.value)
  }
  const reading = readAll()
  await settling.promise
  await Bun.sleep(0)
  expect(before).toContain('world')
  expect(before).not.toMatch(/"finish_reason":"|cost|usage|DONE/)
  committed.resolve()
  await reading
  expect(before).toMatch(/"finish_reason":"stop".*"cost".*\[DONE\]/s)
})

test('C-128 with several choices the latest finish waits, and what came before it does not', async () => {
  const committed = gate()
  const settle = async (): Promise<Settlement> => committed.promise.then(() => ({ ok: true, cost }))
  const events = said(
    chunk({ content: 'a' }),
    chunk({}, 'stop'),
    chunk({ content: 'b' }, null, 1),
    chunk({}, 'stop', 1),
  )
  const reader = served(events, { settle }).stream.getReader()
  const got: Json[] = []
  while (got.length < 3) {
    const { value } = await reader.read()
    got.push(JSON.parse(new TextDecoder().decode(value).slice(6)) as Json)
  }
  expect(got.map(({ choices }) => (choices as Json[])[0]?.finish_reason)).toEqual([null, 'stop', null])
  committed.resolve()
  await reader.cancel()
})
