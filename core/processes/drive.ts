/** Drives one open swap to its close (wallet 6.1): the same bytes on every try, evidence before any verdict. */
import { LogUnavailable } from '../../events'
import { limits } from '../limits'
import type { Signature } from '../money/mint-answers'
import type { MintAnswer } from '../money/mint-request'
import type { DepositDeps } from './deposit-types'
import { type Case, enoughLooks, newestAttempt, type OpenSwap, type SwapPort, type Verdict } from './drive-types'
import { type Look, lookAt } from './evidence'
import { learnRefusedInputs } from './input-cap'
import type { MintDesk } from './mint-desk'

/** Looks remembered while an operation is open: the first, for W-09, and the newest. */
const remembered = (looks: readonly Look[], look: Look): readonly Look[] =>
  looks.length < limits.looksKept ? [...looks, look] : [...looks.slice(0, 1), ...looks.slice(2), look]

/** Answers a function that resolves once the operation is closed, or the process stops. */
export function createDrive<Open extends OpenSwap>(
  deps: DepositDeps & { readonly isStopping: () => boolean },
  port: SwapPort<Open>,
) {
  const { now, trace } = deps
  const { closing } = port
  /** Operations whose flight began and has not closed them: a second flight is not their first (W-07, W-09). */
  const begun = new Set<string>()

  async function drive(operation: string, plannedHere: boolean): Promise<void> {
    const startedAt = now()
    const startedHere = plannedHere && !begun.has(operation)
    begun.add(operation)
    let looks: readonly Look[] = []
    let sends = 0
    let clashes = 0
    /** Plans that the mint called unbalanced: a lie it is only of one that was made on its fees anew (wallet 8.1). */
    const unbalanced = new Set<number>()
    let backOffMs: number = limits.driveFirstMs
    while (!deps.isStopping()) {
      const state = await port.load(operation)
      // What was sent before the fence stays remembered: a fence that fails gives the operation back (W-07).
      if (state === 'fenced') return
      if (state === undefined) {
        begun.delete(operation)
        return
      }
      const trusted = deps.mints().find((mint) => mint.url === state.plan.mint)
      if (trusted === undefined)
        return trace.warn(`A ${port.name} waits for a mint that is no longer trusted`, { operation })
      const desk = deps.desk(trusted).as(await port.urgencyOf(state, startedHere))
      const verdict = await written(async () => {
        const answer = await send(operation, state, desk)
        if (answer !== undefined) sends += 1
        if (answer?.is === 'rejected' && answer.code === 11005) unbalanced.add(newestAttempt(state).n)
        const complaints = { clashes, unbalanced: unbalanced.size }
        const round: Case<Open> = { operation, state, desk, answer, sends, startedHere, looks, ...complaints }
        return judge(round, (look) => {
          looks = remembered(looks, look)
          return { ...round, looks }
        })
      })
      if (verdict === 'closed') continue
      if (verdict === 'clash') clashes += 1
      if (verdict === 'again') continue
      if (verdict === 'rest') backOffMs = limits.driveDayMs
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
  async function send(
    operation: string,
    state: Open,
    desk: MintDesk,
  ): Promise<MintAnswer<readonly Signature[]> | undefined> {
    const proofs = await port.proofsOf(state, operation)
    const attempt = newestAttempt(state)
    const outputs = attempt.outputs.map(({ amount, b }) => ({ amount, id: attempt.keysetId, B_: b }))
    await deps.stopHere(`${port.name}: before the swap`)
    const answer = await desk.move(() => desk.client.swap(proofs, outputs))
    await deps.stopHere(`${port.name}: after the swap`)
    return answer
  }

  async function judge(round: Case<Open>, withLook: (look: Look) => Case<Open>): Promise<Verdict> {
    const { answer, desk, state } = round
    if (answer?.is === 'done') return closing.settle(round, newestAttempt(state), answer.value)
    // Exactly one send, tried in this process, that never left it (W-07).
    const isOnly = round.sends === 1 && round.startedHere && state.attempts.length === 1
    if (answer?.is === 'later' && answer.notSent && isOnly) return closing.reject(round, 'not-sent', 'not-sent')
    const look = await lookAt(state.attempts, port.ysOf(state), desk, now)
    return look === undefined ? 'wait' : conclude(withLook(look), look)
  }

  /** The table of wallet 6.1, from the top. */
  async function conclude(one: Case<Open>, look: Look): Promise<Verdict> {
    const { desk, operation } = one
    const { pending, spent, unspent } = look
    if (pending > 0) return 'wait'
    if (spent > 0 && unspent === 0) {
      const won = look.restored.find((found) => found.signatures.length === found.attempt.outputs.length)
      if (won !== undefined) return closing.settle(one, won.attempt, won.signatures, true)
      if (look.restored.length > 0) {
        await desk.suspend('partial-restore', operation)
        return 'wait'
      }
    }
    if (spent > 0) return rejectIfSure(one, 'spent-elsewhere', 'spent')
    if (look.restored.length > 0) return one.clashes > 0 ? closing.replan(one, 'counter-clash') : 'clash'
    return byCode(one)
  }

  /** All inputs unspent and nothing restores: the mint's last word chooses (wallet 8.1). */
  async function byCode(one: Case<Open>): Promise<Verdict> {
    const { answer, desk, operation } = one
    if (answer?.is !== 'rejected' || answer.code === undefined) return 'wait'
    const { code } = answer
    if (code >= 30_000 && code < 40_000) {
      await desk.suspend('wants-auth', operation)
      return 'wait'
    }
    switch (code) {
      case 11003:
      case 11008:
        return one.clashes > 0 ? closing.replan(one, 'counter-clash') : 'clash'
      case 12001:
        return (await isOfInputs(one)) ? expired(one, code) : closing.replan(one, 'rotation')
      case 12002:
        return closing.replan(one, 'rotation')
      case 11005:
        if (one.unbalanced < 2) return closing.replan(one, 'fee')
        await desk.suspend('lied', `${operation}: unbalanced by its own fees`)
        return 'wait'
      case 11006:
      case 11014:
      case 11015:
        if (code === 11014) await learnRefusedInputs(desk.mint.mintId, port.ysOf(one.state).length, deps)
        if (closing.divide === undefined) return rejectIfSure(one, 'refused', `code ${code}`)
        // Its bounds, not a lie: other work there goes on.
        trace.warn(`A ${port.name} is larger than its mint takes`, { operation, code })
        return closing.divide(one)
      case 10001:
      case 11007:
      case 11009:
      case 11010:
      case 11013:
        if (!port.ownCoins) return rejectIfSure(one, 'refused', `code ${code}`)
        // Coins that it signed itself: nothing is given up on its word, and nothing more is planned there.
        await desk.suspend('lied', `${operation}: code ${code} for coins of its own`)
        return 'wait'
      case 12003:
        return expired(one, code)
      default:
        return 'wait'
    }
  }

  const expired = (one: Case<Open>, code: number): Promise<Verdict> =>
    closing.expired === undefined ? rejectIfSure(one, 'refused', `code ${code}`) : closing.expired(one)

  const rejectIfSure = async (
    one: Case<Open>,
    reason: 'spent-elsewhere' | 'refused',
    kind: string,
  ): Promise<Verdict> => (enoughLooks(one, limits.looksApartMs) ? closing.reject(one, reason, kind) : 'wait')

  return drive
}

/** A new plan did not help, and its keyset is one that the mint lists: what it does not know any more is the coins' own. */
async function isOfInputs({ state, desk }: Case<OpenSwap>): Promise<boolean> {
  const [last, before] = [state.attempts.at(-1), state.attempts.at(-2)]
  if (last?.keysetId !== before?.keysetId) return false
  const listed = await desk.listed(true)
  return !('unreachable' in listed) && listed.some(({ id, active }) => id === last?.keysetId && active)
}

/** How long an operation that is open for so long rests at most before it asks again (wallet 6.1). */
export function mostPause(openMs: number): number {
  if (openMs > 24 * 3600_000) return limits.driveDayMs
  return openMs > 3600_000 ? limits.driveHourMs : limits.driveMostMs
}
