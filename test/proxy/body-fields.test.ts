/** The fields that the node reads, what it refuses, and what it changes before it forwards (contract 6.2). */
import { expect, test } from 'bun:test'
import { forwardedBody, readFields } from '../../core/proxy/body-fields'

const B = { model: 'gpt-x', messages: [{ role: 'user', content: 'hi' }] }
const refusal = (body: Readonly<Record<string, unknown>>) => {
  const read = readFields(body)
  return 'error' in read ? [read.status, read.error.code, read.error.message] : undefined
}
const cap = (body: Readonly<Record<string, unknown>>) => {
  const read = readFields(body)
  return 'error' in read ? 'refused' : read.cap
}

test.each([-1, 1.5, true, false, '-1', '1.5', '', 'ten', [[]], {}, Number.POSITIVE_INFINITY])(
  'C-092 a cap of %p answers invalid_max_tokens',
  (value) => {
    for (const field of ['max_tokens', 'max_completion_tokens', 'max_output_tokens'])
      expect(refusal({ ...B, [field]: value })).toEqual([
        400,
        'invalid_max_tokens',
        `Field '${field}' must be a whole number of at least 0`,
      ])
  },
)

test('C-092 null and 0 count as absent, digits are read, and the largest of several counts', () => {
  expect(cap(B)).toBeUndefined()
  expect([null, 0, '0', '000'].map((value) => cap({ ...B, max_tokens: value }))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  expect(cap({ ...B, max_tokens: '128' })).toBe(128)
  expect(cap({ ...B, max_tokens: 10, max_completion_tokens: '30', max_output_tokens: 20 })).toBe(30)
  expect(cap({ ...B, max_tokens: 1e300 })).toBe(Number.MAX_SAFE_INTEGER)
  expect(cap({ ...B, max_tokens: '9'.repeat(200) })).toBe(Number.MAX_SAFE_INTEGER)
})

test.each([undefined, null, '', '  ', 5, {}, [['gpt-x']]])('C-091 a model of %p answers missing_model', (model) => {
  expect(refusal({ ...B, model })?.[1]).toBe('missing_model')
})

test.each([0, 129, 1.5, '2', true, -1])('C-091 n and best_of of %p answer invalid_field', (value) => {
  for (const field of ['n', 'best_of'])
    expect(refusal({ ...B, [field]: value })?.slice(0, 2)).toEqual([400, 'invalid_field'])
})

test('C-091 copies are the larger of n and best_of', () => {
  const copies = (more: object) => (readFields({ ...B, ...more }) as { copies?: number }).copies
  expect([{}, { n: 3 }, { n: 2, best_of: 128 }, { n: null }].map(copies)).toEqual([1, 3, 128, 1])
})

test('C-091 stream must be a boolean, stream_options an object', () => {
  for (const more of [{ stream: 'true' }, { stream: 1 }, { stream_options: [] }, { stream_options: 'x' }])
    expect(refusal({ ...B, ...more })?.[1]).toBe('invalid_field')
  expect(readFields({ ...B, stream: null, stream_options: null })).toMatchObject({ stream: false })
  expect(readFields({ ...B, stream: true, stream_options: { include_usage: false } })).toMatchObject({ stream: true })
})

test.each([
  { background: true },
  { conversation: 'conv_1' },
  { conversation: { id: 'conv_1' } },
  { prompt: { id: 'pmpt_1' } },
  { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }] },
  { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'file-1' }] }] },
])('C-106 %j answers unsupported_parameter', (more) => {
  expect(refusal({ ...B, ...more })?.slice(0, 2)).toEqual([400, 'unsupported_parameter'])
})

test('C-106 false and null are fine where true is not', () => {
  const more = { background: false, conversation: null, prompt: null }
  expect(refusal({ ...B, ...more })).toBeUndefined()
  expect(refusal({ model: 'm', prompt: ['a', 'b'] })).toBeUndefined()
  expect(refusal({ model: 'm', messages: [{ content: [{ type: 'file', file: { file_id: null } }] }] })).toBeUndefined()
})

test('C-100 a stop sequence is known by its presence only', () => {
  const hasStop = (more: object) => (readFields({ ...B, ...more }) as { hasStop?: boolean }).hasStop
  expect([{}, { stop: null }, { stop: 'x' }, { stop_sequences: [] }].map(hasStop)).toEqual([false, false, true, true])
})

const offer = { upstreamModel: 'vendor/gpt', streamUsage: true, billing: 'list', kind: 'generic' } as const
const forwarded = (body: object, on: Parameters<typeof forwardedBody>[1] = offer) =>
  JSON.parse(forwardedBody(body as Readonly<Record<string, unknown>>, on))

test('C-091 the model is replaced and nothing else is changed', () => {
  const body = { ...B, temperature: 0.5, unknown: { deep: [1] }, max_tokens: '7' }
  expect(forwarded(body)).toEqual({ ...body, model: 'vendor/gpt' })
})

test('C-104 dearer service tiers are taken out on list billing and kept on reported billing', () => {
  const body = { ...B, service_tier: 'priority', speed: 'fast', inference_geo: 'us' }
  expect(forwarded(body)).toEqual({ ...B, model: 'vendor/gpt' })
  expect(forwarded(body, { ...offer, billing: 'reported' })).toEqual({ ...body, model: 'vendor/gpt' })
})

test('C-121 a stream is asked for its usage and keeps the other options, unless the upstream knows none', () => {
  const body = { ...B, stream: true, stream_options: { include_usage: false, other: 1 } }
  expect(forwarded(body).stream_options).toEqual({ include_usage: true, other: 1 })
  expect(forwarded(body, { ...offer, streamUsage: false }).stream_options).toEqual(body.stream_options)
  expect(forwarded({ ...B, stream: true }).stream_options).toEqual({ include_usage: true })
  expect(forwarded(B).stream_options).toBeUndefined()
})

test('C-105 openrouter is asked to report its cost where the client did not', () => {
  const on = { ...offer, kind: 'openrouter' }
  expect(forwarded(B, on).usage).toEqual({ include: true })
  expect(forwarded({ ...B, usage: { include: false } }, on).usage).toEqual({ include: false })
})
