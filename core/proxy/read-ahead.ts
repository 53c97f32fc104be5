/** Reads a stream to its end before any byte of it leaves: until then the next offer can still be tried (contract 7.4). */
import { limits } from '../limits'
import type { Failure, Streaming } from '../upstream/call'
import { errorOf } from '../upstream/open-stream'
import { failed, failedWith, parsedObject } from '../upstream/outcome'
import { nothingSeen, seeChunk } from '../upstream/seen'
import type { SseEvent } from '../upstream/sse'
import { readToEnd } from './chat-stream'

const status = 200

/** The same events, all of them in memory; the rest behind them where there are more than are kept: then `isLong`. */
export type Ahead = Streaming & { readonly isLong?: true }

/** What a client that left has not waited for is not tried again: it is billed as far as it came (contract 6.9). */
export async function readAhead(
  stream: Streaming,
  clientGone: AbortSignal,
  mostBytes: number = limits.bufferedStreamBytes,
): Promise<Ahead | Failure> {
  const { events, abort } = stream
  const read: SseEvent[] = []
  let bytes = 0
  let seen = nothingSeen
  const whole = (): Ahead => ({ is: 'stream', events: replayed(read, undefined), abort })
  try {
    for (let next = await events.next(); next.done !== true; next = await events.next()) {
      const { data } = next.value
      const chunk = data === '[DONE]' ? undefined : parsedObject(data)
      const error = chunk === undefined ? undefined : errorOf(next.value, chunk)
      if (error !== undefined) {
        abort()
        return clientGone.aborted && seen.hasContent ? whole() : failedWith(status, error, 'an error in mid-stream')
      }
      read.push(next.value)
      bytes += data.length
      if (data === '[DONE]') {
        void readToEnd(stream)
        return whole()
      }
      if (bytes > mostBytes) return { is: 'stream', events: replayed(read, events), abort, isLong: true }
      if (chunk !== undefined) seen = seeChunk(seen, chunk)
    }
  } catch {
    abort()
  }
  // A cut, unless everything had been said (contract 6.8).
  return seen.complete || clientGone.aborted ? whole() : failed(status, 'the stream broke off')
}

function replayed(
  read: readonly SseEvent[],
  rest: AsyncIterator<SseEvent, undefined> | undefined,
): AsyncIterator<SseEvent, undefined> {
  let at = 0
  return {
    next() {
      const event = read[at]
      at += 1
      if (event !== undefined) return Promise.resolve({ done: false, value: event })
      return rest?.next() ?? Promise.resolve({ done: true, value: undefined })
    },
  }
}
