/** Answers of the admin door: guarded against browsers' good will, never stored (R-117). */
import { guarded } from '../page-files'

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { ...guarded, 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  })

/** The standard error envelope (contract 1.7). */
export function problem(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
  details?: Readonly<Record<string, unknown>>,
): Response {
  const error = { message, type: 'invalid_request_error', code, ...(details === undefined ? {} : { details }) }
  return json({ type: 'error', error, detail: { error }, request_id: crypto.randomUUID() }, status, headers)
}

export const tooMany = (seconds: number) =>
  problem(429, 'too_many_requests', `Too many tries; again in ${seconds} s`, { 'retry-after': String(seconds) })
