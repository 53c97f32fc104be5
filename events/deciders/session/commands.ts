/** What may be asked of a session, and the ways to say no. */
import type { Msat, Share } from '../../schema/money'
import type { KeyLimits } from '../../schema/session'
import type { SessionCharge } from './charge'

export type SessionCommand =
  | { readonly do: 'open'; readonly origin: 'token' | 'invoice' | 'operator'; readonly limits: KeyLimits }
  | {
      readonly do: 'credit'
      readonly depositId: string
      readonly amountMsat: Msat
      readonly feeMsat: Msat
      readonly purse: string
      readonly unit: 'sat' | 'msat'
      readonly mint: string
    }
  | { readonly do: 'charge'; readonly charge: SessionCharge; readonly othersHeldMsat: number }
  | {
      readonly do: 'debit'
      readonly payoutId: string
      readonly shares: readonly Share[]
      /** Credits that the session had when the payout was reckoned. */
      readonly balanceVersion: number
      readonly heldMsat: number
    }
  | { readonly do: 'return'; readonly payoutId: string; readonly shares: readonly Share[] }
  | { readonly do: 'rename'; readonly label: string }

export type SessionRefusal = {
  readonly refused: 'session-unknown' | 'requests-ongoing' | 'balance-moved'
}
