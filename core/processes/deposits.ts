/**
 * Drives token deposits from plan to close (wallet 6.1): the same bytes on every try, evidence before any verdict.
 * Normal running and boot drain the same list.
 */
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { asMsat, type Deposit, type Evidence, type WalletAttempt, wish } from '../../events'
import { limits } from '../limits'
import type { Proof, Signature } from '../money/mint-client'
import type { MintAnswer } from '../money/mint-request'
import type { Trace } from '../trace'
import { type DepositWish, makeAttempt, type PlanDeps, type PlanRefusal, planDeposit } from './deposit-plan'
import { type Look, lookAt } from './evidence'
import type { MintDesk } from './mint-desk'

export type Settled = {
  readonly settled: true
  readonly target: string
  readonly amountMsat: number
  readonly feeMsat: number
  readonly unit: 'sat' | 'msat'
  readonly mint: string
}
/** What became of a token: credited, refused for good, or still on its way. */
export type DepositOutcome = Settled | PlanRefusal | { readonly pending: true }

export type Deposits = {
  readonly redeem: (wish: DepositWish, waitMs: number) => Promise<DepositOutcome & { readonly first?: boolean }>
  /** Takes up every open deposit; called once at boot. */
  readonly resume: () => Promise<number>
  readonly isOpen: (deposit: string) => boolean
  readonly stop: () => Promise<void>
}

type Open = Extract<Deposit, { is: 'open' }>
type Flight = { readonly done: Promise<void>; readonly startedHere: boolean }

export function createDeposits(
  deps: PlanDeps & {
    readonly now: () => number
    readonly pause: (ms: number) => Promise<void>
    readonly stopHere: (place: string) => Promise<void>
    readonly trace: Trace
  },
): Deposits {
  const { engine, log, wallet, now, trace } = deps
  const flights = new Map<string, Flight>()
  /** By hash of the text: a repeat costs no mint call (contract 3.3). */
  const deadTokens = new LRUCache<string, PlanRefusal>({ max: limits.deadTokens, ttl: limits.deadTokenMs })
  /** Top-ups that were credited after their caller had been sent away: the next call hears of it. */
  const unheard = new Set<string>()
  let stopping = false

  async function redeem(asked: DepositWish, waitMs: number): Promise<DepositOutcome & { readonly first?: boolean }> {
    const hash = createHash('sha256').update(asked.text).digest('hex')
    const dead = deadTokens.get(hash)
    if (dead !== undefined) return dead
    const outcome = await plannedAndDriven(asked, waitMs)
    if (isDead(outcome)) deadTokens.set(hash, outcome)
    return outcome
  }

  async function plannedAndDriven(
    asked: DepositWish,
    waitMs: number,
  ): Promise<DepositOutcome & { readonly first?: boolean }> {
    const planned = await planDeposit(asked, deps)
    if ('refused' in planned) return planned
    const { deposit } = planned
    const before = await engine.state('deposit', deposit)
    if (before.is === 'open') {
      const joined = flights.get(deposit)
      const flight = joined ?? fly(deposit, true)
      await Promise.race([flight.done, deps.pause(waitMs)])
      const first = joined === undefined
      const outcome = await outcomeOf(deposit)
      if (first && 'pending' in outcome) unheard.add(deposit)
      return { ...outcome, first }
    }
    const outcome = await outcomeOf(deposit)
    return { ...outcome, first: unheard.delete(deposit) }
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
      default:
        return { pending: true }
    }
  }

  function fly(deposit: string, startedHere: boolean): Flight {
    const done = drive(deposit, startedHere)
      .catch((error: unknown) =>
        trace.error('A deposit stopped for a reason nobody foresaw', { deposit, why: String(error) }),
      )
      .finally(() => flights.delete(deposit))
    const flight = { done, startedHere }
    flights.set(deposit, flight)
    return flight
  }

  async function drive(deposit: string, startedHere: boolean): Promise<void> {
    const looks: Look[] = []
    const startedAt = now()
    let sends = 0
    let clashes = 0
    let backOffMs: number = limits.driveFirstMs
    while (!stopping) {
      const state = await engine.state('deposit', deposit)
      if (state.is !== 'open') return
      const trusted = deps.mints().find((mint) => mint.url === state.plan.mint)
      if (trusted === undefined) return trace.warn('A deposit waits for a mint that is no longer trusted', { deposit })
      const desk = deps.desk(trusted)
      const answer = await send(state, desk)
      if (answer !== undefined) sends += 1
      const verdict = await judge({ deposit, state, desk, answer, sends, startedHere, looks, clashes })
      if (verdict === 'closed') return
      if (verdict === 'clash') clashes += 1
      if (verdict === 'again') continue
      const waitMs = Math.max(backOffMs * (0.8 + Math.random() * 0.4), desk.health().pausedUntil - now())
      await deps.pause(waitMs)
      backOffMs = Math.min(backOffMs * 2, mostPause(now() - startedAt))
    }
  }

  /** W-02: inputs in plan order, outputs as they stand in the plan. undefined: nothing was sent. */
  async function send(state: Open, desk: MintDesk): Promise<MintAnswer<readonly Signature[]> | undefined> {
    const proofs = await sealedProofs(state)
    const attempt = newest(state)
    const outputs = attempt.outputs.map(({ amount, b }) => ({ amount, id: attempt.keysetId, B_: b }))
    await deps.stopHere('deposit: before the swap')
    const answer = await desk.call(() => desk.client.swap(proofs, outputs))
    await deps.stopHere('deposit: after the swap')
    return answer
  }

  /**
   * The state in memory may be ahead of the disk: the sealed row exists only once the plan is committed, so a caller
   * that joins early waits here, and nothing can be sent before its plan (W-01).
   */
  async function sealedProofs(state: Open): Promise<readonly Proof[]> {
    for (let tries = 0; tries < limits.planCommitTries; tries += 1) {
      const bytes = await log.sealed(state.plan.proofs)
      const text = bytes === undefined ? undefined : wallet.open(state.plan.proofs, bytes)
      if (text !== undefined) return JSON.parse(text) as readonly Proof[]
      await deps.pause(limits.planCommitPauseMs)
    }
    throw new Error('the sealed proofs of an open deposit do not open')
  }

  type Case = {
    readonly deposit: string
    readonly state: Open
    readonly desk: MintDesk
    readonly answer: MintAnswer<readonly Signature[]> | undefined
    readonly sends: number
    readonly startedHere: boolean
    readonly looks: Look[]
    readonly clashes: number
  }
  type Verdict = 'closed' | 'wait' | 'again' | 'clash'

  async function judge(one: Case): Promise<Verdict> {
    const { answer, desk, state, deposit } = one
    if (answer?.is === 'done') {
      const coins = await coinsFrom(newest(state), answer.value, desk)
      if (!('lie' in coins)) return settle(one, newest(state), coins)
      await desk.suspend('lied', `${deposit}: ${coins.lie}`)
      return 'wait'
    }
    // Exactly one send, tried in this process, that never left it (W-07).
    if (answer?.is === 'later' && answer.notSent && one.sends === 1 && one.startedHere && state.attempts.length === 1)
      return reject(one, 'not-sent', 'not-sent')
    const look = await lookAt(state, desk, now)
    if (look === undefined) return 'wait'
    one.looks.push(look)
    return conclude(one, look)
  }

  /** The table of wallet 6.1, from the top. */
  async function conclude(one: Case, look: Look): Promise<Verdict> {
    const { desk, deposit } = one
    const { pending, spent, unspent } = look
    if (pending > 0) return 'wait'
    if (spent > 0 && unspent === 0) {
      const won = look.restored.find((found) => found.signatures.length === found.attempt.outputs.length)
      if (won !== undefined) {
        const coins = await coinsFrom(won.attempt, won.signatures, desk)
        if (!('lie' in coins)) return settle(one, won.attempt, coins)
        await desk.suspend('lied', `${deposit}: ${coins.lie}`)
        return 'wait'
      }
      if (look.restored.length > 0) {
        await desk.suspend('partial-restore', deposit)
        return 'wait'
      }
    }
    if (spent > 0) return enoughLooks(one) ? reject(one, 'spent-elsewhere', 'spent') : 'wait'
    if (look.restored.length > 0) return one.clashes > 0 ? replan(one, 'counter-clash') : 'clash'
    return byCode(one)
  }

  /** All inputs unspent and nothing restores: the mint's last word chooses (wallet 8.1). */
  async function byCode(one: Case): Promise<Verdict> {
    const { answer } = one
    if (answer?.is !== 'rejected') return 'wait'
    switch (answer.code) {
      case 11003:
      case 11008:
        return one.clashes > 0 ? replan(one, 'counter-clash') : 'clash'
      case 12001:
      case 12002:
        return replan(one, 'rotation')
      case 11005:
        return replan(one, 'fee')
      case 10001:
      case 11006:
      case 11007:
      case 11009:
      case 11010:
      case 11013:
      case 11014:
      case 11015:
      case 12003:
        return enoughLooks(one) ? reject(one, 'refused', `code ${answer.code}`) : 'wait'
      default:
        return 'wait'
    }
  }

  /** W-09: one look if exactly one request ever left and its answer was read here, else two, half a minute apart. */
  function enoughLooks({ sends, answer, startedHere, looks, state }: Case): boolean {
    const answered = answer?.is === 'rejected' || answer?.is === 'done'
    if (sends === 1 && answered && startedHere && state.attempts.length === 1) return true
    const last = looks.at(-1)
    return last !== undefined && looks.some((look) => last.at - look.at >= limits.looksApartMs)
  }

  async function coinsFrom(attempt: WalletAttempt, signatures: readonly Signature[], desk: MintDesk) {
    if (signatures.length !== attempt.outputs.length) return { lie: 'another number of signatures than outputs' }
    const all = await desk.keysets()
    const info = 'unreachable' in all ? undefined : all.find((keyset) => keyset.id === attempt.keysetId)
    const keyset = info === undefined ? undefined : await desk.withKeys(info)
    if (keyset === undefined || 'unreachable' in keyset)
      return { lie: 'signatures of a keyset that the mint does not list' }
    const coins = []
    for (const [index, output] of attempt.outputs.entries()) {
      const signature = signatures[index]
      if (signature === undefined) return { lie: 'a missing signature' }
      const derived = wallet.derive(attempt.keysetId, output.counter, output.amount)
      const unblinded = wallet.unblind(derived, signature, keyset)
      if ('lie' in unblinded) return unblinded
      coins.push({ keysetId: attempt.keysetId, counter: output.counter, amount: output.amount, c: unblinded.c })
    }
    return coins
  }

  /** Credit and coins in one append with the event that closes (W-13, W-14). */
  async function settle(
    { deposit, state }: Case,
    attempt: WalletAttempt,
    coins: readonly { keysetId: string; counter: number; amount: number; c: string }[],
  ): Promise<Verdict> {
    const { plan } = state
    const units = coins.reduce((sum, coin) => sum + coin.amount, 0)
    const msatPerUnit = plan.unit === 'sat' ? 1000 : 1
    const { purse, unit, mint } = plan
    await deps.stopHere('deposit: before the credit')
    const outcome = await engine.execute(
      [
        wish('deposit', deposit, { do: 'settle', attemptN: attempt.n, seedId: attempt.seedId, coins }),
        wish('session', plan.target, { do: 'open', origin: 'token', limits: plan.limits }),
        wish('session', plan.target, {
          do: 'credit',
          depositId: deposit,
          amountMsat: asMsat(units * msatPerUnit),
          feeMsat: asMsat((plan.faceUnits - units) * msatPerUnit),
          purse,
          unit,
          mint,
        }),
      ],
      {
        meta: { actor: plan.target, door: 'public', cause: plan.requestId },
        coins: coins.map((coin) => ({ ...coin, seedId: attempt.seedId, purse, state: 'free' as const })),
        releases: [{ kind: 'open', key: deposit }],
        erase: [plan.proofs],
      },
    )
    await deps.stopHere('deposit: after the credit')
    if ('refused' in outcome && outcome.refused !== 'deposit-closed')
      throw new Error(`a deposit could not be credited: ${outcome.refused}`)
    trace.info('Deposit credited', { deposit, units, unit })
    return 'closed'
  }

  async function reject(one: Case, reason: 'spent-elsewhere' | 'refused' | 'not-sent', kind: string): Promise<Verdict> {
    const { deposit, state, looks, sends, answer } = one
    const mintId = state.plan.purse.split('/')[0] ?? ''
    const evidence: Evidence = {
      kind,
      looks: looks.map((look) => ({
        at: look.at,
        unspent: look.unspent,
        pending: look.pending,
        spent: look.spent,
        restored: look.restored.length,
      })),
      sends,
      ...(answer?.is === 'rejected'
        ? { lastStatus: answer.status, ...(answer.code === undefined ? {} : { lastCode: answer.code }) }
        : {}),
    }
    // A proof that was spent elsewhere stays claimed: its answer comes from the log from now on.
    const freed =
      reason === 'spent-elsewhere' ? [] : state.plan.inputs.map(({ y }) => ({ kind: 'y', key: `${mintId}:${y}` }))
    await engine.execute(wish('deposit', deposit, { do: 'reject', reason, evidence }), {
      meta: { actor: state.plan.target, door: 'public', cause: state.plan.requestId },
      releases: [{ kind: 'open', key: deposit }, ...freed],
      erase: [state.plan.proofs],
    })
    trace.info('Deposit rejected', { deposit, reason })
    return 'closed'
  }

  /** New counters, a fresh keyset, fee and net anew; every earlier attempt stays in the restore set (W-08). */
  async function replan(one: Case, why: 'rotation' | 'fee' | 'counter-clash'): Promise<Verdict> {
    const { deposit, state, desk } = one
    const keyset = await desk.outputKeyset(state.plan.unit, true)
    const all = await desk.keysets()
    if ('unreachable' in keyset || 'unreachable' in all) return 'wait'
    const ppk = state.plan.inputs.reduce(
      (sum, input) => sum + (all.find((one) => one.id === input.keysetId)?.feePpk ?? 0),
      0,
    )
    const feeUnits = Math.ceil(ppk / 1000)
    const netUnits = state.plan.faceUnits - feeUnits
    if (netUnits <= 0) return enoughLooks(one) ? reject(one, 'refused', 'fees exceed the value') : 'wait'
    const clash = why === 'counter-clash'
    const jump = clash
      ? [
          {
            seedId: wallet.seedId,
            keysetId: keyset.id,
            from: await log.cursor(wallet.seedId, keyset.id),
            count: limits.counterJump,
          },
        ]
      : []
    if (clash) trace.error('Counters of this wallet were used elsewhere', { deposit, keyset: keyset.id })
    const made = await makeAttempt(state.attempts.length + 1, netUnits, feeUnits, keyset, deps)
    const moved = clash ? { ...made, ...(await afterJump(state, netUnits, feeUnits, keyset)) } : made
    const outcome = await engine.execute(wish('deposit', deposit, { do: 'replan', attempt: moved.attempt, why }), {
      meta: { actor: 'node', door: 'node', cause: state.plan.requestId },
      cursors: [...jump, moved.cursor],
    })
    return 'position' in outcome ? 'again' : 'wait'
  }

  async function afterJump(state: Open, netUnits: number, feeUnits: number, keyset: Parameters<typeof makeAttempt>[3]) {
    const jumped = {
      ...deps,
      log: {
        ...log,
        cursor: async (seedId: string, keysetId: string) => (await log.cursor(seedId, keysetId)) + limits.counterJump,
      },
    }
    return makeAttempt(state.attempts.length + 1, netUnits, feeUnits, keyset, jumped)
  }

  async function resume(): Promise<number> {
    const open = await log.claims('open')
    for (const { key } of open) if (!flights.has(key)) fly(key, false)
    return open.length
  }

  return {
    redeem,
    resume,
    isOpen: (deposit) => flights.has(deposit),
    async stop() {
      stopping = true
    },
  }
}

/** Spent, worthless or broken for good; what a mint's state or the operator could change is asked again. */
const isDead = (outcome: DepositOutcome): outcome is PlanRefusal =>
  'refused' in outcome &&
  (['token-spent', 'token-invalid', 'token-worthless'].includes(outcome.refused) ||
    (outcome.refused === 'token-rejected' && outcome.why === refusedByMint))
const refusedByMint = 'its mint refused it'

const newest = (state: Open): WalletAttempt => {
  const attempt = state.attempts.at(-1)
  if (attempt === undefined) throw new Error('an open deposit has no attempt')
  return attempt
}

function mostPause(openMs: number): number {
  if (openMs > 24 * 3600_000) return limits.driveDayMs
  return openMs > 3600_000 ? limits.driveHourMs : limits.driveMostMs
}
