/** `/v1/models`, `/v1/info` and the other GETs that need no credential (contract 2), served from memory. */
import { parseDecimal, satPricing, usdPricing } from '../../events'
import { findOffers, type Offer } from '../upstream/offers'
import { errorAnswer, jsonAnswer } from './answer'
import type { PublicNode, PublicRequest } from './node-port'
import { publicError } from './refusals'

export function nodeInfo(node: PublicNode, call: PublicRequest): Response {
  const { settings } = node
  return jsonAnswer(
    {
      name: settings('identity.name'),
      description: settings('identity.description'),
      npub: node.npub(),
      version: node.version,
      mints: node
        .mints()
        .filter(({ deposits }) => deposits !== false)
        .map(({ url }) => url),
      units: node.units(),
      http_url: settings('identity.publicUrl'),
      onion_url: settings('identity.onionUrl'),
      child_key_cost_msats: settings('pricing.childKeyMsat'),
      min_request_msat: settings('pricing.minRequestMsat'),
    },
    call.headers,
  )
}

/** A browser is shown the customer's page (dashboard 4.10), a program what this is. */
export function nodeRoot(node: PublicNode, call: PublicRequest): Response {
  const { settings, version } = node
  if (call.request.headers.get('accept')?.includes('text/html') === true)
    return new Response(null, { status: 302, headers: { ...call.headers, location: '/key/' } })
  return jsonAnswer(
    { name: settings('identity.name'), description: settings('identity.description'), version, status: 'running' },
    call.headers,
  )
}

export function modelList(node: PublicNode, call: PublicRequest): Response {
  const sold = [...node.book().sellable.values()]
    .map((offers) => offers[0])
    .filter((offer): offer is Offer => offer !== undefined)
  const byBytes = sold.sort((a, b) => Buffer.compare(Buffer.from(a.model), Buffer.from(b.model)))
  return jsonAnswer({ object: 'list', data: byBytes.map((offer) => modelObject(node, offer)) }, call.headers)
}

/** `id` may contain slashes; aliases resolve. */
export function modelDetail(node: PublicNode, call: PublicRequest, id: string): Response {
  const offer = findOffers(node.book(), id)?.[0]
  if (offer === undefined)
    return errorAnswer(publicError('model_not_found', { model: id.slice(0, 300) }), call.id, call.headers)
  return jsonAnswer(modelObject(node, offer), call.headers)
}

export function modelPaths(_: PublicNode, call: PublicRequest): Response {
  return jsonAnswer({ data: [], updated_at: null }, call.headers)
}

export function modelPath(node: PublicNode, call: PublicRequest): Response {
  const id = call.query.get('model_id') ?? ''
  if (findOffers(node.book(), id) === undefined)
    return errorAnswer(publicError('model_not_found', { model: id.slice(0, 300) }), call.id, call.headers)
  return jsonAnswer({ data: [], updated_at: null }, call.headers)
}

export async function nodeHealth(node: PublicNode, call: PublicRequest): Promise<Response> {
  const { status, writable, checks } = await node.health()
  return jsonAnswer({ status, checks }, call.headers, writable ? 200 : 503)
}

function modelObject(node: PublicNode, offer: Offer): Record<string, unknown> {
  const { listed } = offer.source
  const usdPerBtc = parseDecimal(node.rate()?.usdPerBtc)
  const { limits, prices } = offer
  return {
    id: offer.model,
    object: 'model',
    created: listed.created,
    owned_by: offer.vendor ?? offer.kind,
    name: listed.name,
    description: listed.description,
    context_length: limits.contextLength,
    architecture: {
      modality: `${listed.inputModalities.join('+')}->${listed.outputModalities.join('+')}`,
      input_modalities: listed.inputModalities,
      output_modalities: listed.outputModalities,
      tokenizer: listed.tokenizer,
      instruct_type: null,
    },
    pricing: usdPricing(prices, limits, usdPerBtc),
    sats_pricing: satPricing(prices, limits, usdPerBtc),
    top_provider: {
      context_length: limits.contextLength,
      max_completion_tokens: limits.maxOutput,
      is_moderated: listed.moderated,
    },
    enabled: true,
    per_request_limits: null,
    upstream_provider_id: offer.kind,
    canonical_slug: listed.canonicalSlug ?? null,
    forwarded_model_id: offer.upstreamModel,
    alias_ids: aliasesOf(node, offer),
    endpoints: ['/v1/chat/completions'],
    free: offer.free,
  }
}

/** Every other id that resolves here, the operator's aliases first. */
function aliasesOf(node: PublicNode, offer: Offer): readonly string[] {
  const own = new Set([offer.model.toLowerCase(), ...offer.aliases.map((alias) => alias.toLowerCase())])
  const others = [offer.upstreamModel, offer.source.listed.canonicalSlug ?? ''].filter(
    (name) => name !== '' && !own.has(name.toLowerCase()) && node.book().names.get(name.toLowerCase()) === offer.model,
  )
  return [...offer.aliases, ...new Set(others)]
}
