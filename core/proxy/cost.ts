/** The cost object of contract 6.7 and where a chat answer carries it. */
import { type Charged, shownSat } from '../../events'

export type CostObject = {
  readonly total_msats: number
  readonly input_msats: number
  readonly output_msats: number
  readonly base_msats: number
  readonly cache_read_msats: number
  readonly cache_creation_msats: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_input_tokens: number
  readonly cache_creation_input_tokens: number
  readonly total_usd: number
  readonly sats_cost: number
  readonly estimated: boolean
  readonly remaining_balance_msats?: number
}

const msatPerBtc = 100_000_000_000

/** From the charge as it was committed; USD at the request's own rate (0 where none was known). */
export function costObject(
  charge: Pick<Charged, 'costMsat' | 'split' | 'usage' | 'usdPerBtc'>,
  remainingMsat: number | undefined,
): CostObject {
  const { costMsat, split, usage, usdPerBtc } = charge
  return {
    total_msats: costMsat,
    input_msats: split.inputMsat,
    output_msats: split.outputMsat,
    base_msats: split.baseMsat,
    cache_read_msats: split.cacheReadMsat,
    cache_creation_msats: split.cacheCreationMsat,
    input_tokens: usage.input,
    output_tokens: usage.output,
    cache_read_input_tokens: usage.cacheRead,
    cache_creation_input_tokens: usage.cacheWrite + usage.cacheWrite1h,
    total_usd: usdPerBtc === null ? 0 : Number(((costMsat * Number(usdPerBtc)) / msatPerBtc).toPrecision(12)),
    sats_cost: shownSat(costMsat),
    estimated: usage.estimated,
    ...(remainingMsat === undefined ? {} : { remaining_balance_msats: remainingMsat }),
  }
}

/** Headers of every answer that is not streamed (contract 6.7). */
export function costHeaders(cost: CostObject): Record<string, string> {
  return {
    'x-routstr-cost-msats': String(cost.total_msats),
    'x-routstr-cost-usd': String(cost.total_usd),
    'x-routstr-input-cost-msats': String(cost.total_msats - cost.output_msats),
    'x-routstr-output-cost-msats': String(cost.output_msats),
  }
}

/** Our purchase price is nobody's business (contract 6.7). */
const purchaseFields = ['cost', 'cost_details', 'is_byok', 'cost_in_usd_ticks'] as const

export function withoutPurchasePrice(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = { ...record }
  for (const field of purchaseFields) delete kept[field]
  return kept
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {}

/** Where the upstream told no usage, the counts that were billed stand there. */
export function billedUsage(cost: CostObject): Record<string, number> {
  const prompt = cost.input_tokens + cost.cache_read_input_tokens + cost.cache_creation_input_tokens
  return {
    prompt_tokens: prompt,
    completion_tokens: cost.output_tokens,
    total_tokens: prompt + cost.output_tokens,
  }
}

/** usage with what the client pays; `usage.cost` is a number everywhere. */
export function paidUsage(usage: unknown, cost: CostObject): Record<string, unknown> {
  return { ...withoutPurchasePrice(asRecord(usage)), cost: cost.total_usd, cost_sats: cost.sats_cost }
}

/** Other metadata of the upstream is kept. `change` of a live one-shot payment, null if it is collected later. */
export function paidMetadata(metadata: unknown, cost: CostObject, change?: string | null): Record<string, unknown> {
  const known = asRecord(metadata)
  const given = change === undefined ? {} : { cashu_change: change }
  return { ...known, routstr: { ...asRecord(known.routstr), cost, ...given } }
}

/** A whole chat answer as the client gets it. */
export function paidChatBody(
  json: Readonly<Record<string, unknown>>,
  paid: { readonly cost: CostObject; readonly model: string; readonly provider: string | undefined },
): Record<string, unknown> {
  const { provider: _whoServed, ...rest } = withoutPurchasePrice(json)
  return {
    ...rest,
    model: paid.model,
    // Who serves is told by our word or not at all.
    ...(paid.provider === undefined ? {} : { provider: paid.provider }),
    usage: paidUsage(json.usage ?? billedUsage(paid.cost), paid.cost),
    cost: paid.cost,
    metadata: paidMetadata(json.metadata, paid.cost),
  }
}
