/** The rules of one Lightning invoice (wallet 5.3): shown only once its quote is kept, credited once, never by a clock. */
import type { Coin, DepositEvent, Instead, WalletAttempt } from '../schema/deposit'
import { asMsat } from '../schema/money'

type Data<Type extends DepositEvent['type']> = Extract<DepositEvent, { type: Type }>['data']
export type InvoicePlan = Data<'deposit.requested'>
export type InvoiceQuote = Data<'deposit.quoted'>
export type LapseReason = Data<'deposit.lapsed'>['why']
export type DisputeReason = Data<'deposit.disputed'>['what']

type Kept = {
  readonly plan: InvoicePlan
  readonly quote: InvoiceQuote
  readonly attempts: readonly WalletAttempt[]
  /** Unix ms of the look that saw the payment. */
  readonly paidAt: number | undefined
}
export type Invoice =
  | { readonly is: 'requested'; readonly plan: InvoicePlan }
  | ({ readonly is: 'quoted' | 'paid-seen' | 'planned' } & Kept)
  | ({ readonly is: 'settled'; readonly amountMsat: number } & Kept)
  | ({ readonly is: 'disputed'; readonly what: DisputeReason } & Kept)
  | { readonly is: 'never-quoted'; readonly plan: InvoicePlan }
  | ({ readonly is: 'lapsed'; readonly why: LapseReason } & Kept)

export type InvoiceCommand =
  | { readonly do: 'request'; readonly plan: InvoicePlan; readonly isMintTrusted: boolean }
  | { readonly do: 'quote'; readonly quote: InvoiceQuote }
  | { readonly do: 'see-paid'; readonly via: 'poll' | 'socket'; readonly at: number }
  | { readonly do: 'plan'; readonly attempt: WalletAttempt }
  | { readonly do: 'lapse'; readonly why: LapseReason }
  | { readonly do: 'reopen'; readonly by: string; readonly isMintTrusted: boolean }
  | { readonly do: 'dispute'; readonly what: DisputeReason }
  | ({ readonly do: 'close-dispute' } & Omit<Data<'deposit.dispute-closed'>, 'amountMsat'>)

/** Commands that a token's redemption knows too. */
export type SharedCommand =
  | { readonly do: 'replan'; readonly attempt: WalletAttempt; readonly why: 'rotation' | 'fee' | 'counter-clash' }
  | {
      readonly do: 'settle'
      readonly attemptN: number
      readonly seedId: string
      readonly coins: readonly Coin[]
      /** The target ended meanwhile: what is credited in its place. */
      readonly instead?: Instead | undefined
      /** Of a token: whom its caller credits in the same append. */
      readonly target?: string
      /** Of a token that was given up: nothing else keeps its mint (wallet 9.5). */
      readonly isMintTrusted?: boolean
    }

export type InvoiceRefusal = {
  readonly refused: 'deposit-open' | 'deposit-closed' | 'deposit-is-a-move' | 'mint-unknown'
}

const isInvoiceDo: Readonly<Record<InvoiceCommand['do'], true>> = {
  request: true,
  quote: true,
  'see-paid': true,
  plan: true,
  lapse: true,
  reopen: true,
  dispute: true,
  'close-dispute': true,
}
export const isInvoiceCommand = <Other extends { readonly do: string }>(
  command: InvoiceCommand | Other,
): command is InvoiceCommand => Object.hasOwn(isInvoiceDo, command.do)

/** `invoice` undefined: nothing happened to this stream yet. `[]`: it is so already. */
export function decideInvoice(
  invoice: Invoice | undefined,
  command: InvoiceCommand | SharedCommand,
): DepositEvent[] | InvoiceRefusal {
  if (command.do === 'request') {
    if (invoice !== undefined) return { refused: 'deposit-open' }
    return command.isMintTrusted ? [{ type: 'deposit.requested', data: command.plan }] : { refused: 'mint-unknown' }
  }
  if (invoice === undefined) return { refused: 'deposit-closed' }
  switch (command.do) {
    case 'quote':
      return invoice.is === 'requested' ? [{ type: 'deposit.quoted', data: command.quote }] : closed(invoice)
    case 'see-paid':
      if (invoice.is === 'paid-seen' || invoice.is === 'planned') return []
      return invoice.is === 'quoted'
        ? [{ type: 'deposit.paid-seen', data: { via: command.via, at: command.at } }]
        : closed(invoice)
    case 'plan':
      return invoice.is === 'paid-seen'
        ? [{ type: 'deposit.planned', data: { attempt: command.attempt } }]
        : closed(invoice)
    case 'replan':
      return invoice.is === 'planned'
        ? [{ type: 'deposit.replanned', data: { attempt: command.attempt, why: command.why } }]
        : closed(invoice)
    case 'settle':
      return invoice.is === 'planned' ? [settled(invoice.plan, command)] : closed(invoice)
    case 'lapse':
      return lapse(invoice, command.why)
    case 'reopen':
      if (invoice.is === 'quoted') return []
      if (invoice.is !== 'lapsed' && !isForgotten(invoice)) return closed(invoice)
      return command.isMintTrusted
        ? [{ type: 'deposit.reopened', data: { by: command.by } }]
        : { refused: 'mint-unknown' }
    case 'dispute':
      if (invoice.is === 'disputed') return []
      return isOpen(invoice) ? [{ type: 'deposit.disputed', data: { what: command.what } }] : closed(invoice)
    case 'close-dispute': {
      if (invoice.is !== 'disputed') return closed(invoice)
      const { decision, by, reason } = command
      const { units, unit, purpose } = invoice.plan
      // Nobody was promised it: it is the owner's, or it is lost.
      if (purpose === 'move' && decision === 'credit') return { refused: 'deposit-is-a-move' }
      const amountMsat = asMsat(decision === 'drop' ? 0 : unit === 'sat' ? units * 1000 : units)
      return [{ type: 'deposit.dispute-closed', data: { decision, amountMsat, by, reason } }]
    }
    default:
      return command satisfies never
  }
}

export function evolveInvoice(invoice: Invoice | undefined, event: DepositEvent): Invoice | undefined {
  if (event.type === 'deposit.requested') return { is: 'requested', plan: event.data }
  if (invoice === undefined || invoice.is === 'never-quoted') return invoice
  if (invoice.is === 'requested') {
    if (event.type === 'deposit.quoted')
      return { is: 'quoted', plan: invoice.plan, quote: event.data, attempts: [], paidAt: undefined }
    return event.type === 'deposit.lapsed' ? { is: 'never-quoted', plan: invoice.plan } : invoice
  }
  const { plan, quote, attempts, paidAt } = invoice
  const kept = { plan, quote, attempts, paidAt }
  switch (event.type) {
    case 'deposit.paid-seen':
      return { ...kept, is: 'paid-seen', paidAt: event.data.at }
    case 'deposit.planned':
    case 'deposit.replanned':
      return { ...kept, is: 'planned', attempts: [...attempts, event.data.attempt] }
    case 'deposit.settled':
      return { ...kept, plan: { ...plan, ...event.data.instead }, is: 'settled', amountMsat: event.data.amountMsat }
    case 'deposit.lapsed':
      return { ...kept, is: 'lapsed', why: event.data.why }
    case 'deposit.reopened':
      return { ...kept, is: attempts.length > 0 ? 'planned' : paidAt === undefined ? 'quoted' : 'paid-seen' }
    case 'deposit.disputed':
      return { ...kept, is: 'disputed', what: event.data.what }
    case 'deposit.dispute-closed': {
      const { decision, amountMsat } = event.data
      return decision === 'credit'
        ? { ...kept, is: 'settled', amountMsat }
        : { ...kept, is: 'lapsed', why: 'quote-unknown' }
    }
    case 'deposit.quoted':
    case 'deposit.started':
    case 'deposit.rejected':
      return invoice
    default:
      return event satisfies never
  }
}

/** Time never closes a quote that was seen paid (wallet 6.3), and what was never shown was never quoted. */
function lapse(invoice: Invoice, why: LapseReason): DepositEvent[] | InvoiceRefusal {
  if (invoice.is === 'never-quoted' || invoice.is === 'lapsed') return []
  const fits = invoice.is === 'requested' ? why === 'never-quoted' : invoice.is === 'quoted' && why !== 'never-quoted'
  return fits ? [{ type: 'deposit.lapsed', data: { why } }] : closed(invoice)
}

/** What was signed is what counts (W-14); a mint takes no fee for issuing. */
function settled(
  plan: InvoicePlan,
  { attemptN, seedId, coins, instead }: Extract<SharedCommand, { do: 'settle' }>,
): DepositEvent {
  const units = coins.reduce((sum, coin) => sum + coin.amount, 0)
  const amountMsat = asMsat(plan.unit === 'sat' ? units * 1000 : units)
  return {
    type: 'deposit.settled',
    data: {
      attemptN,
      purse: plan.purse,
      seedId,
      coins: [...coins],
      units,
      feeUnits: 0,
      amountMsat,
      ...(plan.purpose === 'move' ? { move: plan.target } : {}),
      ...(instead === undefined ? {} : { instead }),
    },
  }
}

/** Seen paid, and unknown to its mint since (wallet 6.3). */
export const isForgotten = (invoice: Invoice): boolean => invoice.is === 'disputed' && invoice.what === 'quote-unknown'

const isOpen = (invoice: Invoice): boolean =>
  invoice.is === 'quoted' || invoice.is === 'paid-seen' || invoice.is === 'planned'

const closed = (invoice: Invoice): InvoiceRefusal => ({
  refused: isOpen(invoice) || invoice.is === 'requested' ? 'deposit-open' : 'deposit-closed',
})
