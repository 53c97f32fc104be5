/** Reads a request's body once, within its bounds of size, time and depth (contract 1.6). */
import { limits } from '../limits'
import { type PublicError, publicError } from './refusals'

export type Body = { readonly bytes: Uint8Array }

/** The raw bytes, or the refusal; decided before anything is parsed. */
export async function readBody(request: Request, mostBytes: number): Promise<Body | PublicError> {
  const problem = mediaProblem(request)
  if (problem !== undefined) return problem
  const tooLarge = () => publicError('body_too_large', { bytes: mostBytes })
  if (Number(request.headers.get('content-length') ?? 0) > mostBytes) return tooLarge()
  if (request.body === null) return { bytes: new Uint8Array() }
  if (request.headers.has('content-length')) {
    const bytes = await withinTime(request.arrayBuffer())
    return bytes === undefined ? publicError('invalid_json') : { bytes: new Uint8Array(bytes) }
  }
  return readChunks(request.body, mostBytes, tooLarge)
}

/** JSON in an object, or the refusal of contract 1.8. */
export function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | PublicError {
  if (bytes.length === 0) return publicError('invalid_json')
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return publicError('invalid_json')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return publicError('invalid_body')
  return deeperThan(parsed, limits.jsonDepth)
    ? publicError('invalid_json')
    : (parsed as Readonly<Record<string, unknown>>)
}

function mediaProblem(request: Request): PublicError | undefined {
  const type = request.headers.get('content-type')
  const encoding = request.headers.get('content-encoding')
  const isJson = type === null || type.trim() === '' || /^application\/json\s*(;|$)/i.test(type.trim())
  const isPlain = encoding === null || /^\s*(identity)?\s*$/i.test(encoding)
  return isJson && isPlain ? undefined : publicError('unsupported_media_type')
}

async function readChunks(
  stream: ReadableStream<Uint8Array>,
  mostBytes: number,
  tooLarge: () => PublicError,
): Promise<Body | PublicError> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = stream.getReader()
  const deadline = Date.now() + limits.bodyArrivalMs
  for (;;) {
    const next = await withinTime(reader.read(), deadline - Date.now())
    if (next === undefined) return publicError('invalid_json')
    if (next.done) break
    size += next.value.length
    if (size > mostBytes) {
      void reader.cancel()
      return tooLarge()
    }
    chunks.push(next.value)
  }
  return { bytes: new Uint8Array(Buffer.concat(chunks)) }
}

/** undefined if the body did not arrive in time, or its sender went away. */
async function withinTime<Value>(
  reading: Promise<Value>,
  waitMs: number = limits.bodyArrivalMs,
): Promise<Value | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, waitMs))
  })
  try {
    return await Promise.race([reading, late])
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

/** Iterative, so that depth itself cannot exhaust the stack. */
function deeperThan(value: object, most: number): boolean {
  let level: object[] = [value]
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > most) return true
    const next: object[] = []
    for (const container of level)
      for (const inner of Object.values(container)) if (typeof inner === 'object' && inner !== null) next.push(inner)
    level = next
  }
  return false
}
