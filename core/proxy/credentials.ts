/** Who pays: a key or a token in the headers (contract 3.1, 3.2). */
import { createHash } from 'node:crypto'
import { type PublicError, publicError } from './refusals'

export type Credential =
  | { readonly is: 'key'; readonly key: string; readonly session: string }
  /** A Cashu token as bearer: its own text makes the key that it opens. */
  | { readonly is: 'token'; readonly text: string; readonly key: string; readonly session: string }

const keyForm = /^sk-[0-9a-f]{64}$/
/** Keys are looked up for every request: hashing one twice would be felt. */
const mostRemembered = 20_000
const sessionsByKey = new Map<string, string>()

/** Reads `Authorization`, else `x-api-key`. */
export function readCredential(headers: Headers): Credential | PublicError {
  const authorization = headers.get('authorization')?.trim() ?? ''
  const bearer = authorization === '' ? '' : bearerValue(authorization)
  // A bearer without a value is as good as none.
  const value = bearer === '' ? (headers.get('x-api-key')?.trim() ?? '') : bearer
  if (value === undefined) return publicError('malformed_api_key')
  if (value === '') return publicError('missing_api_key')
  return parseCredential(value)
}

export function parseCredential(value: string): Credential | PublicError {
  const lower = value.toLowerCase()
  if (keyForm.test(lower) && value.startsWith('sk-')) return { is: 'key', key: lower, session: sessionOf(lower) }
  if (isTokenText(value)) {
    const text = tokenText(value)
    const key = keyOfToken(text)
    return { is: 'token', text, key, session: sessionOf(key) }
  }
  return publicError('malformed_api_key')
}

/** Token text without what mail programs and wallets put around it; case kept (contract 3.2). */
export const tokenText = (value: string): string =>
  value
    .trim()
    .replace(/[\r\n\t]/g, '')
    .replace(/^cashu:/i, '')

const isTokenText = (value: string): boolean => /^(cashu:)?cashu[a-z]/i.test(value.trim())

/** `sk-` and the sha256 of the token's text. */
export const keyOfToken = (text: string): string => `sk-${createHash('sha256').update(text, 'utf8').digest('hex')}`

/** The stream of a key: only its hash stands in log, read models and names. */
export function sessionOf(key: string): string {
  const known = sessionsByKey.get(key)
  if (known !== undefined) return known
  const session = `session-${createHash('sha256').update(key, 'utf8').digest('hex')}`
  if (sessionsByKey.size >= mostRemembered) sessionsByKey.clear()
  sessionsByKey.set(key, session)
  return session
}

/** undefined: another scheme than Bearer. */
function bearerValue(authorization: string): string | undefined {
  const [scheme, ...rest] = authorization.split(/\s+/)
  return scheme?.toLowerCase() === 'bearer' ? rest.join(' ').trim() : undefined
}
