/** What can have happened to an upstream and to the models it sells us. Append-only. */
import { z } from 'zod'
import type { EventOf } from './envelope'

const usd = z.string()

/** Unit prices in USD as decimal text; per token, per call or per piece by their names (contract 2.3). */
export const usdPrices = z.object({
  prompt: usd.optional(),
  completion: usd.optional(),
  inputCacheRead: usd.optional(),
  inputCacheWrite: usd.optional(),
  inputCacheWrite1h: usd.optional(),
  request: usd.optional(),
  image: usd.optional(),
  webSearch: usd.optional(),
  imageOutput: usd.optional(),
  inputCharacter: usd.optional(),
  audioSecond: usd.optional(),
})

/** One model as an upstream lists it. */
export const listedModel = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  created: z.int(),
  contextLength: z.int().optional(),
  maxOutput: z.int().optional(),
  inputModalities: z.array(z.string()),
  outputModalities: z.array(z.string()),
  tokenizer: z.string(),
  canonicalSlug: z.string().optional(),
  moderated: z.boolean(),
  /** Absent: the upstream publishes no price and nobody else gave one. */
  prices: usdPrices.optional(),
})
export type ListedModel = z.infer<typeof listedModel>

const source = z.enum(['operator', 'environment'])

export const upstreamEvents = {
  'upstream.added': [
    z.object({
      name: z.string(),
      kind: z.enum(['openai', 'openrouter', 'generic']),
      baseUrl: z.string(),
      /** Vault references of the sealed keys, with what may be shown of each. */
      keys: z.array(z.object({ vault: z.string(), last4: z.string() })),
      /** Decimal text; overrides the node's upstream fee. */
      fee: z.string().optional(),
      priority: z.int(),
      endpoints: z.array(z.string()).optional(),
      billing: z.enum(['list', 'reported']),
      hostedTools: z.boolean(),
      streamUsage: z.boolean(),
      privateAddress: z.boolean(),
      source,
    }),
  ],
  /** What differs from before; null: back to the node's own (its fee), or to every endpoint. */
  'upstream.changed': [
    z.object({
      name: z.string().optional(),
      baseUrl: z.string().optional(),
      privateAddress: z.boolean().optional(),
      fee: z.string().nullable().optional(),
      priority: z.int().optional(),
      endpoints: z.array(z.string()).nullable().optional(),
      billing: z.enum(['list', 'reported']).optional(),
      hostedTools: z.boolean().optional(),
      streamUsage: z.boolean().optional(),
    }),
  ],
  /** The keys that it has from here on; what is not among them was erased from the vault. */
  'upstream.keys-set': [z.object({ keys: z.array(z.object({ vault: z.string(), last4: z.string() })) })],
  /** Nothing is sold through it until it is resumed; requests that run end. */
  'upstream.paused': [z.object({ reason: z.string().optional() })],
  'upstream.resumed': [z.object({})],
  /** It and its models are gone for good; its keys were erased. */
  'upstream.removed': [z.object({})],
  /** A catalogue refresh found something else than before: models are whole, `gone` are ids. */
  'upstream.catalogue-changed': [z.object({ listed: z.array(listedModel), gone: z.array(z.string()) })],
  /** New prices moved by more than the guard: not sold until the operator confirms or sets a price (contract 8.5). */
  'model.price-unconfirmed': [z.object({ model: z.string(), prices: usdPrices })],
  'model.price-set': [
    z.object({
      model: z.string(),
      /** USD as decimal text: `in…`, `out…` and cache prices per 1M tokens, the others per call or piece; null clears. */
      prices: z.record(z.string(), z.string().nullable()),
      free: z.boolean(),
    }),
  ],
  'model.enabled': [z.object({ model: z.string() })],
  'model.disabled': [z.object({ model: z.string() })],
  /** Added by hand: a refresh of the list leaves it alone. */
  'model.added': [z.object({ model: listedModel })],
  /** Added by hand, and taken out again. */
  'model.removed': [z.object({ model: z.string() })],
  /** What the operator says of it instead of its upstream; null: as listed. `upstreamModel` is the id that is sent. */
  'model.described': [
    z.object({
      model: z.string(),
      changes: z.object({
        name: z.string().nullable().optional(),
        description: z.string().nullable().optional(),
        contextLength: z.int().nullable().optional(),
        maxOutput: z.int().nullable().optional(),
        upstreamModel: z.string().nullable().optional(),
      }),
    }),
  ],
  /** Imports and refreshes leave its price alone. */
  'model.locked': [z.object({ model: z.string() })],
  'model.unlocked': [z.object({ model: z.string() })],
  'model.aliases-set': [z.object({ model: z.string(), aliases: z.array(z.string()) })],
} as const

export type UpstreamEvent = EventOf<typeof upstreamEvents>
export type UsdPriceFields = z.infer<typeof usdPrices>
