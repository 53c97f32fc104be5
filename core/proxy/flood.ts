/** Counts per client address and sliding minute: strangers are slowed, known keys are never counted (contract 1.6). */
import { limits } from '../limits'

export type Flood = {
  /** Seconds to wait, or undefined if the address may go on. */
  readonly refused: (address: string) => number | undefined
  readonly count: (address: string) => void
}

const windowMs = 60_000

/** Two half-windows slide: exact enough for a bound, and two numbers for an address. */
export function createFlood(bounds: {
  readonly perAddress: number
  readonly inTotal: number
  readonly now: () => number
}): Flood {
  let minute = Math.floor(bounds.now() / windowMs)
  let current = new Map<string, number>()
  let previous = new Map<string, number>()
  let total = 0
  let previousTotal = 0

  function roll(): number {
    const at = bounds.now()
    const now = Math.floor(at / windowMs)
    if (now !== minute) {
      previous = now === minute + 1 ? current : new Map()
      previousTotal = now === minute + 1 ? total : 0
      current = new Map()
      total = 0
      minute = now
    }
    return (at % windowMs) / windowMs
  }

  return {
    refused(address) {
      const passed = roll()
      const mine = (current.get(address) ?? 0) + (previous.get(address) ?? 0) * (1 - passed)
      const all = total + previousTotal * (1 - passed)
      if (mine < bounds.perAddress && all < bounds.inTotal) return undefined
      return Math.max(1, Math.ceil((1 - passed) * (windowMs / 1000)))
    },
    count(address) {
      roll()
      total += 1
      if (current.size < limits.addressesCounted || current.has(address))
        current.set(address, (current.get(address) ?? 0) + 1)
    },
  }
}
