/** What can have happened to a payout: money on its way out (wallet 4, 5.2). Append-only. */
import { z } from 'zod'
import { attempt, coin, evidence } from './deposit'
import type { EventOf } from './envelope'
import { purse, share } from './money'

const count = z.int().min(0)

/** Shares that lay in other purses and moved to the one that pays: the owner's money there takes their place. */
const moved = z.array(share)

export const payoutEvents = {
  'payout.requested': [
    z.object({
      purpose: z.enum(['refund']),
      sessionId: z.string(),
      /** Credits that the session had: a refund belongs to one balance (contract 4.4). */
      balanceVersion: count,
      try: z.int().min(1),
      requestId: z.string(),
      /** Whole sat, whatever the unit of the coins. */
      sats: z.int().min(1),
      /** Where the debited money lay. */
      shares: z.array(share),
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
  'payout.claimed': [z.object({ purse, units: count, seenAt: count })],
  'payout.rejected': [
    z.object({
      reason: z.enum(['not-sent', 'coins-gone', 'cancelled']),
      /** Where the money was promised when it was given back. */
      shares: z.array(share),
      /** Coins that were locked: free again if nothing was sent, lost if another spender had them. */
      coins: z.object({ purse, units: count, fate: z.enum(['freed', 'lost']) }).optional(),
      evidence: evidence.optional(),
    }),
  ],
} as const

export type PayoutEvent = EventOf<typeof payoutEvents>
