/** What became of a token, in the words of contract 1.8. */
import type { DepositOutcome } from '../processes/deposit-types'
import { type PublicError, publicError } from './refusals'

/** undefined: it was credited. */
export function tokenError(outcome: DepositOutcome): PublicError | undefined {
  if ('settled' in outcome) return undefined
  if ('pending' in outcome) return publicError('deposit_pending')
  switch (outcome.refused) {
    case 'token-invalid':
      return publicError('invalid_cashu_token', { why: outcome.why })
    case 'token-foreign':
      return publicError(
        'cashu_untrusted_source_mint',
        { mint: outcome.mint },
        { details: { accepted_mints: outcome.accepted } },
      )
    case 'token-rejected':
      return publicError('cashu_token_redemption_failed', { why: outcome.why })
    case 'token-worthless':
      return publicError('cashu_token_zero_value')
    case 'token-fees':
      return publicError(
        'cashu_token_swap_fees_exceed_amount',
        { fee: `${outcome.feeMsat} msat` },
        { details: { amount_msat: outcome.amountMsat, fee_msat: outcome.feeMsat } },
      )
    // Who presents it knows what it is needed for, and says so in his own words.
    case 'token-too-small':
      return publicError('minimum_balance_required', { required: outcome.valueMsat })
    case 'token-spent':
      return publicError('cashu_token_already_spent')
    case 'mint-down':
      return publicError('cashu_mint_unreachable')
    case 'mint-limited':
      return publicError('cashu_mint_rate_limited')
    default:
      return outcome satisfies never
  }
}

/** Refusals that say something about the token itself: such callers are counted (contract 1.6). */
export const isFailedRedemption = (outcome: DepositOutcome): boolean =>
  'refused' in outcome && !['mint-down', 'mint-limited', 'token-too-small'].includes(outcome.refused)
