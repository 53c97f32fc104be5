/** Reads a request's body within a bound of size and time, for every door (contract 1.6, R-117). */
import { limits } from './limits'

export type BodyRead = { readonly bytes: Uint8Array } | { readonly is: 'too-large' | 'late' }

/** `late`: it did not arrive in time, or its sender went away. What is announced as too large is not read at all. */
export async function readBytes(request: Request, mostBytes: number): Promise<BodyRead> {
  if (Number(request.headers.get('content-length') ?? 0) > mostBytes) return { is: 'too-large' }
  // Looking at `body` makes a stream of it: where the length is known nobody does.
  if (!request.headers.has('content-length'))
    return request.body === null ? { bytes: new Uint8Array() } : readChunks(request.body, mostBytes)
  const bytes = await withinTime(request.arrayBuffer(), limits.bodyArrivalMs)
  return bytes === undefined ? { is: 'late' } : { bytes: new Uint8Array(bytes) }
}

/** Without an announced length the sender may go on for ever: counted as it comes. */
async function readChunks(stream: ReadableStream<Uint8Array>, mostBytes: number): Promise<BodyRead> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = stream.getReader()
  const deadline = Date.now() + limits.bodyArrivalMs
  for (;;) {
    const next = await withinTime(reader.read(), deadline - Date.now())
    if (next === undefined) return { is: 'late' }
    if (next.done) return { bytes: new Uint8Array(Buffer.concat(chunks)) }
    size += next.value.length
    if (size > mostBytes) {
      void reader.cancel()
      return { is: 'too-large' }
    }
    chunks.push(next.value)
  }
}

/** undefined: it took longer, or broke. On the path of every request: one promise and one timer, no more. */
function withinTime<Value>(reading: Promise<Value>, waitMs: number): Promise<Value | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, waitMs), undefined)
    const ended = (value: Value | undefined) => {
      clearTimeout(timer)
      resolve(value)
    }
    reading.then(ended, () => ended(undefined))
  })
}
