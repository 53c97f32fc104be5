/** What of a command is kept: its parameters in the event and its result for a repeat, without secrets. */
import type { Row } from './command'
import type { Stored } from './envelope'

/**
 * What an event shows of the parameters: fields that the row knows, secrets masked. A field under a wrong name is
 * ignored by the row and may be a secret all the same.
 */
export function shownParams(row: Row, params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const parsed = row.in.safeParse(params)
  const known = parsed.success ? knownOf(params, parsed.data) : {}
  return masked(known as Record<string, unknown>, row.secrets ?? [])
}

function knownOf(given: unknown, parsed: unknown): unknown {
  if (Array.isArray(given) && Array.isArray(parsed)) return given.map((one, index) => knownOf(one, parsed[index]))
  if (typeof given !== 'object' || given === null || typeof parsed !== 'object' || parsed === null) return given
  const there = new Map(Object.entries(parsed))
  return Object.fromEntries(
    Object.entries(given)
      .filter(([key]) => there.has(key))
      .map(([key, value]) => [key, knownOf(value, there.get(key))]),
  )
}

/** What a repeat of the command is answered: its secrets were shown once. */
export function withoutSecrets({ secretResults }: Row, stored: Stored): Stored {
  if (secretResults === undefined || !('result' in stored)) return stored
  return { result: masked(stored.result as Readonly<Record<string, unknown>>, secretResults) }
}

/** No event shows a secret: its place says that one stood there. */
function masked(params: Readonly<Record<string, unknown>>, secrets: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, secrets.includes(key) ? '[secret]' : value]),
  )
}
