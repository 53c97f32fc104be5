/**
 * Keys that their holders let expire (contract 3.7). A claim `key-expiry` stands for each, its owner the Unix time in
 * seconds, written in the append that sets it: the list of what is owed when that time has come. What is left is paid by
 * Lightning to `payout.address` of the session, once; whoever pays releases the claim in the append that asks for the
 * payout. Until Lightning payouts exist an expired key is refunded by token as any other, and the claim waits.
 */
import type { KeyPayout } from '../../events'

const kind = 'key-expiry'

/** A newer expiry takes the place of an older one. */
export function expiryClaims(session: string, payout: KeyPayout | undefined) {
  if (payout === undefined || payout.expiresAt === null) return { releases: [], claims: [] }
  return {
    releases: [{ kind, key: session }],
    claims: [{ kind, key: session, owner: String(payout.expiresAt) }],
  }
}
