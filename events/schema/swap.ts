/** What can have happened to a swap of our own coins (wallet 4, 5.5). Append-only. */
import { z } from 'zod'
import { attempt, coin, evidence } from './deposit'
import type { EventOf } from './envelope'
import { purse } from './money'

const count = z.int().min(0)
const reason = z.enum(['split', 'consolidate', 'fence', 'reclaim', 'leave-keyset'])

export const swapEvents = {
  'swap.planned': [
    z.object({
      purse,
      mint: z.string(),
      reason,
      /** Payout that it serves, or the swap of whose coins it fences some. */
      parent: z.string().optional(),
      /** Reclaim: what becomes of the payout, on whose word. */
      then: z
        .object({ is: z.enum(['reissued', 'swept', 'taken-back']), by: z.string(), why: z.string().optional() })
        .optional(),
      /** Free coins become locked here; a fence's are locked already, a reclaim's are out. */
      inputs: z.array(coin),
      /** Reclaim: free coins that pay the fee of a token of the same face value. */
      added: z.array(coin),
      attempt,
    }),
  ],
  'swap.replanned': [z.object({ attempt, why: z.enum(['rotation', 'fee', 'counter-clash']) })],
  'swap.settled': [
    z.object({
      purse,
      reason,
      attemptN: z.int().min(1),
      seedId: z.string(),
      /** Units that were locked, and that were out: together they are what was signed and the fee. */
      lockedUnits: count,
      outUnits: count,
      send: z.array(coin),
      keep: z.array(coin),
      feeUnits: count,
    }),
  ],
  'swap.rejected': [
    z.object({
      purse,
      reason,
      /** `divided`: its mint takes it in parts only, and the first is settled. `expired`: given up
       * on the owner's word; a reclaim by itself, whose coins are their holder's. */
      why: z.enum(['not-sent', 'spent-elsewhere', 'divided', 'expired']),
      /** Locked units that are free again, and that are lost. */
      freedUnits: count,
      lostUnits: count,
      evidence,
    }),
  ],
} as const

export type SwapEvent = EventOf<typeof swapEvents>
