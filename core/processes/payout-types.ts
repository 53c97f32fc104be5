/** What callers of the payout process see of it, and what its parts hand each other. */
import type { Payout, PayoutCommand } from '../../events'
import type { Lanes } from '../lanes'
import type { DepositDeps } from './deposit-types'
import type { PurseLanes } from './purse-lane'

export type PayoutDeps = DepositDeps & {
  /** msat that running requests of this session, and of its children, hold now. */
  readonly heldMsat: (session: string) => number
  /** Whether money for this session is on its way in. */
  readonly isDepositOpen: (session: string) => Promise<boolean>
  /** One at a time, from the look at the floor to its commit: all that may spend the owner's money (wallet 15). */
  readonly ownerLane: Lanes
  /** From a choice of coins to the commit that takes them. Whoever has the owner lane may wait here, never the reverse. */
  readonly purseLanes: PurseLanes
  /** Set inside of the owner lane: how long a mint may take there. */
  readonly patienceMs?: number
  /** `sweep.keepSat`, in msat. */
  readonly keepMsat: () => number
}

export type OpenPayout = Extract<Payout, { is: 'planned' }>

/** A refund as its session may see it (contract 4.4). */
export type Refund =
  | {
      readonly is: 'ready'
      readonly payout: string
      readonly token: string
      readonly unit: 'sat' | 'msat'
      readonly sats: number
      /** The same amount, exact also for coins of a unit below the sat. */
      readonly msat: number
    }
  /** By Lightning: `sats` is the gross debit, of which `feeSats` was spent on the way. */
  | {
      readonly is: 'paid'
      readonly payout: string
      readonly recipient: string
      readonly sats: number
      readonly feeSats: number
    }
  | { readonly is: 'pending'; readonly payout: string; readonly byLightning?: true }
  /** A definite failure with nothing sent: the debit is undone. */
  | { readonly is: 'reversed' }
  /** Uncollected for so long that the operator took it. */
  | { readonly is: 'swept'; readonly payout: string }
  | {
      readonly refused:
        | 'requests-ongoing'
        | 'deposit-open'
        | 'too-small'
        | 'nothing'
        /** Its day is over, or the operator keeps what is left (contract 3.6). */
        | 'revoked'
        | 'unknown-refund'
        | 'mint-down'
        | 'mint-limited'
    }
  /** Nothing was debited: the receiver cannot be paid. */
  | { readonly refused: 'address'; readonly why: string }

/** Where a token is handed over for the first time. */
export type HandedTo = Extract<PayoutCommand, { do: 'hand' }>['to']

/**
 * A Lightning address or LNURL. `orToken`: nobody asked for it in this call; where a payment of this balance to it has
 * failed, a token is made after all (contract 3.7: what cannot be paid stays refundable).
 */
export type Receiver = { readonly address: string; readonly orToken?: boolean }

export type Payouts = {
  /**
   * The refund of the session's balance as it stands: a new one, or the one there is. Waits at most `waitMs`. `to`: by
   * Lightning, if it is a new one; undefined: a token.
   */
  readonly refund: (session: string, requestId: string, waitMs: number, to?: Receiver) => Promise<Refund>
  /** How the tries by Lightning of the session's balance as it stands went, oldest first. */
  readonly lightningTries: (session: string) => Promise<readonly ('open' | 'paid' | 'rejected')[]>
  /** That refund of this session in its state. */
  readonly byId: (session: string, payout: string, waitMs: number) => Promise<Refund>
  /** Takes up a payout that another commit asked for, and waits for its token at most `waitMs`. */
  readonly follow: (payout: string, waitMs: number, to?: HandedTo) => Promise<Refund>
  /** Takes up every open payout; called once at boot. Answers how many there were. */
  readonly resume: () => Promise<number>
  /** Looks whether tokens that were handed out are spent by now (NUT-07). */
  readonly watch: () => Promise<void>
  /** Of one token, now. */
  readonly askToken: (payout: string) => Promise<void>
  readonly start: () => void
  readonly stop: () => void
}
