/** The time zone that times are written in: of the node for its operators, of the browser for a customer (dashboard 3, Time). */
import { createSignal } from 'solid-js'

/** Of this browser. */
export const ownZone = new Intl.DateTimeFormat().resolvedOptions().timeZone
const [zone, setZone] = createSignal(ownZone)

/** IANA name. */
export const zoneName = zone
/** As the node tells it; pages that are open follow. A browser that does not know this zone keeps its own. */
export function setZoneName(name: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    setZone(name)
  } catch {
    // An older browser: times stay readable, and say which zone they are of.
  }
}

export const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`))

/** Unix seconds of the last second of a day (`YYYY-MM-DD`) in the zone; NaN: no day. */
export function dayEnd(day: string): number {
  const wall = Date.parse(`${day}T23:59:59Z`) / 1000
  if (Number.isNaN(wall)) return wall
  // The shift at the guess is that of the day's end, also where the clock was moved in that day.
  return wall - shiftS(wall - shiftS(wall))
}

/** By how many seconds the wall clock is ahead of UTC at an instant. */
function shiftS(atS: number): number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone(), timeZoneName: 'longOffset' })
  const offset = format.formatToParts(atS * 1000).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes = '0', seconds = '0'] = /([+-])(\d{2}):?(\d{2})?:?(\d{2})?/.exec(offset) ?? []
  const shift = Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(seconds)
  return sign === '-' ? -shift : shift
}
