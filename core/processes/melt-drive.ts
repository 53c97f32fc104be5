/** Drives one payout by Lightning to its proven end (wallet 6.4): the quote's state before every send, the same bytes. */
import { LogUnavailable, wish } from '../../events'
import { limits } from '../limits'
import type { MeltQuote } from '../money/melt-verbs'
import { isPutBack } from './doubted-coins'
import { mostPause } from './drive'
import { createMeltClosing } from './melt-close'
import { createMeltFence } from './melt-fence'
import { createPaidBefore, saysNothing } from './melt-paid-before'
import { blankAttempt, createMeltPlanning } from './melt-plan'
import {
  invoiceMsatOf,
  type LightningPayout,
  type MeltCase,
  type MeltDeps,
  type MeltMemory,
  type MeltVerdict,
  noMemory,
} from './melt-types'
import { placesOf } from './payout-coins'
import { proofOf } from './token-text'

export function createMeltDrive(
  deps: MeltDeps & { readonly isStopping: () => boolean; readonly rest: (payout: string, ms: number) => Promise<void> },
) {
  const { engine, log, wallet, now, trace } = deps
  const closing = createMeltClosing(deps)
  const planning = createMeltPlanning(deps, closing)
  const { fence, statesOf, forget } = createMeltFence(deps, closing.fence)
  const before = createPaidBefore(deps, closing)

  async function drive(payout: string): Promise<void> {
    const startedAt = now()
    const memory = noMemory(await isPutBack(payout, log))
    let backOffMs: number = limits.driveFirstMs
    while (!deps.isStopping()) {
      const state = await engine.state('payout', payout)
      if (state.is !== 'lightning' || state.lightning.is === 'paid' || state.lightning.is === 'rejected')
        return forget(payout)
      // While a fence is open its parent sends nothing (wallet 6.5).
      if ((await log.claimedBy('fencing', payout)) !== undefined) return
      const verdict = await written(() => round(payout, state, memory))
      if (verdict === 'again' || verdict === 'closed') continue
      await deps.rest(payout, Math.min(backOffMs * (0.8 + Math.random() * 0.4), changeWaitMs(memory)))
      backOffMs = Math.min(backOffMs * 2, mostPause(now() - startedAt))
    }
  }

  /** Called paid, it waits for nothing but its change, and after that no longer than any other. */
  function changeWaitMs({ paidAt }: MeltMemory): number {
    const leftMs = paidAt === undefined ? 0 : paidAt + limits.changeLateMs - now()
    return leftMs > 0 ? leftMs : Number.POSITIVE_INFINITY
  }

  /** A log that cannot be written is waited for: what the mint did is found again by its quote (W-15). */
  async function written(work: () => Promise<MeltVerdict>): Promise<MeltVerdict> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof LogUnavailable) return 'wait'
      throw error
    }
  }

  async function round(payout: string, { wish: asked, lightning }: LightningPayout, memory: MeltMemory) {
    const [found] = placesOf(
      asked.shares.slice(0, 1).map(({ purse }) => purse),
      deps,
    )
    if (found === undefined) {
      trace.warn('A payment waits for a mint that is no longer trusted', { payout })
      return 'wait'
    }
    const desk = found.desk.as(asked.sessionId === undefined ? 'issue' : 'customer')
    const one = { payout, wish: asked, place: { ...found, desk }, desk }
    if (memory.isPutBack && (lightning.is === 'requested' || lightning.is === 'resolved'))
      return before.unclear({ payout, wish: asked, stage: lightning })
    switch (lightning.is) {
      case 'requested':
        return planning.resolve(
          { ...one, stage: lightning },
          memory,
          asked.sessionId === undefined ? asked.msat : invoiceMsatOf(asked.msat),
        )
      case 'resolved':
        return planning.quote({ ...one, stage: lightning }, memory)
      case 'quoted':
        return locked({ ...one, stage: lightning }, memory)
      case 'planned':
        return look({ ...one, stage: lightning }, memory)
      case 'paid':
      case 'rejected':
        return 'closed'
      default:
        return lightning satisfies never
    }
  }

  async function locked(one: MeltCase<'quoted'>, memory: MeltMemory): Promise<MeltVerdict> {
    if (await isSplitting(one.payout)) return 'wait'
    const told = await before.lock(one, memory)
    if (told !== undefined) return told
    // Asked beforehand, so that the lane waits for no mint.
    await one.desk.mayPlan(one.place.unit)
    await one.desk.outputKeyset(one.place.unit)
    const lock = () => planning.lock(one, memory)
    const verdict = await (one.wish.shares.length > 1 ? deps.ownerLane(lock) : lock())
    return typeof verdict === 'string' ? verdict : planning.resolve(one, memory, verdict.smallerMsat)
  }

  async function isSplitting(payout: string): Promise<boolean> {
    for (const { key, owner } of await log.claims('swap')) {
      const state = owner === 'split' ? await engine.state('swap', key) : undefined
      if (state?.is === 'planned' && state.plan.parent === payout) return true
    }
    return false
  }

  async function look(one: MeltCase<'planned'>, memory: MeltMemory): Promise<MeltVerdict> {
    const { desk, stage } = one
    const answer = await desk.call(() => desk.client.meltQuoteState(stage.quote.quoteId))
    // A mint that answers an error says nothing, but one that does not know the quote is asked for the coins.
    if (answer?.is === 'rejected' && answer.status < 500) return unknown(one, memory, answer.code)
    if (answer?.is !== 'done') return 'wait'
    switch (answer.value.state) {
      case 'PAID':
        return paid(one, answer.value, memory)
      case 'PENDING':
        return before.pending(one)
      case 'UNPAID':
        return unpaid(one, memory)
      default:
        return answer.value.state satisfies never
    }
  }

  /** Some mints call a payment paid before they sign its change: none at all is believed at a later look. */
  async function paid(one: MeltCase<'planned'>, quote: MeltQuote, memory: MeltMemory): Promise<MeltVerdict> {
    const states = await statesOf(one)
    if (states === undefined) return 'wait'
    if (states === 'UNSPENT') return before.unspent(one, memory, fence)
    memory.paidAt ??= now()
    return closing.pay(one, quote, now() - memory.paidAt >= limits.changeLateMs)
  }

  async function unpaid(one: MeltCase<'planned'>, memory: MeltMemory): Promise<MeltVerdict> {
    const { stage } = one
    const { code } = memory
    memory.code = undefined
    const states = memory.isPutBack ? await statesOf(one) : 'UNSPENT'
    if (states !== 'UNSPENT') return states === 'SPENT' ? before.gone(one) : 'wait'
    if (stage.cancelWanted !== undefined) return fence(one, memory)
    if (now() > stage.invoice.expiresAt * 1000 + limits.expiredInvoiceMs) return wantCancel(one, 'expired')
    switch (code) {
      case 20004:
      case 20007:
      case 12003:
        return wantCancel(one, 'mint-failed')
      case 20006:
        return wantCancel(one, 'already-paid')
      case 11005:
        return wantCancel(one, 'unbalanced')
      case 12001:
      case 12002:
        return reblank(one, 'rotation', 0)
      case 11003:
      case 11008:
        return reblank(one, 'counter-clash', limits.counterJump)
      default:
        // It was under way and is not any more: a mint that answered before it paid tells a failure by nothing else.
        return stage.pendingSeen ? wantCancel(one, 'mint-failed') : send(one, memory)
    }
  }

  async function wantCancel(
    { payout }: MeltCase,
    why: 'expired' | 'mint-failed' | 'already-paid' | 'unbalanced' | 'quote-unknown',
  ) {
    trace.warn('A payment is taken back', { payout, why })
    const outcome = await engine.execute(wish('payout', payout, { do: 'want-cancel', why, by: 'node' }), {
      meta: { actor: 'node', door: 'node' },
    })
    return 'position' in outcome ? 'again' : 'wait'
  }

  /** New counters for the change; quote and inputs stay. Only while every input is unspent: else a copy is under way. */
  async function reblank(
    one: MeltCase<'planned'>,
    why: 'rotation' | 'counter-clash',
    skip: number,
  ): Promise<MeltVerdict> {
    const { payout, place, stage, desk } = one
    if ((await statesOf(one)) !== 'UNSPENT') return 'wait'
    const keyset = await desk.outputKeyset(place.unit, true)
    if ('unreachable' in keyset) return 'wait'
    const feeUnits = stage.attempts[0]?.feeUnits ?? 0
    const largest = stage.plan.inputs.reduce((units, coin) => units + coin.amount, 0) - feeUnits - stage.quote.units
    const made = await blankAttempt({ n: stage.attempts.length + 1, largest, feeUnits, keyset, skip }, deps)
    const outcome = await engine.execute(wish('payout', payout, { do: 'reblank', attempt: made.attempt, why }), {
      meta: { actor: 'node', door: 'node' },
      cursors: [made.cursor],
    })
    return 'position' in outcome && stage.attempts.length === 1 ? 'again' : 'wait'
  }

  /** W-02: inputs in plan order, blanks as they stand in the newest plan. */
  async function send(one: MeltCase<'planned'>, memory: MeltMemory): Promise<MeltVerdict> {
    const { stage, desk, payout } = one
    const attempt = stage.attempts.at(-1)
    if (attempt === undefined || !(await isCommitted(payout))) return 'wait'
    const inputs = stage.plan.inputs.map((coin) => proofOf(wallet, coin))
    const blanks = attempt.outputs.map(({ b }) => ({ amount: 0, id: attempt.keysetId, B_: b }))
    await deps.stopHere('melt: before the send')
    const answer = await desk.move(() => desk.client.melt(stage.quote.quoteId, inputs, blanks))
    await deps.stopHere('melt: after the send')
    if (answer?.is === 'rejected') {
      memory.code = answer.code
      return actedOn.has(answer.code ?? 0) ? 'again' : 'wait'
    }
    if (answer?.is !== 'done' || answer.value.state === 'UNPAID') return 'wait'
    return answer.value.state === 'PAID' ? paid(one, answer.value, memory) : before.pending(one)
  }

  /** Nothing is sent that the disk does not hold (W-01). */
  async function isCommitted(payout: string): Promise<boolean> {
    return (await log.read(payout, 0)).some(({ type }) => type === 'payout.planned')
  }

  /** The quote is gone: the coins tell. Spent in two looks: paid; unspent: a fence makes it certain. */
  async function unknown(one: MeltCase<'planned'>, memory: MeltMemory, code: number | undefined): Promise<MeltVerdict> {
    const states = await statesOf(one)
    // What one mint answers for a quote it lost, another answers while it cannot look (wallet 6.4): the owner decides.
    if (states === 'UNSPENT' && code === saysNothing && one.stage.cancelWanted === undefined) return 'wait'
    if (states === 'UNSPENT')
      return one.stage.cancelWanted === undefined ? wantCancel(one, 'quote-unknown') : fence(one, memory)
    if (states !== 'SPENT') return 'wait'
    if (memory.isPutBack) return before.gone(one)
    memory.spentAt ??= now()
    if (now() - memory.spentAt < limits.looksApartMs) return 'wait'
    trace.error('A mint forgot the quote of a payment that took its coins', { payout: one.payout })
    return closing.pay(one, undefined, true)
  }

  return drive
}

const actedOn = new Set([12003, 20004, 20006, 20007, 11005, 12001, 12002, 11003, 11008])
