/** When a daily task was last due, by the clock of a time zone. */

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** Unix ms of the newest `HH:MM` in `timeZone` that is not in the future; off by an hour on the day the clock changes. */
export function lastDue(nowMs: number, at: string, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const minutes = minutesOf(parts.format(nowMs))
  const today = nowMs - (nowMs % minuteMs) - (minutes - minutesOf(at)) * minuteMs
  return today <= nowMs ? today : today - dayMs
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * 60 + minutes
}
