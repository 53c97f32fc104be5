/** Rows of the error table that only a refund can meet (contract 1.8, 4.4). */
const invalid = 'invalid_request_error'

export const refundRows = {
  key_not_found: {
    status: 401,
    type: 'authentication_error',
    message: 'Key not found. Open one at /v1/wallet/create',
    logAs: 'Invalid token',
  },
  no_balance_to_refund: { status: 400, type: invalid, message: 'No balance to refund' },
  balance_too_small_to_refund: {
    status: 400,
    type: invalid,
    message: 'Balance too small to refund: less than 1 sat',
  },
  child_key_refund: {
    status: 400,
    type: invalid,
    message: 'Cannot refund key: it is a child key; refund its parent instead',
  },
  invalid_lightning_address: { status: 400, type: invalid, message: 'Lightning address is not usable: {why}' },
  refund_not_found: { status: 404, type: invalid, message: 'Refund not found' },
  refund_unresolved: {
    status: 409,
    type: invalid,
    message: 'Cannot refund key yet: a Lightning payout is unresolved',
  },
  refund_swept: { status: 410, type: 'refund_swept', message: 'Refund has been swept' },
  /** The refund endpoint alone says it with this status (contract 4.4). */
  payment_used_up: {
    status: 410,
    type: 'token_already_spent',
    message: 'The payment was used in full; no change is due',
  },
  refund_pending: { status: 425, type: invalid, message: 'Cannot refund key yet: the refund is being prepared' },
  refund_ongoing_requests: {
    status: 425,
    type: invalid,
    message: 'Cannot refund key: there are ongoing requests for this api key',
  },
  refund_deposit_pending: {
    status: 425,
    type: invalid,
    message: 'Cannot refund key yet: a deposit is still being confirmed',
  },
} as const
