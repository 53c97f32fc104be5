/** Days as the address has them; the node knows when they begin and end, in its own zone (D-014). */
import { isDay } from '../zone'
import type { Filter } from './list'

/** From a day to a day, either of them left open. */
export const dayFilters = (): readonly Filter[] =>
  (['from', 'to'] as const).map((name) => ({ name, asks: (day) => (isDay(day) ? { [name]: day } : {}) }))
