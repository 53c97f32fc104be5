/**
 * Keys that their holders let expire (contract 3.7). A claim `key-expiry` stands for each, its owner the Unix time in
 * seconds, written in the append that sets it: the list of what is owed when that time has come. What is left is then
 * paid by Lightning to the address that was named, once; what cannot be paid stays refundable.
 */
import type { Engine, KeyPayout, Log } from '../../events'
import { limits } from '../limits'
import type { Trace } from '../trace'
import type { Payouts } from './payout-types'

const kind = 'key-expiry'

/** A newer expiry takes the place of an older one. */
export function expiryClaims(session: string, payout: KeyPayout | undefined) {
  if (payout === undefined || payout.expiresAt === null) return { releases: [], claims: [] }
  return {
    releases: [{ kind, key: session }],
    claims: [{ kind, key: session, owner: String(payout.expiresAt) }],
  }
}

export type KeyExpiry = {
  /** Asks for the payouts that are due; answers how many were asked for. */
  readonly round: () => Promise<number>
  readonly start: () => void
  readonly stop: () => void
}

export function createKeyExpiry(deps: {
  readonly engine: Engine
  readonly log: Log
  readonly refund: Payouts['refund']
  /** Unix ms. */
  readonly now: () => number
  readonly trace: Trace
}): KeyExpiry {
  const { engine, log, now, trace } = deps
  /** Unix ms of the next try, for those whose last one failed. */
  const restsUntil = new Map<string, number>()
  let timer: ReturnType<typeof setInterval> | undefined
  let running = false

  async function round(): Promise<number> {
    const due = (await log.claims(kind)).filter(({ owner }) => now() >= Number(owner) * 1000)
    let asked = 0
    for (const { key, owner } of due) {
      if (now() < (restsUntil.get(key) ?? 0)) continue
      const is = await payOut(key, Number(owner) * 1000)
      if (is === 'asked') asked += 1
      if (is === 'later') restsUntil.set(key, now() + limits.keyExpiryRetryMs)
      else await done(key)
    }
    return asked
  }

  /** A kill between the payout and this finds the same payout again: one of a balance is asked for once. */
  async function done(session: string): Promise<void> {
    restsUntil.delete(session)
    const meta = { actor: 'node', door: 'node' } as const
    await log.append({ streams: [], releases: [{ kind, key: session }], meta, at: now() })
  }

  async function payOut(session: string, dueMs: number): Promise<'asked' | 'over' | 'later'> {
    const { is, payout } = await engine.state('session', session)
    if (is !== 'open' || payout === undefined) return 'over'
    const refund = await deps.refund(session, crypto.randomUUID(), 0, payout.address)
    if (!('refused' in refund)) return refund.is === 'reversed' ? 'later' : 'asked'
    if (['nothing', 'too-small', 'revoked'].includes(refund.refused)) return 'over'
    // Requests that run, a mint that is down: soon. A receiver that cannot be paid is given so long, and then up.
    const isGivenUp = refund.refused === 'address' && now() - dueMs > limits.keyExpiryTriesMs
    trace.warn('An expired key could not be paid out', { why: refund.refused, givenUp: isGivenUp })
    return isGivenUp ? 'over' : 'later'
  }

  async function tryRound(): Promise<void> {
    if (running) return
    running = true
    try {
      await round()
    } catch (error) {
      trace.warn('Expired keys could not be looked for', { why: String((error as Error)?.message ?? error) })
    } finally {
      running = false
    }
  }

  return {
    round,
    start() {
      timer = setInterval(() => void tryRound(), limits.keyExpiryMs)
    },
    stop() {
      clearInterval(timer)
    },
  }
}
