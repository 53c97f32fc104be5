/** One-shot payments that are redeemed and have not ended: no key asks for their money, so the node finds them (wallet 5.2). */
import type { Payout } from '../../events'

const kind = 'one-shot'
/** `key` is the session. */
export const oneShotClaim = (session: string) => ({ kind, key: session, owner: 'session' })
export const oneShotKind = kind

/** Rides in the append that gives the money of a payout back: change is then asked for again. */
export const changeAgain = ({ purpose, sessionId }: Exclude<Payout, { is: 'unknown' }>['wish']) =>
  purpose === 'change' && sessionId !== undefined ? [oneShotClaim(sessionId)] : []
