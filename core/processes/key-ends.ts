/** Revoked keys come to their end: after their day, when nothing of theirs runs any more (wallet 4, Revoking). */
import { type Engine, type Log, type StoredEvent, type Wish, wish } from '../../events'
import { limits } from '../limits'
import type { Trace } from '../trace'

export type KeyEnds = {
  /** The wishes that end those of these keys, revoked in the same append, which nothing holds up now. */
  readonly endsNow: (sessions: readonly string[]) => Promise<readonly Wish[]>
  /** Msat of payouts of these keys that may still come back to them. */
  readonly onTheirWayMsat: (sessions: readonly string[]) => Promise<number>
  /** Ends what is due and nothing holds up; answers how many keys ended. */
  readonly round: () => Promise<number>
  readonly start: () => void
  readonly stop: () => void
}

const kind = 'revoked'
/** Rides in the append that revokes. */
export const revokedClaim = (session: string) => ({ kind, key: session, owner: 'session' })

/** Claims of payouts whose money may still come back to the key, and of all that are not over. */
const mayReturn = ['coinless', 'swapping', 'paying'] as const
const openPayouts = [...mayReturn, 'uncollected', 'reclaiming'] as const
const meta = { actor: 'node', door: 'node' } as const
const endsSomething =
  /^(session\.(charged|spent|returned|credited)|deposit\.(settled|rejected)|payout\.(claimed|rejected|cancelled|paid|swept|taken-back))$/

export function createKeyEnds(deps: {
  readonly engine: Engine
  readonly log: Log
  readonly heldMsat: (session: string) => number
  readonly isDepositOpen: (session: string) => Promise<boolean>
  readonly now: () => number
  readonly trace: Trace
}): KeyEnds {
  const { engine, log, trace } = deps
  /** Revoked and not ended, as of the last round. */
  let waiting: ReadonlySet<string> = new Set()
  let timer: ReturnType<typeof setInterval> | undefined
  let soon: ReturnType<typeof setTimeout> | undefined
  let unfollow: () => void = () => undefined
  let running: Promise<number> | undefined

  /** Sessions with a payout that is not over; an uncollected token is still the customer's to ask for. */
  const payingOut = async (): Promise<ReadonlySet<string>> => new Set((await payoutsOf(openPayouts)).keys())

  /** Msat of payouts with one of these claims, by their session. */
  async function payoutsOf(kinds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const payouts = new Set<string>()
    for (const claims of kinds) for (const { key } of await log.claims(claims)) payouts.add(key)
    const msat = new Map<string, number>()
    for (const payout of payouts) {
      const state = await engine.state('payout', payout)
      if (state.is === 'unknown' || state.wish.sessionId === undefined) continue
      msat.set(state.wish.sessionId, (msat.get(state.wish.sessionId) ?? 0) + state.wish.msat)
    }
    return msat
  }

  /** On a key that something began to hold up meanwhile it changes nothing. */
  const endOf = (session: string, debits: number): Wish =>
    wish('session', session, () => ({ do: 'end', nowMs: deps.now(), heldMsat: deps.heldMsat(session), debits }))

  /**
   * `debits` is read before the payouts are looked for: one that is asked for after that is seen by the decider. The
   * state in memory may be ahead of the disk, and a question to the log may overtake an append that waits: what is
   * queued by then is committed first.
   */
  async function idleDebits(sessions: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const idle = new Map<string, number>()
    for (const session of sessions) idle.set(session, (await engine.state('session', session)).debits)
    await log.append({ streams: [], releases: [{ kind, key: '' }], meta, at: deps.now() })
    const paying = await payingOut()
    for (const session of sessions)
      if (deps.heldMsat(session) > 0 || paying.has(session) || (await deps.isDepositOpen(session))) idle.delete(session)
    return idle
  }

  async function endAll(): Promise<number> {
    const left = new Set((await log.claims(kind)).map(({ key }) => key))
    const due = []
    for (const session of left) {
      const { is, revoked } = await engine.state('session', session)
      if (is === 'ended' || revoked?.until === undefined || deps.now() >= revoked.until * 1000) due.push(session)
    }
    const idle = due.length === 0 ? new Map<string, number>() : await idleDebits(due)
    let ended = 0
    for (const [session, debits] of idle) {
      if (!(await endOne(session, debits))) continue
      left.delete(session)
      ended += 1
    }
    waiting = left
    return ended
  }

  async function endOne(session: string, debits: number): Promise<boolean> {
    const releases = [{ kind, key: session }]
    if ((await engine.state('session', session)).is === 'ended') {
      await log.append({ streams: [], releases, meta, at: deps.now() })
      return true
    }
    const outcome = await engine.execute(endOf(session, debits), { meta, releases })
    if ('refused' in outcome || outcome.events.length === 0) return false
    trace.info('A revoked key has ended', { session: session.slice('session-'.length, 'session-'.length + 12) })
    return true
  }

  /** One at a time: who asks meanwhile gets the answer of the round that runs. */
  function round(): Promise<number> {
    running ??= endAll().finally(() => {
      running = undefined
    })
    return running
  }

  function tryRound(): void {
    soon = undefined
    void round().catch((error: unknown) => trace.warn('Revoked keys could not be ended', { why: String(error) }))
  }

  /** The last hold ends right after its charge: a key is looked at then, not at the next tick. */
  function follow(events: readonly StoredEvent[]): void {
    if (soon !== undefined) return
    const isNews = events.some(
      ({ stream, type }) =>
        type === 'session.revoked' ||
        (waiting.size > 0 && endsSomething.test(type) && (waiting.has(stream) || !type.startsWith('session.'))),
    )
    if (isNews) soon = setTimeout(tryRound, limits.keyEndsSoonMs)
  }

  return {
    endsNow: async (sessions) => [...(await idleDebits(sessions))].map(([session, debits]) => endOf(session, debits)),
    async onTheirWayMsat(sessions) {
      const msat = await payoutsOf(mayReturn)
      return sessions.reduce((sum, session) => sum + (msat.get(session) ?? 0), 0)
    },
    round,
    start() {
      unfollow = log.onCommit(follow)
      timer = setInterval(tryRound, limits.keyEndsMs)
      tryRound()
    },
    stop() {
      unfollow()
      clearInterval(timer)
      clearTimeout(soon)
    },
  }
}
