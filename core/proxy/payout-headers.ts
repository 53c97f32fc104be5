/** `Refund-LNURL` and `Key-Expiry-Time` (contract 3.7), read where a token brings money in. */
import type { KeyPayout } from '../../events'
import { limits } from '../limits'
import type { PublicNode } from './node-port'
import { type PublicError, publicError } from './refusals'

/** What the headers set, beside what the key has stored; undefined: they set nothing. */
export function readPayoutHeaders(
  node: Pick<PublicNode, 'isPayAddress' | 'now'>,
  headers: Headers,
  stored: KeyPayout | undefined,
): { readonly payout: KeyPayout | undefined } | PublicError {
  const asked = (headers.get('refund-lnurl') ?? '').trim().replace(/^lightning:/i, '')
  const expiry = headers.get('key-expiry-time')?.trim() ?? ''
  if (asked !== '' && !node.isPayAddress(asked))
    return invalid('Refund-LNURL', 'must be user@host, lnurl1…, lnurlp://… or the https URL of a pay request')
  const address = asked === '' ? stored?.address : asked
  if (expiry === '')
    return { payout: asked === '' ? undefined : { address: asked, expiresAt: stored?.expiresAt ?? null } }
  if (!/^\d{1,12}$/.test(expiry) || Number(expiry) > limits.dateMostS || Number(expiry) * 1000 <= node.now())
    return invalid('Key-Expiry-Time', 'must be a whole Unix time in the future')
  // Nobody would know where to pay what is left.
  if (address === undefined) return invalid('Key-Expiry-Time', 'needs a Refund-LNURL beside it')
  return { payout: { address, expiresAt: Number(expiry) } }
}

const invalid = (param: string, why: string): PublicError => publicError('invalid_field', { param, why })
