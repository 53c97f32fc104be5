/** How much one principal may ask by one door: a bucket for all requests, one for mutations. */
import { limits } from '../limits'
import type { Door } from './principal'

export type Rates = {
  /** undefined: go on. Else the wait in ms. A repeat of a known command counts as a request, not as a mutation. */
  readonly wait: (principal: string, door: Door, what: 'requests' | 'mutations') => number | undefined
}

type Bucket = { tokens: number; atMs: number }
type Size = { readonly perS: number; readonly burst: number }

const sizes: Readonly<Record<Exclude<Door, 'console'>, { readonly requests: Size; readonly mutations: Size }>> = {
  http: { requests: limits.adminHttpRequests, mutations: limits.adminHttpMutations },
  nostr: { requests: limits.adminNostrRequests, mutations: limits.adminNostrMutations },
}

export function createRates(now: () => number): Rates {
  const buckets = new Map<string, Bucket>()

  function take(key: string, { perS, burst }: Size): number | undefined {
    const at = now()
    const known = buckets.get(key) ?? { tokens: burst, atMs: at }
    const tokens = Math.min(burst, known.tokens + (Math.max(0, at - known.atMs) / 1000) * perS)
    buckets.delete(key)
    buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: at })
    for (const oldest of buckets.keys()) {
      if (buckets.size <= limits.adminBuckets) break
      buckets.delete(oldest)
    }
    return tokens >= 1 ? undefined : Math.ceil(((1 - tokens) / perS) * 1000)
  }

  return {
    wait(principal, door, what) {
      // Whoever sits at the machine itself needs no brake.
      return door === 'console' ? undefined : take(`${door} ${what} ${principal}`, sizes[door][what])
    },
  }
}
