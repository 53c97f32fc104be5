/** What can have happened to a payout: money on its way out (wallet 4, 5.2). Append-only. */
import { z } from 'zod'
import { attempt, coin, evidence } from './deposit'
import type { EventOf } from './envelope'
import { purse, share } from './money'

const count = z.int().min(0)

/** Shares that lay in other purses and moved to the one that pays: the owner's money there takes their place. */
const moved = z.array(share)

const customers = ['refund', 'refund-lightning', 'change'] as const
const owners = ['withdraw-token', 'withdraw-lightning', 'sweep', 'move'] as const
const whose = z.enum(['customer', 'owner'])
type Purpose = (typeof customers)[number] | (typeof owners)[number]

/** Whose money a payout for this purpose moves. */
export const whoseMoney = (purpose: Purpose): z.infer<typeof whose> =>
  (owners as readonly string[]).includes(purpose) ? 'owner' : 'customer'

/** Lightning: nothing was locked yet. */
const beforeLocked = [
  'no-invoice',
  'already-paying',
  'too-dear',
  'quote-differs',
  'too-little',
  'mint-refuses',
] as const

const claimed = z.object({ purse, units: count, seenAt: count })
const rejected = z.object({
  reason: z.enum(['not-sent', 'coins-gone', 'cancelled', ...beforeLocked]),
  /** Where the money was promised when it was given back. */
  shares: z.array(share),
  /** Coins that were locked: free again if nothing was sent, lost if another spender had them. */
  coins: z.object({ purse, units: count, fate: z.enum(['freed', 'lost']) }).optional(),
  evidence: evidence.optional(),
  /** Why and by how much, for whoever asked. */
  numbers: z.record(z.string(), z.number()).optional(),
})

export const payoutEvents = {
  'payout.requested': [
    z.object({
      purpose: z.enum(['refund']),
      sessionId: z.string(),
      balanceVersion: count,
      try: z.int().min(1),
      requestId: z.string(),
      sats: z.int().min(1),
      shares: z.array(share),
    }),
    z.object({
      purpose: z.enum([...customers, ...owners]),
      /** Of a customer's payout: whose balance was debited. */
      sessionId: z.string().optional(),
      /** Credits that the session had: a refund belongs to one balance (contract 4.4). */
      balanceVersion: count.optional(),
      try: z.int().min(1),
      /** The session, or the admin, who asked. */
      by: z.string(),
      requestId: z.string(),
      /** What leaves: a refund's whole sat, else whole units of the purse that pays. */
      msat: z.int().min(1),
      /** Where the money lay. */
      shares: z.array(share),
      /** Lightning: what the network and the mint may keep, beside the amount (owner) or out of it (customer). */
      maxFeeMsat: count.optional(),
      /** Lightning: address, LNURL or invoice, as it was asked for. */
      destination: z.string().optional(),
      /** Of a move to another mint: the deposit there whose invoice it pays. */
      deposit: z.string().optional(),
    }),
  ],
  'payout.planned': [z.object({ purse, mint: z.string(), moved, inputs: z.array(coin), attempt })],
  'payout.replanned': [z.object({ attempt, why: z.enum(['rotation', 'fee', 'counter-clash']) })],
  'payout.ready': [
    z.object({
      purse,
      mint: z.string(),
      moved,
      seedId: z.string(),
      send: z.array(coin),
      keep: z.array(coin),
      feeUnits: count,
      /** Vault reference of the sealed token text. */
      token: z.string(),
      /** Free coins added up to the amount: no swap, no fee, no call (W-16). */
      exactMatch: z.boolean(),
    }),
  ],
  'payout.handed': [z.object({ to: z.enum(['header', 'body', 'chunk', 'dashboard']) })],
  'payout.claimed': [claimed, claimed.extend({ whose })],
  // By Lightning (wallet 5.4): an invoice, a quote for it, coins locked for that quote (payout.planned), paid.
  'payout.resolved': [
    z.object({
      bolt11: z.string(),
      paymentHash: z.string().regex(/^[0-9a-f]{64}$/),
      msat: z.int().min(1),
      /** Of an address or LNURL: who gave the invoice, and whether it names the same description. */
      domain: z.string().optional(),
      descriptionHashMatches: z.boolean().optional(),
      /** Unix seconds; a hint (W-17). */
      expiresAt: count,
    }),
  ],
  'payout.quoted': [
    z.object({
      purse,
      mint: z.string(),
      quoteId: z.string(),
      units: z.int().min(1),
      reserveUnits: count,
      expiresAt: count,
    }),
  ],
  'payout.pending-seen': [z.object({ at: count })],
  'payout.paid': [
    z.object({
      purse,
      seedId: z.string(),
      whose,
      /** Units that were locked: the amount of the invoice, both fees, and the change. None: no coins of this log paid. */
      lockedUnits: count,
      units: count,
      lightningFeeUnits: count,
      inputFeeUnits: count,
      change: z.array(coin),
      /** What was promised, and of a customer's what goes back to the session. */
      promisedMsat: count,
      returnedMsat: count,
      preimage: z.string().optional(),
      /** `quote-alone`: its mint calls the quote paid, and our coins did not pay it: a log from an old backup (P-29). */
      evidence: z.enum(['quote', 'inputs-spent', 'quote-alone']),
      /** Of one whose purse was never planned: shares that move to where it was paid from. */
      moved: z.array(share).optional(),
    }),
  ],
  'payout.cancel-wanted': [
    z.object({
      why: z.enum(['mint-failed', 'expired', 'already-paid', 'unbalanced', 'quote-unknown', 'paid-before', 'owner']),
      by: z.string(),
    }),
  ],
  /** Its locked coins came back by a fence: it never left. */
  'payout.cancelled': [z.object({ swapId: z.string(), shares: z.array(share), whose })],
  /** Its coins came back by a swap: to a new token of the same face, or to the purse. */
  'payout.reissued': [
    z.object({
      swapId: z.string(),
      seedId: z.string(),
      send: z.array(coin),
      token: z.string(),
      /** It had been called collected, though our own swap had spent its coins: it is promised again. */
      found: z.object({ purse, units: count }).optional(),
    }),
  ],
  'payout.swept': [z.object({ swapId: z.string(), purse, units: count, by: z.string(), reason: z.string() })],
  'payout.taken-back': [z.object({ swapId: z.string(), purse, units: count, by: z.string() })],
  'payout.rejected': [rejected, rejected.extend({ whose })],
} as const

export type PayoutEvent = EventOf<typeof payoutEvents>
