/** One attempt at one upstream, over real sockets: each row of contract 8.3, what leaves the node, and every bound. */
import { afterAll, afterEach, describe, expect, test } from 'bun:test'
import { type Attempt, type CallRequest, callUpstream, type Target } from '../../core/upstream/call'
import { watchConnect } from '../../core/upstream/connect-watch'
import { createPatience } from '../../core/upstream/patience'
import { redacted } from '../../core/upstream/redact'
import type { SseEvent } from '../../core/upstream/sse'
import { type Behaviour, createTestUpstream } from '../kit/upstream'

const upstream = createTestUpstream()
afterAll(upstream.stop)
afterEach(upstream.reset)

const key = 'canary-upstream-key-0123456789'
const target: Target = {
  kind: 'generic',
  baseUrl: upstream.url,
  credential: { header: 'Authorization', value: `Bearer ${key}` },
  headers: { 'X-Title': 'node' },
  secrets: [key, upstream.url],
}
const never = new AbortController().signal

type Wish = Partial<Omit<CallRequest, 'bounds'>> & { readonly bounds?: Partial<CallRequest['bounds']>; to?: Target }
const asked = { model: 'gpt-x', messages: [{ role: 'user', content: 'hi' }] }

function call({ bounds, to = target, ...wish }: Wish = {}): Promise<Attempt> {
  const stream = wish.stream ?? false
  return callUpstream(to, {
    path: '/chat/completions',
    body: JSON.stringify({ ...asked, stream, stream_options: { include_usage: true } }),
    stream,
    userAgent: 'routstr-node/test',
    openAiBeta: undefined,
    clientGone: never,
    drainMs: 5000,
    ...wish,
    bounds: { firstByteMs: 5000, idleMs: 5000, totalMs: 10_000, ...bounds },
  })
}

async function behaving(behaviour: Behaviour, wish: Wish = {}): Promise<Attempt> {
  upstream.next(behaviour)
  return call(wish)
}

async function eventsOf(attempt: Attempt): Promise<SseEvent[]> {
  if (attempt.is !== 'stream') throw new Error(`not a stream but ${JSON.stringify(attempt)}`)
  const events: SseEvent[] = []
  for (let next = await attempt.events.next(); next.done !== true; next = await attempt.events.next())
    events.push(next.value)
  return events
}

const next = { is: 'next', rateLimited: false, alert: undefined }
const cooled = { ...next, cool: 'offer', coolMs: undefined }
const limited = (coolS: number) => ({ ...next, cool: 'offer', coolMs: coolS * 1000, rateLimited: true })
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toUTCString()

describe('an answer', () => {
  test('a good JSON answer arrives parsed and as it was sent', async () => {
    const attempt = await call()
    expect(attempt).toMatchObject({ is: 'answer', status: 200, contentType: 'application/json' })
    if (attempt.is !== 'answer') throw new Error('no answer')
    expect(attempt.json.choices).toMatchObject([{ message: { content: 'hello world' } }])
    expect(JSON.parse(Buffer.from(attempt.bytes).toString())).toEqual(attempt.json)
  })

  test.each(['gzip', 'br'] as const)('C-010 an answer compressed with %s arrives decoded', async (encoding) => {
    expect(await behaving({ encoding })).toMatchObject({ is: 'answer', json: { object: 'chat.completion' } })
    const events = await eventsOf(await behaving({ encoding }, { stream: true }))
    expect(events.at(-1)).toEqual({ name: undefined, data: '[DONE]' })
  })

  test('JSON to a streamed request is an answer like any other', async () => {
    expect(await behaving({ asJson: true }, { stream: true })).toMatchObject({ is: 'answer', status: 200 })
  })

  test('an upstream never gets a second request from one attempt', async () => {
    await behaving({ fault: 'close-at-once' })
    await behaving({ fault: { status: 503 } })
    expect(upstream.calls()).toBe(2)
  })
})

describe('C-160 each outcome leads to its action', () => {
  test.each([500, 502, 503, 529])('%i: the next candidate, and the offer cools', async (status) => {
    expect(await behaving({ fault: { status } })).toMatchObject({ ...cooled, status })
  })

  test.each([408, 409, 425])('%i: the next candidate, and nothing cools', async (status) => {
    expect(await behaving({ fault: { status } })).toMatchObject({ ...next, status, cool: 'none' })
  })

  test.each([
    ['seconds', '17', 17],
    ['zero', '0', 1],
    ['too many seconds', '86400', 300],
    ['a date', inSeconds(200), 200],
    ['a date long ago', inSeconds(-500), 1],
    ['nonsense', 'soon', 10],
    ['nothing', undefined, 10],
  ])('429 with %s as Retry-After', async (_, value, coolS) => {
    const headers: Record<string, string> = value === undefined ? {} : { 'retry-after': value }
    const attempt = await behaving({ fault: { status: 429, headers } })
    if (attempt.is !== 'next') throw new Error('not moved on')
    // A date has whole seconds, and time passes until it is read.
    const slackMs = coolS === 200 ? 3000 : 0
    expect(Math.abs((attempt.coolMs ?? 0) - coolS * 1000)).toBeLessThanOrEqual(slackMs)
    expect(attempt).toMatchObject({ is: 'next', status: 429, cool: 'offer', rateLimited: true, alert: undefined })
  })

  test.each([401, 402, 403])('C-161 P-39 %i: the whole upstream cools, the operator hears of it', async (status) => {
    const attempt = await behaving({ fault: { status, body: { error: { message: `your key ${key}` } } } })
    expect(attempt).toMatchObject({ is: 'next', status, cool: 'upstream', coolMs: 300_000, alert: 'refused-key' })
    expect(JSON.stringify(attempt)).not.toContain(key)
  })

  test.each([404, 405])('%i: the next candidate, and the operator hears of it', async (status) => {
    expect(await behaving({ fault: { status } })).toMatchObject({ is: 'next', cool: 'none', alert: 'model-missing' })
  })

  test.each([400, 413, 415, 418, 422])('%i: to the client at once, with what was said', async (status) => {
    const error = { message: 'too long', type: 'context_error', code: 'context_length', param: 'messages' }
    expect(await behaving({ fault: { status, body: { error } } })).toEqual({ is: 'rejected', status, error })
  })

  test.each<[string, Behaviour]>([
    ['a redirect', { fault: 'redirect' }],
    ['an HTML page with status 200', { fault: 'html-200' }],
    ['an empty 200', { fault: 'empty-200' }],
    ['an HTML error page', { fault: { status: 502, body: '<html>Bad gateway</html>' } }],
    ['a length longer than the body', { fault: 'length-too-long' }],
    ['a length shorter than the body', { fault: 'length-too-short' }],
    ['a closed connection', { fault: 'close-at-once' }],
    ['a cut after the headers', { fault: 'cut-after-headers' }],
    ['an error object with status 200', { fault: 'error-200' }],
    ['an error named by a string', { more: { error: 'overloaded' } }],
    ['an answer that finished by an error', { finish: 'error' }],
  ])('%s: the next candidate, and the offer cools', async (_, behaviour) => {
    expect(await behaving(behaviour)).toMatchObject(cooled)
  })

  test('P-33 a redirect is never followed, not even to the same upstream', async () => {
    const headers = { location: `${upstream.url}/chat/completions` }
    for (const status of [301, 302, 303, 307, 308])
      expect(await behaving({ fault: { status, headers } })).toMatchObject({ ...cooled, status, why: 'a redirect' })
    expect(upstream.requests).toHaveLength(5)
  })

  test('a refused connection and an unknown host: the next candidate', async () => {
    for (const baseUrl of ['http://127.0.0.1:1/v1', 'http://nobody.invalid/v1'])
      expect(await call({ to: { ...target, baseUrl } })).toMatchObject({ ...cooled, status: null })
  })

  test.each([
    { code: 429, message: 'slow' },
    { type: 'rate_limit_error' },
    { code: 'rate_limit_exceeded' },
    { code: 'too_many_requests' },
  ])('an error object that says it is a rate limit is one, in a body and as the first event: %j', async (error) => {
    expect(await behaving({ fault: 'error-200', error })).toMatchObject({ ...limited(10), status: 200 })
    const first = await behaving({ fault: 'error-event-first', error }, { stream: true })
    expect(first).toMatchObject({ ...limited(10), status: 200 })
  })
})

describe('what an upstream may tell a customer', () => {
  test('P-36 its key, address and account are cleaned out of a rejection', async () => {
    const message = `key ${key} sk-abcdef123456 of org-Abc123 proj_xyz789 at ${upstream.url}, ask joe@example.com Bearer abc.def`
    const attempt = await behaving({ fault: { status: 400, body: { error: { message, code: 7 } } } })
    expect(attempt).toMatchObject({ is: 'rejected', error: { code: 'upstream_rejected', param: undefined } })
    if (attempt.is !== 'rejected') throw new Error('not rejected')
    for (const secret of [key, 'abcdef123456', 'Abc123', 'xyz789', String(upstream.port), 'joe@', 'abc.def'])
      expect(attempt.error.message).not.toContain(secret)
    expect(attempt.error.message).toStartWith('key [REDACTED] [REDACTED] of [REDACTED] [REDACTED] at [REDACTED]')
  })

  test('tokens and invoices are cleaned, and a message has at most 1000 characters', () => {
    expect(redacted(`pay lnbc20u1${'p3unwfusp'.repeat(4)} or cashuB${'o2FteCJodHRw'.repeat(9)}`, [])).toBe(
      'pay [REDACTED] or [REDACTED]',
    )
    expect(redacted('a'.repeat(5000), [])).toHaveLength(1000)
  })

  test('an endless message costs no time', () => {
    const began = performance.now()
    redacted('a.b-'.repeat(4_000_000), [])
    expect(performance.now() - began).toBeLessThan(1000)
  })

  test('a rejection without words still has a message', async () => {
    const page = await behaving({ fault: { status: 400, body: '<html>no</html>' } })
    expect(page).toMatchObject({ error: { message: 'The upstream rejected the request', code: 'upstream_rejected' } })
    const detail = await behaving({ fault: { status: 422, body: { detail: [{ loc: ['n'], msg: 'bad' }] } } })
    expect(detail).toMatchObject({ error: { message: '[{"loc":["n"],"msg":"bad"}]' } })
  })
})

describe('C-008 what leaves the node', () => {
  const transport = ['host', 'connection', 'content-length']
  test('only the headers of the list, in both kinds of request', async () => {
    await call()
    await eventsOf(await call({ stream: true }))
    for (const { headers } of upstream.requests)
      expect(
        Object.keys(headers)
          .filter((name) => !transport.includes(name))
          .sort(),
      ).toEqual(['accept', 'accept-encoding', 'authorization', 'content-type', 'user-agent', 'x-title'].sort())
    expect(upstream.requests[0]?.headers).toMatchObject({
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json',
      'accept-encoding': 'gzip, br, identity',
      'user-agent': 'routstr-node/test',
    })
    expect(upstream.requests[1]?.headers.accept).toBe('text/event-stream')
  })

  test('openai-beta goes to openai only', async () => {
    await call({ openAiBeta: 'assistants=v2' })
    await call({ openAiBeta: 'assistants=v2', to: { ...target, kind: 'openai' } })
    expect(upstream.requests.map(({ headers }) => headers['openai-beta'])).toEqual([undefined, 'assistants=v2'])
  })

  test("an operator's header in any spelling never doubles one of ours", async () => {
    await call({ to: { ...target, headers: { 'Content-Type': 'text/plain', AUTHORIZATION: 'other' } } })
    expect(upstream.requests[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
    })
  })

  test('the body arrives byte for byte', async () => {
    const body = JSON.stringify({ ...asked, odd: 'ä€😀', n: 1.0 })
    await call({ body })
    expect(upstream.requests[0]?.body.toString()).toBe(body)
  })
})

describe('C-017 every wait has an end', () => {
  const short = { firstByteMs: 60, idleMs: 60 }
  test.each<[string, Behaviour, string]>([
    ['before the headers', { fault: 'hang-before-headers' }, 'no answer in time'],
    ['after the headers', { fault: 'hang-after-headers' }, 'no answer in time'],
  ])('silence %s: the next candidate', async (_, behaviour) => {
    for (const stream of [false, true])
      expect(await behaving(behaviour, { stream, bounds: short })).toMatchObject(cooled)
  })

  test('the whole call ends with its total time', async () => {
    const attempt = await behaving({ fault: 'hang-before-headers' }, { bounds: { totalMs: 60 } })
    expect(attempt).toMatchObject({ ...cooled, status: null, why: 'the answer took too long' })
  })

  test('a host that takes no connection is left after the connect time, whatever a slow answer may take', async () => {
    const wait = () => createPatience({ totalMs: 60_000, clientGone: never, drainMs: 60_000 })
    const [silent, open] = [wait(), wait()]
    watchConnect('http://silent.invalid', silent, 20, () => new Promise(() => undefined))
    watchConnect(`http://127.0.0.1:${upstream.port}`, open, 20)
    await new Promise((resolve) => silent.signal.addEventListener('abort', resolve, { once: true }))
    expect([silent.why(), open.why()]).toEqual(['no connection in time', undefined])
    open.end()
  })

  test('a client that left is waited for no longer than the drain time', async () => {
    const client = new AbortController()
    upstream.next({ fault: 'hang-before-headers' })
    const attempt = call({ clientGone: client.signal, drainMs: 50 })
    client.abort()
    expect(await attempt).toMatchObject({ is: 'next', why: 'the client left' })
  })

  test('a client that left before is waited for no longer either', async () => {
    upstream.next({ fault: 'hang-before-headers' })
    expect(await call({ clientGone: AbortSignal.abort(), drainMs: 50 })).toMatchObject({ why: 'the client left' })
  })

  test('P-37 a body above 64 MiB and an event above 8 MiB are upstream failures', async () => {
    expect(await behaving({ fault: 'huge-body' })).toMatchObject({ ...cooled, why: 'the answer is too large' })
    const event = await behaving({ fault: 'huge-event' }, { stream: true })
    expect(event).toMatchObject({ ...cooled, why: 'an event is too large' })
  })
})

describe('C-160 a stream belongs to an upstream from its first content on', () => {
  const streamed = (behaviour: Behaviour, bounds: Wish['bounds'] = {}) => behaving(behaviour, { stream: true, bounds })
  const cut = { ...cooled, status: 200 }

  test('what came before the content comes with it, in order', async () => {
    const events = await eventsOf(await streamed({ comments: true }))
    const deltas = events.slice(0, 3).map(({ data }) => JSON.parse(data).choices[0].delta)
    expect(deltas).toEqual([{ role: 'assistant', content: '' }, { content: 'hello ' }, { content: 'world' }])
    expect(events.map(({ data }) => data).at(-1)).toBe('[DONE]')
  })

  test.each<[string, Behaviour]>([
    ['an error as first event', { fault: 'error-event-first' }],
    ['a cut before any event', { fault: 'cut-after-headers' }],
    ['a cut after the role', { fault: 'cut-after-role' }],
    ['an end after the role', { answer: 'empty', pieces: 0, fault: 'end-early' }],
  ])('%s: the next candidate', async (_, behaviour) => {
    expect(await streamed(behaviour)).toMatchObject(cut)
  })

  test.each<[string, Behaviour]>([
    ['text', {}],
    ['a tool call', { answer: 'tools' }],
    ['a refusal', { answer: 'refusal' }],
    ['reasoning', { answer: 'reasoning' }],
    ['a finish without text', { answer: 'empty', pieces: 0 }],
  ])('%s is content', async (_, behaviour) => {
    upstream.next({ ...behaviour, pauseMs: 30 })
    const attempt = await call({ stream: true })
    // Committed while the upstream still speaks.
    expect(upstream.answered()).toBe(0)
    expect((await eventsOf(attempt)).length).toBeGreaterThan(1)
  })

  test('a stream that says only [DONE], or only its usage, is complete and empty', async () => {
    const usageOnly = { answer: 'empty', pieces: 0, choices: 0, noDone: true } as const
    expect(await eventsOf(await streamed(usageOnly))).toHaveLength(1)
    expect(await eventsOf(await streamed({ ...usageOnly, usage: 'none', noDone: false }))).toHaveLength(1)
  })

  test('a silent stream is taken as it is after its commit time', async () => {
    const attempt = await streamed({ fault: 'hang-after-headers' }, { commitMs: 40 })
    expect(attempt.is).toBe('stream')
    if (attempt.is === 'stream') attempt.abort()
  })

  test('a stream that falls silent breaks after the idle time', async () => {
    const attempt = await streamed({ fault: 'hang-mid-stream', pieces: 8 }, { idleMs: 60 })
    const began = performance.now()
    await expect(eventsOf(attempt)).rejects.toThrow('the stream stopped')
    expect(performance.now() - began).toBeLessThan(2000)
    await until(() => upstream.dropped() === 1)
  })

  test('a cut in mid-chunk breaks the stream after what was whole', async () => {
    const attempt = await streamed({ fault: 'cut-mid-chunk', pieces: 8 })
    if (attempt.is !== 'stream') throw new Error('no stream')
    let count = 0
    const readAll = async () => {
      for (let got = await attempt.events.next(); got.done !== true; got = await attempt.events.next()) count += 1
    }
    await expect(readAll()).rejects.toThrow()
    // Role and the pieces before the middle; the torn one is nobody's.
    expect(count).toBe(5)
  })

  test('whoever lets go closes the connection to the upstream', async () => {
    const attempt = await streamed({ pieces: 1000, pauseMs: 5 })
    if (attempt.is !== 'stream') throw new Error('no stream')
    attempt.abort()
    await until(() => upstream.dropped() === 1)
    await expect(eventsOf(attempt)).rejects.toThrow()
  })
})

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !isSo(); turn += 1) await Bun.sleep(4)
  expect(isSo()).toBe(true)
}
