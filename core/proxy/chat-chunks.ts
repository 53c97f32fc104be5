/** Rewrites one upstream's chat chunks into ours (contract 6.8); what may only leave after the commit is kept back. */
import { limits } from '../limits'
import { choicesOf, finishOf, indexOf, type Json } from '../upstream/seen'
import { billedUsage, type CostObject, paidMetadata, paidUsage, withoutPurchasePrice } from './cost'

export type ChatChunks = {
  /** Chunks that may leave at once. Throws when more is kept back than any answer is long. */
  readonly take: (chunk: Json, bytes: number) => readonly Json[]
  /** The kept finish and the cost chunk. `usage` is what the upstream told, undefined if it told none. */
  readonly last: (usage: unknown, cost: CostObject, change?: string | null) => readonly Json[]
}

/** Fields that say nothing by themselves: a chunk of only these, without a choice, is not passed on. */
const frame = new Set(['id', 'object', 'created', 'model', 'provider', 'choices', 'system_fingerprint', 'service_tier'])

export function createChatChunks(wish: {
  readonly model: string
  readonly provider: string | undefined
  readonly requestId: string
  readonly nowMs: number
}): ChatChunks {
  const { model, provider, requestId } = wish
  const spoken = new Set<number>()
  let kept: Json[] = []
  let keptBytes = 0
  let id: string | undefined
  let created = Math.floor(wish.nowMs / 1000)
  let object = 'chat.completion.chunk'
  let metadata: unknown

  function rewritten(chunk: Json, choices: readonly Json[]): Json {
    if (typeof chunk.created === 'number') created = chunk.created
    if (typeof chunk.object === 'string' && chunk.object !== '') object = chunk.object
    const out: Record<string, unknown> = withoutPurchasePrice(chunk)
    delete out.usage
    delete out.x_groq
    out.id = id
    out.object = object
    out.created = created
    out.model = model
    // Who serves is told by our word or not at all.
    if (provider === undefined) delete out.provider
    else out.provider = provider
    out.choices = choices.map(withRole)
    return out
  }

  /** The first delta of each choice says who speaks. */
  function withRole(choice: Json): Json {
    const { delta } = choice
    const index = indexOf(choice)
    if (delta === undefined || spoken.has(index)) return choice
    spoken.add(index)
    const said = typeof delta === 'object' && delta !== null ? (delta as Json) : {}
    return typeof said.role === 'string' && said.role !== ''
      ? choice
      : { ...choice, delta: { ...said, role: 'assistant' } }
  }

  return {
    take(chunk, bytes) {
      if (id === undefined && typeof chunk.id === 'string' && chunk.id !== '') id = chunk.id
      if (chunk.metadata !== undefined) metadata = chunk.metadata
      const choices = choicesOf(chunk)
      if (choices.length === 0 && !saysMore(chunk)) return []
      // A fallback that was sent once stays (contract 6.8).
      id ??= `chatcmpl-${requestId}`
      const out = rewritten(chunk, choices)
      const finishes = choices.some((choice) => finishOf(choice) !== undefined)
      if (!finishes && kept.length === 0) return [out]
      // A newer finish: what was kept before it is content after all.
      const free = finishes ? kept : []
      if (finishes) kept = []
      kept.push(out)
      keptBytes = finishes ? bytes : keptBytes + bytes
      if (keptBytes > limits.upstreamBodyBytes) throw new Error('too much after the finish')
      return free
    },
    last(usage, cost, change) {
      const final = {
        id: id ?? `chatcmpl-${requestId}`,
        object,
        created,
        model,
        ...(provider === undefined ? {} : { provider }),
        choices: [],
        usage: paidUsage(usage ?? billedUsage(cost), cost),
        cost,
        metadata: paidMetadata(metadata, cost, change),
      }
      return [...kept, final]
    },
  }
}

/** Usage waits for the last chunk; what else an upstream says without a choice (filter results, say) passes. */
const saysMore = (chunk: Json): boolean =>
  (chunk.usage ?? chunk.x_groq ?? undefined) === undefined &&
  Object.entries(chunk).some(([field, value]) => !frame.has(field) && field !== 'usage' && (value ?? null) !== null)
