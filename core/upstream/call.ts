/** One attempt at one upstream: what was answered, and what to do about it (contract 8.3). Never retries by itself. */
import { limits } from '../limits'
import { bodyBytes } from './body-bytes'
import { noteAnswer, noteSilence, watchConnect } from './connect-watch'
import { openStream } from './open-stream'
import { failed, outcomeOf, parsedObject } from './outcome'
import { createPatience, type Patience } from './patience'
import { redacted } from './redact'
import type { Json } from './seen'
import type { SseEvent } from './sse'

export type Target = {
  readonly kind: string
  readonly baseUrl: string
  readonly credential: { readonly header: string; readonly value: string } | undefined
  readonly headers: Readonly<Record<string, string>>
  /** What no customer may read: key and URL of this upstream. */
  readonly secrets: readonly string[]
}

export type CallBounds = {
  /** Ten seconds where nothing is said. */
  readonly connectMs?: number
  readonly firstByteMs: number
  readonly idleMs: number
  readonly totalMs: number
  /** How long a stream may be without content until it is taken as it is; ten seconds where nothing is said. */
  readonly commitMs?: number
}

export type CallRequest = {
  readonly path: string
  readonly body: string
  readonly stream: boolean
  readonly bounds: CallBounds
  readonly userAgent: string
  readonly openAiBeta: string | undefined
  /** Fires when the client left: the answer is then awaited for `drainMs` and no longer (contract 6.9). */
  readonly clientGone: AbortSignal
  readonly drainMs: number
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
/** `bytes` are what came, decompressed, for the answers that pass unaltered. */
export type Answer = {
  readonly is: 'answer'
  readonly json: Json
  readonly status: number
  readonly bytes: Uint8Array
  readonly contentType: string
}
/**
 * Events as they come, what preceded the first content included; `next` rejects when the stream breaks. `abort` ends
 * the upstream's side.
 */
export type Streaming = {
  readonly is: 'stream'
  readonly events: AsyncIterator<SseEvent, undefined>
  readonly abort: () => void
}
export type Attempt = Failure | Rejection | Answer | Streaming

const utf8 = new TextDecoder()
const connectMs = 10_000
const longestWhy = 100

export async function callUpstream(target: Target, request: CallRequest): Promise<Attempt> {
  const { bounds } = request
  const origin = URL.parse(target.baseUrl)?.origin
  if (origin === undefined) return failed(null, 'the address is not a URL')
  const patience = createPatience({ ...request, totalMs: bounds.totalMs })
  try {
    watchConnect(origin, patience, bounds.connectMs ?? connectMs)
    const response = await patience.within(send(target, request, patience), bounds.firstByteMs, 'no answer in time')
    noteAnswer(origin)
    if (response.ok && request.stream && isEventStream(response))
      return await openStream(response, patience, {
        idleMs: bounds.idleMs,
        commitMs: bounds.commitMs ?? limits.streamCommitMs,
      })
    return await whole(target, response, patience, bounds.idleMs)
  } catch (error) {
    noteSilence(origin)
    patience.end()
    return failed(null, redacted(patience.why() ?? codeOf(error), target.secrets).slice(0, longestWhy))
  }
}

function send(target: Target, request: CallRequest, patience: Patience): Promise<Response> {
  return fetch(`${target.baseUrl}${request.path}`, {
    method: 'POST',
    headers: headersFor(target, request),
    body: request.body,
    // Where it points to was never allowed by the operator (contract 8.3).
    redirect: 'manual',
    signal: patience.signal,
    // Bun would end a quiet call after five minutes; the bounds here are ours.
    timeout: false,
  })
}

/** Built from nothing: only what contract 1.4 names leaves the node. */
function headersFor(target: Target, request: CallRequest): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(target.headers)) headers[name.toLowerCase()] = value
  headers['content-type'] = 'application/json'
  headers.accept = request.stream ? 'text/event-stream' : 'application/json'
  // A compressed stream arrives in lumps: it is asked for as it is (performance 3).
  headers['accept-encoding'] = request.stream ? 'identity' : 'gzip, br, identity'
  headers['user-agent'] = request.userAgent
  if (target.credential !== undefined) headers[target.credential.header.toLowerCase()] = target.credential.value
  if (request.openAiBeta !== undefined && (target.kind === 'openai' || target.kind === 'azure'))
    headers['openai-beta'] = request.openAiBeta
  return headers
}

/** A JSON answer, also to a request for a stream (contract 6.8). */
async function whole(target: Target, response: Response, patience: Patience, idleMs: number): Promise<Attempt> {
  const { status } = response
  const bytes = await bodyBytes(response, patience, idleMs)
  if (bytes === undefined) {
    patience.abort('too large')
    return failed(status, 'the answer is too large')
  }
  patience.end()
  const json = parsedObject(utf8.decode(bytes))
  const outcome = outcomeOf(target, response, json, Date.now())
  if (outcome !== undefined) return outcome
  return { is: 'answer', json: json ?? {}, status, bytes, contentType: response.headers.get('content-type') ?? '' }
}

const isEventStream = (response: Response): boolean =>
  /^\s*text\/event-stream\b/i.test(response.headers.get('content-type') ?? '')

function codeOf(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: string }
  return typeof code === 'string' ? code : (name ?? 'unreachable')
}
