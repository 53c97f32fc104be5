/**
 * Keys that their holders let expire (contract 3.7). A claim `key-expiry` stands for each, its owner the Unix time in
 * seconds, written in the append that sets it: the list of what is owed when that time has come. What is left is then
 * paid by Lightning to the address that was named, once, and tried again for days where that fails; what cannot be paid
 * stays refundable meanwhile and afterwards.
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

/** It waits after so many tries. */
type Rest = { readonly tries: number }

/** Each try is written down: they come slower and slower. */
const restMs = (tries: number): number => Math.min(limits.keyExpiryRetryMs * 2 ** tries, limits.keyExpiryMostRestMs)

export type KeyExpiry = {
  /** Asks for the payouts that are due; answers how many were asked for. */
  readonly round: () => Promise<number>
  readonly start: () => void
  readonly stop: () => void
}

export function createKeyExpiry(deps: {
  readonly engine: Engine
  readonly log: Log
  readonly payouts: Pick<Payouts, 'refund' | 'lightningTries'>
  /** Unix ms. */
  readonly now: () => number
  readonly trace: Trace
}): KeyExpiry {
  const { engine, log, now, trace } = deps
  /** Of those whose last try failed: how many it had, and unix ms of the next. */
  const rests = new Map<string, { readonly tries: number; readonly until: number }>()
  let timer: ReturnType<typeof setInterval> | undefined
  let running = false

  async function round(): Promise<number> {
    const due = (await log.claims(kind)).filter(({ owner }) => now() >= Number(owner) * 1000)
    let asked = 0
    for (const { key, owner } of due) {
      if (now() < (rests.get(key)?.until ?? 0)) continue
      const is = await payOut(key, Number(owner) * 1000)
      if (is === 'asked') asked += 1
      if (typeof is === 'object') rests.set(key, { tries: is.tries, until: now() + restMs(is.tries) })
      else if (is === 'over') await done(key)
    }
    return asked
  }

  /** A kill between the payout and this finds the same payout again: one of a balance is asked for once. */
  async function done(session: string): Promise<void> {
    rests.delete(session)
    const meta = { actor: 'node', door: 'node' } as const
    await log.append({ streams: [], releases: [{ kind, key: session }], meta, at: now() })
  }

  async function payOut(session: string, dueMs: number): Promise<'asked' | 'open' | 'over' | Rest> {
    const { is, payout } = await engine.state('session', session)
    if (is !== 'open' || payout === undefined) return 'over'
    const tries = await deps.payouts.lightningTries(session)
    // What of it came back is not paid out a second time.
    if (tries.includes('paid')) return 'over'
    if (tries.at(-1) === 'open') return 'open'
    const isLate = now() - dueMs > limits.keyExpiryTriesMs
    const rest = { tries: tries.length }
    if (tries.at(-1) === 'rejected') {
      if (isLate) return 'over'
      if (rests.get(session)?.tries !== tries.length) return rest
    }
    const refund = await deps.payouts.refund(session, crypto.randomUUID(), 0, { address: payout.address })
    if (!('refused' in refund)) return refund.is === 'reversed' ? rest : refund.is === 'pending' ? 'asked' : 'over'
    if (['nothing', 'too-small', 'revoked'].includes(refund.refused)) return 'over'
    // Requests that run, a mint that is down: soon. A receiver that cannot be paid is given so long, and then up.
    const isGivenUp = refund.refused === 'address' && isLate
    trace.warn('An expired key could not be paid out', { why: refund.refused, givenUp: isGivenUp })
    return isGivenUp ? 'over' : rest
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
