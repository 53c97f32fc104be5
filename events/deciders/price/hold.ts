/** The worst case of one request, promised before it is forwarded (contract 6.4). */

import { type Counts, ceilMsat, type MsatPrices, type MsatTable, summed, tableFor } from './msat'
import type { Limits } from './prices'

/** What was measured on the body as the client sent it. */
export type Measure = {
  /** UTF-8 bytes of all strings and keys, without media. */
  readonly textBytes: number
  /** Integers in token arrays. */
  readonly tokenIntegers: number
  readonly images: number
  readonly imageTokens: number
  /** Tokens that inline documents stand for: ceil(bytes / 16) each. */
  readonly documentTokens: number
  /** A document by URL, or a reference to an earlier answer: the prompt counts as the whole context. */
  readonly unknownPrompt: boolean
  readonly cacheControl: boolean
  /** A cache marker asks for an hour. */
  readonly cacheHour?: boolean
  /** Web searches that may be made; 0 when the tool is absent. */
  readonly searches: number
}

export type WorstCase = {
  readonly measure: Measure
  readonly limits: Limits
  /** Largest output cap of the body; undefined where none is given. */
  readonly cap: number | undefined
  /** n or best_of. */
  readonly copies: number
  readonly prices: MsatPrices
  /** What the other endpoints count: images to make, characters to speak, seconds to transcribe. */
  readonly pieces?: Counts
  readonly minimumMsat: number
  readonly fixedMsat: bigint | undefined
  readonly free: boolean
}

/** Prompt tokens that the hold assumes. */
export const estimatedPrompt = (measure: Measure): number =>
  Math.floor(measure.textBytes / 3) + measure.tokenIntegers + measure.documentTokens

/** The hold in msat: one ceil, at least the minimum; a free model holds nothing. */
export function holdMsat(wish: WorstCase): number {
  if (wish.fixedMsat !== undefined) return Number(wish.fixedMsat)
  if (wish.free) return 0
  const { contextLength, maxOutput } = wish.limits
  const { measure } = wish
  let prompt = measure.unknownPrompt
    ? contextLength
    : Math.min(estimatedPrompt(measure) + measure.imageTokens, contextLength)
  let output = Math.min(wish.cap ?? maxOutput, maxOutput)
  const prices = tableFor(wish.prices, prompt)
  const promptPrice = dearestPrompt(prices, measure)
  if (prompt + output > contextLength) {
    // Each copy fills its own rest of the context: together they are weighed against the prompt.
    if (BigInt(wish.copies) * prices.of.completion >= promptPrice) prompt = contextLength - output
    else output = contextLength - prompt
  }
  const others = summed(prices, { request: 1, image: measure.images, webSearch: measure.searches, ...wish.pieces })
  const sum = BigInt(prompt) * promptPrice + BigInt(wish.copies * output) * prices.of.completion + others
  const msat = Number(ceilMsat(prices, sum))
  return Math.max(msat, wish.minimumMsat)
}

/** Cache markers may make the whole prompt a cache write. */
function dearestPrompt({ of }: MsatTable, { cacheControl, cacheHour }: Measure): bigint {
  if (!cacheControl) return of.prompt
  const write =
    cacheHour === true && of.inputCacheWrite1h > of.inputCacheWrite ? of.inputCacheWrite1h : of.inputCacheWrite
  return write > of.prompt ? write : of.prompt
}
