/** What callers see of one-shot payments: a token in `X-Cashu` pays for one request (contract 7). */
import type { Charged, SessionCharge } from '../../events'
import type { Deposits } from './deposits'
import type { PayoutDeps, Payouts, Refund } from './payout-types'

export type OneShotDeps = Pick<PayoutDeps, 'engine' | 'log' | 'wallet' | 'now' | 'trace'> & {
  readonly payouts: Pick<Payouts, 'follow'>
  readonly deposits: Pick<Deposits, 'wake'>
}

/** A presented token by its proofs: in any spelling the same deposit, and the session that it pays from. */
export type Presented = { readonly deposit: string; readonly session: string }

export type Change =
  /** `swept`: uncollected for so long that the operator took it. */
  | Extract<Refund, { is: 'ready' | 'swept' }>
  /** Asked for; it can be collected later by the same token. */
  | { readonly is: 'pending' }
  /** Used in full: nothing is due. */
  | { readonly is: 'none'; readonly costMsat: number }

/** What became of a presented token so far. */
export type Paid =
  | Change
  /** Never seen, or refused before it was redeemed. */
  | { readonly is: 'new' }
  /** Its request is in flight. */
  | { readonly is: 'running' }
  /** Its deposit is open, and no request waits for it. */
  | { readonly is: 'redeeming' }
  /** By somebody else, or as a key or top-up of this node. */
  | { readonly is: 'spent' }

export type OneShots = {
  /** Offline; undefined: it cannot be decoded or has no proofs. */
  readonly read: (text: string) => Presented | undefined
  /** Answers the end of the request that pays with it; undefined: one runs already. */
  readonly begin: (presented: Presented) => (() => void) | undefined
  readonly running: () => number
  /**
   * Charge, rounding, debit and the request of the change as one commit; without a charge all of it is change. Answers
   * the charge as committed. Rejects with `LogUnavailable`.
   */
  readonly close: (closing: {
    readonly deposit: string
    readonly charge: SessionCharge | undefined
    readonly requestId: string
  }) => Promise<Charged | undefined>
  /** The change of a settled payment, closed if it was not; waits at most `waitMs` for the token. */
  readonly change: (deposit: string, to: 'header' | 'body' | 'chunk', waitMs: number) => Promise<Change>
  /** `isMine`: the caller is the one that began. */
  readonly lookUp: (deposit: string, to: 'header' | 'body', waitMs: number, isMine: boolean) => Promise<Paid>
  /** At boot: no request survived. Answers how many payments were left. */
  readonly resume: () => Promise<number>
  /** Payments that have waited for their request for a minute; every quarter of one by itself. */
  readonly sweep: () => Promise<number>
  readonly start: () => void
  readonly stop: () => void
}
