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

/** Tokens that may still be credited: a search for coins leaves them theirs. The newest, as many as a night looks at. */
export async function lateDeposits(log: Pick<Log, 'claims'>): Promise<readonly string[]> {
  const operations = (await log.claims(lateKind)).map(({ key }) => lateOperation(key))
  return operations.filter((operation) => operation.startsWith('deposit-')).slice(-limits.lateAtOnce)
}
