/** What an answer has delivered so far: text, usage, finishes; what billing and the empty rule need (contract 6.5, 6.6). */
import { mergedUsage, type RawUsage, usageOf } from '../../events'

export type Json = Readonly<Record<string, unknown>>

export type Seen = {
  /** UTF-8 bytes of text, reasoning, refusals and tool arguments. */
  readonly textBytes: number
  /** Anything that a customer would call an answer. */
  readonly hasContent: boolean
  readonly usage: RawUsage | undefined
  readonly finishes: readonly string[]
  /** Every choice finished, a usage came, or the upstream said [DONE]. */
  readonly complete: boolean
}

export const nothingSeen: Seen = { textBytes: 0, hasContent: false, usage: undefined, finishes: [], complete: false }

/** Whether one chunk carries text, a tool call, a refusal, media or a finish: then the stream is committed (6.8). */
export function carriesContent(chunk: Json): boolean {
  return choicesOf(chunk).some(
    (choice) => contentBytes(choice) > 0 || hasParts(choice) || typeof choice.finish_reason === 'string',
  )
}

/** Folds one chunk, or one whole JSON answer, into what was seen. */
export function seeChunk(seen: Seen, chunk: Json): Seen {
  const choices = choicesOf(chunk)
  const usage = usageOf(chunk)
  const finishes = choices
    .map((choice) => choice.finish_reason)
    .filter((reason): reason is string => typeof reason === 'string')
  const bytes = choices.reduce((sum, choice) => sum + contentBytes(choice), 0)
  return {
    textBytes: seen.textBytes + bytes,
    hasContent: seen.hasContent || bytes > 0 || choices.some(hasParts),
    usage: usage === undefined ? seen.usage : mergedUsage(seen.usage, usage),
    finishes: finishes.length === 0 ? seen.finishes : [...seen.finishes, ...finishes],
    complete: seen.complete || finishes.length > 0 || usage !== undefined,
  }
}

/** The error that stands where an answer should: as body, or as the first event of a stream (contract 8.3). */
export function errorIn(body: Json): Json | undefined {
  const { error } = body
  if (typeof error === 'object' && error !== null) return error as Json
  if (typeof error === 'string' && error !== '') return { message: error }
  return body.status === 'failed' ? { message: 'the upstream failed' } : undefined
}

/** Why a choice stopped by the client's own wish: such an answer is billed although it may be empty (contract 6.6). */
export function endedByClient(finishes: readonly string[], hasStop: boolean): boolean {
  return finishes.some(
    (reason) => ['length', 'max_tokens', 'max_output_tokens'].includes(reason) || (reason === 'stop' && hasStop),
  )
}

export function choicesOf(chunk: Json): readonly Json[] {
  return Array.isArray(chunk.choices)
    ? (chunk.choices.filter((choice) => typeof choice === 'object' && choice !== null) as Json[])
    : []
}

const texts = ['content', 'reasoning', 'reasoning_content', 'refusal'] as const

function contentBytes(choice: Json): number {
  const part = (choice.delta ?? choice.message ?? {}) as Json
  let bytes = typeof choice.text === 'string' ? Buffer.byteLength(choice.text) : 0
  for (const field of texts) bytes += textBytes(part[field])
  for (const call of listOf(part.tool_calls))
    bytes +=
      textBytes((call.function as Json | undefined)?.name) + textBytes((call.function as Json | undefined)?.arguments)
  return bytes
}

function textBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  return listOf(value).reduce((sum, part) => sum + textBytes(part.text), 0)
}

function hasParts(choice: Json): boolean {
  const part = (choice.delta ?? choice.message ?? {}) as Json
  return (
    listOf(part.tool_calls).length > 0 ||
    listOf(part.images).length > 0 ||
    (part.function_call ?? part.audio ?? null) !== null
  )
}

const listOf = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? (value as Json[]).filter((one) => typeof one === 'object' && one !== null) : []
