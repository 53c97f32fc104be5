/** What can have happened to a session: a prepaid balance opened by one key. Append-only. */
import { z } from 'zod'
import type { EventOf } from './envelope'
import { msat, purse, share } from './money'

/** Limits of contract 3.5: set when the key is made, later only the operator changes them. */
export const keyLimits = z.object({
  balanceLimitMsat: msat.nullable(),
  balanceLimitReset: z.enum(['daily', 'weekly', 'monthly']).nullable(),
  /** Unix seconds; from that second on the key is expired. */
  validUntil: z.int().nullable(),
})
export type KeyLimits = z.infer<typeof keyLimits>

/** Where the holder wants what is left paid to, and when the key ends for that (contract 3.7). */
export const keyPayout = z.object({
  /** Lightning address or LNURL, as it was named. */
  address: z.string(),
  /** Unix seconds; from then on the key is expired. */
  expiresAt: z.int().nullable(),
})
export type KeyPayout = z.infer<typeof keyPayout>

const count = z.int().min(0)

/** One try at one upstream; `status` is null where no HTTP answer came. */
export const attempt = z.object({
  upstream: z.string(),
  model: z.string(),
  status: z.int().nullable(),
  why: z.string().optional(),
  ms: count,
})

const charged = z.object({
  requestId: z.uuid(),
  /** Session of the child key that asked; its parent pays. */
  child: z.string().optional(),
  /** Unix ms of the request's end: the period of a renewed limit is cut by it. */
  at: z.int(),
  path: z.string(),
  model: z.string(),
  upstream: z.string(),
  upstreamKind: z.string(),
  outcome: z.enum(['answered', 'empty', 'upstream-failed', 'client-left']),
  /** HTTP status that the client got, or would have got. */
  status: z.int(),
  stream: z.boolean(),
  holdMsat: msat,
  costMsat: msat,
  /** What a cost above the reachable money left unpaid: the owner's loss. */
  shortfallMsat: msat,
  split: z.object({ inputMsat: msat, outputMsat: msat, baseMsat: msat, cacheReadMsat: msat, cacheCreationMsat: msat }),
  usage: z.object({
    input: count,
    cacheRead: count,
    cacheWrite: count,
    cacheWrite1h: count,
    output: count,
    searches: count,
    /** In the prompt, where a price per image was asked for them. */
    images: count.optional(),
    estimated: z.boolean(),
    mismatch: z.boolean(),
  }),
  /** What the minimum charge added to the price of what was used. */
  raisedMsat: msat.optional(),
  /** What was asked for one unit, in USD with fees, as decimal text; fixed pricing has `fixedMsat` instead. */
  prices: z.record(z.string(), z.string()),
  priceSource: z.enum(['upstream', 'override', 'fixed', 'free']),
  billing: z.enum(['list', 'reported']),
  fees: z.object({ exchange: z.string(), upstream: z.string() }),
  /** null: nothing of this price depends on a rate. */
  usdPerBtc: z.string().nullable(),
  /** What the upstream says it costs us, where it says so. */
  upstreamCostUsd: z.string().optional(),
  costUnreported: z.boolean().optional(),
  attempts: z.array(attempt),
  firstByteMs: count.optional(),
  ms: count,
  /** Paid by the owner's own test key. */
  test: z.literal(true).optional(),
  /** How the cost lies over the purses of this balance. */
  shares: z.array(share),
})

/** `x-cashu`: a one-shot payment, which no key opens. */
const origin = z.enum(['token', 'invoice', 'operator', 'x-cashu', 'child'])
export type Origin = z.infer<typeof origin>

export const sessionEvents = {
  'session.opened': [
    z.object({
      origin,
      limits: keyLimits,
      /** Session whose balance a child key spends. */
      parent: z.string().optional(),
      /** The owner's own key to try his node with: what it spends is no revenue (dashboard 4.8). */
      test: z.literal(true).optional(),
    }),
  ],
  'session.credited': [
    z.object({
      depositId: z.string(),
      amountMsat: msat,
      feeMsat: msat,
      purse,
      unit: z.enum(['sat', 'msat']),
      mint: z.string(),
    }),
  ],
  'session.charged': [charged],
  /** Money that leaves by a payout, in the append that asks for it (W-13). */
  'session.debited': [z.object({ payoutId: z.string(), amountMsat: msat, shares: z.array(share) })],
  /** What a payout could not pay, back where it is promised now. */
  'session.returned': [z.object({ payoutId: z.string(), amountMsat: msat, shares: z.array(share) })],
  /** What is less than one unit of a one-shot payment's purse: it cannot leave, and stays with the node (contract 7.1). */
  'session.rounded': [z.object({ shares: z.array(share) })],
  /** The holder's word, brought with money (contract 3.7). */
  'session.payout-set': [keyPayout],
  'session.renamed': [z.object({ label: z.string() })],

  /** Keys that spend this balance, and what they cost (contract 3.8). */
  'session.children-added': [
    z.object({
      /** Unix ms, as on the charge; events of before it was kept have none. */
      at: z.int().optional(),
      children: z.array(z.string()),
      costMsat: msat,
      shares: z.array(share),
    }),
  ],
  /** On a child key: what its parent was charged for it. `at` is Unix ms, as on the charge. */
  'session.spent': [z.object({ requestId: z.uuid(), at: z.int(), costMsat: msat })],
  /** On a child key: its parent lets its limit count from here. */
  'session.spending-reset': [z.object({ at: z.int() })],

  // The operator's hand (remote-admin 10), each with the reason that the customer may ask for.
  'session.frozen': [z.object({ reason: z.string() })],
  'session.unfrozen': [z.object({ reason: z.string() })],
  'session.extended': [z.object({ validUntil: keyLimits.shape.validUntil, reason: z.string() })],
  'session.limits-set': [
    keyLimits.pick({ balanceLimitMsat: true, balanceLimitReset: true }).extend({
      /** Requests in flight at once; null: as the node's setting says. */
      maxParallel: z.int().min(1).nullable(),
      reason: z.string(),
    }),
  ],
  /** No requests any more. Without `until` the balance is the owner's as soon as nothing of the key runs. */
  'session.revoked': [
    z.object({
      /** Unix seconds. */
      at: z.int(),
      /** Unix seconds: refundable before this. */
      until: z.int().optional(),
      reason: z.string(),
    }),
  ],
  /** The owner's own money, given to the key (wallet 15). */
  'session.granted': [
    z.object({ amountMsat: msat, purse, unit: z.enum(['sat', 'msat']), mint: z.string(), reason: z.string() }),
  ],
  /** Taken back by the owner. */
  'session.corrected': [z.object({ amountMsat: msat, shares: z.array(share), reason: z.string() })],
  /** The key is unknown from now on, what was left is the owner's (wallet 4, Revoking). */
  'session.ended': [z.object({ amountMsat: msat, shares: z.array(share) })],
} as const

export type SessionEvent = EventOf<typeof sessionEvents>
export type Charged = z.infer<typeof charged>
