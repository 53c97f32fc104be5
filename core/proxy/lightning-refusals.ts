/** Rows of the error table that only a Lightning top-up can meet (contract 1.8, 5). */
const invalid = 'invalid_request_error'

export const lightningRows = {
  topup_invalid_api_key_format: { status: 400, type: invalid, message: 'Invalid API key format' },
  topup_authorization_required: {
    status: 401,
    type: 'authentication_error',
    message: 'A top-up needs the key in Authorization',
  },
  topup_api_key_not_found: { status: 404, type: invalid, message: 'API key not found' },
  invoice_not_found: { status: 404, type: invalid, message: 'Invoice not found' },
  preimage_required: { status: 400, type: invalid, message: 'The payment preimage is required' },
  preimage_mismatch: { status: 403, type: invalid, message: 'The payment preimage does not match' },
  too_many_invoices: { status: 429, type: 'rate_limit_error', message: 'Too many open invoices' },
  lightning_mint_unreachable: {
    status: 503,
    type: 'mint_unreachable',
    message: 'No accepted mint can make an invoice now',
  },
  invoice_creation_failed: { status: 500, type: 'api_error', message: 'The mint returned an unusable invoice' },
} as const
