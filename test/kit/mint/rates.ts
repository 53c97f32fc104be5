/** Limits of a test mint: coins in one request, and calls that move money a minute, counted by its own clock. */
import type { MintError } from './bank'

export type Rates = {
  /** More inputs than these answer 11014. */
  readonly maxInputs?: number
  /** More calls a minute that move money or make a quote answer 429 with Retry-After. */
  readonly moneyPerMinute?: number
}

const money = new Set(['swap', 'mint', 'melt', 'quote', 'melt-quote'])
const minuteMs = 60_000

export function createRates(rates: Rates, now: () => number) {
  let taken: number[] = []
  let quietUntil = 0
  let limited = 0
  let early = 0
  let most = 0
  let refused = 0
  return {
    /** 429 as mints answer it; undefined: the call is within the limit. */
    refusal(path: string): Response | undefined {
      const at = now()
      if (at < quietUntil) early += 1
      if (rates.moneyPerMinute === undefined || !money.has(path)) return undefined
      taken = taken.filter((one) => at - one < minuteMs)
      if (taken.length < rates.moneyPerMinute) {
        taken.push(at)
        return undefined
      }
      limited += 1
      const seconds = Math.ceil(((taken[0] ?? at) + minuteMs - at) / 1000)
      quietUntil = at + seconds * 1000
      return new Response('slow down', { status: 429, headers: { 'retry-after': String(seconds) } })
    },
    tooMany(inputs: unknown): MintError | undefined {
      const count = Array.isArray(inputs) ? inputs.length : 0
      if (count <= (rates.maxInputs ?? Number.POSITIVE_INFINITY)) {
        most = Math.max(most, count)
        return undefined
      }
      refused += 1
      return { code: 11014, detail: 'too many inputs' }
    },
    /** Calls that were answered 429, and of all calls those that came before such a quiet was over. */
    limited: () => limited,
    early: () => early,
    refused: () => refused,
    /** Inputs of the largest request that it took. */
    mostInputs: () => most,
  }
}
