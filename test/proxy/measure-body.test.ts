/** What a body weighs: text, pictures, documents, searches, and what has no price of its own (contract 6.2, 6.4). */
import { expect, test } from 'bun:test'
import { readFields } from '../../core/proxy/body-fields'
import { type Detail, imageTokens, readImageSize } from '../../core/proxy/image-size'
import { measureBody } from '../../core/proxy/measure-body'
import { estimatedBuckets, estimatedPrompt } from '../../events'
import { gif, jpeg, png, webp } from '../kit/pictures'
import { chargeOf, f1, f2, holdOf } from '../kit/prices'

type Body = Readonly<Record<string, unknown>>
const measure = (body: Body) => measureBody(body, 5).measure
const features = (body: Body) => measureBody(body, 5).features
const chat = (content: unknown, more: object = {}): Body => ({
  model: 'gpt-x',
  messages: [{ role: 'user', content }],
  ...more,
})
const a300 = 'a'.repeat(300)
const B = chat(a300)

function hold(body: Body): number[] {
  const fields = readFields(body)
  if (!('copies' in fields)) throw new Error('refused')
  const { cap, copies } = fields
  return [f1, f2].map((on) => holdOf(on, measure(body), { cap, copies }))
}

test.each([
  [B, 111, 4111, 4545],
  [{ ...B, max_tokens: 100 }, 114, 314, 348],
  [{ ...B, max_completion_tokens: 100 }, 118, 318, 352],
  [{ model: 'gpt-x', input: a300, max_output_tokens: 100 }, 110, 310, 343],
  [{ ...B, max_tokens: 100, n: 3 }, 114, 714, 790],
  [{ ...B, max_tokens: 100, system: 'b'.repeat(600) }, 316, 516, 571],
  [chat('\u6f22'.repeat(300), { max_tokens: 100 }), 314, 514, 569],
  [{ ...B, max_tokens: 5000 }, 114, 4114, 4549],
] as const)('C-090 C-091 body %# has the E and the holds of the table', (body, E, one, two) => {
  expect(estimatedPrompt(measure(body))).toBe(E)
  expect(hold(body)).toEqual([one, two])
})

const remoteImage = chat(
  [
    { type: 'text', text: 'a'.repeat(30) },
    { type: 'image_url', image_url: { url: 'https://x.example/a.png' } },
  ],
  { max_tokens: 1 },
)

test('C-090 C-093 a remote picture counts its address as text and 765 tokens, unseen', () => {
  const found = measure(remoteImage)
  expect([estimatedPrompt(found), found.imageTokens, found.images]).toEqual([44, 765, 1])
  expect(hold(remoteImage)).toEqual([811, 897])
})

test('C-090 a cache marker anywhere makes the hold count cache writes', () => {
  const marked = chat([{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }])
  expect(measure(marked)).toMatchObject({ cacheControl: true, cacheHour: false })
  const hour = chat([{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral', ttl: '1h' } }])
  expect(measure(hour)).toMatchObject({ cacheControl: true, cacheHour: true })
  expect(measure(chat([{ type: 'text', text: 'hi', cache_control: null }])).cacheControl).toBe(false)
  expect(holdOf(f1, { textBytes: 342, cacheControl: true }, { cap: 100 })).toBe(343)
})

test('C-101 B answered hello world without usage costs 90 msat, with stream in the body 91', () => {
  const cost = (body: Body) =>
    chargeOf(f1, {}, { buckets: estimatedBuckets(measure(body).textBytes, 0, Buffer.byteLength('hello world')) })
  expect(cost(B).costMsat).toBe(90)
  expect(cost({ ...B, stream: true }).costMsat).toBe(91)
})

test.each([
  [1, 1, 'auto', 255],
  [512, 512, 'high', 255],
  [513, 512, 'auto', 425],
  [1024, 1024, 'auto', 765],
  [2049, 2049, 'auto', 765],
  [4096, 1024, 'auto', 765],
  [768, 1536, 'auto', 1105],
  [1920, 1080, 'auto', 1105],
  [2048, 4096, 'auto', 1105],
  [3000, 2000, 'auto', 1105],
  [1024, 1024, 'original', 1229],
  [100, 100, 'low', 85],
  [100_000, 100_000, 'original', 36_000],
] as const)('C-090 an image of %d x %d at detail %s is %d tokens', (width, height, detail, expected) => {
  expect(imageTokens({ width, height }, detail)).toBe(expected)
})

test('C-090 an image whose size cannot be read is 765 tokens, original 36000, low 85', () => {
  const unknown = (['auto', 'high', 'original', 'low'] as readonly Detail[]).map((one) => imageTokens(undefined, one))
  expect(unknown).toEqual([765, 765, 36_000, 85])
})

test.each([
  ['PNG', png(3000, 2000)],
  ['GIF', gif(3000, 2000)],
  ['JPEG', jpeg(3000, 2000)],
  ['JPEG with much metadata', jpeg(3000, 2000, 100_000)],
  ['WebP, lossy', webp(3000, 2000, 'VP8 ')],
  ['WebP, lossless', webp(3000, 2000, 'VP8L')],
  ['WebP, extended', webp(3000, 2000, 'VP8X')],
  ['plain base64 PNG', png(3000, 2000).slice('data:image/png;base64,'.length)],
] as const)('C-090 the size of a %s is read from its header', (_, data) => {
  expect(readImageSize(data)).toEqual({ width: 3000, height: 2000 })
})

test.each([
  ['text', 'hello'],
  ['nothing', ''],
  ['an address', 'https://x.example/a.png'],
  ['a data: URL that is no base64', 'data:image/svg+xml,<svg/>'],
  ['a picture without extent', png(0, 10)],
  ['a cut header', png(10, 10).slice(0, 40)],
  [
    'a JPEG without frame',
    `data:image/jpeg;base64,${Buffer.from(`\xff\xd8${'\xff\xd0'.repeat(50)}`, 'latin1').toString('base64')}`,
  ],
  ['a JPEG whose frame lies too deep', jpeg(3000, 2000, 500_000)],
] as const)('C-090 no size is read from %s', (_, data) => {
  expect(readImageSize(data)).toBeUndefined()
})

const long = 'b'.repeat(30_000)
test.each([
  ['a default', { type: 'image', source: { data: long } }],
  ['a call of the past', { type: 'image_generation_call', result: long }],
  ['an address', { image_url: { url: `data:,${long}` } }],
  ['a file', { type: 'file', data: long }],
])(
  'P-15 C-090 %s in the schema of a tool, or in what the model wrote to one, is text whatever its shape',
  (_, hidden) => {
    const schema = { type: 'object', properties: { a: { default: hidden } } }
    const tools = [{ type: 'function', function: { name: 'f', parameters: schema } }]
    const call = { role: 'assistant', content: [{ type: 'tool_use', id: '1', name: 'f', input: { given: hidden } }] }
    for (const body of [
      { ...chat('hi'), tools },
      { ...chat('hi'), messages: [call] },
    ]) {
      const found = measure(body)
      expect(found).toMatchObject({ images: 0, imageTokens: 0, documentTokens: 0 })
      expect(found.textBytes).toBeGreaterThan(30_000)
    }
  },
)

test.each([
  ['chat', { type: 'image_url', image_url: { url: png(1024, 1024), detail: 'high' } }, 765],
  ['chat, low', { type: 'image_url', image_url: { url: png(1024, 1024), detail: 'low' } }, 85],
  ['chat, address as text', { type: 'image_url', image_url: png(512, 512) }, 255],
  ['chat without a type', { image_url: { url: png(512, 512) } }, 255],
  ['Responses', { type: 'input_image', image_url: png(1024, 1024), detail: 'original' }, 1229],
  ['a screenshot', { type: 'computer_screenshot', image_url: png(1024, 1024) }, 765],
  [
    'Messages',
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png(513, 512).slice(22) } },
    425,
  ],
  ['Messages by address', { type: 'image', source: { type: 'url', url: 'https://x.example/a.png' } }, 765],
] as const)(
  'C-090 an image part of %s is found, also in a tool result, and its payload is no text',
  (_, part, tokens) => {
    const found = measure(chat([{ type: 'tool_result', content: [{ type: 'text', text: 'see' }, part] }]))
    expect([found.images, found.imageTokens]).toEqual([1, tokens])
    expect(found.textBytes).toBeLessThan(220)
  },
)

test('P-15 text that looks like media where no media stands is counted as text', () => {
  const long = `data:text/plain;base64,${'a'.repeat(3000)}`
  for (const body of [chat(long), chat([{ type: 'text', text: long }]), { ...B, system: long }])
    expect(measure(body).textBytes).toBeGreaterThan(3000)
})

test('P-15 words beside a payload are counted: a file name, an unknown field', () => {
  const file = { type: 'file', file: { filename: 'n'.repeat(3000), file_data: 'QUJD', more: 'm'.repeat(2000) } }
  expect(measure(chat([file])).textBytes).toBeGreaterThan(5000)
})

const base64 = (bytes: number) => Buffer.alloc(bytes, 'x').toString('base64')
test.each([
  [
    'chat',
    { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${base64(1601)}` } },
    101,
  ],
  ['Responses', { type: 'input_file', filename: 'a.pdf', file_data: base64(1600) }, 100],
  ['Messages', { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: base64(1) } }, 1],
  ['a video', { type: 'video_url', video_url: { url: `data:video/mp4;base64,${base64(3200)}` } }, 200],
] as const)('C-091 an inline document of %s counts a token per 16 bytes', (_, part, tokens) => {
  const found = measure(chat([part]))
  expect([found.documentTokens, found.unknownPrompt]).toEqual([tokens, false])
  expect(found.textBytes).toBeLessThan(120)
})

test('P-15 a plain text document is prompt text, and blocks inside a document are walked', () => {
  const plain = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 't'.repeat(3000) } }
  expect(measure(chat([plain]))).toMatchObject({ documentTokens: 0 })
  expect(measure(chat([plain])).textBytes).toBeGreaterThan(3000)
  const blocks = {
    type: 'document',
    source: { type: 'content', content: [{ type: 'image', source: { type: 'url', url: 'x' } }] },
  }
  expect(measure(chat([blocks])).images).toBe(1)
})

test.each([
  [chat([{ type: 'document', source: { type: 'url', url: 'https://x.example/a.pdf' } }])],
  [chat([{ type: 'input_file', file_url: 'https://x.example/a.pdf' }])],
  [chat([{ type: 'file', file: { filename: 'a', file_data: 'https://x.example/a.pdf' } }])],
  [chat([{ type: 'video_url', video_url: { url: 'https://x.example/a.mp4' } }])],
  [{ model: 'gpt-x', input: 'hi', previous_response_id: 'resp_1' }],
  [{ model: 'gpt-x', input: [{ type: 'item_reference', id: 'msg_1' }] }],
  [{ model: 'gpt-x', input: [{ id: 'msg_1' }] }],
])('C-091 C-093 what only the upstream can see counts as the whole context: %j', (body) => {
  const found = measure(body)
  expect(found.unknownPrompt).toBe(true)
  expect(holdOf(f1, found, { cap: 100 })).toBe(9900 + 200)
})

test('C-091 a reference to an earlier answer is told apart from a document by address', () => {
  expect(features({ model: 'gpt-x', previous_response_id: 'resp_1' }).references).toBe(true)
  expect(features(chat([{ type: 'input_file', file_url: 'https://x.example/a.pdf' }])).references).toBe(false)
  expect(features({ model: 'gpt-x', input: [{ id: 'msg_1', role: 'user', content: 'x' }] }).references).toBe(false)
})

test('C-091 token arrays count their integers', () => {
  expect(measure({ model: 'e', input: [1, 2, 3] }).tokenIntegers).toBe(3)
  expect(measure({ model: 'e', input: [[1, 2], [3]] }).tokenIntegers).toBe(3)
  expect(measure({ model: 'e', prompt: [1, 2.5, 'x', 4] }).tokenIntegers).toBe(2)
  expect(measure({ model: 'e', input: 'text', temperature: 1 }).tokenIntegers).toBe(0)
})

const search = { type: 'web_search_20250305', name: 'web_search' }
test.each([
  [{ tools: [search] }, 5],
  [{ tools: [{ ...search, max_uses: 3 }] }, 3],
  [{ tools: [{ ...search, max_uses: 3 }, search] }, 8],
  [{ tools: [{ ...search, max_uses: 0.5 }] }, 5],
  [{ tools: [{ ...search, max_uses: 1e300 }] }, 1_000_000],
  [{ web_search_options: {} }, 5],
  [{ plugins: [{ id: 'web', max_results: 2 }] }, 5],
  [{ tools: [{ type: 'function', function: { name: 'web_search' } }] }, 0],
  [{ web_search_options: null, plugins: [{ id: 'other' }, null] }, 0],
])('C-091 %j may search %d times', (more, searches) => {
  expect(measure({ ...B, ...more }).searches).toBe(searches)
  expect(features({ ...B, ...more }).webSearch).toBe(searches > 0)
})

test.each([
  [
    { tools: [{ type: 'function', function: {} }, { type: 'custom' }, { name: 'f', input_schema: {} }, search] },
    undefined,
  ],
  [{ tools: [{ type: 'function' }, { type: 'code_interpreter' }] }, 'code_interpreter'],
  [{ tools: [{ type: 'mcp', server_url: 'x' }] }, 'mcp'],
  [{ mcp_servers: [{ url: 'x' }] }, 'mcp'],
  [{ mcp_servers: [], tools: 'none' }, undefined],
])('C-106 the hosted tool of %j is %p', (more, tool) => {
  expect(features({ ...B, ...more }).hostedTool).toBe(tool)
})

test('C-106 sound and pictures are seen, however they are asked for', () => {
  const sound = { type: 'input_audio', input_audio: { data: base64(2000), format: 'wav' } }
  for (const body of [
    chat([sound]),
    chat([{ type: 'tool_result', content: [sound] }]),
    { ...B, modalities: ['text', 'audio'] },
    { ...B, audio: { voice: 'x' } },
  ])
    expect(features(body)).toMatchObject({ audio: true, imageOutput: false })
  expect(measure(chat([sound]))).toMatchObject({ documentTokens: 10 })
  expect(measure(chat([sound])).textBytes).toBeLessThan(100)
  expect(features({ ...B, modalities: ['image'] })).toMatchObject({ audio: false, imageOutput: true })
  expect(features({ ...B, audio: null })).toMatchObject({ audio: false })
})

test('C-093 nothing in a body is fetched', async () => {
  const asked: string[] = []
  const server = Bun.serve({
    port: 0,
    fetch({ url }) {
      asked.push(url)
      return new Response('x')
    },
  })
  const url = `${server.url}a.png`
  measure(
    chat([
      { type: 'image_url', image_url: { url } },
      { type: 'input_image', image_url: url },
      { type: 'image', source: { type: 'url', url } },
      { type: 'document', source: { type: 'url', url } },
      { type: 'input_file', file_url: url },
    ]),
  )
  // A request of our own, later than any that measuring could have made.
  await fetch(`${server.url}later`)
  await server.stop(true)
  expect(asked).toEqual([`${server.url}later`])
})

test('P-15 a body of any depth is walked without using the stack', () => {
  let deep: unknown = 'x'
  for (let level = 0; level < 200_000; level += 1) deep = [deep]
  expect(measure({ model: 'm', input: deep }).textBytes).toBe('modelminputx'.length)
})
