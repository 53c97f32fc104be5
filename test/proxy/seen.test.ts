/** What counts as delivered, as finished and as an error; and a whole answer as the client gets it. */
import { describe, expect, test } from 'bun:test'
import { costHeaders, paidChatBody } from '../../core/proxy/cost'
import { endedByClient, errorIn, type Json, nothingSeen, type Seen, seeChunk } from '../../core/upstream/seen'
import { chunk, cost } from '../kit/chat-stream'

const see = (...chunks: readonly Json[]): Seen => chunks.reduce(seeChunk, nothingSeen)
const message = (fields: Json, finish = 'stop'): Json => ({ choices: [{ message: fields, finish_reason: finish }] })

describe('C-100 what is content, and how long it is', () => {
  test.each<[string, Json, number]>([
    ['text', { content: 'ä' }, 2],
    ['text in parts', { content: [{ type: 'text', text: 'abc' }] }, 3],
    ['a refusal', { refusal: 'no' }, 2],
    ['reasoning', { reasoning: 'hm' }, 2],
    ['reasoning by its other name', { reasoning_content: 'hm' }, 2],
    ['sealed reasoning', { reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] }, 0],
    ['a tool call', { tool_calls: [{ function: { name: 'ab', arguments: '{}' } }] }, 4],
    ['a tool call without arguments', { tool_calls: [{ index: 0 }] }, 0],
    ['a function call of old', { function_call: { name: 'ab', arguments: '' } }, 2],
    ['an image', { images: [{ image_url: { url: 'data:' } }] }, 0],
    ['audio', { audio: { id: 'a' } }, 0],
  ])('C-100 %s', (_, fields, textBytes) => {
    expect(see(message(fields))).toMatchObject({ hasContent: true, textBytes })
    expect(see(chunk(fields))).toMatchObject({ hasContent: true, textBytes })
  })

  test.each<[string, Json]>([
    ['nothing', {}],
    ['an empty text', { content: '', role: 'assistant' }],
    ['null', { content: null, tool_calls: null, refusal: null, function_call: null, audio: null }],
    ['no calls', { tool_calls: [] }],
    ['fields of wrong types', { content: 7, tool_calls: 'x', reasoning: {} }],
  ])('C-100 %s is none', (_, fields) => {
    expect(see(message(fields))).toMatchObject({ hasContent: false, textBytes: 0 })
    expect(see(chunk(fields))).toMatchObject({ hasContent: false, textBytes: 0 })
  })

  test('text of the completions dialect counts', () => {
    expect(see({ choices: [{ index: 0, text: 'abc' }] })).toMatchObject({ hasContent: true, textBytes: 3 })
  })
})

describe('complete', () => {
  const usage = { usage: { prompt_tokens: 1, completion_tokens: 2 } }
  test.each<[string, readonly Json[], boolean]>([
    ['nothing', [], false],
    ['text', [chunk({ content: 'a' })], false],
    ['a finish', [chunk({ content: 'a' }), chunk({}, 'stop')], true],
    ['an empty finish', [chunk({}, '')], false],
    ['a usage chunk', [chunk({ content: 'a' }), { choices: [], ...usage }], true],
    ['usage beside content', [{ ...chunk({ content: 'a' }), ...usage }], false],
    ['one finish of two', [chunk({}), chunk({}, null, 1), chunk({}, 'stop')], false],
    ['both', [chunk({}), chunk({}, null, 1), chunk({}, 'stop'), chunk({}, 'length', 1)], true],
    ['a choice that begins after the first finished', [chunk({}, 'stop'), chunk({ content: 'a' }, null, 1)], false],
    ['usage, then another choice', [{ choices: [], ...usage }, chunk({ content: 'a' })], true],
    ['a finish, then more of the same choice', [chunk({}, 'stop'), chunk({ content: 'a' })], true],
  ])('%s', (_, chunks, complete) => {
    expect(see(...chunks).complete).toBe(complete)
  })

  test('usage is the last value of each field, wherever it stands', () => {
    const seen = see(
      { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, cost: 0.1 } },
      { choices: [], x_groq: { usage: { completion_tokens: 5 } } },
      { choices: [], usage: null },
    )
    expect(seen.usage).toEqual({ prompt_tokens: 1, completion_tokens: 5, cost: 0.1 })
  })

  test('a finish on every chunk takes no more memory than one', () => {
    const seen = see(...Array.from({ length: 1000 }, () => chunk({ content: 'a' }, 'stop')))
    expect(seen.finishes).toEqual(['stop'])
  })

  test('choices beyond the 128 that can be asked for are not followed', () => {
    const seen = see(...Array.from({ length: 1000 }, (_, index) => chunk({ content: 'a' }, 'stop', index)))
    expect(seen.choices.size).toBe(128)
  })

  test("C-100 the client's own cap or stop is told from the model's end", () => {
    const ended = (finish: string[], cap: number | undefined, hasStop: boolean) =>
      endedByClient(finish, { cap, hasStop })
    expect([ended(['length'], 5, false), ended(['stop'], undefined, true)]).toEqual([true, true])
    expect([ended(['stop'], 5, false), ended([], 5, true), ended(['length'], undefined, true)]).toEqual([
      false,
      false,
      false,
    ])
  })
})

test.each<[string, Json, boolean]>([
  ['an object', { error: { message: 'm' } }, true],
  ['a word', { error: 'overloaded' }, true],
  ['null', { error: null, choices: [] }, false],
  ['a failed status', { status: 'failed' }, true],
  ['a finish by error', { choices: [{ finish_reason: 'error' }] }, true],
  ['an error inside a choice', { choices: [{ error: { code: 502 } }] }, true],
  ['a good answer', message({ content: 'a' }), false],
])('C-160 an error in a 200: %s', (_, body, isError) => {
  expect(errorIn(body) !== undefined).toBe(isError)
})

describe('a whole answer', () => {
  const json = {
    ...message({ role: 'assistant', content: 'a' }),
    id: 'u1',
    model: 'their/gpt-x',
    provider: 'Them',
    cost: 1,
    cost_details: {},
    is_byok: true,
    usage: { prompt_tokens: 1000, completion_tokens: 500, cost: { total_cost: 1 }, cost_in_usd_ticks: 3 },
    metadata: { theirs: 1, routstr: { cost: { total_msats: 1 }, other: 2 } },
  }

  test('C-120 carries our cost, our names and nothing of our purchase price', () => {
    expect(paidChatBody(json, { cost, model: 'gpt-x', provider: 'openrouter' })).toEqual({
      ...message({ role: 'assistant', content: 'a' }),
      id: 'u1',
      model: 'gpt-x',
      provider: 'openrouter',
      usage: { prompt_tokens: 1000, completion_tokens: 500, cost: 0.002, cost_sats: 2 },
      cost,
      metadata: { theirs: 1, routstr: { cost, other: 2 } },
    })
  })

  test('names no provider where the operator exposes none', () => {
    expect(paidChatBody(json, { cost, model: 'gpt-x', provider: undefined })).not.toHaveProperty('provider')
  })

  test('C-131 the cost headers equal the cost in the body', () => {
    expect(costHeaders(cost)).toEqual({
      'x-routstr-cost-msats': '2000',
      'x-routstr-cost-usd': '0.002',
      'x-routstr-input-cost-msats': '1000',
      'x-routstr-output-cost-msats': '1000',
    })
  })
})
