/** What callers of the process of own swaps see of it, and what its parts hand each other. */
import type { Inline, Swap, Wish } from '../../events'
import type { PayoutDeps } from './payout-types'

export type OpenSwapOfOurs = Extract<Swap, { is: 'planned' }>

export type SwapDeps = PayoutDeps & {
  /** What the append writes of a payout whose coins a fence brought back: it never left (wallet 6.5). */
  readonly cancelled: (
    payout: string,
    swapId: string,
  ) => Promise<{ readonly wishes: readonly Wish[]; readonly inline: Inline }>
}

export type Swaps = {
  /** Takes a swap up; resolves when it is closed, or after `waitMs`. */
  readonly follow: (swap: string, waitMs: number) => Promise<void>
  /** Takes up every open swap; called once at boot. Answers how many there were. */
  readonly resume: () => Promise<number>
  readonly start: () => void
  readonly stop: () => void
}
