/** What the public API offers, path by path, in the words of the contract: the source of its OpenAPI document. */
import { limits as bounds } from '../limits'

export type Schema = Readonly<Record<string, unknown>>
export type Operation = {
  readonly summary: string
  /** Which credential it takes (contract 3.1). */
  readonly by?: 'key' | 'payment'
  readonly query?: Readonly<Record<string, Schema>>
  readonly body?: Schema
  readonly answer: Schema
}

export const text = { type: 'string' }
const whole = { type: 'integer' }
const nullable = (schema: Schema) => ({ anyOf: [schema, { type: 'null' }] })
const list = (items: Schema) => ({ type: 'array', items })
const fields = (properties: Readonly<Record<string, Schema>>, required = Object.keys(properties)): Schema => ({
  type: 'object',
  properties,
  required,
})
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })

const limits = {
  balance_limit: nullable(whole),
  balance_limit_reset: nullable({ enum: ['daily', 'weekly', 'monthly'] }),
  validity_date: nullable({ ...whole, minimum: 0, maximum: bounds.dateMostS }),
}
const created = fields({
  api_key: text,
  balance: whole,
  credited_msats: whole,
  fee_msats: whole,
  unit: text,
  mint_url: text,
})
const create = {
  summary: 'Opens a key with a Cashu token; the same token answers the same key (4.1).',
  answer: created,
}
const info = {
  summary: 'What a key holds; balance includes what is reserved (4.2).',
  by: 'key',
  answer: ref('KeyInfo'),
} as const
const invoiceState = fields({
  status: { enum: ['pending', 'settlement_pending', 'paid', 'expired'] },
  purpose: text,
  api_key: nullable(text),
  amount_sats: whole,
  paid_at: nullable(whole),
  created_at: whole,
  expires_at: whole,
})

/** By canonical path (contract 1.1), as the routes name it. */
export const operations: Readonly<Record<string, Readonly<Partial<Record<'get' | 'post', Operation>>>>> = {
  '/': { get: { summary: 'Name and version of the node (2.2).', answer: fields({ name: text, version: text }) } },
  '/info': {
    get: {
      summary: 'The node: accepted mints, units, fees of its own (2.1).',
      answer: fields({
        name: text,
        description: text,
        npub: text,
        version: text,
        mints: list(text),
        units: list(text),
      }),
    },
  },
  '/health': {
    get: { summary: 'Whether it can work (2.2).', answer: fields({ status: { enum: ['ok', 'degraded'] } }) },
  },
  '/models': {
    get: { summary: 'What is sold, with prices (2.3).', answer: fields({ object: text, data: list(ref('Model')) }) },
  },
  '/models/paths': { get: { summary: 'Always empty (2.2).', answer: fields({ data: list({}) }) } },
  '/models/paths/model': {
    get: { summary: 'Whether a model is known (2.2).', query: { model_id: text }, answer: fields({ data: list({}) }) },
  },
  '/models/{id}': { get: { summary: 'One model, also by an alias; the id may have slashes.', answer: ref('Model') } },
  '/providers': { get: { summary: 'Other nodes, where discovery is on.', answer: fields({ providers: list({}) }) } },
  '/balance': { get: info },
  '/balance/info': { get: info },
  '/balance/history': {
    get: {
      summary: 'What came in, went out or was charged, newest first (4.5).',
      by: 'key',
      query: { type: { enum: ['in', 'out', 'charge'] }, limit: { ...whole, minimum: 1, maximum: 200 }, before: text },
      answer: fields({ transactions: list({ type: 'object' }), next: nullable(text) }),
    },
  },
  '/balance/create': {
    get: { ...create, query: { initial_balance_token: text, ...limits } },
    post: { ...create, body: fields({ initial_balance_token: text, ...limits }, ['initial_balance_token']) },
  },
  '/balance/topup': {
    post: {
      summary: 'Adds a token to a key; each token once (4.3).',
      by: 'key',
      body: fields({ cashu_token: text }),
      answer: fields({ msats: whole, credited_msats: whole, fee_msats: whole }),
    },
  },
  '/balance/child-key': {
    post: {
      summary: 'Keys that spend the balance of this one (4.6).',
      by: 'key',
      body: fields({ count: { ...whole, minimum: 1, maximum: 50 }, ...limits }, []),
      answer: fields({ api_keys: list(text), count: whole, cost_msats: whole, parent_balance: whole }),
    },
  },
  '/balance/child-key/reset': {
    post: {
      summary: 'A child key counts its spending from now on (4.6).',
      by: 'key',
      body: fields({ child_key: text }),
      answer: fields({ success: { const: true }, message: text }),
    },
  },
  '/balance/donate': {
    post: { summary: 'A token for the node (4.6).', body: fields({ token: text, ref: text }, ['token']), answer: text },
  },
  '/balance/refund': {
    post: {
      summary: 'The rest of a key or of a payment, as a token or by Lightning; repeated calls answer the same (4.4).',
      by: 'payment',
      body: fields({ lightning_address: text, refund_id: text }, []),
      answer: fields({ refund_id: text, token: text, sats: text, msats: text }, ['refund_id']),
    },
  },
  '/lightning/invoice': {
    post: {
      summary: 'An invoice that opens a key or tops one up (5.1).',
      body: fields(
        { amount_sats: { ...whole, minimum: 1 }, purpose: { enum: ['create', 'topup'] }, api_key: text, ...limits },
        ['amount_sats'],
      ),
      answer: fields({ invoice_id: text, bolt11: text, amount_sats: whole, expires_at: whole, payment_hash: text }),
    },
  },
  '/lightning/invoice/{invoice_id}/status': { get: { summary: 'How an invoice stands (5.2).', answer: invoiceState } },
  '/lightning/recover': {
    post: {
      summary: 'The same for who has only the invoice and its preimage (5.3).',
      body: fields({ bolt11: text, preimage: text }, ['bolt11']),
      answer: invoiceState,
    },
  },
  '/chat/completions': {
    post: {
      summary: 'A chat completion, with cost headers; as server-sent events with stream (6).',
      by: 'payment',
      body: { ...fields({ model: text, messages: list({ type: 'object' }), stream: { type: 'boolean' } }, ['model']) },
      answer: { type: 'object' },
    },
  },
  '/openapi.json': { get: { summary: 'This document.', answer: { type: 'object' } } },
  '/docs': { get: { summary: 'This document as a page.', answer: text } },
}

const problem = fields({
  type: { const: 'error' },
  error: fields({ message: text, type: text, code: text, details: { type: 'object' } }, ['message', 'type', 'code']),
  detail: {},
  request_id: text,
})
const keyInfo = fields({
  api_key: text,
  balance: whole,
  reserved: whole,
  available: whole,
  is_child: { type: 'boolean' },
  state: { enum: ['open', 'expired', 'frozen', 'revoked', 'ended'] },
  total_requests: whole,
  total_spent: whole,
  ...limits,
  unit: text,
  mint_url: text,
  created_at: whole,
})
const model = fields({
  id: text,
  name: text,
  context_length: whole,
  pricing: { type: 'object', additionalProperties: { type: 'number' } },
  sats_pricing: nullable({ type: 'object' }),
  alias_ids: list(text),
  endpoints: list(text),
  free: { type: 'boolean' },
})

export const schemas: Readonly<Record<string, Schema>> = { Error: problem, KeyInfo: keyInfo, Model: model }
