/** What each step of a payout was, as a person reads it (dashboard 4.5). */

import { satText } from '../../events'

/** By the event and what the payout is for: the first step says whose money it is, a failure why. */
export function stepSentence(
  { type, data }: { readonly type: string; readonly data: unknown },
  purpose: string,
): string {
  if (type === 'payout.rejected') return whyRejected(data as Rejected)
  return (type === 'payout.requested' ? requested[purpose] : undefined) ?? sentences[type] ?? type
}

const ownMoney = 'The money was set aside from Your Balance.'
const requested: Readonly<Record<string, string>> = {
  'withdraw-token': ownMoney,
  'withdraw-lightning': ownMoney,
  sweep: ownMoney,
  move: 'The money was set aside to go to another mint.',
  change: 'What a request left over is promised to its customer.',
}
const sentences: Readonly<Record<string, string>> = {
  'payout.requested': 'The money left the key and is promised to its holder.',
  'payout.planned': 'Coins were locked for a swap at the mint.',
  'payout.replanned': 'The mint changed its keys or fees; the swap was planned anew.',
  'payout.ready': 'The token is made and stored.',
  'payout.handed': 'The token was handed over.',
  'payout.claimed': 'The token was redeemed.',
  'payout.resolved': 'The receiver gave an invoice.',
  'payout.quoted': 'The mint told what paying it may cost.',
  'payout.pending-seen': 'The payment is on its way; the mint does not know its end yet.',
  'payout.paid': 'The invoice is paid.',
  'payout.cancel-wanted': 'It is to be taken back, once the mint proves that it was not paid.',
  'payout.cancelled': 'Its coins came back, and the money went back to where it came from.',
  'payout.reissued': 'A new token of the same value took its place.',
  'payout.swept': 'Nobody collected it, and the operator took it.',
  'payout.taken-back': 'The owner took it back.',
}

type Rejected = { readonly reason: string; readonly numbers?: Readonly<Record<string, number>> }

/** What somebody can do about it depends on the reason. */
function whyRejected({ reason, numbers = {} }: Rejected): string {
  const why: Readonly<Record<string, string>> = {
    'too-dear': `Its fees would be ${satText(numbers.feesMsat ?? 0)}, and at most ${satText(numbers.mostMsat ?? 0)} were allowed.`,
    'no-invoice': 'The receiver gave no invoice that can be paid.',
    'already-paying': 'Another payout pays the same invoice.',
    'quote-differs': 'The mint quoted another amount.',
    'too-little': 'The coins there do not cover amount and fees.',
    'mint-refuses': 'The mint refused to pay it.',
  }
  return `${why[reason] ?? 'It failed.'} The money went back to where it came from.`
}
