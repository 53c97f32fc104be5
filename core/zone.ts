/** The days of an IANA time zone: when each begins, whatever its clock does meanwhile (D-014). */
import { LRUCache } from 'lru-cache'

const minuteMs = 60_000
export const dayMs = 24 * 60 * minuteMs
/** Zones are at most so far from UTC. */
const farthestMs = 15 * 60 * minuteMs
const stepMs = 15 * minuteMs

export type Zone = {
  /** Number of the local day of an instant (Unix ms), counted from 1970-01-01 = 0. */
  readonly dayOf: (ms: number) => number
  /** Unix ms of the first instant of a local day. */
  readonly startOf: (day: number) => number
}

const formats = new LRUCache<string, Intl.DateTimeFormat>({ max: 50 })

export function zoneOf(timeZone: string): Zone {
  const known = formats.get(timeZone)
  const format =
    known ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  if (known === undefined) formats.set(timeZone, format)

  /** What the wall clock shows, as if it were UTC. */
  function wallOf(ms: number): number {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
    return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
  }
  const dayOf = (ms: number) => Math.floor(wallOf(ms) / dayMs)

  /** Where midnight is skipped or comes twice, the day begins at the first quarter of an hour that shows it. */
  function startOf(day: number): number {
    const midnight = day * dayMs
    const guess = midnight - (wallOf(midnight) - midnight)
    if (wallOf(guess) === midnight && dayOf(guess - stepMs) < day) return guess
    let [before, from] = [midnight - farthestMs, midnight + farthestMs]
    while (from - before > stepMs) {
      const middle = before + Math.floor((from - before) / 2 / stepMs) * stepMs
      if (dayOf(middle) < day) before = middle
      else from = middle
    }
    return from
  }

  return { dayOf, startOf }
}
