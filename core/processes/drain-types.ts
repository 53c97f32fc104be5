/** What callers of the drain process see of it, and what its parts hand each other (wallet 5.6). */
import { createHash } from 'node:crypto'
import type { DrainPlan, Inline, NoRound, OpenDrain, TrustedMint, Wish } from '../../events'
import type { Floor } from './floor'
import type { Invoices } from './invoices'
import type { PayoutDeps } from './payout-types'
import type { BelowFloor } from './withdrawals'

export type DrainDeps = PayoutDeps & {
  readonly invoices: Pick<Invoices, 'draftMove' | 'look'>
  readonly isBalanced: () => boolean
  /** What may still leave today by Lightning, asked for by this door, in msat. */
  readonly leftTodayMsat: (door: string) => Promise<number>
}

export type DrainAsked = {
  /** Identity of the command that asks: the same command is the same drain. */
  readonly command: string
  readonly mint: TrustedMint
  readonly unit: 'sat' | 'msat'
  readonly to: { readonly mint: TrustedMint } | { readonly address: string }
  readonly maxFeeMsat: number
  readonly by: string
  readonly door: string
}
/** What the command's own append writes; `payout` undefined: there is nothing to move, only shares to be merged. */
export type DrainDraft = {
  readonly drain: string
  readonly payout: string | undefined
  readonly wishes: readonly Wish[]
  readonly inline: Inline
}
export type DrainRefused =
  | BelowFloor
  | { readonly refused: 'drain-open'; readonly payout: string }
  | {
      readonly refused: 'drain-fees'
      readonly maxFeeMsat: number
      readonly needMsat?: number
      readonly rounds?: number
    }
  | {
      readonly refused: 'nothing-to-drain' | 'drain-target' | 'destination-unusable' | 'other-drain' | 'daily-limit'
    }
  | { readonly unreachable: 'down' | 'limited' | 'suspended' }

/** Why no round runs now. */
export type WhyNot =
  | NoRound
  | 'books-unbalanced'
  | 'daily-limit'
  | 'mint-down'
  | 'mint-limited'
  | 'mint-suspended'
  | 'target-down'
  | 'target-limited'
  | 'target-suspended'
  | 'target-closed'
  | 'other-drain'
  | 'pause'
export type NotNow = { readonly whyNot: WhyNot; readonly floor?: Floor | undefined; readonly carry?: Carry | undefined }
/** What all rounds that customers' balances need may cost, and how many they are. */
export type Carry = { readonly feesMsat: number; readonly rounds: number }
export type RoundDraft = { readonly msat: number; readonly wishes: readonly Wish[]; readonly inline: Inline }

/** How a drain stands, for people. */
export type DrainView = {
  readonly drain: string
  readonly state: OpenDrain
  readonly whyNot: WhyNot | undefined
  /** Its round is under way for longer than a payment takes: until it arrives it counts as lost (wallet 15). */
  readonly isLate: boolean
}

export type Drains = {
  /** Call it in the owner lane, and append what it answers before the lane is left. */
  readonly draft: (asked: DrainAsked) => Promise<DrainDraft | DrainRefused>
  /** Open drains from or to this mint. */
  readonly ofMint: (mintId: string) => Promise<readonly DrainView[]>
  /** Takes up every open drain; called once at boot. Answers how many there were. */
  readonly resume: () => Promise<number>
  readonly start: () => void
  readonly stop: () => void
}

/** Claim of an open drain: one for each purse. */
export const drainKind = 'drain'
export const drainClaim = (drain: string, { purse }: Pick<DrainPlan, 'purse'>) => ({
  kind: drainKind,
  key: purse,
  owner: drain,
})

const hashed = (...parts: readonly (string | number)[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32)
export const drainId = (command: string): string => `drain-${hashed('drain', command)}`
export const moveId = (drain: string, round: number): string => `payout-${hashed('move', drain, round)}`
export const moveDepositId = (drain: string, round: number): string => `deposit-${hashed('move', drain, round)}`
