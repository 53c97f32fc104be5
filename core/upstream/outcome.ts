/** What each answer of an upstream means for the request and for the offer (the table of contract 8.3). */
import { limits } from '../limits'
import type { Failure, Rejection, Target } from './call'
import { redacted } from './redact'
import { errorIn, type Json } from './seen'

export type Outcome = Failure | Rejection | undefined

const longestRetryS = 300
const shortestRetryS = 1
const defaultRetryS = 10
/** A type, code or parameter name longer than this is no name. */
const longestWord = 100

/** The next offer is tried and this one rests. `why` is for the operator. */
export const failed = (status: number | null, why: string): Failure => ({
  is: 'next',
  status,
  why,
  cool: 'offer',
  coolMs: undefined,
  rateLimited: false,
  alert: undefined,
})

export const limited = (status: number, coolMs = defaultRetryS * 1000): Failure => ({
  ...failed(status, 'rate limit'),
  coolMs,
  rateLimited: true,
})

/** An error object inside a 200: a rate limit if it says so, else as a 5xx. */
export const failedWith = (status: number, error: Json, where: string): Failure =>
  isRateLimit(error) ? limited(status) : failed(status, where)

/** A whole answer, `json` undefined if it is no object; answers undefined if it may be delivered. `nowMs` is for dates. */
export function outcomeOf(
  target: Target,
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  json: Json | undefined,
  nowMs: number,
): Outcome {
  if (status >= 200 && status < 300) {
    if (json === undefined) return failed(status, 'the answer is not JSON')
    const error = errorIn(json)
    return error === undefined ? undefined : failedWith(status, error, 'an error in a 200 answer')
  }
  if (status < 400) return failed(status, 'a redirect')
  const failure = failed(status, `status ${status}`)
  switch (status) {
    case 429:
      return limited(status, retryMs(headers.get('retry-after'), nowMs))
    case 401:
    case 402:
    case 403:
      return { ...failure, cool: 'upstream', coolMs: limits.coolUpstreamMs, alert: 'refused-key' }
    case 404:
    case 405:
      return { ...failure, cool: 'none', alert: 'model-missing' }
    case 408:
    case 409:
    case 425:
      return { ...failure, cool: 'none' }
    default:
      return status >= 500 ? failure : rejection(target, status, json)
  }
}

/** The client's own mistake, in the upstream's words, cleaned (contract 1.8). */
function rejection(target: Target, status: number, json: Json | undefined): Rejection {
  const error = json === undefined ? undefined : (errorIn(json) ?? json)
  const clean = (value: string) => redacted(value, secretsOf(target))
  const word = (value: unknown) =>
    typeof value === 'string' && value !== '' && value.length <= longestWord ? clean(value) : undefined
  return {
    is: 'rejected',
    status,
    error: {
      type: word(error?.type),
      code: word(error?.code) ?? 'upstream_rejected',
      message: clean(messageIn(error)),
      param: word(error?.param),
    },
  }
}

function messageIn(error: Json | undefined): string {
  const said = error?.message ?? error?.detail
  if (typeof said === 'string' && said !== '') return said
  return said === undefined || said === null || said === '' ? 'The upstream rejected the request' : JSON.stringify(said)
}

/** Whoever named the secrets may have forgotten the host alone. */
function secretsOf({ baseUrl, secrets }: Target): readonly string[] {
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).host : ''
  return [...secrets, baseUrl, host]
}

/** Seconds or an HTTP date; 1 to 300 s, 10 s where it says nothing usable. Answers milliseconds. */
function retryMs(text: string | null, nowMs: number): number {
  const word = text?.trim() ?? ''
  const seconds = /^\d+(\.\d+)?$/.test(word) ? Number(word) : (Date.parse(word) - nowMs) / 1000
  if (!Number.isFinite(seconds)) return defaultRetryS * 1000
  return Math.min(longestRetryS, Math.max(shortestRetryS, Math.ceil(seconds))) * 1000
}

const isRateLimit = (error: Json): boolean =>
  [error.code, error.type].some(
    (word) => String(word) === '429' || String(word).startsWith('rate_limit') || word === 'too_many_requests',
  )

export function parsedObject(text: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Json) : undefined
  } catch {
    return undefined
  }
}
