/** Slows guessing per client address and in total: growing delays, then closed for a while, one alert. */
import { limits } from '../limits'

export type Throttle = {
  /** Seconds until this address may try again; undefined: now. An early try is answered unchecked. */
  readonly waitS: (address: string) => number | undefined
  /** Notes a failure; answers true when this one closed the address (time for one alert). */
  readonly failed: (address: string) => boolean
  readonly succeeded: (address: string) => void
}

type Record = { failures: number; nextAt: number }
const minuteMs = 60_000

export function createThrottle(now: () => number): Throttle {
  const records = new Map<string, Record>()
  let minute = { from: 0, failures: 0 }

  return {
    waitS(address) {
      const at = now()
      if (at - minute.from < minuteMs && minute.failures >= limits.loginFailuresPerMinute)
        return Math.ceil((minute.from + minuteMs - at) / 1000)
      const record = records.get(address)
      return record !== undefined && record.nextAt > at ? Math.ceil((record.nextAt - at) / 1000) : undefined
    },
    failed(address) {
      const at = now()
      if (at - minute.from >= minuteMs) minute = { from: at, failures: 0 }
      minute.failures += 1
      const record = records.get(address) ?? { failures: 0, nextAt: 0 }
      record.failures += 1
      const closed = record.failures >= limits.loginFailuresClosed
      const over = record.failures - limits.loginFailuresFree
      const delayMs = over < 0 ? 0 : Math.min(2 ** over * 1000, limits.loginDelayMaxMs)
      record.nextAt = at + (closed ? limits.loginClosedMs : delayMs)
      if (records.size >= limits.addressesCounted) records.clear()
      records.set(address, record)
      if (!closed) return false
      record.failures = 0
      return true
    },
    succeeded(address) {
      records.delete(address)
    },
  }
}
