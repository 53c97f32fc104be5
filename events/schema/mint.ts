/** What was learnt of a mint and must not be forgotten (wallet 4). Append-only. */
import { z } from 'zod'
import type { EventOf } from './envelope'

export const mintEvents = {
  'mint.seen': [
    z.object({
      infoHash: z.string(),
      name: z.string(),
      nuts: z.array(z.string()),
      limits: z.object({ maxInputs: z.int().optional(), maxOutputs: z.int().optional() }),
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
  'mint.keyset-fee-changed': [z.object({ keysetId: z.string(), feePpk: z.int().min(0) })],
  'mint.suspended': [
    z.object({
      why: z.enum(['lied', 'partial-restore', 'counter-clash', 'own-coin-spent', 'wants-auth', 'owner']),
      operation: z.string().optional(),
    }),
  ],
  'mint.resumed': [z.object({ by: z.string() })],
} as const

export type MintEvent = EventOf<typeof mintEvents>
