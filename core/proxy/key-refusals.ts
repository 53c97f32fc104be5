/** Rows of the error table that the state or the kind of a key answers with (contract 1.8, 3.6, 3.8). */
const invalid = 'invalid_request_error'

export const keyStateRows = {
  key_expired: {
    status: 403,
    type: invalid,
    message: 'This key expired at {at}; its balance can still be refunded',
    logAs: 'Session expired',
  },
  session_frozen: {
    status: 403,
    type: 'session_frozen',
    message: 'This key is frozen by the operator; its balance can still be refunded',
  },
  child_key_not_allowed: {
    status: 400,
    type: invalid,
    message: 'Child keys cannot do this; use the parent key',
  },
  child_key_not_found: { status: 404, type: invalid, message: 'Child key not found' },
  not_your_child_key: { status: 403, type: invalid, message: 'That child key belongs to another key' },
  key_revoked: { status: 403, type: invalid, message: 'This key is revoked; refundable until {at}' },
} as const
