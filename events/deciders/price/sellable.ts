/** On which endpoints a model may be sold: only where a price that the endpoint bills is above 0 (contract 2.4, 7). */
import type { ClientPrices, PriceField } from './prices'
import { isPositive } from './rational'

const text = ['prompt', 'completion', 'request'] as const
const billed = {
  chat: text,
  completions: text,
  responses: text,
  messages: text,
  embeddings: ['prompt', 'request'],
  moderations: ['prompt', 'request'],
  images: ['imageOutput', 'completion', 'request'],
  speech: ['inputCharacter', 'completion', 'request'],
  transcriptions: ['audioSecond', 'prompt', 'request'],
} as const satisfies Readonly<Record<string, readonly PriceField[]>>

export type PricedDialect = keyof typeof billed

/** A free model is sold on every path of its dialects, a fixed price is asked on every path. */
export function isSellableOn({ usd, source, fixedMsat }: ClientPrices, dialect: PricedDialect): boolean {
  if (source === 'free') return true
  if (fixedMsat !== undefined) return fixedMsat > 0n
  return billed[dialect].some((field) => isPositive(usd[field]))
}
