/** Days as the address has them, and the instants that they begin and end with in the zone of this browser. */
import type { Filter } from './list'

export const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(dayStart(text))

/** Unix seconds. */
export const dayStart = (day: string): number => Math.floor(new Date(`${day}T00:00:00`).getTime() / 1000)
/** Unix seconds; outside of the day. */
export function dayEnd(day: string): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return Math.floor(new Date(year, month - 1, date + 1).getTime() / 1000)
}

/** From a day to a day, either of them left open. */
export const dayFilters = (): readonly Filter[] => [
  { name: 'from', asks: (day) => (isDay(day) ? { from: dayStart(day) } : {}) },
  { name: 'to', asks: (day) => (isDay(day) ? { to: dayEnd(day) } : {}) },
]
