/** Every dialect's usage, reduced to disjoint buckets (contract 6.5). Counted once, whatever it is called. */

export type Buckets = {
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly cacheWrite1h: number
  readonly output: number
  readonly searches: number
  /** A reported total is not what the buckets sum to: billed all the same, and said. */
  readonly mismatch: boolean
}

export type RawUsage = Readonly<Record<string, unknown>>

const mostTokens = 1e9
/** Usage objects are two levels deep; deeper ones are taken as they are. */
const mostDepth = 3

/** The usage objects of an answer or event, where they may stand: the later one wins, field by field. */
export function usageOf(body: unknown): RawUsage | undefined {
  const root = object(body)
  const found = [root, object(root?.response), object(root?.message), object(root?.x_groq)].map((place) =>
    object(place?.usage),
  )
  return found.reduce<RawUsage | undefined>(
    (merged, usage) => (usage === undefined ? merged : mergedUsage(merged, usage)),
    undefined,
  )
}

/** Streams report cumulatively: the last value of a field wins, never a sum (contract 6.5 d). */
export function mergedUsage(before: RawUsage | undefined, next: RawUsage, depth = 1): RawUsage {
  if (before === undefined || depth > mostDepth) return next
  const merged: Record<string, unknown> = { ...before }
  for (const [field, value] of Object.entries(next)) {
    if (value === null || value === undefined) continue
    const inner = object(value)
    merged[field] = inner === undefined ? value : mergedUsage(object(before[field]), inner, depth + 1)
  }
  return merged
}

/**
 * Reads the first dialect that matches, from the top of the table of contract 6.5; undefined: no usage in it.
 * `searchCalls`: `web_search_call` items seen in the answer, for a usage that counts no searches itself (g).
 */
export function readUsage(raw: RawUsage, kind: string, searchCalls = 0): Buckets | undefined {
  const read = deepSeek(raw) ?? openAi(raw, kind) ?? messages(raw) ?? responses(raw)
  return read === undefined ? undefined : { ...read, searches: searchesOf(raw, searchCalls) }
}

type Read = Omit<Buckets, 'searches'>

function deepSeek(raw: RawUsage): Read | undefined {
  if (!has(raw, 'prompt_cache_hit_tokens')) return undefined
  const hit = count(raw.prompt_cache_hit_tokens)
  const prompt = count(raw.prompt_tokens)
  return totalled({ input: Math.max(0, prompt - hit), cacheRead: hit, output: count(raw.completion_tokens) }, raw)
}

function openAi(raw: RawUsage, kind: string): Read | undefined {
  if (!has(raw, 'prompt_tokens')) return undefined
  const prompt = count(raw.prompt_tokens)
  const details = object(raw.prompt_tokens_details)
  const read = count(details?.cached_tokens)
  const write = count(details?.cache_write_tokens ?? details?.cache_creation_tokens)
  // Some count the cache beside the prompt instead of inside it (b).
  const input = read + write > prompt ? prompt : prompt - read - write
  const completion = count(raw.completion_tokens)
  const output = outputWithReasoning(raw, kind, input + read + write, completion)
  return totalled({ input, cacheRead: read, cacheWrite: write, output }, raw)
}

/**
 * gemini and xai count thinking outside the completion; so does whoever's gap is just that (c). `prompt` has the cache
 * in it, wherever it was reported, so that no token of it is taken for output.
 */
function outputWithReasoning(raw: RawUsage, kind: string, prompt: number, completion: number): number {
  const total = count(raw.total_tokens)
  const gap = total - prompt - completion
  if (gap <= 0) return completion
  const reasoning = count(object(raw.completion_tokens_details)?.reasoning_tokens ?? raw.reasoning_tokens)
  return kind === 'gemini' || kind === 'xai' || gap === reasoning ? total - prompt : completion
}

function messages(raw: RawUsage): Read | undefined {
  if (!has(raw, 'input_tokens') || !(has(raw, 'cache_read_input_tokens') || has(raw, 'cache_creation_input_tokens')))
    return undefined
  const created = count(raw.cache_creation_input_tokens)
  const hour = Math.min(count(object(raw.cache_creation)?.ephemeral_1h_input_tokens), created)
  return {
    input: count(raw.input_tokens),
    cacheRead: count(raw.cache_read_input_tokens),
    cacheWrite: created - hour,
    cacheWrite1h: hour,
    output: count(raw.output_tokens),
    mismatch: false,
  }
}

function responses(raw: RawUsage): Read | undefined {
  if (!has(raw, 'input_tokens')) return undefined
  const input = count(raw.input_tokens)
  const read = Math.min(count(object(raw.input_tokens_details)?.cached_tokens), input)
  return totalled({ input: input - read, cacheRead: read, output: count(raw.output_tokens) }, raw)
}

function totalled(
  read: { input: number; cacheRead: number; cacheWrite?: number; output: number },
  raw: RawUsage,
): Read {
  const { input, cacheRead, cacheWrite = 0, output } = read
  const total = count(raw.total_tokens)
  return {
    input,
    cacheRead,
    cacheWrite,
    cacheWrite1h: 0,
    output,
    mismatch: total > 0 && total !== input + cacheRead + cacheWrite + output,
  }
}

function searchesOf(raw: RawUsage, searchCalls: number): number {
  const tools = object(raw.server_tool_use)
  return count(tools?.web_search_requests ?? raw.num_search_queries ?? searchCalls)
}

const has = (raw: RawUsage, field: string): boolean => raw[field] !== undefined && raw[field] !== null

/** Whole numbers; fractions cut; digit strings read; booleans, negatives, NaN and absurd values are 0. */
export function count(value: unknown): number {
  const number = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !(number >= 0) || number > mostTokens) return 0
  return Math.trunc(number)
}

function object(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined
}
