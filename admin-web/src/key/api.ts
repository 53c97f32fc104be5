/** The public API as a customer's program sees it: nothing of the dashboard's client. The key is a bearer header only. */
import { customerSentence } from '../errors'

export type Answer<Body> =
  | { readonly ok: true; readonly body: Body }
  | { readonly ok: false; readonly sentence: string }

/** A mint is waited for as long as the node itself does. */
const patienceMs = 40_000

export async function api<Body>(
  path: string,
  options: { readonly key?: string | undefined; readonly body?: unknown } = {},
): Promise<Answer<Body>> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (options.key !== undefined) headers.authorization = `Bearer ${options.key}`
  if (options.body !== undefined) headers['content-type'] = 'application/json'
  try {
    const response = await fetch(path, {
      method: options.body === undefined ? 'GET' : 'POST',
      headers,
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(patienceMs),
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    })
    const body = (await response.json()) as Body & Problem
    if (response.ok) return { ok: true, body }
    const { code = '', message = '', details = {} } = body.error ?? {}
    return { ok: false, sentence: customerSentence(code, message, details) }
  } catch {
    return { ok: false, sentence: customerSentence('unreachable', '', {}) }
  }
}

type Problem = {
  readonly error?: {
    readonly code?: string
    readonly message?: string
    readonly details?: Readonly<Record<string, unknown>>
  }
}

export type NodeInfo = {
  readonly name: string
  readonly description: string
  readonly npub: string
  readonly version: string
  readonly mints: readonly string[]
  readonly http_url: string
  readonly onion_url: string
  readonly child_key_cost_msats: number
}
export type KeyInfo = {
  readonly api_key: string
  readonly balance: number
  readonly reserved: number
  readonly available: number
  readonly is_child: boolean
  readonly state: string
  readonly total_requests: number
  readonly total_spent: number
  readonly balance_limit: number | null
  readonly balance_limit_reset: string | null
  readonly validity_date: number | null
  readonly child_keys?: readonly ChildKey[]
}
export type ChildKey = {
  readonly key_id: string
  readonly total_requests: number
  readonly total_spent: number
  readonly balance_limit: number | null
  readonly validity_date: number | null
}
export type PublicModel = {
  readonly id: string
  readonly context_length: number
  readonly pricing: { readonly prompt: number; readonly completion: number }
  readonly sats_pricing: { readonly prompt: number; readonly completion: number; readonly request: number } | null
}

/** What a bitcoin costs now: each price is told in both, by one rate (contract 2.4); undefined: nobody knows. */
export function rateOf(models: readonly PublicModel[] | undefined): { readonly usdPerBtc: string } | undefined {
  for (const { pricing, sats_pricing: sats } of models ?? [])
    for (const price of ['prompt', 'completion'] as const)
      if (sats !== null && sats[price] > 0 && pricing[price] > 0)
        return { usdPerBtc: String((pricing[price] / sats[price]) * satPerBtc) }
  return undefined
}
const satPerBtc = 100_000_000

/** Where programs send their requests. */
export const endpointOf = (info: NodeInfo | undefined): string =>
  `${(info === undefined || info.http_url === '' ? location.origin : info.http_url).replace(/\/+$/, '')}/v1`
