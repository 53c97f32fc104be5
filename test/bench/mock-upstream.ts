/**
 * A light upstream as a process of its own: a JSON answer of 1 kB, a stream of 50 chunks, each stamped with the time
 * at which it left (performance 4). `GET /__calls` counts, `user: "fast"` in a body asks for a stream without pauses.
 */
const chunks = 50
const pauseMs = 30
const nowMs = () => performance.timeOrigin + performance.now()
let calls = 0

const model = {
  id: 'gpt-x',
  object: 'model',
  context_length: 10_000,
  top_provider: { context_length: 10_000, max_completion_tokens: 2000 },
  pricing: { prompt: '0.000001', completion: '0.000002' },
}
const usage = { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 }
const head = { id: 'chatcmpl-bench', created: 1_700_000_000, model: 'gpt-x' }
const content = 'a'.repeat(700)
const json = { 'content-type': 'application/json' }
const events = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }

/** `system_fingerprint` carries the time at which the request was here. */
const answer = () =>
  JSON.stringify({
    ...head,
    object: 'chat.completion',
    system_fingerprint: String(nowMs()),
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage,
  })

const event = (delta: object, finish: string | null, more: object = {}): string =>
  `data: ${JSON.stringify({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...more,
  })}\n\n`

/** Each chunk's text is the time at which it left. */
async function* stream(pause: number): AsyncGenerator<string> {
  for (let n = 0; n < chunks; n += 1) {
    yield event({ content: `${nowMs()} ` }, null)
    if (pause > 0) await Bun.sleep(pause)
  }
  yield event({}, 'stop')
  yield `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage })}\n\n`
  yield 'data: [DONE]\n\n'
}

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  idleTimeout: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url)
    if (pathname === '/__calls') return Response.json({ calls })
    if (request.method === 'GET') return Response.json({ object: 'list', data: [model] })
    const body = await request.text()
    calls += 1
    if (!body.includes('"stream":true')) return new Response(answer(), { headers: json })
    const pause = body.includes('"user":"fast"') ? 0 : pauseMs
    return new Response(stream(pause) as unknown as ReadableStream, { headers: events })
  },
})
export const url = `http://127.0.0.1:${server.port}`
process.stdout.write(`ready ${url}\n`)
