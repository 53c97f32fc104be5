/** Opens an upstream's stream: until content arrives, a failure can still move on to the next offer (contract 6.8). */
import { limits } from '../limits'
import type { Failure, Streaming } from './call'
import { failed, failedWith, parsedObject } from './outcome'
import type { Patience } from './patience'
import { carriesContent, errorIn, type Json, nothingSeen, seeChunk } from './seen'
import { createSseParser, EventTooLarge, type SseEvent } from './sse'

export type StreamBounds = { readonly idleMs: number; readonly commitMs: number }

/** Events that may come before content within `commitMs`; more are no answer. */
const mostEarly = 10_000

export async function openStream(
  response: Response,
  patience: Patience,
  bounds: StreamBounds,
): Promise<Failure | Streaming> {
  const { status } = response
  const events = eventsOf(response, patience, bounds.idleMs)
  const early: SseEvent[] = []
  const abort = () => patience.abort('let go')
  const committed = (waiting?: Promise<IteratorResult<SseEvent, undefined>>): Streaming => ({
    is: 'stream',
    events: resumed(early, events, waiting),
    abort,
  })
  const commitBy = performance.now() + bounds.commitMs
  let seen = nothingSeen
  try {
    while (early.length < mostEarly) {
      const waiting = events.next()
      const next = await beforeThen(waiting, commitBy - performance.now())
      // Silent for long after a 200: the answer is on its way, and the client shall know.
      if (next === undefined) return committed(waiting)
      if (next.done === true) return seen.complete ? committed() : failed(status, 'the stream ended before any content')
      early.push(next.value)
      if (next.value.data === '[DONE]') return committed()
      const chunk = parsedObject(next.value.data)
      if (chunk === undefined) continue
      const error = errorOf(next.value, chunk)
      if (error !== undefined) {
        abort()
        return failedWith(status, error, 'an error in place of a stream')
      }
      if (carriesContent(chunk)) return committed()
      seen = seeChunk(seen, chunk)
    }
    abort()
    return failed(status, 'a stream without content')
  } catch {
    patience.end()
    return failed(status, patience.why() ?? 'the stream broke')
  }
}

/** Some put the error's own fields into an event that is named so. */
export const errorOf = (event: SseEvent, chunk: Json): Json | undefined =>
  errorIn(chunk) ?? (event.name === 'error' ? chunk : undefined)

/**
 * Reads only when it is asked, so that a slow client slows the upstream. Rejects when the stream breaks or is silent.
 * The hot path of every stream: no promise and no timer more than a read needs.
 */
function eventsOf(response: Response, patience: Patience, idleMs: number): AsyncIterator<SseEvent, undefined> {
  const parser = createSseParser(limits.upstreamEventBytes)
  const reader = response.body?.getReader()
  const silence = patience.silence(idleMs, 'the stream stopped')
  let ready: readonly SseEvent[] = []
  let at = 0
  let isOver = reader === undefined

  type Next = IteratorResult<SseEvent, undefined>
  function next(): Promise<Next> {
    const event = takeReady()
    return event === undefined ? new Promise(more) : Promise.resolve(event)
  }

  function takeReady(): Next | undefined {
    const event = ready[at]
    at += 1
    if (event !== undefined) return { done: false, value: event }
    if (!isOver) return undefined
    patience.end()
    return { done: true, value: undefined }
  }

  /** Reads on until an event is whole: a loop by callbacks, since most reads need only one. */
  function more(resolve: (next: Next) => void, reject: (error: unknown) => void): void {
    function fail(error: unknown): void {
      // Broken, silent or too large: the rest of it is not wanted.
      patience.abort(error instanceof EventTooLarge ? error.message : 'the stream broke')
      reject(error)
    }
    silence.begins()
    reader?.read().then((read) => {
      silence.breaks()
      isOver = read.done
      at = 0
      try {
        ready = read.done ? parser.end() : parser.feed(read.value)
      } catch (error) {
        fail(error)
        return
      }
      const event = takeReady()
      if (event === undefined) more(resolve, reject)
      else resolve(event)
    }, fail)
  }

  return { next }
}

/** The events that were read to decide, then the one that is awaited, then the rest. */
function resumed(
  early: readonly SseEvent[],
  rest: AsyncIterator<SseEvent, undefined>,
  waiting: Promise<IteratorResult<SseEvent, undefined>> | undefined,
): AsyncIterator<SseEvent, undefined> {
  let at = 0
  let awaited = waiting
  // Whoever is handed this looks at it at once; until then a break is not an unhandled one.
  awaited?.catch(() => undefined)
  return {
    next() {
      const event = early[at]
      if (event !== undefined) {
        at += 1
        return Promise.resolve({ done: false, value: event })
      }
      const next = awaited ?? rest.next()
      awaited = undefined
      return next
    },
  }
}

/** undefined: it takes longer than `mostMs`. Nothing is lost, the promise can be awaited again. */
async function beforeThen<Value>(work: Promise<Value>, mostMs: number): Promise<Value | undefined> {
  if (mostMs <= 0) return undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, mostMs, undefined)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
