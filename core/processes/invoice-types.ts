/** What callers of the invoice process see of it, and what its parts hand each other (wallet 5.3). */
import { createHash } from 'node:crypto'
import type { Invoice, KeyLimits, TrustedMint } from '../../events'
import type { QuoteKeys } from '../money/quote-key'
import type { DepositDeps } from './deposit-types'
import type { MintDesk } from './mint-desk'
import type { MintNews } from './mint-news'

export type InvoiceWish = {
  readonly purpose: 'create' | 'topup'
  /** Session to credit, and the text of its key: shown again by the status of the paid invoice. */
  readonly target: string
  readonly key: string
  readonly limits: KeyLimits
  readonly sats: number
  readonly requestId: string
}

/** An invoice that may be shown: its quote is committed. */
export type InvoiceMade = {
  /** Whoever knows it may ask for the status; only its hash stands in the log. */
  readonly invoiceId: string
  readonly deposit: string
  readonly bolt11: string
  readonly paymentHash: string
  /** Unix seconds. */
  readonly expiresAt: number
}
export type InvoiceRefused = { readonly refused: 'invoices-open' | 'mint-down' | 'mint-unusable' }

export type InvoiceStatus = {
  readonly status: 'pending' | 'settlement_pending' | 'paid' | 'expired'
  readonly purpose: 'create' | 'topup'
  readonly target: string
  readonly key: string | null
  readonly sats: number
  /** Unix ms. */
  readonly paidAt: number | null
  readonly createdAt: number
  /** Unix seconds. */
  readonly expiresAt: number
}

/** What a move is to bring to a mint (wallet 5.6). */
export type MoveWish = {
  readonly deposit: string
  readonly payout: string
  readonly mint: TrustedMint
  readonly unit: 'sat' | 'msat'
  readonly units: number
  readonly requestId: string
}
/** The invoice that a move pays, or there is none and never will be. */
export type MoveInvoice =
  | { readonly bolt11: string; readonly paymentHash: string; readonly expiresAt: number }
  | { readonly refused: 'no-invoice' }

export type InvoiceDeps = DepositDeps & {
  readonly quoteKeys: QuoteKeys
  /** What mints tell by themselves; without it they are asked only. */
  readonly news?: MintNews
}

/** An invoice that has a quote. */
export type QuotedInvoice = Exclude<Invoice, { is: 'requested' | 'never-quoted' }>

/** One look at an invoice: who asks, whom, and about what. */
export type InvoiceCase = { readonly deposit: string; readonly invoice: QuotedInvoice; readonly desk: MintDesk }

/** `watch`: nothing to do but to ask again some day; `wait`: it is paid, and the next try is near. */
export type InvoiceVerdict = 'closed' | 'watch' | 'wait' | 'again'

export const isQuoted = (invoice: Invoice): invoice is QuotedInvoice =>
  invoice.is !== 'requested' && invoice.is !== 'never-quoted'

/** Nobody has to ask for it; of one that was seen paid and is unknown now its mint may know again (wallet 6.3, 13). */
export const isWatched = (invoice: QuotedInvoice): boolean =>
  invoice.is === 'disputed' ? invoice.what === 'quote-unknown' : invoice.is !== 'settled' && invoice.is !== 'lapsed'

export const depositOf = (invoiceId: string): string =>
  `deposit-${createHash('sha256').update(`invoice\n${invoiceId}`).digest('hex').slice(0, 32)}`

/** What a deposit is called without its category: quote keys are derived from it (wallet 5.3). */
export const idOf = (deposit: string): string => deposit.slice('deposit-'.length)

/** Claims of an invoice: `openClaim` while it is watched, its key while it may be shown. */
export const openClaim = (deposit: string) => ({ kind: 'invoice', key: deposit })
export const keyClaim = (deposit: string) => ({ kind: 'invoice-key', key: deposit })
