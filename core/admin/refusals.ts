/** Every code with which the admin door can say no, as one closed union: who words them leaves none out (D-084). */
import type { Refused, Role } from '../../events'
import type { DrainRefused } from '../processes/drain-types'
import type { NoReclaim } from '../processes/reclaims'
import type { WithdrawalRefused } from '../processes/withdrawals'
import { type AdminError, adminError } from './envelope'

type CodeOf<No> = No extends { readonly refused: infer Code } ? Code : never

/** What rows of the table and the dispatcher refuse themselves. */
type OwnCode =
  | 'address-not-allowed'
  | 'alias-taken'
  | 'books-unbalanced'
  | 'code-expired'
  | 'code-unknown'
  | 'code-wrong'
  /** The transaction lost a race more often than it is tried. */
  | 'conflict'
  | 'cursor-invalid'
  | 'daily-limit'
  | 'deposit-not-disputed'
  | 'diff-unknown'
  | 'filter-invalid'
  | 'filter-unknown'
  | 'mint-is-searched'
  | 'mint-not-empty'
  | 'mint-units-missing'
  | 'mint-url-invalid'
  | 'model-not-sellable'
  | 'more-than-unattributed'
  | 'name-taken'
  | 'not-a-device'
  | 'not-ordered'
  | 'not-simulated'
  | 'payout-has-no-token'
  | 'payout-not-yours'
  | 'price-incomplete'
  | 'price-unavailable'
  | 'price-zero'
  | 'refund-too-young'
  | 'too-many-keys'
  | 'too-much-by-nostr'
  | 'words-differ'

/** Why a row of a list does not offer an action now (`can`), besides what the action itself would answer. */
type NotNow =
  | `${Role}-only`
  | 'already-frozen'
  | 'already-locked'
  | 'already-paused'
  | 'no-own-price'
  | 'no-price'
  | 'not-frozen'
  | 'not-locked'
  | 'not-paused'
  | 'payout-ended'
  | 'secret-replaced'

export type RefusalCode = CodeOf<Refused | DrainRefused | NoReclaim | WithdrawalRefused> | OwnCode | NotNow

/** The rules said no: a code and the numbers that explain it. `rev-mismatch` becomes an error of its own (2.3). */
export type AdminRefusal = { readonly refused: RefusalCode | 'rev-mismatch' }

/** The REFUSED of 2.3. */
export const refusedError = (
  code: RefusalCode,
  numbers: Readonly<Record<string, unknown>> = {},
  message = `refused: ${code}`,
): { readonly error: AdminError } => adminError('REFUSED', message, { code, ...numbers })
