/** Rows of the error table that the state of a key answers with (contract 1.8, 3.6). */
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
  key_revoked: { status: 403, type: invalid, message: 'This key is revoked; refundable until {at}' },
} as const
