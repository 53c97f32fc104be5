/** What may be asked of a session, and the ways to say no. */
import type { Msat, Share } from '../../schema/money'
import type { KeyLimits } from '../../schema/session'
import type { SessionCharge } from './charge'

export type SessionCommand =
  | OperatorCommand
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

/** Absent limits stay as they are; `reason` stands on the event. */
export type OperatorCommand =
  | { readonly do: 'freeze' | 'unfreeze'; readonly reason: string }
  | { readonly do: 'extend'; readonly validUntil: number | null; readonly nowMs: number; readonly reason: string }
  | {
      readonly do: 'set-limits'
      readonly balanceLimitMsat?: KeyLimits['balanceLimitMsat'] | undefined
      readonly balanceLimitReset?: KeyLimits['balanceLimitReset'] | undefined
      readonly maxParallel?: number | null | undefined
      readonly reason: string
    }
  /** Unix seconds. */
  | { readonly do: 'revoke'; readonly at: number; readonly until: number | undefined; readonly reason: string }
  /** Of the owner's money, which the caller has set aside. */
  | {
      readonly do: 'grant'
      readonly amountMsat: Msat
      readonly purse: string
      readonly unit: 'sat' | 'msat'
      readonly mint: string
      readonly reason: string
    }
  | { readonly do: 'correct'; readonly amountMsat: Msat; readonly heldMsat: number; readonly reason: string }
  /** `debits`: how many the session had when its payouts were looked at. */
  | { readonly do: 'end'; readonly nowMs: number; readonly heldMsat: number; readonly debits: number }

export type SessionRefusal =
  | {
      readonly refused:
        | 'session-unknown'
        | 'session-ended'
        | 'session-revoked'
        | 'session-not-revoked'
        | 'still-refundable'
        | 'date-past'
        | 'requests-ongoing'
        | 'balance-moved'
    }
  | { readonly refused: 'above-available'; readonly availableMsat: number }
