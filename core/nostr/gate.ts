/** What a flood may cost: ids seen once, a bucket for the inbox, and the flood mode that strangers switch on. */
import { LRUCache } from 'lru-cache'
import { limits } from '../limits'

export type Gate = {
  readonly isSeen: (id: string) => boolean
  /** Only after hash and signature were verified: a bad copy sent first never hides the good one. */
  readonly remember: (id: string) => void
  /** false: shed, not remembered; a stored one returns with the next catch-up. */
  readonly admit: () => boolean
  readonly stranger: () => void
  readonly isFlooded: () => boolean
}

export function createGate(now: () => number): Gate {
  const seen = new LRUCache<string, true>({ max: limits.wrapIds })
  let tokens: number = limits.adminInbox.burst
  let filledAt = now()
  let strangers: number[] = []
  let floodedUntil = 0

  const isFlooded = () => now() < floodedUntil

  return {
    isSeen: (id) => seen.has(id),
    remember: (id) => void seen.set(id, true),
    admit() {
      const { perS, burst } = isFlooded() ? limits.adminInboxFlooded : limits.adminInbox
      tokens = Math.min(burst, tokens + (Math.max(0, now() - filledAt) / 1000) * perS)
      filledAt = now()
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
    stranger() {
      strangers.push(now())
      strangers = strangers.filter((at) => now() - at < limits.floodWindowMs).slice(-limits.floodWraps - 1)
      if (strangers.length > limits.floodWraps) floodedUntil = now() + limits.floodQuietMs
    },
    isFlooded,
  }
}
