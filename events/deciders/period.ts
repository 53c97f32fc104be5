/** Starts of the UTC periods in which a key's spending limit is renewed (contract 3.5), without a clock. */

const dayMs = 86_400_000
/** 1970-01-05 was the first Monday. */
const firstMondayMs = 4 * dayMs

/** Unix ms of the last UTC midnight, Monday 00:00 or first of the month 00:00 at or before `atMs`. */
export function periodStart(period: 'daily' | 'weekly' | 'monthly', atMs: number): number {
  switch (period) {
    case 'daily':
      return Math.floor(atMs / dayMs) * dayMs
    case 'weekly':
      return Math.floor((atMs - firstMondayMs) / (7 * dayMs)) * 7 * dayMs + firstMondayMs
    case 'monthly': {
      const day = Math.floor(atMs / dayMs)
      return (day - dayOfMonth(day) + 1) * dayMs
    }
    default:
      return period satisfies never
  }
}

/** First instant of the period after the one that holds `atMs`. */
export function periodEnd(period: 'daily' | 'weekly' | 'monthly', atMs: number): number {
  const startMs = periodStart(period, atMs)
  if (period === 'daily') return startMs + dayMs
  if (period === 'weekly') return startMs + 7 * dayMs
  // 31 days after the first of any month lies in the next month.
  return periodStart('monthly', startMs + 31 * dayMs)
}

/** Day of the month, 1 to 31, of a day counted from 1970-01-01 in the Gregorian calendar. */
function dayOfMonth(day: number): number {
  // Days are counted from 1 March of year 0, so that the leap day ends a year; an era has 400 years.
  const sinceEpoch = day + 719_468
  const dayOfEra = sinceEpoch - Math.floor(sinceEpoch / 146_097) * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const month = Math.floor((5 * dayOfYear + 2) / 153)
  return dayOfYear - Math.floor((153 * month + 2) / 5) + 1
}
