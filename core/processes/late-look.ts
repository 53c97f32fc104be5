/** Claims of rejected operations that will be looked at again by night (wallet 9.8). */
import type { Log } from '../../events'
import { limits } from '../limits'

export const lateKind = 'late'

/**
 * Rides in the append that rejects, its releases in the one that settles late. The key is no stream's own name: what
 * it names is closed.
 */
export function lateLook(operation: string, purse: string, nowMs: number) {
  const claim = { kind: lateKind, key: `${purse.split('/')[0]}:${operation}` }
  return { releases: [claim], claims: [{ ...claim, owner: String(nowMs) }] }
}

export const lateOperation = (key: string): string => key.slice(key.indexOf(':') + 1)

type LateClaim = Awaited<ReturnType<Log['claims']>>[number]

/** Those of each mint that a night looks at: the oldest first, as many as it can. */
export function lateDue(waiting: readonly LateClaim[]): readonly LateClaim[] {
  const byMint = Map.groupBy(waiting, ({ key }) => key.split(':')[0])
  return [...byMint.values()].flatMap((claims) =>
    claims.toSorted((a, b) => Number(a.owner) - Number(b.owner)).slice(0, limits.lateAtOnce),
  )
}

/** Those that are looked at next. */
export const lateNext = async (log: Pick<Log, 'claims'>): Promise<readonly string[]> =>
  lateDue(await log.claims(lateKind)).map(({ key }) => lateOperation(key))
