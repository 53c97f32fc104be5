/** What callers of the Lightning payout process see of it, and what its parts hand each other (wallet 5.4). */
import { type Lightning, type Payout, wholePartsUp } from '../../events'
import type { AskForeign } from '../foreign'
import { limits } from '../limits'
import type { MoveInvoice } from './invoice-types'
import type { MintDesk } from './mint-desk'
import type { MintNews } from './mint-news'
import type { Place } from './payout-coins'
import type { PayoutDeps } from './payout-types'

export type MeltDeps = PayoutDeps & {
  /** Asks the server of a Lightning address (wallet 14.2). */
  readonly askForeign: AskForeign
  /** The same for the owner's own address, by its first URL (wallet 14.1). */
  readonly askTyped: (entry: string) => AskForeign
  /** What mints tell by themselves; without it they are asked only. */
  readonly news?: MintNews
  /** The invoice of our own at the mint to which a purse is drained (wallet 5.6). */
  readonly moveInvoice: (deposit: string) => Promise<MoveInvoice>
}
export type LightningPayout = Extract<Payout, { is: 'lightning' }>
export type Stage<Is extends Lightning['is']> = Extract<Lightning, { is: Is }>

/** One round of an open payout. */
export type MeltCase<Is extends Lightning['is'] = Lightning['is']> = Is extends Lightning['is']
  ? {
      readonly payout: string
      readonly wish: LightningPayout['wish']
      readonly stage: Stage<Is>
      readonly place: Place
      readonly desk: MintDesk
    }
  : never
export type MeltVerdict = 'closed' | 'wait' | 'again'

/** What one flight remembers from round to round. */
export type MeltMemory = {
  /** Begun before its log was put back (wallet 12.4). */
  readonly isPutBack: boolean
  /** Code of the newest refusal, acted on once the quote was asked again (W-05). */
  code: number | undefined
  /** Times that the receiver's server was asked in vain. */
  asked: number
  /** First look that found the quote unknown and every input spent; believed at the second. */
  spentAt: number | undefined
  /** Unix ms of the first look at which the coins were spent and the quote unpaid. */
  takenAt: number | undefined
  /** First answer that called it paid. */
  paidAt: number | undefined
  /** First look that found it paid and every input unspent. */
  elsewhereAt: number | undefined
  /** Quote that this flight made, or asked for: unpaid before any coins are locked for it. */
  unpaidQuote: string | undefined
  splits: number
}
export const noMemory = (isPutBack: boolean): MeltMemory => ({
  isPutBack,
  code: undefined,
  asked: 0,
  spentAt: undefined,
  takenAt: undefined,
  paidAt: undefined,
  elsewhereAt: undefined,
  unpaidQuote: undefined,
  splits: 0,
})

/** Claims of an open payout by Lightning: the list of work, and what its floor must bear while it holds no coins. */
export const payingClaim = (payout: string) => ({ kind: 'paying', key: payout, owner: 'lightning' })
export const coinlessClaim = (payout: string) => ({ kind: 'coinless', key: payout, owner: 'lightning' })
export const hashClaim = (paymentHash: string, payout: string) => ({
  kind: 'hash-out',
  key: paymentHash,
  owner: payout,
})

/** What a customer's invoice may be of: the whole sats less at least two, or one percent, for its fees (wallet 5.4). */
export function invoiceMsatOf(grossMsat: number): number {
  const left = grossMsat - Math.max(limits.lightningAsideSat * 1000, wholePartsUp(grossMsat, 100))
  return left - (left % 1000)
}

export type Melts = {
  /** Waits for the end of a payout, at most so long. */
  readonly follow: (payout: string, waitMs: number) => Promise<void>
  /** Asks the mint now. */
  readonly wake: (payout: string) => void
  readonly resume: () => Promise<number>
  readonly start: () => void
  readonly stop: () => void
}
