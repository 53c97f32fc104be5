/**
 * One-shot payments (contract 7, wallet 5.2): a token pays for one request, and what is left of it is change at its own
 * mint. Charge, rounding, debit and the payout request are one commit; the change is found again by the original proofs.
 */
import { createHash } from 'node:crypto'
import { asMsat, type Charged, type Session, type SessionCharge, wish } from '../../events'
import { limits } from '../limits'
import { depositOf } from './deposit-id'
import { oneShotKind } from './one-shot-claim'
import type { OneShotDeps, OneShots, Paid } from './one-shot-types'
import { msatPer } from './payout-coins'

/** A stream of its own: no text of a key hashes to it, so no key opens it. */
export const oneShotSession = (deposit: string): string =>
  `session-${createHash('sha256').update(`x-cashu\n${deposit}`).digest('hex')}`

const changeId = (deposit: string, attempt: number): string =>
  `payout-${createHash('sha256').update(`change\n${deposit}\n${attempt}`).digest('hex').slice(0, 32)}`

export function createOneShots(deps: OneShotDeps): OneShots {
  const { engine, log, payouts, now, trace } = deps
  /** Sessions whose request runs, from the first look at the token until its change was asked for. */
  const live = new Set<string>()
  /** Unix ms at which a payment was first seen without a request and without change. */
  const lateSince = new Map<string, number>()
  let timer: ReturnType<typeof setInterval> | undefined

  /** `payout` undefined: none was asked for, or every one failed for good. */
  async function newestChange(deposit: string): Promise<{ readonly payout: string | undefined; readonly try: number }> {
    for (let attempt = 1; ; attempt += 1) {
      const payout = changeId(deposit, attempt)
      const { is } = await engine.state('payout', payout)
      if (is === 'unknown') return { payout: undefined, try: attempt }
      if (is !== 'rejected') return { payout, try: attempt }
    }
  }

  const close: OneShots['close'] = async ({ deposit, charge, requestId }) => {
    const session = oneShotSession(deposit)
    for (let race = 0; race < limits.refundRaces; race += 1) {
      const state = await engine.state('session', session)
      // Committed, although its caller was told that nobody knows: it is not charged twice.
      if (charge !== undefined && state.requests > 0) return chargeOf(session)
      const known = await newestChange(deposit)
      if (known.payout !== undefined) return undefined
      const outcome = await engine.execute(
        ...endOf({ deposit, session, state, charge, requestId, payout: changeId(deposit, known.try), try: known.try }),
      )
      if ('position' in outcome)
        return outcome.events.find(({ type }) => type === 'session.charged')?.data as Charged | undefined
    }
    throw new Error('a one-shot payment lost too many races')
  }

  async function chargeOf(session: string): Promise<Charged | undefined> {
    const events = await log.read(session, 0)
    return events.find(({ type }) => type === 'session.charged')?.data as Charged | undefined
  }

  /** The change of a settled payment: asked for now if it never was, or failed for good. */
  const change: OneShots['change'] = async (deposit, to, waitMs) => {
    const { spentMsat, balanceMsat, latest } = await engine.state('session', oneShotSession(deposit))
    let { payout } = await newestChange(deposit)
    if (payout === undefined && latest !== undefined && balanceMsat >= msatPer(latest.unit)) {
      await close({ deposit, charge: undefined, requestId: await requestOf(deposit) })
      payout = (await newestChange(deposit)).payout
    }
    if (payout === undefined) return { is: 'none', costMsat: spentMsat }
    const made = await payouts.follow(payout, waitMs, to)
    return 'is' in made && (made.is === 'ready' || made.is === 'swept') ? made : { is: 'pending' }
  }

  async function requestOf(deposit: string): Promise<string> {
    const state = await engine.state('deposit', deposit)
    return state.is === 'settled' ? state.plan.requestId : ''
  }

  async function lookUp(deposit: string, to: 'header' | 'body', waitMs: number, isMine: boolean): Promise<Paid> {
    const state = await engine.state('deposit', deposit)
    if (!isMine && live.has(oneShotSession(deposit))) return { is: 'running' }
    switch (state.is) {
      case 'unknown':
      case 'invoice':
        return { is: 'new' }
      case 'rejected':
        return state.reason === 'spent-elsewhere' ? { is: 'spent' } : { is: 'new' }
      case 'open':
        deps.deposits.wake(deposit)
        return { is: 'redeeming' }
      case 'settled':
        return state.plan.via === 'x-cashu' ? change(deposit, to, waitMs) : { is: 'spent' }
      default:
        return state satisfies never
    }
  }

  /** A request that died, or came too late for its own redemption, left money: it becomes change (wallet 5.2). */
  async function closeLate(isDue: (session: string) => boolean): Promise<number> {
    const waiting = new Set((await log.claims(oneShotKind)).map(({ key }) => key))
    for (const session of lateSince.keys()) if (!waiting.has(session)) lateSince.delete(session)
    const due = [...waiting].filter((session) => !live.has(session) && isDue(session))
    const paidBack = due.map((session) =>
      payBack(session).catch((error: unknown) =>
        trace.warn('A one-shot payment could not be paid back yet', { session, why: String(error) }),
      ),
    )
    await Promise.all(paidBack)
    return due.length
  }

  async function payBack(session: string): Promise<void> {
    const deposit = await depositOfSession(session)
    if (deposit === undefined) return
    await close({ deposit, charge: undefined, requestId: await requestOf(deposit) })
    trace.info('A one-shot payment without its request is paid back', { deposit })
  }

  async function depositOfSession(session: string): Promise<string | undefined> {
    const credit = (await log.read(session, 0, 3)).find(({ type }) => type === 'session.credited')
    return (credit?.data as { readonly depositId: string } | undefined)?.depositId
  }

  function isLate(session: string): boolean {
    const since = lateSince.get(session) ?? now()
    lateSince.set(session, since)
    return now() - since >= limits.oneShotLateMs
  }

  const sweep = () => closeLate(isLate)

  return {
    read(text) {
      const deposit = depositOf(text, deps.wallet)
      return deposit === undefined ? undefined : { deposit, session: oneShotSession(deposit) }
    },
    begin({ session }) {
      if (live.has(session)) return undefined
      live.add(session)
      return () => void live.delete(session)
    },
    running: () => live.size,
    close,
    change,
    lookUp,
    resume: () => closeLate(() => true),
    sweep,
    start() {
      timer = setInterval(() => {
        void sweep().catch((error: unknown) =>
          trace.warn('One-shot payments could not be looked for', { why: String(error) }),
        )
      }, limits.oneShotSweepMs)
    },
    stop: () => clearInterval(timer),
  }
}

type End = {
  readonly deposit: string
  readonly session: string
  readonly state: Session
  readonly charge: SessionCharge | undefined
  readonly requestId: string
  readonly payout: string
  readonly try: number
}

/** Whole units leave, the rest is the node's. The hold of the request itself is the only one there can be. */
function endOf({ session, state, charge, requestId, payout, ...end }: End) {
  const unitMsat = msatPer(state.latest?.unit ?? 'sat')
  const leftMsat = state.balanceMsat - Math.min(charge?.costMsat ?? 0, state.balanceMsat)
  const dueMsat = leftMsat - (leftMsat % unitMsat)
  const shares = [{ purse: state.latest?.purse ?? '', msat: asMsat(dueMsat) }]
  const balanceVersion = state.credits
  const wishes = [
    ...(charge === undefined ? [] : [wish('session', session, { do: 'charge', charge, othersHeldMsat: 0 })]),
    ...(dueMsat === 0
      ? []
      : [
          wish('session', session, { do: 'debit', payoutId: payout, shares, balanceVersion, heldMsat: 0 }),
          wish('payout', payout, {
            do: 'request',
            wish: {
              purpose: 'change',
              sessionId: session,
              balanceVersion,
              try: end.try,
              by: session,
              requestId,
              msat: dueMsat,
              shares,
            },
          }),
        ]),
    wish('session', session, { do: 'round', unitMsat }),
  ]
  const context = {
    meta: { actor: session, door: 'public' as const, cause: requestId },
    releases: [{ kind: oneShotKind, key: session }],
    claims: dueMsat === 0 ? [] : [{ kind: 'coinless', key: payout, owner: 'payout' }],
  }
  return [wishes, context] as const
}
