/** Token deposits (wallet 5.1): planned, driven to their close, joined by all who bring the same token, resumed at boot. */
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { limits } from '../limits'
import type { Proof } from '../money/mint-answers'
import { createClosing } from './deposit-close'
import { createLateSettling, type LateEnd } from './deposit-late'
import { planDeposit } from './deposit-plan'
import type { DepositDeps, DepositOutcome, DepositWish, OpenDeposit, PlanRefusal } from './deposit-types'
import { createDrive } from './drive'
import type { SwapPort } from './drive-types'

/** `first`: this call is the one that hears of the credit; every other one only learns that it happened. */
export type Redeemed = DepositOutcome & { readonly first?: boolean }

export type Deposits = {
  /** Waits at most `waitMs`; what is open then goes on by itself. */
  readonly redeem: (wish: DepositWish, waitMs: number) => Promise<Redeemed>
  /** Whether money for this session is on its way in. */
  readonly isOpenFor: (session: string) => Promise<boolean>
  /** Takes up an open deposit that nobody drives any more: a flight that broke must not need a restart. */
  readonly wake: (deposit: string) => void
  /** Takes up every open deposit that nobody drives. Answers how many are open. */
  readonly resume: () => Promise<number>
  /** From now on a flight that broke is taken up again (W-15). */
  readonly start: () => void
  /** Looks again at a rejected one: its mint may have been late (wallet 9.8). */
  readonly settleLate: (deposit: string) => Promise<LateEnd>
  readonly stop: () => void
}

export function createDeposits(deps: DepositDeps): Deposits {
  const { engine, log, trace } = deps
  let stopping = false
  let timer: ReturnType<typeof setInterval> | undefined
  const port = depositSwap(deps)
  const drive = createDrive({ ...deps, isStopping: () => stopping }, port)
  const lateLook = createLateSettling(deps, port.closing)
  /** Open deposits that are driven: a second caller joins (W-10). */
  const flights = new Map<string, Promise<void>>()
  /** By hash of the text: a repeat costs no mint call (contract 3.3). */
  const deadTokens = new LRUCache<string, PlanRefusal>({ max: limits.deadTokens, ttl: limits.deadTokenMs })
  /** Top-ups that were credited after their caller had been sent away: the next call hears of it. */
  const unheard = new LRUCache<string, true>({ max: limits.deadTokens })

  async function redeem(asked: DepositWish, waitMs: number): Promise<Redeemed> {
    const hash = createHash('sha256').update(asked.text).digest('hex')
    const dead = deadTokens.get(hash)
    if (dead !== undefined) return dead
    const outcome = await plannedAndDriven(asked, waitMs)
    if (isDead(outcome)) deadTokens.set(hash, outcome)
    return outcome
  }

  async function plannedAndDriven(asked: DepositWish, waitMs: number): Promise<Redeemed> {
    const planned = await planDeposit(asked, deps)
    if ('refused' in planned) return planned
    const { deposit } = planned
    if ((await engine.state('deposit', deposit)).is !== 'open')
      return { ...(await outcomeOf(deposit)), first: unheard.delete(deposit) }
    const joined = flights.get(deposit)
    await Promise.race([joined ?? fly(deposit, true), deps.pause(waitMs)])
    const outcome = await outcomeOf(deposit)
    const first = joined === undefined
    if (first && 'pending' in outcome) unheard.set(deposit, true)
    return { ...outcome, first }
  }

  async function outcomeOf(deposit: string): Promise<DepositOutcome> {
    const state = await engine.state('deposit', deposit)
    switch (state.is) {
      case 'settled': {
        const { target, unit, mint } = state.plan
        const feeMsat = state.feeUnits * (unit === 'sat' ? 1000 : 1)
        return { settled: true, target, amountMsat: state.amountMsat, feeMsat, unit, mint }
      }
      case 'rejected':
        if (state.reason === 'spent-elsewhere') return { refused: 'token-spent' }
        return state.reason === 'not-sent'
          ? { refused: 'mint-down' }
          : { refused: 'token-rejected', why: refusedByMint }
      case 'open':
      case 'invoice':
      case 'unknown':
        return { pending: true }
      default:
        return state satisfies never
    }
  }

  function fly(deposit: string, startedHere: boolean): Promise<void> {
    const flight = drive(deposit, startedHere)
      .catch((error: unknown) => {
        // A stop closes the log under it: that is a kill like any other, and the next start goes on.
        if (!stopping) trace.error('A deposit stopped for a reason nobody foresaw', { deposit, why: String(error) })
      })
      .finally(() => flights.delete(deposit))
    flights.set(deposit, flight)
    return flight
  }

  async function resume(): Promise<number> {
    const own = (await log.claims('open')).filter(({ owner }) => owner === 'deposit')
    for (const { key } of own) if (!flights.has(key)) void fly(key, false)
    return own.length
  }

  return {
    redeem,
    async isOpenFor(session) {
      for (const { key, owner } of await log.claims('open')) {
        const state = owner === 'deposit' ? await engine.state('deposit', key) : undefined
        if (state?.is === 'open' && state.plan.target === session) return true
      }
      return false
    },
    wake(deposit) {
      if (!flights.has(deposit)) void fly(deposit, false)
    },
    resume,
    start() {
      timer = setInterval(() => void resume().catch(() => undefined), limits.takeUpMs)
    },
    async settleLate(deposit) {
      const end = await lateLook(deposit)
      // Whoever brings it again hears of the credit, not of the refusal that is remembered.
      if (end === 'settled') deadTokens.clear()
      return end
    },
    stop() {
      stopping = true
      clearInterval(timer)
    },
  }
}

function depositSwap(deps: DepositDeps): SwapPort<OpenDeposit> {
  const { engine, log, wallet } = deps
  return {
    name: 'deposit',
    ownCoins: false,
    closing: createClosing(deps),
    async load(deposit) {
      const state = await engine.state('deposit', deposit)
      return state.is === 'open' ? state : undefined
    },
    urgencyOf: (_, startedHere) => (startedHere ? 'redeem' : 'recovery'),
    ysOf: ({ plan }) => plan.inputs.map(({ y }) => y),
    /**
     * The state in memory may be ahead of the disk: the sealed row exists only once the plan is committed, so a caller
     * that joins early waits here, and nothing can be sent before its plan (W-01).
     */
    async proofsOf({ plan }) {
      for (let tries = 0; tries < limits.planCommitTries; tries += 1) {
        const bytes = await log.sealed(plan.proofs)
        const text = bytes === undefined ? undefined : wallet.open(plan.proofs, bytes)
        if (text !== undefined) return JSON.parse(text) as readonly Proof[]
        await deps.pause(limits.planCommitPauseMs)
      }
      throw new Error('the sealed proofs of an open deposit do not open')
    },
  }
}

/** Spent, worthless or broken for good; what a mint's state or the operator could change is asked again. */
const isDead = (outcome: DepositOutcome): outcome is PlanRefusal =>
  'refused' in outcome &&
  (['token-spent', 'token-invalid', 'token-worthless'].includes(outcome.refused) ||
    (outcome.refused === 'token-rejected' && outcome.why === refusedByMint))
const refusedByMint = 'its mint refused it'
