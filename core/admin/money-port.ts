/** What admin commands may use of the owner's money: his one lane, his floor, and what drafts a spend (wallet 15). */
import type { TrustedMint } from '../../events'
import type { Lanes } from '../lanes'
import type { Destination } from '../money/pay-request'
import type { Drains } from '../processes/drain-types'
import type { Expired, LossDraft } from '../processes/expired-coins'
import type { Floor } from '../processes/floor'
import type { NoReclaim, Reclaim, ReclaimDraft } from '../processes/reclaims'
import type { Sweep } from '../processes/sweep'
import type {
  draftLightningWithdrawal,
  LightningWithdrawal,
  Withdrawal,
  WithdrawalDraft,
  WithdrawalRefused,
} from '../processes/withdrawals'

export type MoneyPort = {
  /** Rows marked so run in it, from the look at the floor to their commit (wallet 15). */
  readonly lane: Lanes
  /** The same, and from the choice of coins to their commit also its turn in every purse. */
  readonly coinsLane: Lanes
  /** false: the books do not add up, and no money command runs (wallet 16). */
  readonly isBalanced: () => boolean
  readonly floors: () => Promise<ReadonlyMap<string, Floor>>
  /** Asks the mint beforehand for what the lane must not wait for. */
  readonly warm: (asked: Pick<Withdrawal, 'mint' | 'unit'>) => Promise<void>
  readonly draftToken: (asked: Withdrawal) => Promise<WithdrawalDraft | WithdrawalRefused>
  readonly draftLightning: (asked: LightningWithdrawal) => ReturnType<typeof draftLightningWithdrawal>
  /** Waits for the end of a payout by Lightning, at most so long. */
  readonly followMelt: (payout: string, waitMs: number) => Promise<void>
  readonly sweep: Pick<Sweep, 'draft' | 'state' | 'tick'>
  /** What the receiver behind a Lightning address takes, asked now. */
  readonly askReceiver: (
    destination: Extract<Destination, { is: 'pay-request' }>,
    /** By the owner: it may be at a private host (wallet 14.1). */
    isTyped: boolean,
  ) => Promise<
    { readonly minMsat: number; readonly maxMsat: number; readonly isPrivate?: true } | { readonly refused: string }
  >
  readonly draftDrain: Drains['draft']
  readonly drainsOf: Drains['ofMint']
  /** Has the mint asked now. */
  readonly wakeMelt: (payout: string) => void
  /** Whether this payout's token was collected is asked now. */
  readonly askToken: (payout: string) => Promise<void>
  readonly draftReclaim: (asked: Reclaim) => Promise<ReclaimDraft | NoReclaim>
  /** Coins that a mint calls expired, by purse and keyset (wallet 8.1). */
  readonly expiredAt: (mint: TrustedMint) => Promise<readonly Expired[]>
  /** What gives them up; undefined: somebody else had some of them, or the mint does not answer. */
  readonly draftLoss: (expired: Expired) => Promise<LossDraft | undefined>
  /** Waits until a swap is closed, at most so long. */
  readonly followSwap: (swap: string, waitMs: number) => Promise<void>
  readonly outOfLastDay: () => Promise<
    readonly { readonly msat: number; readonly door: string; readonly atMs: number }[]
  >
  /** Takes a payout up and waits for its token. */
  readonly follow: (payout: string, waitMs: number) => Promise<{ readonly token: string } | undefined>
}
