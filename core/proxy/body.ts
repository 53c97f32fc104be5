/** Reads a request's body once, within its bounds of size, time and depth (contract 1.6). */
import { limits } from '../limits'
import { readBytes } from '../request-body'
import { type PublicError, publicError } from './refusals'

export type Body = { readonly bytes: Uint8Array }

/** The raw bytes, or the refusal; decided before anything is parsed. */
export async function readBody(request: Request, mostBytes: number): Promise<Body | PublicError> {
  const problem = mediaProblem(request)
  if (problem !== undefined) return problem
  const read = await readBytes(request, mostBytes)
  if ('bytes' in read) return read
  return read.is === 'late' ? publicError('invalid_json') : publicError('body_too_large', { bytes: mostBytes })
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** JSON in an object, or the refusal of contract 1.8. */
export function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | PublicError {
  if (bytes.length === 0) return publicError('invalid_json')
  let parsed: unknown
  try {
    parsed = JSON.parse(utf8.decode(bytes))
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
