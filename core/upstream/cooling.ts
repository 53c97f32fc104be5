/** Offers and upstreams that failed rest for a while (contract 8.4). In memory: a restart asks anew. */
import { limits } from '../limits'
import type { Cool } from './call'

export type Cooling = {
  readonly failed: (
    offer: { readonly key: string; readonly upstreamId: string },
    what: Cool,
    ms: number | undefined,
    rateLimited: boolean,
  ) => void
  readonly succeeded: (offer: { readonly key: string; readonly upstreamId: string }) => void
  /** Unix ms until which it rests; `rateLimited` ones are not asked before that at all. */
  readonly restsUntil: (offer: {
    readonly key: string
    readonly upstreamId: string
  }) => { readonly until: number; readonly rateLimited: boolean } | undefined
  /** A resting offer is asked by one request at a time: answers the end of its turn, undefined while another has it. */
  readonly takeTurn: (offer: { readonly key: string }) => (() => void) | undefined
}

type Rest = { until: number; failures: number; rateLimited: boolean }

export function createCooling(now: () => number): Cooling {
  const offers = new Map<string, Rest>()
  const upstreams = new Map<string, Rest>()
  const asked = new Set<string>()

  return {
    failed({ key, upstreamId }, what, ms, rateLimited) {
      if (what === 'none') return
      const [rests, id] = what === 'offer' ? ([offers, key] as const) : ([upstreams, upstreamId] as const)
      const failures = (rests.get(id)?.failures ?? 0) + 1
      const restMs = ms ?? Math.min(limits.coolFirstMs * 2 ** (failures - 1), limits.coolMostMs)
      rests.set(id, { until: now() + restMs, failures, rateLimited })
    },
    takeTurn({ key }) {
      if (asked.has(key)) return undefined
      asked.add(key)
      return () => void asked.delete(key)
    },
    succeeded({ key, upstreamId }) {
      offers.delete(key)
      upstreams.delete(upstreamId)
    },
    restsUntil({ key, upstreamId }) {
      const found = [offers.get(key), upstreams.get(upstreamId)].filter(
        (rest): rest is Rest => rest !== undefined && rest.until > now(),
      )
      if (found.length === 0) return undefined
      return {
        until: Math.max(...found.map((rest) => rest.until)),
        rateLimited: found.some((rest) => rest.rateLimited),
      }
    },
  }
}
