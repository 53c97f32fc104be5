/** The rules of a payout by Lightning (wallet 5.4): an invoice, a quote, locked coins, and one proven end. */
import type { Coin, WalletAttempt } from '../schema/deposit'
import { type PayoutEvent, whoseMoney } from '../schema/payout'
import type { Payout, PayoutRefusal } from './payout'
import { fits, isSame, promisedShares } from './payout-shares'

type DataOf<Type extends PayoutEvent['type']> = Extract<PayoutEvent, { type: Type }>['data']
type Requested = DataOf<'payout.requested'>
type Resolved = DataOf<'payout.resolved'>
type Quoted = DataOf<'payout.quoted'>
type Planned = DataOf<'payout.planned'>
type Rejected = DataOf<'payout.rejected'>

export type Lightning =
  /** `tries`: invoices that were too dear with their fees so far. */
  | { readonly is: 'requested'; readonly pendingSeen?: true }
  | { readonly is: 'resolved'; readonly invoice: Resolved; readonly tries: number; readonly pendingSeen?: true }
  | {
      readonly is: 'quoted'
      readonly invoice: Resolved
      readonly quote: Quoted
      readonly tries: number
      readonly pendingSeen?: true
    }
  | {
      readonly is: 'planned'
      readonly invoice: Resolved
      readonly quote: Quoted
      readonly plan: Planned
      readonly attempts: readonly WalletAttempt[]
      readonly pendingSeen: boolean
      readonly cancelWanted: DataOf<'payout.cancel-wanted'> | undefined
    }
  | { readonly is: 'paid'; readonly invoice: Resolved; readonly paid: DataOf<'payout.paid'> }
  | { readonly is: 'rejected'; readonly reason: Rejected['reason']; readonly numbers?: Rejected['numbers'] }

export type LightningCommand =
  | { readonly do: 'resolve'; readonly invoice: Resolved }
  | { readonly do: 'quote'; readonly quote: Quoted }
  | { readonly do: 'lock'; readonly plan: Planned }
  | { readonly do: 'reblank'; readonly attempt: WalletAttempt; readonly why: DataOf<'payout.replanned'>['why'] }
  | { readonly do: 'see-pending'; readonly at: number }
  | { readonly do: 'want-cancel'; readonly why: DataOf<'payout.cancel-wanted'>['why']; readonly by: string }
  | {
      readonly do: 'pay'
      readonly seedId: string
      readonly change: readonly Coin[]
      /** Units of change that were signed and cannot be held: the owner bears them. */
      readonly preimage?: string
      readonly evidence: DataOf<'payout.paid'>['evidence']
    }
  /** On its owner's word: its coins were spent for something else, and it is not paid. */
  | { readonly do: 'lose' }
  /** Its mint calls the quote paid before any coins were locked for it. */
  | { readonly do: 'find-paid'; readonly seedId: string; readonly preimage?: string }
  /** `shares`: where the caller saw the money, so that what he returns beside it goes there. */
  | {
      readonly do: 'give-up'
      readonly reason: Rejected['reason']
      readonly numbers?: Rejected['numbers']
      readonly shares?: Requested['shares']
    }

const lightningPurposes: readonly string[] = ['refund-lightning', 'withdraw-lightning', 'sweep', 'move']
export const isByLightning = ({ purpose }: Pick<Requested, 'purpose'>): boolean => lightningPurposes.includes(purpose)

const movedOn: PayoutRefusal = { refused: 'payout-moved-on' }
const sum = (coins: readonly { readonly amount: number }[]): number =>
  coins.reduce((units, coin) => units + coin.amount, 0)
const msatOf = (purse: string, units: number): number => (purse.endsWith('/sat') ? units * 1000 : units)

/** Invoices that a customer's refund may ask for, each smaller than the one before (wallet 5.4). */
const mostTries = 3

export function decideLightning(
  { wish, lightning: state }: Extract<Payout, { is: 'lightning' }>,
  command: LightningCommand,
): PayoutEvent[] | PayoutRefusal {
  switch (command.do) {
    case 'resolve': {
      const isAgain = state.is === 'quoted' && state.tries < mostTries
      return state.is === 'requested' || isAgain ? [{ type: 'payout.resolved', data: command.invoice }] : movedOn
    }
    case 'quote':
      return state.is === 'resolved' ? [{ type: 'payout.quoted', data: command.quote }] : movedOn
    case 'lock':
      if (state.is !== 'quoted') return movedOn
      return fits(wish, command.plan) ? [{ type: 'payout.planned', data: command.plan }] : { refused: 'shares-merged' }
    case 'reblank':
      return state.is === 'planned'
        ? [{ type: 'payout.replanned', data: { attempt: command.attempt, why: command.why } }]
        : movedOn
    case 'see-pending':
      if (state.is === 'paid' || state.is === 'rejected') return movedOn
      return state.pendingSeen ? [] : [{ type: 'payout.pending-seen', data: { at: command.at } }]
    case 'want-cancel':
      if (state.is !== 'planned') return movedOn
      return state.cancelWanted === undefined || outweighs(command.why, state.cancelWanted.why)
        ? [{ type: 'payout.cancel-wanted', data: { why: command.why, by: command.by } }]
        : []
    case 'lose': {
      if (state.is !== 'planned') return movedOn
      const { purse, inputs } = state.plan
      const shares = [...promisedShares({ is: 'lightning', wish, lightning: state })]
      const coins = { purse, units: sum(inputs), fate: 'lost' as const }
      const whose = whoseMoney(wish.purpose)
      return [{ type: 'payout.rejected', data: { reason: 'coins-gone', whose, shares, coins } }]
    }
    case 'pay':
      return state.is === 'planned' ? [{ type: 'payout.paid', data: paid(wish, state, command) }] : movedOn
    case 'find-paid': {
      if (state.is !== 'quoted') return movedOn
      const { seedId, preimage } = command
      const { purse } = state.quote
      const moved = wish.shares.filter((share) => share.purse !== purse)
      const found = foundPaid(wish, { purse, seedId, units: state.quote.units })
      return [{ type: 'payout.paid', data: { ...found, ...(preimage === undefined ? {} : { preimage }), moved } }]
    }
    case 'give-up': {
      if (state.is !== 'requested' && state.is !== 'resolved' && state.is !== 'quoted') return movedOn
      const { reason, numbers, shares } = command
      if (shares !== undefined && !isSame(wish.shares, shares)) return { refused: 'shares-merged' }
      const data = { reason, whose: whoseMoney(wish.purpose), shares: [...wish.shares] }
      return [{ type: 'payout.rejected', data: { ...data, ...(numbers === undefined ? {} : { numbers }) } }]
    }
    default:
      return command satisfies never
  }
}

/** What a customer's payment did not use goes back to him; the owner's is simply his. */
function paid(
  wish: Requested,
  { plan, quote, attempts }: Extract<Lightning, { is: 'planned' }>,
  { seedId, change, preimage, evidence }: Extract<LightningCommand, { do: 'pay' }>,
): DataOf<'payout.paid'> {
  const whose = whoseMoney(wish.purpose)
  const lockedUnits = sum(plan.inputs)
  const { units } = quote
  const inputFeeUnits = attempts[0]?.feeUnits ?? 0
  const lightningFeeUnits = lockedUnits - units - inputFeeUnits - sum(change)
  const promisedMsat = wish.shares.reduce((msat, share) => msat + share.msat, 0)
  const usedMsat = msatOf(plan.purse, units + lightningFeeUnits + inputFeeUnits)
  return {
    purse: plan.purse,
    seedId,
    whose,
    lockedUnits,
    units,
    lightningFeeUnits,
    inputFeeUnits,
    change: [...change],
    promisedMsat,
    // A mint that keeps more than was promised takes it from the owner: a customer's key never goes below.
    returnedMsat: whose === 'customer' ? Math.max(0, promisedMsat - usedMsat) : 0,
    ...(preimage === undefined ? {} : { preimage }),
    evidence,
  }
}

type Why = DataOf<'payout.cancel-wanted'>['why']
/** That it was paid is news, whatever it was to be taken back for; after the node's own reasons its owner's word is. */
const outweighs = (why: Why, before: Why): boolean =>
  why !== before && before !== 'paid-before' && (why === 'paid-before' || why === 'owner')

type PlannedPayment = Extract<Lightning, { is: 'planned' }>
/** Its coins come back by a fence, and it is paid nevertheless. */
export const isPaidBefore = ({ cancelWanted }: PlannedPayment): boolean => cancelWanted?.why === 'paid-before'
export const paidFrom = ({ plan, quote }: PlannedPayment) => ({
  purse: plan.purse,
  seedId: plan.attempt.seedId,
  units: quote.units,
})

/**
 * A payment that coins outside of this log made, once: a log from an old backup does not know of them. What their loss
 * was booked as, the owner gets back; a customer gets what is above the invoice.
 */
export function foundPaid(
  wish: Requested,
  { purse, seedId, units }: { readonly purse: string; readonly seedId: string; readonly units: number },
): DataOf<'payout.paid'> {
  const whose = whoseMoney(wish.purpose)
  const promisedMsat = wish.shares.reduce((msat, share) => msat + share.msat, 0)
  const returnedMsat = whose === 'customer' ? Math.max(0, promisedMsat - msatOf(purse, units)) : 0
  const nothing = { lockedUnits: 0, lightningFeeUnits: 0, inputFeeUnits: 0, change: [] }
  return { purse, seedId, whose, units, ...nothing, promisedMsat, returnedMsat, evidence: 'quote-alone' }
}

export function evolveLightning(state: Lightning, event: PayoutEvent): Lightning {
  switch (event.type) {
    case 'payout.resolved':
      return { is: 'resolved', invoice: event.data, tries: 'tries' in state ? state.tries + 1 : 1 }
    case 'payout.quoted':
      return state.is === 'resolved' ? { ...state, is: 'quoted', quote: event.data } : state
    case 'payout.planned': {
      if (state.is !== 'quoted') return state
      const { invoice, quote } = state
      const plan = event.data
      const attempts = [plan.attempt]
      return { is: 'planned', invoice, quote, plan, attempts, pendingSeen: false, cancelWanted: undefined }
    }
    case 'payout.replanned':
      return state.is === 'planned' ? { ...state, attempts: [...state.attempts, event.data.attempt] } : state
    case 'payout.pending-seen':
      return state.is === 'paid' || state.is === 'rejected' ? state : { ...state, pendingSeen: true }
    case 'payout.cancel-wanted':
      return state.is === 'planned' ? { ...state, cancelWanted: event.data } : state
    case 'payout.paid':
      return state.is === 'planned' || state.is === 'quoted'
        ? { is: 'paid', invoice: state.invoice, paid: event.data }
        : state
    case 'payout.cancelled':
      return { is: 'rejected', reason: 'cancelled' }
    case 'payout.rejected': {
      const { reason, numbers } = event.data
      return { is: 'rejected', reason, ...(numbers === undefined ? {} : { numbers }) }
    }
    default:
      return state
  }
}
