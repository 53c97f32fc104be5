/** What may be asked of a session, and the ways to say no. */
import type { Msat, Share } from '../../schema/money'
import type { KeyLimits, KeyPayout, Origin } from '../../schema/session'
import type { ChildPart, SessionCharge } from './charge'

export type SessionCommand =
  | OperatorCommand
  | ChildCommand
  | {
      readonly do: 'open'
      readonly origin: Origin
      readonly limits: KeyLimits
      readonly parent?: string | undefined
      /** The owner's own key to try his node with. */
      readonly test?: true | undefined
    }
  | {
      readonly do: 'credit'
      readonly depositId: string
      readonly amountMsat: Msat
      readonly feeMsat: Msat
      readonly purse: string
      readonly unit: 'sat' | 'msat'
      readonly mint: string
    }
  | {
      readonly do: 'charge'
      readonly charge: SessionCharge
      readonly othersHeldMsat: number
      readonly child?: ChildPart | undefined
    }
  | {
      readonly do: 'debit'
      readonly payoutId: string
      readonly shares: readonly Share[]
      /** Credits that the session had when the payout was reckoned. */
      readonly balanceVersion: number
      readonly heldMsat: number
    }
  | { readonly do: 'return'; readonly payoutId: string; readonly shares: readonly Share[] }
  | { readonly do: 'set-payout'; readonly payout: KeyPayout }
  /** Ends a one-shot payment: what is less than a unit of its purse is the node's. */
  | { readonly do: 'round'; readonly unitMsat: number }
  | { readonly do: 'rename'; readonly label: string }

export type ChildCommand =
  | {
      readonly do: 'add-children'
      readonly children: readonly string[]
      readonly costEachMsat: number
      readonly heldMsat: number
      readonly nowMs: number
      readonly most: number
    }
  /** Unix ms. */
  | { readonly do: 'spend'; readonly requestId: string; readonly at: number; readonly costMsat: Msat }
  | { readonly do: 'reset-spending'; readonly at: number }

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
        | 'is-child'
        | 'is-one-shot'
    }
  | { readonly refused: 'above-available'; readonly availableMsat: number }
  /** Unix seconds. */
  | { readonly refused: 'expires-by-holder'; readonly expiresAt: number }
  | { readonly refused: 'too-many-children'; readonly most: number }
  | {
      readonly refused: 'balance-too-low'
      readonly needMsat: number
      readonly availableMsat: number
      readonly heldMsat: number
    }
  | {
      readonly refused: 'limit-reached'
      readonly needMsat: number
      readonly leftMsat: number
      readonly heldMsat: number
    }
