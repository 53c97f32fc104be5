/**
 * Quotes that were paid, and not with the coins that are locked for them: a log from an old backup meets what it did
 * before it was put back (P-29). No coins may be locked for such a quote, and none may be booked as what paid it.
 */
import { asMsat, foundPaid, isPaidBefore, wish } from '../../events'
import { limits } from '../limits'
import type { MeltQuote } from '../money/melt-verbs'
import { isDoubting } from './doubted-coins'
import {
  coinlessClaim,
  type MeltCase,
  type MeltDeps,
  type MeltMemory,
  type MeltVerdict,
  payingClaim,
} from './melt-types'

export type PaidBefore = {
  /** undefined: the quote is unpaid, coins may be locked for it. */
  readonly lock: (one: MeltCase<'quoted'>, memory: MeltMemory) => Promise<MeltVerdict | undefined>
  /** The quote is paid and every input unspent: two looks apart a fence brings the coins back, beside the payment. */
  readonly unspent: (
    one: MeltCase<'planned'>,
    memory: MeltMemory,
    fence: (one: MeltCase<'planned'>, memory: MeltMemory) => Promise<MeltVerdict>,
  ) => Promise<MeltVerdict>
}

export function createPaidBefore(
  { engine, log, now, trace, wallet, stopHere }: MeltDeps,
  giveUp: (one: MeltCase<'quoted'>, reason: 'mint-refuses') => Promise<MeltVerdict>,
): PaidBefore {
  async function lock(one: MeltCase<'quoted'>, memory: MeltMemory): Promise<MeltVerdict | undefined> {
    const { quoteId } = one.stage.quote
    if (memory.unpaidQuote === quoteId) return undefined
    const answer = await one.desk.call(() => one.desk.client.meltQuoteState(quoteId))
    // A quote that is gone may have been paid by what this log has forgotten: then its owner decides.
    if (answer?.is === 'rejected' && isGone(answer))
      return (await isDoubting(log)) ? 'wait' : giveUp(one, 'mint-refuses')
    if (answer?.is !== 'done') return 'wait'
    switch (answer.value.state) {
      case 'UNPAID':
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

  return {
    lock,
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
