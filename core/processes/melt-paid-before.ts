/**
 * Payments that a log from an old backup finds open (P-29): they may have been made since, by coins that it does not
 * know. A quote that is paid takes no coins; what its mint cannot tell waits for the owner.
 */
import { asMsat, foundPaid, isPaidBefore, wish } from '../../events'
import { limits } from '../limits'
import type { MeltQuote } from '../money/melt-verbs'
import type { createMeltClosing } from './melt-close'
import {
  coinlessClaim,
  type MeltCase,
  type MeltDeps,
  type MeltMemory,
  type MeltVerdict,
  payingClaim,
} from './melt-types'

type Open = Pick<MeltCase, 'payout' | 'wish' | 'stage'>

export type PaidBefore = {
  /** It is under way at its mint, or may have been: told once. */
  readonly pending: (one: Pick<MeltCase, 'payout' | 'wish'>) => Promise<MeltVerdict>
  /** undefined: the quote is unpaid, coins may be locked for it. */
  readonly lock: (one: MeltCase<'quoted'>, memory: MeltMemory) => Promise<MeltVerdict | undefined>
  /** The quote is paid and every input unspent: two looks apart a fence brings the coins back, beside the payment. */
  readonly unspent: (
    one: MeltCase<'planned'>,
    memory: MeltMemory,
    fence: (one: MeltCase<'planned'>, memory: MeltMemory) => Promise<MeltVerdict>,
  ) => Promise<MeltVerdict>
  /** Whether it was made nobody here can tell: it waits for `payouts.cancel`. */
  readonly unclear: (one: Open) => Promise<MeltVerdict>
  /** Its coins are spent, and not for this quote as far as its mint says: given up once its owner says so. */
  readonly gone: (one: MeltCase<'planned'>) => Promise<MeltVerdict>
}

export function createPaidBefore(
  { engine, now, trace, wallet, stopHere }: MeltDeps,
  closing: Pick<ReturnType<typeof createMeltClosing>, 'giveUp' | 'lose'>,
): PaidBefore {
  async function lock(one: MeltCase<'quoted'>, memory: MeltMemory): Promise<MeltVerdict | undefined> {
    const { quoteId } = one.stage.quote
    if (memory.unpaidQuote === quoteId) return undefined
    const answer = await one.desk.call(() => one.desk.client.meltQuoteState(quoteId))
    if (answer?.is === 'rejected' && isGone(answer))
      return memory.isPutBack ? unclear(one) : closing.giveUp(one, 'mint-refuses')
    if (answer?.is !== 'done') return 'wait'
    switch (answer.value.state) {
      case 'UNPAID':
        if (memory.isPutBack) return unclear(one)
        memory.unpaidQuote = quoteId
        return undefined
      case 'PENDING':
        return 'wait'
      case 'PAID':
        return findPaid(one, answer.value)
      default:
        return answer.value.state satisfies never
    }
  }

  async function findPaid({ payout, wish: asked, stage }: MeltCase<'quoted'>, { preimage }: MeltQuote) {
    const { purse, units } = stage.quote
    const { seedId } = wallet
    const { returnedMsat } = foundPaid(asked, { purse, seedId, units })
    const back = [{ purse, msat: asMsat(returnedMsat) }]
    const { sessionId } = asked
    trace.error('A payment was made before, with coins that this log does not know', { payout, units })
    await stopHere('melt: before it is found paid')
    const outcome = await engine.execute(
      [
        wish('payout', payout, { do: 'find-paid', seedId, ...(preimage === undefined ? {} : { preimage }) }),
        ...(sessionId === undefined || returnedMsat === 0
          ? []
          : [wish('session', sessionId, { do: 'return', payoutId: payout, shares: back })]),
      ],
      {
        meta: { actor: asked.by, door: 'node', cause: asked.requestId },
        releases: [payingClaim(payout), coinlessClaim(payout)],
      },
    )
    return 'position' in outcome ? 'closed' : 'wait'
  }

  /** Told once: the event stands, and so does the banner. */
  async function unclear({ payout, wish: asked, stage }: Open): Promise<MeltVerdict> {
    if ('pendingSeen' in stage && stage.pendingSeen) return 'wait'
    trace.error('Whether a payment was made since the backup its owner must find out', { payout })
    return pending({ payout, wish: asked })
  }

  async function pending({ payout, wish: asked }: Pick<MeltCase, 'payout' | 'wish'>): Promise<MeltVerdict> {
    await engine.execute(wish('payout', payout, { do: 'see-pending', at: now() }), {
      meta: { actor: asked.by, door: 'node', cause: asked.requestId },
    })
    return 'wait'
  }

  return {
    lock,
    pending,
    unclear,
    gone: (one) => (one.stage.cancelWanted?.why === 'owner' ? closing.lose(one) : unclear(one)),
    async unspent(one, memory, fence) {
      const { payout, stage } = one
      memory.elsewhereAt ??= now()
      if (now() - memory.elsewhereAt < limits.looksApartMs) return 'wait'
      if (isPaidBefore(stage)) return fence(one, memory)
      trace.error('A payment was made before, and not with the coins that were locked for it', { payout })
      const outcome = await engine.execute(
        wish('payout', payout, { do: 'want-cancel', why: 'paid-before', by: 'node' }),
        { meta: { actor: 'node', door: 'node' } },
      )
      return 'position' in outcome ? 'again' : 'wait'
    },
  }
}

const isGone = ({ status, code }: { readonly status: number; readonly code: number | undefined }): boolean =>
  status < 500 && code !== undefined && code !== saysNothing

/** 50000: what some mints answer while they cannot look (wallet 6.4). */
export const saysNothing = 50_000
