/** What was learnt of a mint and must not be forgotten (wallet 4). Append-only. */
import { z } from 'zod'
import { coin, evidence } from './deposit'
import type { EventOf } from './envelope'
import { purse } from './money'

const count = z.int().min(0)

export const mintEvents = {
  'mint.seen': [
    z.object({
      infoHash: z.string(),
      name: z.string(),
      nuts: z.array(z.string()),
      limits: z.object({
        maxInputs: z.int().optional(),
        maxOutputs: z.int().optional(),
        /** When `maxInputs` was learnt of a refusal, in milliseconds; unset: the mint tells it itself. */
        learntAt: z.int().optional(),
      }),
    }),
  ],
  'mint.keyset-pinned': [
    z.object({
      keysetId: z.string(),
      unit: z.string(),
      feePpk: z.int().min(0),
      finalExpiry: z.int().optional(),
      keysHash: z.string(),
    }),
  ],
  'mint.keyset-retired': [z.object({ keysetId: z.string() })],
  /** It took coins of this keyset for expired (12003, wallet 8.1) in this operation, which waits for the owner's word. */
  'mint.keyset-expired': [z.object({ keysetId: z.string(), operation: z.string() })],
  'mint.keyset-fee-changed': [z.object({ keysetId: z.string(), feePpk: z.int().min(0) })],
  'mint.suspended': [
    z.object({
      why: z.enum(['lied', 'partial-restore', 'counter-clash', 'own-coin-spent', 'wants-auth', 'owner']),
      operation: z.string().optional(),
    }),
  ],
  /** Coins that the mint still had signatures of and the log did not know (wallet 12.3), in whole units of the purse. */
  'mint.scanned': [
    z.object({
      purse,
      keysetId: z.string(),
      seedId: z.string(),
      /** Counters that were looked at: `from` up to, not including, `to`. */
      from: count,
      to: count,
      imported: z.array(coin),
      /** First counter that no output of this seed has; new outputs begin here. */
      cursor: count,
      /** May be anybody's: owed until its owner releases it. */
      unattributedUnits: count,
      /** Makes up for what an audit booked as lost, or belongs to the owner. */
      recoveredUnits: count,
      /** Change of a customer's payment: `session.returned` of the same append gives it back. */
      returnedUnits: count.optional(),
    }),
  ],
  /** Free coins that somebody else has spent (wallet 9.8), or that the owner gave up (wallet 8.1, 9.5). */
  'mint.coins-lost': [
    z.object({
      purse,
      refs: z.array(z.object({ keysetId: z.string(), counter: count })),
      units: count,
      evidence,
    }),
  ],
  'mint.resumed': [z.object({ by: z.string() })],
} as const

export type MintEvent = EventOf<typeof mintEvents>
