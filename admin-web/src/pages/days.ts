/** Days as the address has them; the node knows when they begin and end, in its own zone (D-014). */
import { isDay } from '../zone'
import type { Filter } from './list'

/** One end of a range: a day, or an instant in Unix seconds as a figure of the Overview links to; undefined: neither. */
export function endOf(asked: string): string | number | undefined {
  if (/^\d{1,12}$/.test(asked)) return Number(asked)
  return isDay(asked) ? asked : undefined
}

/** Between two ends, either of them left open. */
export const endFilters = (): readonly Filter[] =>
  (['from', 'to'] as const).map((name) => ({
    name,
    asks: (asked) => (endOf(asked) === undefined ? {} : { [name]: endOf(asked) }),
  }))

/** From a day to a day, either of them left open. */
export const dayFilters = (): readonly Filter[] =>
  (['from', 'to'] as const).map((name) => ({ name, asks: (day) => (isDay(day) ? { [name]: day } : {}) }))
