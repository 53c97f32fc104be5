/** The rules of a payout by Lightning (wallet 5.4): an invoice, a quote, locked coins, and one proven end. */
import type { Coin, WalletAttempt } from '../schema/deposit'
import { type PayoutEvent, whoseMoney } from '../schema/payout'
import type { Payout, PayoutRefusal } from './payout'

type DataOf<Type extends PayoutEvent['type']> = Extract<PayoutEvent, { type: Type }>['data']
type Requested = DataOf<'payout.requested'>
type Resolved = DataOf<'payout.resolved'>
type Quoted = DataOf<'payout.quoted'>
type Planned = DataOf<'payout.planned'>
type Rejected = DataOf<'payout.rejected'>

export type Lightning =
  /** `tries`: invoices that were too dear with their fees so far. */
  | { readonly is: 'requested' }
  | { readonly is: 'resolved'; readonly invoice: Resolved; readonly tries: number }
  | { readonly is: 'quoted'; readonly invoice: Resolved; readonly quote: Quoted; readonly tries: number }
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
  | { readonly do: 'give-up'; readonly reason: Rejected['reason']; readonly numbers?: Rejected['numbers'] }

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
      return state.is === 'quoted' ? [{ type: 'payout.planned', data: command.plan }] : movedOn
    case 'reblank':
      return state.is === 'planned'
        ? [{ type: 'payout.replanned', data: { attempt: command.attempt, why: command.why } }]
        : movedOn
    case 'see-pending':
      if (state.is !== 'planned') return movedOn
      return state.pendingSeen ? [] : [{ type: 'payout.pending-seen', data: { at: command.at } }]
    case 'want-cancel':
      if (state.is !== 'planned') return movedOn
      return state.cancelWanted === undefined
        ? [{ type: 'payout.cancel-wanted', data: { why: command.why, by: command.by } }]
        : []
    case 'pay':
      return state.is === 'planned' ? [{ type: 'payout.paid', data: paid(wish, state, command) }] : movedOn
    case 'give-up': {
      if (state.is !== 'requested' && state.is !== 'resolved' && state.is !== 'quoted') return movedOn
      const { reason, numbers } = command
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
      return state.is === 'planned' ? { ...state, pendingSeen: true } : state
    case 'payout.cancel-wanted':
      return state.is === 'planned' ? { ...state, cancelWanted: event.data } : state
    case 'payout.paid':
      return state.is === 'planned' ? { is: 'paid', invoice: state.invoice, paid: event.data } : state
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
