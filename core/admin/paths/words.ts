/** Names of RIP-07 for names of the table, and back: snake_case outside, camelCase inside. */
import { over, parseDecimal, times, toDecimal, toNumber, whole } from '../../../events'

const isOurName = /^[a-z][a-zA-Z0-9]*$/
export const snakeOf = (name: string): string =>
  isOurName.test(name) ? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : name
const camelOf = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** Holds data under names that are not ours. */
const opaque = new Set(['fields', 'trace', 'lines'])

/** An answer in snake_case, without what only the dashboard asks for. */
export function snake(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snake)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'can')
      .map(([name, inner]) => [snakeOf(name), opaque.has(name) ? inner : snake(inner)]),
  )
}

/** The first level of a body in camelCase. */
export const camel = (body: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(body).map(([name, value]) => [camelOf(name), value]))

/** Stands where a secret is, and says nothing of it. */
export const redacted = '[REDACTED]'

const perToken: Readonly<Record<string, string>> = {
  prompt: 'inUsdPerM',
  completion: 'outUsdPerM',
  input_cache_read: 'cacheReadUsdPerM',
  input_cache_write: 'cacheWriteUsdPerM',
  input_cache_write_1h: 'cacheWrite1hUsdPerM',
}
const perCall: Readonly<Record<string, string>> = {
  request: 'requestUsd',
  image: 'imageUsd',
  web_search: 'webSearchUsd',
  image_output: 'imageOutputUsd',
  input_character: 'inputCharacterUsd',
  audio_second: 'audioSecondUsd',
}
const million = whole(1_000_000)

/** Prices of contract 2.3 (USD per token or call) in the names of models.setPrice; or the key that is none. */
export function pricesOf(
  pricing: Readonly<Record<string, unknown>>,
): { readonly prices: Readonly<Record<string, string | null>> } | { readonly wrong: string } {
  const prices: Record<string, string | null> = {}
  for (const [key, value] of Object.entries(pricing)) {
    const name = Object.hasOwn(perToken, key) ? perToken[key] : Object.hasOwn(perCall, key) ? perCall[key] : undefined
    const price = value === null ? null : parseDecimal(value)
    if (name === undefined || price === undefined) return { wrong: key }
    prices[name] = price === null ? null : toDecimal(Object.hasOwn(perToken, key) ? times(price, million) : price)
  }
  return { prices }
}

/** USD per million tokens as USD per token; null where there is no price. */
export function usdPerToken(usdPerM: string | null): number | null {
  const price = usdPerM === null ? undefined : parseDecimal(usdPerM)
  return price === undefined ? null : toNumber(over(price, million))
}
