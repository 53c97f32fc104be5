/** The error table of contract 1.8: one shape for every refusal and trouble on every public path. */
import { keyStateRows } from './key-refusals'
import { lightningRows } from './lightning-refusals'
import { refundRows } from './refund-refusals'

export type ErrorBody = {
  readonly message: string
  readonly type: string
  readonly code: string
  readonly param?: string
  readonly details?: Readonly<Record<string, unknown>>
  /** Change of a one-shot payment (contract 7.2). */
  readonly refund_token?: string
}

/** One refusal, ready to be answered. `logAs` is the line that operators search for. */
export type PublicError = {
  readonly status: number
  readonly error: ErrorBody
  readonly headers?: Readonly<Record<string, string>>
  readonly logAs?: 'Invalid token' | 'Session expired' | 'Insufficient balance' | 'Upstream request failed'
}

type Row = {
  readonly status: number
  readonly type: string
  readonly message: string
  readonly logAs?: PublicError['logAs']
}

const invalid = 'invalid_request_error'
const rows = {
  invalid_json: { status: 400, type: invalid, message: 'Request body is not valid JSON' },
  invalid_body: { status: 400, type: invalid, message: 'Request body must be a JSON object' },
  missing_model: { status: 400, type: invalid, message: "Field 'model' is required" },
  invalid_field: { status: 400, type: invalid, message: "Field '{param}' {why}" },
  invalid_max_tokens: { status: 400, type: invalid, message: "Field '{param}' must be a whole number of at least 0" },
  unsupported_parameter: { status: 400, type: invalid, message: "'{param}' is not supported by this node" },
  endpoint_not_supported: { status: 400, type: invalid, message: "Model '{model}' is not sold on this endpoint" },
  feature_not_priced: { status: 400, type: invalid, message: "Model '{model}' has no price for {feature}" },
  not_found: { status: 404, type: 'not_found', message: "Path '{path}' not found" },
  model_not_found: { status: 404, type: 'invalid_model', message: "Model '{model}' not found" },
  provider_discovery_disabled: { status: 404, type: 'not_found', message: 'Provider discovery is disabled' },
  method_not_allowed: { status: 405, type: invalid, message: 'Method {method} is not allowed here' },
  body_too_large: { status: 413, type: invalid, message: 'Request body exceeds {bytes} bytes' },
  unsupported_media_type: { status: 415, type: invalid, message: 'Content type is not supported here' },
  missing_api_key: {
    status: 401,
    type: 'authentication_error',
    message: 'Provide a key or token in Authorization, x-api-key or X-Cashu',
  },
  malformed_api_key: {
    status: 401,
    type: 'authentication_error',
    message: "Invalid API key: expected 'sk-' and 64 hex digits, or a Cashu token",
    logAs: 'Invalid token',
  },
  unknown_api_key: {
    status: 401,
    type: 'authentication_error',
    message: 'Invalid API key: Key not found',
    logAs: 'Invalid token',
  },
  ...keyStateRows,
  too_many_requests: { status: 429, type: 'rate_limit_error', message: 'Too many requests; try again in {seconds} s' },
  insufficient_balance: {
    status: 402,
    type: 'insufficient_quota',
    message: 'Insufficient balance: {required} msat required, {available} msat available ({reserved} msat reserved)',
    logAs: 'Insufficient balance',
  },
  balance_limit_exceeded: {
    status: 402,
    type: 'insufficient_quota',
    message:
      'Balance limit exceeded: limit {limit} msat, spent {spent} msat, reserved {reserved} msat, required {required} msat',
    logAs: 'Insufficient balance',
  },
  invalid_cashu_token: {
    status: 400,
    type: 'invalid_token',
    message: 'Cashu token is not valid: {why}',
    logAs: 'Invalid token',
  },
  cashu_token_already_spent: {
    status: 400,
    type: 'token_already_spent',
    message: 'Cashu token is already spent',
    logAs: 'Invalid token',
  },
  cashu_token_zero_value: { status: 400, type: 'cashu_error', message: 'Cashu token has no value' },
  cashu_token_redemption_failed: { status: 400, type: 'cashu_error', message: 'Cashu token was refused: {why}' },
  cashu_untrusted_source_mint: { status: 422, type: 'untrusted_mint', message: 'Mint {mint} is not accepted here' },
  cashu_token_swap_fees_exceed_amount: {
    status: 422,
    type: 'mint_error',
    message: 'Mint fees of {fee} use up the token',
  },
  cashu_mint_unreachable: {
    status: 503,
    type: 'mint_unreachable',
    message: 'The mint cannot be reached; the token was not sent',
  },
  cashu_mint_rate_limited: {
    status: 503,
    type: 'mint_rate_limited',
    message: 'The mint is limiting requests; the token was not sent',
  },
  minimum_balance_required: {
    status: 402,
    type: 'minimum_balance_required',
    message: 'Insufficient balance: this request needs a token worth {required} msat after mint fees',
    logAs: 'Insufficient balance',
  },
  payment_in_progress: {
    status: 425,
    type: 'payment_in_progress',
    message: 'This token is paying for a request in flight',
  },
  deposit_pending: {
    status: 503,
    type: 'api_error',
    message: 'The deposit is being confirmed; repeat with the same token',
  },
  UPSTREAM_UNAVAILABLE: {
    status: 424,
    type: 'upstream_error',
    message: "No upstream could serve model '{model}'",
    logAs: 'Upstream request failed',
  },
  UPSTREAM_RATE_LIMIT: {
    status: 429,
    type: 'upstream_error',
    message: "Upstream rate limit for model '{model}'",
    logAs: 'Upstream request failed',
  },
  price_unavailable: { status: 503, type: 'service_unavailable', message: 'No current BTC/USD price' },
  node_draining: { status: 503, type: 'service_unavailable', message: 'This node takes no new deposits' },
  node_paused: { status: 503, type: 'service_unavailable', message: 'This node is paused by the operator' },
  node_busy: { status: 503, type: 'service_unavailable', message: 'The node is at its limit' },
  node_stopping: { status: 503, type: 'service_unavailable', message: 'The node is stopping' },
  log_unavailable: { status: 503, type: 'service_unavailable', message: 'The node cannot record payments now' },
  settlement_failed: {
    status: 503,
    type: 'service_unavailable',
    message: 'The answer could not be booked; nothing was charged',
  },
  internal_error: { status: 500, type: 'api_error', message: 'Internal error; quote the request id' },
  ...refundRows,
  ...lightningRows,
} as const satisfies Record<string, Row>

export type ErrorCode = keyof typeof rows

/** Codes whose public name differs from their row's. */
const publicCodes: Readonly<Partial<Record<ErrorCode, string>>> = {
  malformed_api_key: 'invalid_api_key',
  unknown_api_key: 'invalid_api_key',
  refund_deposit_pending: 'deposit_pending',
  payment_used_up: 'cashu_token_already_spent',
  child_key_refund: 'child_key_not_allowed',
}
/** Shown as `param` of the error. */
const named: readonly string[] = ['invalid_field', 'invalid_max_tokens', 'unsupported_parameter']
const defaultRetryS = 5

export type Placeholders = Readonly<Record<string, string | number>>

/** Builds one refusal of the table. `details` holds msat integers and lists. */
export function publicError(
  code: ErrorCode,
  fill: Placeholders = {},
  more: { readonly details?: Readonly<Record<string, unknown>>; readonly retryAfterS?: number } = {},
): PublicError {
  const row: Row = rows[code]
  const message = row.message.replace(/\{(\w+)\}/g, (_, name: string) => String(fill[name] ?? ''))
  const error: ErrorBody = {
    message,
    type: row.type,
    code: publicCodes[code] ?? code,
    ...(named.includes(code) ? { param: String(fill.param ?? '') } : {}),
    ...(more.details === undefined ? {} : { details: more.details }),
  }
  // Retry-After on every 409, 425, 429 and 503 (contract 1.5).
  const headers: Record<string, string> = {}
  if ([409, 425, 429, 503].includes(row.status))
    headers['retry-after'] = String(Math.max(1, Math.ceil(more.retryAfterS ?? defaultRetryS)))
  if (code.startsWith('UPSTREAM_')) headers['x-routstr-error-scope'] = 'upstream'
  return { status: row.status, error, headers, ...(row.logAs === undefined ? {} : { logAs: row.logAs }) }
}

function detailOf(error: ErrorBody): unknown {
  if (error.code === 'no_balance_to_refund') return error.message
  if (error.code !== 'minimum_balance_required') return { error }
  const { required_msat: required, model } = error.details ?? {}
  return { reason: 'Insufficient balance', amount_required_msat: required, model, type: error.type, error }
}

/** The envelope of contract 1.7; clients of one code look for its text in `detail`. */
export const envelope = (error: ErrorBody, requestId: string): string =>
  JSON.stringify({
    type: 'error',
    error,
    detail: detailOf(error),
    request_id: requestId,
  })
