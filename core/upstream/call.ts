/** One attempt at one upstream: what was answered, and what to do about it (contract 8.3). Never retries by itself. */
import { limits } from '../limits'
import { redacted } from './redact'
import { carriesContent, errorIn, type Json } from './seen'
import { createSseParser, type SseEvent } from './sse'

export type Target = {
  readonly kind: string
  readonly baseUrl: string
  readonly credential: { readonly header: string; readonly value: string } | undefined
  readonly headers: Readonly<Record<string, string>>
  /** What no customer may read: key and URL of this upstream. */
  readonly secrets: readonly string[]
}

export type CallBounds = {
  readonly firstByteMs: number
  readonly idleMs: number
  readonly totalMs: number
}

export type CallRequest = {
  readonly path: string
  readonly body: string
  readonly stream: boolean
  readonly bounds: CallBounds
  readonly userAgent: string
  readonly openAiBeta: string | undefined
}

export type Cool = 'offer' | 'upstream' | 'none'
export type Failure = {
  readonly is: 'next'
  readonly status: number | null
  readonly why: string
  readonly cool: Cool
  readonly coolMs: number | undefined
  readonly rateLimited: boolean
  /** What the operator must hear of. */
  readonly alert: 'refused-key' | 'model-missing' | undefined
}
export type Rejection = {
  readonly is: 'rejected'
  readonly status: number
  readonly error: {
    readonly type: string | undefined
    readonly code: string
    readonly message: string
    readonly param: string | undefined
  }
}
export type Answer = { readonly is: 'answer'; readonly json: Json; readonly status: number }
/** Events as they come, what preceded the first content included; `abort` ends the upstream's side. */
export type Streaming = { readonly is: 'stream'; readonly events: AsyncIterator<SseEvent>; readonly abort: () => void }
export type Attempt = Failure | Rejection | Answer | Streaming

const longestRetryS = 300
const shortestRetryS = 1
const defaultRetryS = 10

export async function callUpstream(target: Target, request: CallRequest): Promise<Attempt> {
  const abort = new AbortController()
  const total = setTimeout(() => abort.abort(new Error('too long')), request.bounds.totalMs)
  const clear = () => clearTimeout(total)
  const first = setTimeout(() => abort.abort(new Error('no first byte')), request.bounds.firstByteMs)
  try {
    const response = await fetch(`${target.baseUrl}${request.path}`, {
      method: 'POST',
      headers: headersFor(target, request),
      body: request.body,
      redirect: 'manual',
      signal: abort.signal,
    })
    const type = response.headers.get('content-type') ?? ''
    if (response.ok && request.stream && /^text\/event-stream\b/i.test(type)) {
      clearTimeout(first)
      return await openStream(response, request.bounds, abort, clear)
    }
    const text = await boundedText(response, abort)
    clear()
    return text === undefined ? failed(response.status, 'the answer is too large') : readAnswer(target, response, text)
  } catch (error) {
    clear()
    const { code, message } = error as { code?: unknown; message?: string }
    return failed(null, abort.signal.aborted ? 'no answer in time' : String(typeof code === 'string' ? code : message))
  } finally {
    clearTimeout(first)
  }
}

/** Built from nothing: only what contract 1.4 names leaves the node. */
function headersFor(target: Target, request: CallRequest): Record<string, string> {
  const headers: Record<string, string> = {
    ...target.headers,
    'content-type': 'application/json',
    accept: request.stream ? 'text/event-stream' : 'application/json',
    // To meter a compressed stream it is asked for as it is (performance 3).
    'accept-encoding': request.stream ? 'identity' : 'gzip, br, identity',
    'user-agent': request.userAgent,
  }
  if (target.credential !== undefined) headers[target.credential.header] = target.credential.value
  if (request.openAiBeta !== undefined && target.kind === 'openai') headers['openai-beta'] = request.openAiBeta
  return headers
}

function readAnswer(target: Target, response: Response, text: string): Attempt {
  const { status } = response
  const json = parsed(text)
  if (status >= 300 && status < 400) return failed(status, 'a redirect')
  if (response.ok) {
    if (json === undefined) return failed(status, 'the answer is not JSON')
    const error = errorIn(json)
    if (error === undefined) return { is: 'answer', json, status }
    return isRateLimit(error) ? limited(status, defaultRetryS * 1000) : failed(status, 'an error in a 200 answer')
  }
  return refusedWith(target, response, json, text)
}

function refusedWith(target: Target, response: Response, json: Json | undefined, text: string): Attempt {
  const { status } = response
  if (status >= 500) return failed(status, `status ${status}`)
  if (status === 429) return limited(status, retryMs(response))
  if (status === 401 || status === 402 || status === 403)
    return {
      ...failed(status, `status ${status}`),
      cool: 'upstream',
      coolMs: limits.coolUpstreamMs,
      alert: 'refused-key',
    }
  if (status === 404 || status === 405)
    return { ...failed(status, `status ${status}`), cool: 'none', alert: 'model-missing' }
  if (status === 408 || status === 409 || status === 425) return { ...failed(status, `status ${status}`), cool: 'none' }
  const error = json === undefined ? undefined : errorIn(json)
  const message =
    typeof error?.message === 'string' ? error.message : json === undefined ? 'The upstream rejected the request' : text
  const word = (value: unknown) =>
    typeof value === 'string' && value.length > 0 && value.length <= 100 ? redacted(value, target.secrets) : undefined
  return {
    is: 'rejected',
    status,
    error: {
      type: word(error?.type),
      code: word(error?.code) ?? 'upstream_rejected',
      message: redacted(message, target.secrets),
      param: word(error?.param),
    },
  }
}

/** Reads until the first event that carries content, so that a failure before it can still move on (6.8). */
async function openStream(
  response: Response,
  bounds: CallBounds,
  abort: AbortController,
  clear: () => void,
): Promise<Attempt> {
  const events = eventsOf(response, bounds, abort, clear)
  const early: SseEvent[] = []
  const deadline = Date.now() + limits.streamCommitMs
  try {
    for (;;) {
      const waiting = events.next()
      const next = await withinTime(waiting, deadline - Date.now())
      // Ten silent seconds after a 200: the answer is on its way, the client shall know.
      if (next === undefined)
        return { is: 'stream', events: chained(early, events, waiting), abort: () => abort.abort() }
      if (next.done === true)
        return early.length === 0
          ? failed(response.status, 'an empty stream')
          : { is: 'stream', events: chained(early, events), abort: clear }
      early.push(next.value)
      const json = parsed(next.value.data)
      const error = json === undefined ? undefined : errorIn(json)
      if (error !== undefined) {
        abort.abort()
        return isRateLimit(error)
          ? limited(response.status, defaultRetryS * 1000)
          : failed(response.status, 'an error event')
      }
      const decides = next.value.data === '[DONE]' || (json !== undefined && carriesContent(json))
      if (decides) return { is: 'stream', events: chained(early, events), abort: () => abort.abort() }
    }
  } catch (error) {
    clear()
    return failed(response.status, `the stream broke: ${String((error as Error).message).slice(0, 80)}`)
  }
}

async function* eventsOf(
  response: Response,
  bounds: CallBounds,
  abort: AbortController,
  clear: () => void,
): AsyncGenerator<SseEvent, void> {
  const parser = createSseParser(limits.upstreamEventBytes)
  const reader = response.body?.getReader()
  try {
    for (;;) {
      const idle = setTimeout(() => abort.abort(new Error('idle')), bounds.idleMs)
      const next = await reader?.read().finally(() => clearTimeout(idle))
      if (next === undefined || next.done) break
      yield* parser.feed(next.value)
    }
    yield* parser.end()
  } finally {
    clear()
  }
}

async function* chained(
  early: readonly SseEvent[],
  rest: AsyncIterator<SseEvent>,
  waiting?: Promise<IteratorResult<SseEvent>>,
): AsyncGenerator<SseEvent, void> {
  yield* early
  let next = await (waiting ?? rest.next())
  while (next.done !== true) {
    yield next.value
    next = await rest.next()
  }
}

async function boundedText(response: Response, abort: AbortController): Promise<string | undefined> {
  const length = Number(response.headers.get('content-length') ?? 0)
  if (length > limits.upstreamBodyBytes) {
    abort.abort()
    return undefined
  }
  // A small answer of known length is read at once; the others are counted as they come.
  if (length > 0 && response.headers.get('content-encoding') === null) return response.text()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > limits.upstreamBodyBytes) {
      abort.abort()
      return undefined
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function retryMs(response: Response): number {
  const text = response.headers.get('retry-after')
  if (text === null) return defaultRetryS * 1000
  const seconds = /^\d+$/.test(text.trim()) ? Number(text) : (Date.parse(text) - Date.now()) / 1000
  if (!Number.isFinite(seconds)) return defaultRetryS * 1000
  return Math.min(longestRetryS, Math.max(shortestRetryS, Math.ceil(seconds))) * 1000
}

const isRateLimit = (error: Json): boolean =>
  [error.code, error.type].some(
    (word) => String(word) === '429' || String(word).startsWith('rate_limit') || word === 'too_many_requests',
  )

const failed = (status: number | null, why: string): Failure => ({
  is: 'next',
  status,
  why,
  cool: 'offer',
  coolMs: undefined,
  rateLimited: false,
  alert: undefined,
})

const limited = (status: number, coolMs: number): Failure => ({
  ...failed(status, 'rate limit'),
  coolMs,
  rateLimited: true,
})

function parsed(text: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Json) : undefined
  } catch {
    return undefined
  }
}

async function withinTime<Value>(promise: Promise<Value>, waitMs: number): Promise<Value | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, waitMs))
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
