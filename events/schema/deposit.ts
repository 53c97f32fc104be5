/** What can have happened to a deposit: money on its way in (wallet 4, 5.1). Append-only. */
import { z } from 'zod'
import type { EventOf } from './envelope'
import { msat, purse } from './money'
import { keyLimits, keyPayout } from './session'

const count = z.int().min(0)

/** One concrete set of blinded outputs. Attempts are numbered, never deleted, never edited. */
export const attempt = z.object({
  n: z.int().min(1),
  seedId: z.string(),
  keysetId: z.string(),
  from: count,
  /** In wire order: ascending by amount, then counter (W-02). */
  outputs: z.array(
    z.object({ counter: count, amount: z.int().min(1), b: z.string(), part: z.enum(['keep', 'send', 'blank']) }),
  ),
  feeUnits: count,
  /** NUT-20, only where the quote is locked to our key: made once, in both message forms, and sent again as it is. */
  signature: z.string().optional(),
  oldSignature: z.string().optional(),
})
export type WalletAttempt = z.infer<typeof attempt>

/** A proof of ours without its secret, which is derived from the seed again (W-12). */
export const coin = z.object({
  /** Keyset and counter say where its secret stands in the seed. */
  keysetId: z.string(),
  counter: count,
  amount: z.int().min(1),
  c: z.string(),
  /** The keyset that signed it, where it is another one: change of a mint that rotated meanwhile (wallet 1.2, T7). */
  signedBy: z.string().optional(),
})
export type Coin = z.infer<typeof coin>

/** What was seen before an operation was closed against its owner (W-04, W-09). */
export const evidence = z.object({
  kind: z.string(),
  looks: z.array(z.object({ at: count, unspent: count, pending: count, spent: count, restored: count })),
  sends: count,
  lastStatus: z.int().optional(),
  lastCode: z.int().optional(),
})
export type Evidence = z.infer<typeof evidence>
export type Instead = { readonly target: string; readonly apiKey?: string | undefined }

export const depositEvents = {
  'deposit.started': [
    z.object({
      /** Session that the token's own text opens; a top-up falls back to it (wallet 5.1, 6). */
      sessionId: z.string(),
      /** A donation credits nobody: its `target` is empty, and it becomes the owner's. */
      via: z.enum(['create', 'bearer', 'topup', 'x-cashu', 'donate']),
      /** What the donor wrote beside it. */
      ref: z.string().optional(),
      /** Session to credit. */
      target: z.string(),
      limits: keyLimits,
      /** What the credited key is to remember with this money. */
      payout: keyPayout.optional(),
      mint: z.string(),
      purse,
      unit: z.enum(['sat', 'msat']),
      faceUnits: count,
      inputs: z.array(z.object({ keysetId: z.string(), amount: z.int().min(1), y: z.string() })),
      /** Vault reference of the sealed proofs. */
      proofs: z.string(),
      attempt,
      requestId: z.string(),
    }),
  ],
  'deposit.replanned': [z.object({ attempt, why: z.enum(['rotation', 'fee', 'counter-clash']) })],
  'deposit.settled': [
    z.object({
      attemptN: z.int().min(1),
      purse,
      seedId: z.string(),
      coins: z.array(coin),
      units: count,
      feeUnits: count,
      amountMsat: msat,
      donated: z.literal(true).optional(),
      /** The target had ended: what was credited in its place, and the vault reference of its key where nobody has it yet. */
      instead: z.object({ target: z.string(), apiKey: z.string().optional() }).optional(),
    }),
  ],
  'deposit.rejected': [z.object({ reason: z.enum(['spent-elsewhere', 'refused', 'not-sent']), evidence })],

  // An invoice (wallet 5.3): asked for, shown, paid, issued.
  'deposit.requested': [
    z.object({
      purpose: z.enum(['create', 'topup']),
      /** Session to credit; a new one is opened with these limits. */
      target: z.string(),
      limits: keyLimits,
      mint: z.string(),
      purse,
      unit: z.enum(['sat', 'msat']),
      units: z.int().min(1),
      /** NUT-20: only its owner can have the quote issued. */
      quotePubkey: z.string(),
      /** Vault reference of the sealed API key, which the status of a paid invoice shows. */
      apiKey: z.string(),
      requestId: z.string(),
      /** Unix ms: how often the mint is asked goes by it. */
      at: count,
    }),
  ],
  'deposit.quoted': [
    z.object({
      quoteId: z.string(),
      bolt11: z.string(),
      paymentHash: z.string().regex(/^[0-9a-f]{64}$/),
      units: z.int().min(1),
      /** Unix seconds; a hint (W-17). */
      expiresAt: count,
      /** Whether the mint said that it locks the quote to our key. */
      locked: z.boolean(),
    }),
  ],
  'deposit.paid-seen': [z.object({ via: z.enum(['poll', 'socket']), at: count })],
  'deposit.planned': [z.object({ attempt })],
  'deposit.lapsed': [z.object({ why: z.enum(['never-quoted', 'unpaid', 'quote-unknown']) })],
  'deposit.reopened': [z.object({ by: z.string() })],
  'deposit.disputed': [z.object({ what: z.enum(['issued-not-by-us', 'amount-differs', 'quote-unknown']) })],
  /** The owner's decision: credited at his cost (by session.granted in the same append), or nothing is owed. */
  'deposit.dispute-closed': [
    z.object({ decision: z.enum(['credit', 'drop']), amountMsat: msat, by: z.string(), reason: z.string() }),
  ],
} as const

export type DepositEvent = EventOf<typeof depositEvents>
