/** Steps 16 and 17 of the pipeline: parts are gathered, what they carry is parsed (remote-admin 2.2, 2.4). */
import { type AdminRequest, adminError, requestSchema } from '../admin/envelope'
import { limits } from '../limits'
import { chunkSchema, createAssemblies } from './chunks'

export type Read =
  | { readonly request: AdminRequest; readonly createdAtS: number }
  | { readonly id: string | undefined; readonly broken: ReturnType<typeof adminError> }

/** Answers what a message asks; undefined: more parts are to come. */
export function createRequestReader(now: () => number) {
  const assemblies = createAssemblies(now)

  return (content: string, sender: string, createdAtS: number): Read | undefined => {
    const json = jsonIn(content)
    if (json === undefined) return { id: undefined, broken: adminError('PARSE', 'the message is not a JSON object') }
    const part = chunkSchema.safeParse(json)
    if (!part.success) return requestIn(json, createdAtS)
    const gathered = assemblies.take(sender, part.data, createdAtS)
    switch (gathered.is) {
      case 'waiting':
        return undefined
      case 'whole':
        return requestIn(jsonIn(gathered.text), gathered.createdAtS, part.data.id)
      case 'broken':
        return { id: part.data.id, broken: adminError('INVALID', 'the parts do not make one message') }
      default:
        return gathered satisfies never
    }
  }
}

/** The parts name the id of what they carry: an answer must find its question. */
function requestIn(json: unknown, createdAtS: number, wantedId?: string): Read {
  const parsed = requestSchema.safeParse(json)
  if (wantedId !== undefined && parsed.data?.id !== wantedId)
    return { id: wantedId, broken: adminError('INVALID', 'the parts carry no request of this id') }
  if (parsed.success) return { request: parsed.data, createdAtS }
  const id = (json as { readonly id?: unknown } | undefined)?.id
  const [issue] = parsed.error.issues
  return {
    id: typeof id === 'string' ? id.slice(0, 64) : undefined,
    broken: adminError('INVALID', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a request'}`),
  }
}

/** An object no deeper than one over HTTP may be; undefined otherwise. */
function jsonIn(text: string): unknown {
  if (isDeep(text)) return undefined
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : undefined
  } catch {
    return undefined
  }
}

/** Counted before parsing, outside of strings. */
function isDeep(text: string): boolean {
  let depth = 0
  let isInText = false
  for (let at = 0; at < text.length; at += 1) {
    const one = text[at]
    if (isInText) {
      if (one === '\\') at += 1
      else if (one === '"') isInText = false
    } else if (one === '"') isInText = true
    else if (one === '{' || one === '[') depth += 1
    else if (one === '}' || one === ']') depth -= 1
    if (depth > limits.adminJsonDepth) return true
  }
  return false
}
