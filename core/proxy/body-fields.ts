/** The few fields of a chat body that the node reads (contract 6.2); everything else passes through. */
import { type PublicError, publicError } from './refusals'

export type Fields = {
  readonly model: string
  readonly stream: boolean
  readonly cap: number | undefined
  readonly copies: number
  readonly hasStop: boolean
}

type Json = Readonly<Record<string, unknown>>
const caps = ['max_completion_tokens', 'max_output_tokens', 'max_tokens'] as const
const mostCopies = 128

export function readFields(body: Json): Fields | PublicError {
  const { model, stream, stream_options: options } = body
  if (typeof model !== 'string' || model.trim() === '') return publicError('missing_model')
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
    return publicError('invalid_field', { param: 'stream', why: 'must be true or false' })
  if (options !== undefined && options !== null && (typeof options !== 'object' || Array.isArray(options)))
    return publicError('invalid_field', { param: 'stream_options', why: 'must be an object' })
  const cap = readCap(body)
  if (typeof cap === 'object') return cap
  const copies = readCopies(body)
  if (typeof copies === 'object') return copies
  return unsupported(body) ?? { model, stream: stream === true, cap, copies, hasStop: hasStop(body) }
}

/** null and 0 count as absent; of several the largest counts; digit strings are read. */
function readCap(body: Json): number | undefined | PublicError {
  let largest = 0
  for (const param of caps) {
    const value = body[param]
    if (value === undefined || value === null) continue
    const number = typeof value === 'string' && /^\d{1,300}$/.test(value) ? Number(value) : value
    if (typeof number !== 'number' || !Number.isInteger(number) || number < 0)
      return publicError('invalid_max_tokens', { param })
    // However large: the hold cuts it to what the model can put out.
    largest = Math.min(Math.max(largest, number), Number.MAX_SAFE_INTEGER)
  }
  return largest === 0 ? undefined : largest
}

function readCopies(body: Json): number | PublicError {
  let copies = 1
  for (const param of ['n', 'best_of']) {
    const value = body[param]
    if (value === undefined || value === null) continue
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > mostCopies)
      return publicError('invalid_field', { param, why: `must be a whole number from 1 to ${mostCopies}` })
    copies = Math.max(copies, value)
  }
  return copies
}

/** Stored objects live at an upstream's account, which is not the client's. */
function unsupported(body: Json): PublicError | undefined {
  const isSet = (value: unknown) => value !== undefined && value !== null && value !== false
  if (isSet(body.background)) return publicError('unsupported_parameter', { param: 'background' })
  if (isSet(body.conversation)) return publicError('unsupported_parameter', { param: 'conversation' })
  if (typeof body.prompt === 'object' && body.prompt !== null && !Array.isArray(body.prompt))
    return publicError('unsupported_parameter', { param: 'prompt' })
  return hasFileId(body) ? publicError('unsupported_parameter', { param: 'file_id' }) : undefined
}

function hasFileId(body: Json): boolean {
  const open: unknown[] = [body.messages, body.input]
  while (open.length > 0) {
    const value = open.pop()
    if (Array.isArray(value)) for (const inner of value) open.push(inner)
    else if (typeof value === 'object' && value !== null) {
      const part = value as Json
      if (part.file_id !== undefined && part.file_id !== null && part.file_id !== false) return true
      for (const inner of Object.values(part)) if (typeof inner === 'object' && inner !== null) open.push(inner)
    }
  }
  return false
}

const hasStop = (body: Json): boolean =>
  ['stop', 'stop_sequences'].some((field) => body[field] !== undefined && body[field] !== null)

/** Billing tiers of the upstream that our list price does not know (contract 6.2). */
const tierFields = ['service_tier', 'speed', 'inference_geo'] as const

/** The body as the serving upstream gets it: its own model id, usage asked for, nothing else changed. */
export function forwardedBody(
  body: Json,
  offer: {
    readonly upstreamModel: string
    readonly streamUsage: boolean
    readonly billing: 'list' | 'reported'
    readonly kind: string
  },
): string {
  const out: Record<string, unknown> = { ...body, model: offer.upstreamModel }
  if (offer.billing === 'list') for (const field of tierFields) delete out[field]
  if (body.stream === true && offer.streamUsage)
    out.stream_options = { ...((body.stream_options as Json | null | undefined) ?? {}), include_usage: true }
  if (offer.kind === 'openrouter' && body.usage === undefined) out.usage = { include: true }
  return JSON.stringify(out)
}
