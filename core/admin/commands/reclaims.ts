/** payouts.takeBack, refunds.makeAgain, refunds.take: tokens that nobody collected (wallet 5.2). */
import { z } from 'zod'
import { type NoReclaim, tokenAgeMs } from '../../processes/reclaims'
import { type CommandContext, command, type No, type RunContext } from '../command'
import { reason } from '../rows'
import { payoutId, tokenStates } from './payouts'

const out = z.object({ payout: z.string(), swap: z.string(), state: z.string() })
const dayMs = 24 * 3600_000

export const payoutsTakeBack = command({
  name: 'payouts.takeBack',
  role: 'owner',
  stepUp: 'S',
  class: 'P',
  lane: 'money',
  in: z.object({ payout: payoutId }),
  out,
  run: ({ payout }, context) => begin(payout, 'taken-back', undefined, context),
  reveal: ended,
})

export const refundsMakeAgain = command({
  name: 'refunds.makeAgain',
  role: 'owner',
  class: 'P',
  lane: 'coins',
  in: z.object({ refund: payoutId }),
  out,
  run: ({ refund }, context) => begin(refund, 'reissued', undefined, context),
  reveal: ended,
})

export const refundsTake = command({
  name: 'refunds.take',
  role: 'owner',
  stepUp: 'S',
  class: 'P',
  lane: 'money',
  in: z.object({ refund: payoutId, reason }),
  out,
  async run({ refund, reason: why }, context) {
    const { node, now } = context
    const needDays = node.settings('refunds.takeDays')
    const ageMs = await tokenAgeMs(`payout-${refund}`, { log: node.log, now: () => now })
    const ageDays = ageMs === undefined ? needDays : Math.floor(ageMs / dayMs)
    if (ageDays < needDays) return { refused: 'refund-too-young', ageDays, needDays }
    return begin(refund, 'swept', why, context)
  },
  reveal: ended,
})

async function begin(
  id: string,
  into: 'taken-back' | 'reissued' | 'swept',
  why: string | undefined,
  { node, execute, principal }: CommandContext,
): Promise<z.input<typeof out> | No> {
  const payout = `payout-${id}`
  const asked = { payout, into, by: principal.name, ...(why === undefined ? {} : { why }) }
  const draft = await node.money.draftReclaim(asked)
  if (!('swap' in draft)) return no(draft, id)
  const outcome = await execute(draft.wishes, draft.inline)
  return 'refused' in outcome ? outcome : { payout: id, swap: draft.swap, state: 'sent' }
}

/** Waits for the mint as long as callers wait for one, then says how it stands. */
async function ended(result: z.output<typeof out>, { node }: RunContext): Promise<z.input<typeof out>> {
  const before = await node.engine.state('swap', result.swap)
  if (before.is === 'planned') await node.money.followSwap(result.swap, node.settings('network.mintWaitS') * 1000)
  const swap = await node.engine.state('swap', result.swap)
  if (swap.is === 'planned') return { ...result, state: 'sent' }
  const payout = await node.engine.state('payout', `payout-${result.payout}`)
  return { ...result, state: payout.is === 'lightning' ? 'sent' : tokenStates[payout.is] }
}

function no(refused: NoReclaim, id: string): No {
  if ('unknown' in refused) return { notFound: `payout ${id}` }
  if ('refused' in refused) return refused
  return { trouble: 'later', sentence: 'The mint does not answer. Nothing was done.' }
}
