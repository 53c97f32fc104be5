/** Asks an upstream what it sells (contract 8.5): bounded, once, and a sentence for each way it can fail. */
import type { ListedModel, UpstreamKind, UsdPriceFields } from '../../events'
import { limits } from '../limits'
import { kinds } from './kinds/kinds'
import { type Json, type PriceList, readPricing } from './kinds/listing'

export type ListTarget = {
  readonly kind: UpstreamKind
  readonly name: string
  readonly baseUrl: string
  readonly apiKey: string | undefined
  readonly userAgent: string
}
export type Listing =
  | { readonly is: 'listed'; readonly models: readonly ListedModel[]; readonly ms: number }
  | { readonly is: 'no-list' | 'refused-key' | 'down'; readonly sentence: string; readonly ms: number }

/** `GET /models` of the upstream; an entry that cannot be read is left out, it does not spoil the list. */
export async function listModels(
  target: ListTarget,
  prices: { readonly feed: PriceList; readonly file: PriceList },
): Promise<Listing> {
  const started = performance.now()
  const ms = () => Math.round(performance.now() - started)
  const kind = kinds[target.kind]
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': target.userAgent }
  if (target.apiKey !== undefined) {
    const { header, value } = kind.credential(target.apiKey)
    headers[header] = value
  }
  const answer = await getJson(`${target.baseUrl}/models`, headers)
  if (answer.is === 'status') return { ...troubleOf(answer.status, target.name), ms: ms() }
  if (answer.is === 'down') return { is: 'down', sentence: `${target.name} is not reachable: ${answer.why}.`, ms: ms() }
  const entries = answer.json.data ?? answer.json.models
  if (!Array.isArray(entries)) return { is: 'no-list', sentence: `${target.name} has no model list.`, ms: ms() }
  const models = new Map<string, ListedModel>()
  for (const entry of entries.slice(0, limits.catalogueModels)) {
    const model = typeof entry === 'object' && entry !== null ? kind.read(entry as Json, prices) : undefined
    if (model !== undefined) models.set(model.id, model)
  }
  return { is: 'listed', models: [...models.values()], ms: ms() }
}

/** OpenRouter's public list as a price feed: `vendor/id` to prices. An empty map if it cannot be had. */
export async function readFeed(url: string, userAgent: string): Promise<PriceList> {
  const feed = new Map<string, UsdPriceFields>()
  if (url === '') return feed
  const answer = await getJson(url, { accept: 'application/json', 'user-agent': userAgent })
  if (answer.is !== 'json' || !Array.isArray(answer.json.data)) return feed
  for (const entry of answer.json.data.slice(0, limits.catalogueModels) as Json[]) {
    const prices = readPricing(entry?.pricing)
    if (typeof entry?.id === 'string' && prices !== undefined) feed.set(entry.id, prices)
  }
  return feed
}

/** `MODELS_FILE`: prices for upstreams that publish none, in USD per unit. Throws if it is not such a list. */
export async function readModelsFile(
  path: string,
): Promise<{ readonly prices: PriceList; readonly entries: readonly Json[] }> {
  const entries: unknown = JSON.parse(await Bun.file(path).text())
  if (!Array.isArray(entries)) throw new Error('it must hold a list')
  const prices = new Map<string, UsdPriceFields>()
  for (const entry of entries as Json[]) {
    const found = readPricing(entry?.pricing)
    if (typeof entry?.id !== 'string' || found === undefined)
      throw new Error('each entry needs an id and a pricing object')
    prices.set(entry.id, found)
  }
  return { prices, entries: entries as Json[] }
}

type JsonAnswer =
  | { readonly is: 'json'; readonly json: Json }
  | { readonly is: 'status'; readonly status: number }
  | { readonly is: 'down'; readonly why: string }

async function getJson(url: string, headers: Readonly<Record<string, string>>): Promise<JsonAnswer> {
  try {
    const response = await fetch(url, {
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(limits.catalogueAskMs),
    })
    if (!response.ok) return { is: 'status', status: response.status }
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
      size += chunk.length
      if (size > limits.catalogueBodyBytes) return { is: 'down', why: 'its list is too large' }
      chunks.push(chunk)
    }
    const json: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    return typeof json === 'object' && json !== null
      ? { is: 'json', json: Array.isArray(json) ? { data: json } : (json as Json) }
      : { is: 'down', why: 'its answer is no JSON object' }
  } catch (error) {
    const { code, name } = error as { code?: unknown; name?: string }
    return {
      is: 'down',
      why:
        name === 'TimeoutError' ? 'no answer in time' : typeof code === 'string' ? code : 'its answer cannot be read',
    }
  }
}

function troubleOf(
  status: number,
  name: string,
): { readonly is: 'no-list' | 'refused-key' | 'down'; readonly sentence: string } {
  if (status === 401 || status === 402 || status === 403)
    return { is: 'refused-key', sentence: `${name} refused our key (status ${status}).` }
  if (status === 404 || status === 405)
    return { is: 'no-list', sentence: `${name} has no model list; add models by hand.` }
  return { is: 'down', sentence: `${name} answers with status ${status}.` }
}
