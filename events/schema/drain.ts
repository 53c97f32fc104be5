/** What can have happened to a drain: the money of one purse on its way to another mint, or out (wallet 5.6). Append-only. */
import { z } from 'zod'
import type { EventOf } from './envelope'
import { msat, purse } from './money'

const count = z.int().min(0)

/** Numbers behind a failure, as the payout or the mint named them. */
const numbers = z.record(z.string(), z.number()).optional()

export const drainEvents = {
  'drain.started': [
    z.object({
      purse,
      /** URL. */
      mint: z.string(),
      /** A purse of the same unit at another mint, which takes customers' money too; or an address, for the owner's part. */
      to: z.union([z.object({ purse, mint: z.string() }), z.object({ address: z.string() })]),
      /** What all rounds together may leave at mints and on the way. */
      maxFeeMsat: msat,
      /** Of the drain that it takes the place of: what arrived, and customers' shares have not followed yet. */
      carriedMsat: msat.optional(),
      by: z.string(),
      door: z.string(),
    }),
  ],
  /** Rides in the append that asks for the payout, and for the invoice that it pays. */
  'drain.round-begun': [
    z.object({
      n: z.int().min(1),
      payout: z.string(),
      /** To a mint: the deposit there whose invoice the payout pays. */
      deposit: z.string().optional(),
      msat,
      maxFeeMsat: msat,
    }),
  ],
  'drain.round-ended': [
    z.object({
      n: z.int().min(1),
      /** `lost`: paid here, and the other mint owes it still. */
      how: z.enum(['arrived', 'failed', 'lost']),
      arrivedMsat: msat,
      feesMsat: msat,
      why: z.string().optional(),
      numbers,
      /** Unix ms: the next round is counted from it. */
      at: count,
    }),
  ],
  /** With `wallet.purse-merged`. */
  'drain.merged': [z.object({ sharesMsat: msat, promisedMsat: msat })],
  /** No further round; what arrived may still have to be merged. */
  'drain.stopped': [z.object({ why: z.enum(['cancelled', 'fee-limit', 'daily-limit']), by: z.string() })],
  'drain.ended': [z.object({ why: z.enum(['done', 'stopped', 'replaced']) })],
} as const

export type DrainEvent = EventOf<typeof drainEvents>
