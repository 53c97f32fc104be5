/** What an answer has delivered so far: text, usage, finishes; what billing and the empty rule need (contract 6.5, 6.6). */
import { mergedUsage, type RawUsage, usageOf } from '../../events'

export type Json = Readonly<Record<string, unknown>>

export type Seen = {
  /** UTF-8 bytes of text, reasoning, refusals and tool arguments. */
  readonly textBytes: number
  /** Anything that a customer would call an answer. */
  readonly hasContent: boolean
  /** The last value of each field; the upstream's own cost stays in it for whoever charges. */
  readonly usage: RawUsage | undefined
  /** The last finish reason of each choice that has one. */
  readonly finishes: readonly string[]
  /** Every choice finished, a usage chunk came, or the upstream said [DONE] (contract 6.8). */
  readonly complete: boolean
  /** The last finish reason of each choice by its index, undefined while it runs. */
  readonly choices: ReadonlyMap<number, string | undefined>
}

export const nothingSeen: Seen = {
  textBytes: 0,
  hasContent: false,
  usage: undefined,
  finishes: [],
  complete: false,
  choices: new Map(),
}

/** A request asks for at most 128 answers (contract 6.2); an index beyond that is no choice of ours. */
const mostChoices = 128

/** Whether one chunk carries text, a tool call, a refusal, media or a finish: then the stream is committed (6.8). */
export function carriesContent(chunk: Json): boolean {
  return choicesOf(chunk).some(
    (choice) => contentBytes(choice) > 0 || hasParts(choice) || finishOf(choice) !== undefined,
  )
}

/** Folds one chunk, or one whole JSON answer, into what was seen. */
export function seeChunk(seen: Seen, chunk: Json): Seen {
  const choices = choicesOf(chunk)
  const usage = usageOf(chunk)
  let { textBytes, hasContent } = seen
  for (const choice of choices) {
    const bytes = contentBytes(choice)
    textBytes += bytes
    hasContent ||= bytes > 0 || hasParts(choice)
  }
  const known = withChoices(seen.choices, choices)
  const finishes = known === seen.choices ? seen.finishes : [...known.values()].filter((reason) => reason !== undefined)
  // Some send usage with every chunk: only one that stands alone says that the answer is over.
  const endedByUsage = (usage !== undefined && choices.length === 0) || (seen.complete && !allFinished(seen))
  return {
    textBytes,
    hasContent,
    usage: usage === undefined ? seen.usage : mergedUsage(seen.usage, usage),
    finishes,
    complete: endedByUsage || allFinished({ finishes, choices: known }),
    choices: known,
  }
}

const allFinished = ({ finishes, choices }: Pick<Seen, 'finishes' | 'choices'>): boolean =>
  choices.size > 0 && finishes.length === choices.size

/** The same map while nothing new is said: most chunks change no choice's state. */
function withChoices(known: Seen['choices'], choices: readonly Json[]): Seen['choices'] {
  let next: Map<number, string | undefined> | undefined
  for (const choice of choices) {
    const index = indexOf(choice)
    const finish = finishOf(choice)
    const current = next ?? known
    if (current.has(index) ? finish === undefined || current.get(index) === finish : index >= mostChoices) continue
    next ??= new Map(known)
    next.set(index, finish)
  }
  return next ?? known
}

/**
 * The error that stands where an answer should (contract 8.3): as body, as an event, or as a choice that finished by
 * an error (P-08).
 */
export function errorIn(body: Json): Json | undefined {
  const { error } = body
  if (typeof error === 'object' && error !== null) return error as Json
  if (typeof error === 'string' && error !== '') return { message: error }
  if (body.status === 'failed') return { message: 'the upstream failed' }
  for (const choice of choicesOf(body)) {
    if (typeof choice.error === 'object' && choice.error !== null) return choice.error as Json
    if (choice.finish_reason === 'error') return { message: 'the answer ended with an error' }
  }
  return undefined
}

/** Why a choice stopped by the client's own wish: such an answer is billed although it may be empty (contract 6.6). */
export function endedByClient(
  finishes: readonly string[],
  { cap, hasStop }: { readonly cap: number | undefined; readonly hasStop: boolean },
): boolean {
  return finishes.some(
    (reason) =>
      (cap !== undefined && ['length', 'max_tokens', 'max_output_tokens'].includes(reason)) ||
      (reason === 'stop' && hasStop),
  )
}

export function choicesOf(chunk: Json): readonly Json[] {
  return listOf(chunk.choices)
}

/** Some say '' or null until they are through. */
export const finishOf = (choice: Json): string | undefined =>
  typeof choice.finish_reason === 'string' && choice.finish_reason !== '' ? choice.finish_reason : undefined

export const indexOf = (choice: Json): number =>
  typeof choice.index === 'number' && Number.isInteger(choice.index) && choice.index >= 0 ? choice.index : 0

const texts = ['content', 'reasoning', 'reasoning_content', 'refusal'] as const

function contentBytes(choice: Json): number {
  const part = partOf(choice)
  let bytes = typeof choice.text === 'string' ? Buffer.byteLength(choice.text) : 0
  for (const field of texts) bytes += textBytes(part[field])
  for (const call of listOf(part.tool_calls)) bytes += functionBytes(call.function)
  return bytes + functionBytes(part.function_call)
}

function functionBytes(value: unknown): number {
  const called = asRecord(value)
  return called === undefined ? 0 : textBytes(called.name) + textBytes(called.arguments)
}

function textBytes(value: unknown): number {
  if (typeof value === 'string') return value === '' ? 0 : Buffer.byteLength(value)
  let bytes = 0
  for (const part of listOf(value)) if (typeof part.text === 'string') bytes += Buffer.byteLength(part.text)
  return bytes
}

function hasParts(choice: Json): boolean {
  const part = partOf(choice)
  return (
    listOf(part.tool_calls).length > 0 ||
    listOf(part.images).length > 0 ||
    listOf(part.reasoning_details).length > 0 ||
    listOf(part.content).some((one) => one.type !== undefined && one.type !== 'text') ||
    (part.function_call ?? part.audio ?? null) !== null
  )
}

const nothing: Json = {}
const partOf = (choice: Json): Json => asRecord(choice.delta) ?? asRecord(choice.message) ?? nothing

const asRecord = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined

const isRecord = (value: unknown): boolean => asRecord(value) !== undefined

const empty: readonly Json[] = []
function listOf(value: unknown): readonly Json[] {
  if (!Array.isArray(value) || value.length === 0) return empty
  return (value.every(isRecord) ? value : value.filter(isRecord)) as readonly Json[]
}
