/** Drives one open deposit to its close (wallet 6.1): the same bytes on every try, evidence before any verdict. */
import { LogUnavailable, type WalletAttempt } from '../../events'
import { limits } from '../limits'
import type { Proof, Signature } from '../money/mint-answers'
import type { MintAnswer } from '../money/mint-request'
import { createClosing } from './deposit-close'
import {
  type Case,
  type DepositDeps,
  enoughLooks,
  newestAttempt,
  type OpenDeposit,
  type Verdict,
} from './deposit-types'
import { type Look, lookAt } from './evidence'
import type { MintDesk } from './mint-desk'

/** Looks remembered while a deposit is open: the first, for W-09, and the newest. */
const remembered = (looks: readonly Look[], look: Look): readonly Look[] =>
  looks.length < limits.looksKept ? [...looks, look] : [...looks.slice(0, 1), ...looks.slice(2), look]

/** Answers a function that resolves once the deposit is closed, or the process stops. */
export function createDrive(deps: DepositDeps & { readonly isStopping: () => boolean }) {
  const { engine, log, wallet, now, trace } = deps
  const closing = createClosing(deps)

  async function drive(deposit: string, startedHere: boolean): Promise<void> {
    const startedAt = now()
    let looks: readonly Look[] = []
    let sends = 0
    let clashes = 0
    let unbalanced = 0
    let backOffMs: number = limits.driveFirstMs
    while (!deps.isStopping()) {
      const state = await engine.state('deposit', deposit)
      if (state.is !== 'open') return
      const trusted = deps.mints().find((mint) => mint.url === state.plan.mint)
      if (trusted === undefined) return trace.warn('A deposit waits for a mint that is no longer trusted', { deposit })
      const desk = deps.desk(trusted)
      const verdict = await written(async () => {
        const answer = await send(state, desk)
        if (answer !== undefined) sends += 1
        if (answer?.is === 'rejected' && answer.code === 11005) unbalanced += 1
        const round: Case = { deposit, state, desk, answer, sends, startedHere, looks, clashes, unbalanced }
        return judge(round, (look) => {
          looks = remembered(looks, look)
          return { ...round, looks }
        })
      })
      if (verdict === 'closed') return
      if (verdict === 'clash') clashes += 1
      if (verdict === 'again') continue
      const waitMs = Math.max(backOffMs * (0.8 + Math.random() * 0.4), desk.health().pausedUntil - now())
      await deps.pause(waitMs)
      backOffMs = Math.min(backOffMs * 2, mostPause(now() - startedAt))
    }
  }

  /** A log that cannot be written is waited for: the mint's answer is found again by evidence (W-15). */
  async function written(round: () => Promise<Verdict>): Promise<Verdict> {
    try {
      return await round()
    } catch (error) {
      if (error instanceof LogUnavailable) return 'wait'
      throw error
    }
  }

  /** W-02: inputs in plan order, outputs as they stand in the plan. undefined: nothing was sent. */
  async function send(state: OpenDeposit, desk: MintDesk): Promise<MintAnswer<readonly Signature[]> | undefined> {
    const proofs = await sealedProofs(state)
    const attempt: WalletAttempt = newestAttempt(state)
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
  async function sealedProofs(state: OpenDeposit): Promise<readonly Proof[]> {
    for (let tries = 0; tries < limits.planCommitTries; tries += 1) {
      const bytes = await log.sealed(state.plan.proofs)
      const text = bytes === undefined ? undefined : wallet.open(state.plan.proofs, bytes)
      if (text !== undefined) return JSON.parse(text) as readonly Proof[]
      await deps.pause(limits.planCommitPauseMs)
    }
    throw new Error('the sealed proofs of an open deposit do not open')
  }

  async function judge(round: Case, withLook: (look: Look) => Case): Promise<Verdict> {
    const { answer, desk, state } = round
    if (answer?.is === 'done') return closing.settle(round, newestAttempt(state), answer.value)
    // Exactly one send, tried in this process, that never left it (W-07).
    const isOnly = round.sends === 1 && round.startedHere && state.attempts.length === 1
    if (answer?.is === 'later' && answer.notSent && isOnly) return closing.reject(round, 'not-sent', 'not-sent')
    const look = await lookAt(state, desk, now)
    return look === undefined ? 'wait' : conclude(withLook(look), look)
  }

  /** The table of wallet 6.1, from the top. */
  async function conclude(one: Case, look: Look): Promise<Verdict> {
    const { desk, deposit } = one
    const { pending, spent, unspent } = look
    if (pending > 0) return 'wait'
    if (spent > 0 && unspent === 0) {
      const won = look.restored.find((found) => found.signatures.length === found.attempt.outputs.length)
      if (won !== undefined) return closing.settle(one, won.attempt, won.signatures)
      if (look.restored.length > 0) {
        await desk.suspend('partial-restore', deposit)
        return 'wait'
      }
    }
    if (spent > 0) return rejectIfSure(one, 'spent-elsewhere', 'spent')
    if (look.restored.length > 0) return one.clashes > 0 ? closing.replan(one, 'counter-clash') : 'clash'
    return byCode(one)
  }

  /** All inputs unspent and nothing restores: the mint's last word chooses (wallet 8.1). */
  async function byCode(one: Case): Promise<Verdict> {
    const { answer, desk, deposit } = one
    if (answer?.is !== 'rejected' || answer.code === undefined) return 'wait'
    const { code } = answer
    if (code >= 30_000 && code < 40_000) {
      await desk.suspend('wants-auth', deposit)
      return 'wait'
    }
    switch (code) {
      case 11003:
      case 11008:
        return one.clashes > 0 ? closing.replan(one, 'counter-clash') : 'clash'
      case 12001:
      case 12002:
        return closing.replan(one, 'rotation')
      case 11005:
        if (one.unbalanced < 2) return closing.replan(one, 'fee')
        await desk.suspend('lied', `${deposit}: unbalanced by its own fees`)
        return 'wait'
      case 10001:
      case 11006:
      case 11007:
      case 11009:
      case 11010:
      case 11013:
      case 11014:
      case 11015:
      case 12003:
        return rejectIfSure(one, 'refused', `code ${code}`)
      default:
        return 'wait'
    }
  }

  const rejectIfSure = async (one: Case, reason: 'spent-elsewhere' | 'refused', kind: string): Promise<Verdict> =>
    enoughLooks(one, limits.looksApartMs) ? closing.reject(one, reason, kind) : 'wait'

  return drive
}

function mostPause(openMs: number): number {
  if (openMs > 24 * 3600_000) return limits.driveDayMs
  return openMs > 3600_000 ? limits.driveHourMs : limits.driveMostMs
}
