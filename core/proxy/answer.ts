/** Public answers: CORS, ids and the error envelope on every one of them (contract 1.2, 1.3, 1.5). */
import { envelope, type PublicError } from './refusals'

const exposed = [
  'x-cashu',
  'x-routstr-change',
  'x-routstr-request-id',
  'x-request-id',
  'request-id',
  'x-routstr-cost-msats',
  'x-routstr-cost-usd',
  'x-routstr-input-cost-msats',
  'x-routstr-output-cost-msats',
  'x-routstr-provider',
  'x-routstr-error-scope',
  'retry-after',
  'x-should-retry',
].join(', ')

export type Origins = readonly string[]

/** Headers of every public answer. `origin` is the request's own. */
export function publicHeaders(requestId: string, origin: string | null, origins: Origins): Record<string, string> {
  const headers: Record<string, string> = {
    'x-routstr-request-id': requestId,
    'x-request-id': requestId,
    'request-id': requestId,
    'cache-control': 'no-store',
    'access-control-expose-headers': exposed,
  }
  const allowed = allowedOrigin(origin, origins)
  if (allowed !== undefined) headers['access-control-allow-origin'] = allowed
  if (allowed !== undefined && allowed !== '*') headers.vary = 'origin'
  return headers
}

/** Preflight, without any credential: 204 (contract 1.2). */
export function preflight(headers: Record<string, string>, asked: string | null): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...headers,
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers': asked ?? 'Authorization, Content-Type, X-Cashu, x-api-key',
      'access-control-max-age': '86400',
    },
  })
}

export function jsonAnswer(body: unknown, headers: Record<string, string>, status = 200): Response {
  return textAnswer(JSON.stringify(body), headers, status)
}

export function textAnswer(text: string, headers: Record<string, string>, status: number): Response {
  return new Response(text, { status, headers: { ...headers, 'content-type': 'application/json' } })
}

/** `echo` gives an unredeemed X-Cashu token back: nothing was taken (contract 7.2). */
export function errorAnswer(problem: PublicError, requestId: string, headers: Record<string, string>): Response {
  return textAnswer(envelope(problem.error, requestId), { ...headers, ...problem.headers }, problem.status)
}

function allowedOrigin(origin: string | null, origins: Origins): string | undefined {
  if (origins.includes('*')) return '*'
  return origin !== null && origins.includes(origin) ? origin : undefined
}
