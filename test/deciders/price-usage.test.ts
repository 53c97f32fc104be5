/** Every dialect's usage in disjoint buckets, counted once (contract 6.5). */
import { expect, test } from 'bun:test'
import { mergedUsage, readUsage, reportedUsd, toDecimal, usageOf } from '../../events'
import { chargeOf, chatUsage, f1 } from '../kit/prices'

const buckets = (raw: Readonly<Record<string, unknown>>, kind = 'generic') => {
  const read = readUsage(raw, kind)
  return read === undefined ? undefined : [read.input, read.cacheRead, read.cacheWrite, read.cacheWrite1h, read.output]
}
const cached = (tokens: number) => ({ prompt_tokens_details: { cached_tokens: tokens } })

test.each([
  ['generic', chatUsage(1000, 500), [1000, 0, 0, 0, 500]],
  ['generic', chatUsage(1, 1), [1, 0, 0, 0, 1]],
  ['generic', chatUsage(1000, 0), [1000, 0, 0, 0, 0]],
  ['generic', chatUsage(1000, 10, cached(800)), [200, 800, 0, 0, 10]],
  [
    'anthropic',
    { input_tokens: 200, cache_read_input_tokens: 800, cache_creation_input_tokens: 100, output_tokens: 10 },
    [200, 800, 100, 0, 10],
  ],
  ['generic', { prompt_tokens: 100, prompt_cache_hit_tokens: 30, completion_tokens: 5 }, [70, 30, 0, 0, 5]],
  [
    'generic',
    chatUsage(333, 77, { total_tokens: 410, completion_tokens_details: { reasoning_tokens: 50 } }),
    [333, 0, 0, 0, 77],
  ],
  [
    'xai',
    chatUsage(10_120, 1499, {
      ...cached(128),
      total_tokens: 14_428,
      completion_tokens_details: { reasoning_tokens: 2809 },
    }),
    [9992, 128, 0, 0, 4308],
  ],
  ['gemini', chatUsage(21, 0, { total_tokens: 81 }), [21, 0, 0, 0, 60]],
  ['generic', chatUsage(123_457, 8191), [123_457, 0, 0, 0, 8191]],
  ['generic', chatUsage(0, 0), [0, 0, 0, 0, 0]],
] as const)('C-097 %s usage %o fills the buckets %o', (kind, raw, expected) => {
  expect(buckets(raw, kind)).toEqual([...expected])
})

test('P-11 an hour of cache is its own bucket and never more than what was created', () => {
  const created = (hour: number) => ({
    input_tokens: 5,
    output_tokens: 7,
    cache_creation_input_tokens: 100,
    cache_creation: { ephemeral_1h_input_tokens: hour },
  })
  expect(buckets(created(30))).toEqual([5, 0, 70, 30, 7])
  expect(buckets(created(500))).toEqual([5, 0, 0, 100, 7])
})

test('P-11 Responses counts its cache inside the input, chat names its cache writes in two ways', () => {
  const read = { input_tokens: 100, input_tokens_details: { cached_tokens: 40 }, output_tokens: 3, total_tokens: 103 }
  expect(buckets(read)).toEqual([60, 40, 0, 0, 3])
  for (const name of ['cache_write_tokens', 'cache_creation_tokens'])
    expect(buckets(chatUsage(100, 3, { prompt_tokens_details: { cached_tokens: 40, [name]: 10 } }))).toEqual([
      50, 40, 10, 0, 3,
    ])
})

test('P-11 a cache larger than the prompt stands beside it, and none of it is taken for output', () => {
  const beside = chatUsage(10, 5, { ...cached(800), total_tokens: 815 })
  expect(buckets(beside)).toEqual([10, 800, 0, 0, 5])
  expect(buckets(beside, 'gemini')).toEqual([10, 800, 0, 0, 5])
  expect(readUsage(beside, 'generic')?.mismatch).toBe(false)
})

test('P-11 a gap of just the reasoning tokens is output at any kind, another gap is not, and is said', () => {
  const usage = (total: number) =>
    chatUsage(10, 5, { total_tokens: total, completion_tokens_details: { reasoning_tokens: 20 } })
  expect(buckets(usage(35))).toEqual([10, 0, 0, 0, 25])
  expect(buckets(usage(36))).toEqual([10, 0, 0, 0, 5])
  expect(readUsage(usage(36), 'generic')?.mismatch).toBe(true)
  expect(readUsage(usage(35), 'generic')?.mismatch).toBe(false)
})

test.each([
  ['12', 12],
  [12.9, 12],
  [true, 0],
  [-5, 0],
  [Number.NaN, 0],
  [1e9, 1e9],
  [1e9 + 1, 0],
  ['99999999999', 0],
  ['12.5', 0],
  [[3], 0],
  [{}, 0],
] as const)('P-11 the count %p is %p tokens', (given, expected) => {
  expect(buckets({ prompt_tokens: 1, completion_tokens: given })).toEqual([1, 0, 0, 0, expected])
})

test('C-101 an answer is without usage when none of the known counts is in it', () => {
  for (const raw of [{}, { total_tokens: 9 }, { prompt_tokens: null }, { input_tokens: null, output_tokens: 4 }])
    expect(readUsage(raw, 'generic')).toBeUndefined()
  expect(buckets({ prompt_tokens: null, input_tokens: 3, output_tokens: 4 })).toEqual([3, 0, 0, 0, 4])
})

test('C-097 a stream is cumulative: the last value of a field wins and is never summed', () => {
  const start = { input_tokens: 25, cache_read_input_tokens: 4, output_tokens: 1 }
  const merged = [{ output_tokens: 8 }, { output_tokens: 15, input_tokens: null }].reduce(
    (before, next) => mergedUsage(before, next),
    mergedUsage(undefined, start),
  )
  expect(buckets(merged)).toEqual([25, 4, 0, 0, 15])
  const nested = mergedUsage(chatUsage(10, 1, { prompt_tokens_details: { cached_tokens: 4, audio_tokens: 1 } }), {
    prompt_tokens_details: { cached_tokens: 6 },
  })
  expect(buckets(nested)).toEqual([4, 6, 0, 0, 1])
})

test('C-097 usage nested without end does not exhaust the stack', () => {
  const deep = (levels: number) => {
    let value: Record<string, unknown> = { prompt_tokens: 1 }
    for (let level = 0; level < levels; level += 1) value = { usage: value }
    return value
  }
  expect(mergedUsage(deep(200_000), deep(200_000))).toBeDefined()
})

test.each([
  [{ usage: chatUsage(3, 4) }],
  [{ response: { usage: chatUsage(3, 4) } }],
  [{ message: { usage: chatUsage(3, 4) } }],
  [{ x_groq: { usage: chatUsage(3, 4) } }],
])('P-11 usage is found in %o', (body) => {
  expect(buckets(usageOf(body) ?? {})).toEqual([3, 0, 0, 0, 4])
})

test('P-11 no usage is found in a body that has none', () => {
  for (const body of [{}, null, [], 'text', { usage: null }, { usage: [] }, { message: 'hi' }])
    expect(usageOf(body)).toBeUndefined()
})

test('C-104 searches are read from the usage, else counted in the answer', () => {
  const searches = (raw: object, seen?: number) => readUsage(chatUsage(1, 1, raw), 'generic', seen)?.searches
  expect(searches({ server_tool_use: { web_search_requests: 3 }, num_search_queries: 9 }, 7)).toBe(3)
  expect(searches({ num_search_queries: 2 }, 7)).toBe(2)
  expect(searches({}, 7)).toBe(7)
  expect(searches({})).toBe(0)
})

test('P-11 the parts of a charge add up to what the buckets cost one by one', () => {
  const raw = { input_tokens: 200, cache_read_input_tokens: 800, cache_creation_input_tokens: 100, output_tokens: 10 }
  expect(chargeOf(f1, raw)).toMatchObject({
    costMsat: 425,
    split: { inputMsat: 405, outputMsat: 20, baseMsat: 0, cacheReadMsat: 80, cacheCreationMsat: 125 },
  })
})

test.each([
  ['openrouter', { cost: '0.5' }, '0.5'],
  ['openrouter', { cost: 0.5, is_byok: false, cost_details: { upstream_inference_cost: 3 } }, '0.5'],
  ['openrouter', { cost: 0, is_byok: true, cost_details: { upstream_inference_cost: 3 } }, '3'],
  ['perplexity', { cost: { total_cost: 0.006 } }, '0.006'],
  ['xai', { cost_in_usd_ticks: 232_856_000 }, '0.0232856'],
  ['generic', { cost: 7, cost_details: { total_cost: 2 } }, '2'],
  ['generic', { cost: 7 }, '7'],
  ['generic', { cost: '7' }, undefined],
  ['generic', { cost: -1 }, undefined],
  ['openrouter', {}, undefined],
  ['openrouter', { cost: Number.NaN }, undefined],
] as const)('C-105 %s reports %o as %p USD', (kind, raw, expected) => {
  const usd = reportedUsd(raw, kind)
  expect(usd === undefined ? undefined : toDecimal(usd)).toBe(expected)
})
