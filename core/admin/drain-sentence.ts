/** How a drain stands, in words: what moved, what is left, and how it goes on (wallet 5.6). */
import { type Drain, satText } from '../../events'
import type { AdminNode } from './node-port'

/** Why a drain makes no round. */
export const drainReasons: Readonly<Record<string, string>> = {
  empty: 'What is left is less than moving it costs.',
  'fee-limit': 'Moving more would cost more than allowed. Drain it again with a higher bound: it goes on from here.',
  'below-floor': 'The owner’s part does not cover the fees of another round.',
  'daily-limit': 'The limit of the day is used up.',
  cancelled: 'The owner cancelled it.',
  'under-way': 'A round has been under way for more than an hour: until it arrives it counts as lost.',
  'books-unbalanced': 'The books do not add up.',
  'mint-down': 'The mint does not answer.',
  'mint-limited': 'The mint asks to wait.',
  'mint-suspended': 'The mint is suspended until its owner resumes it.',
  'target-down': 'The other mint does not answer.',
  'target-limited': 'The other mint asks to wait.',
  'target-suspended': 'The other mint is suspended until its owner resumes it.',
  'target-closed': 'The other mint takes no deposits, or holds as much as it may.',
  'other-drain': 'Coins of another drain are under way.',
  pause: 'The next round begins soon.',
}

/** `drain`: its stream. undefined: there is none of that name. */
export async function drainSentence(
  drain: string,
  { engine, log }: Pick<AdminNode, 'engine' | 'log'>,
): Promise<string | undefined> {
  if (!drain.startsWith('drain-')) return undefined
  const state = await engine.state('drain', drain)
  if (state.is === 'unknown') return undefined
  const { plan, arrivedMsat, feesMsat } = state
  const to = 'address' in plan.to ? plan.to.address : plan.to.mint
  const owedMsat = (await log.sheet())
    .filter(({ purse, account }) => purse === plan.purse && account === 'customers')
    .reduce((msat, row) => msat - Number(row.msat), 0)
  const moved = `Of the drain of ${plan.mint} to ${to}: ${satText(arrivedMsat)} arrived for ${satText(feesMsat)} of fees.`
  return `${moved} ${satText(owedMsat)} of customers’ balances are left at ${plan.mint}. ${goesOn(state)}`
}

function goesOn(state: Exclude<Drain, { is: 'unknown' }>): string {
  if (state.is === 'ended' && state.how === 'replaced') return 'Another drain took over what it left.'
  if (state.stopped !== undefined) return drainReasons[state.stopped] ?? ''
  return state.is === 'ended' ? 'It is done.' : 'It goes on.'
}
