/** An upstream's chat events as the client's stream, exactly by contract 6.8; no cost leaves before it is committed. */
import { errorOf } from '../upstream/open-stream'
import { parsedObject } from '../upstream/outcome'
import { nothingSeen, type Seen, seeChunk } from '../upstream/seen'
import type { SseEvent } from '../upstream/sse'
import { type ChatChunks, createChatChunks } from './chat-chunks'
import type { CostObject } from './cost'
import { createOutlet, type Outlet } from './outlet'
import { type ErrorBody, publicError } from './refusals'

/** How the upstream's side ended, seen from the client. */
export type Ending = 'complete' | 'failed' | 'left'
export type Settlement =
  /** `change` of a live one-shot payment: its token, null if it is collected later. */
  | { readonly ok: true; readonly cost: CostObject; readonly change?: string | null | undefined }
  | { readonly ok: false; readonly error: ErrorBody }

export type ChatStream = {
  readonly events: AsyncIterator<SseEvent, undefined>
  readonly abort: () => void
  readonly model: string
  readonly provider: string | undefined
  readonly requestId: string
  readonly keepaliveMs: number
  /** How long an upstream is still read for a client that left, and how long a client may take nothing. */
  readonly drainMs: number
  /** Commits the charge; called exactly once. */
  readonly settle: (seen: Seen, ending: Ending) => Promise<Settlement>
}

/** After `[DONE]` the connection is read to its end, so that it can be used again; this long. */
const goodbyeMs = 1000
const encoder = new TextEncoder()
const done = encoder.encode('data: [DONE]\n\n')
const failure: ErrorBody = {
  message: 'The upstream broke off its answer; nothing was charged',
  type: 'upstream_error',
  code: 'UPSTREAM_UNAVAILABLE',
}

/** A one-shot payment gives its token back in the error itself (contract 7.2). */
const failed = (change: string | null | undefined): ErrorBody =>
  typeof change === 'string' ? { ...failure, refund_token: change } : failure

export function chatStream(wish: ChatStream): ReadableStream<Uint8Array> {
  let isRead = false
  let drain: ReturnType<typeof setTimeout> | undefined
  const outlet = createOutlet({
    keepaliveMs: wish.keepaliveMs,
    stallMs: wish.drainMs,
    // What the upstream still delivers is read and billed, within a bound (contract 6.9).
    onLeave() {
      if (!isRead) drain = setTimeout(wish.abort, wish.drainMs)
    },
  })
  const chunks = createChatChunks({ ...wish, nowMs: Date.now() })

  async function run(): Promise<void> {
    const { seen, ending } = await relay(wish, outlet, chunks)
    isRead = true
    clearTimeout(drain)
    const settled = await settleOnce(wish, seen, outlet.hasLeft() ? 'left' : ending)
    if (!settled.ok) outlet.send(asEvent({ error: settled.error }))
    else if (ending === 'failed') outlet.send(asEvent({ error: failed(settled.change) }))
    else {
      for (const chunk of chunks.last(seen.usage, settled.cost, settled.change)) outlet.send(asEvent(chunk))
      outlet.send(done)
    }
    outlet.close()
  }

  void run()
  return outlet.readable
}

type Relayed = { readonly seen: Seen; readonly ending: 'complete' | 'failed' }

/** Passes on what may leave; answers what was seen and how it ended. Never rejects. */
async function relay(wish: ChatStream, outlet: Outlet, chunks: ChatChunks): Promise<Relayed> {
  let seen = nothingSeen
  try {
    for (;;) {
      const next = await wish.events.next()
      if (next.done === true) break
      const { data } = next.value
      if (data === '[DONE]') {
        void readToEnd(wish)
        seen = { ...seen, complete: true }
        break
      }
      const chunk = parsedObject(data)
      if (chunk === undefined) continue
      if (errorOf(next.value, chunk) !== undefined) {
        wish.abort()
        return { seen, ending: 'failed' }
      }
      seen = seeChunk(seen, chunk)
      for (const free of chunks.take(chunk, data.length)) outlet.send(asEvent(free))
      const room = outlet.room()
      if (room !== undefined) await room
    }
  } catch {
    // Broken, silent or out of time: a cut, unless everything had been said (contract 6.8).
    wish.abort()
  }
  return { seen, ending: seen.complete ? 'complete' : 'failed' }
}

/** A charge that could not be booked is an answer too: nothing was charged (contract 6.6). */
async function settleOnce(wish: ChatStream, seen: Seen, ending: Ending): Promise<Settlement> {
  try {
    return await wish.settle(seen, ending)
  } catch {
    return { ok: false, error: publicError('settlement_failed').error }
  }
}

/** What an upstream says after its own `[DONE]` is ignored. */
export async function readToEnd({ events, abort }: Pick<ChatStream, 'events' | 'abort'>): Promise<void> {
  const timer = setTimeout(abort, goodbyeMs)
  try {
    for (let next = await events.next(); next.done !== true; ) next = await events.next()
  } catch {
    // The answer is complete: how its connection ends changes nothing.
  } finally {
    clearTimeout(timer)
  }
}

const asEvent = (body: unknown): Uint8Array => encoder.encode(`data: ${JSON.stringify(body)}\n\n`)
