/** The rules of one payout by token (wallet 5.2): asked for once, planned before it is sent, its coins handed out once. */
import type { Coin, Evidence, WalletAttempt } from '../schema/deposit'
import type { Share } from '../schema/money'
import { type PayoutEvent, whoseMoney } from '../schema/payout'
import type { Process } from './decider'
import {
  decideLightning,
  evolveLightning,
  foundPaid,
  isByLightning,
  isPaidBefore,
  type Lightning,
  type LightningCommand,
  paidFrom,
} from './lightning'
import { movedOn, reclaimed, reject, settle, sharesMerged, sum } from './payout-ends'
import { fits, mergedPayout, promisedShares } from './payout-shares'

type DataOf<Type extends PayoutEvent['type']> = Extract<PayoutEvent, { type: Type }>['data']
type Requested = DataOf<'payout.requested'>
type Planned = DataOf<'payout.planned'>
type Ready = DataOf<'payout.ready'>
type Rejected = DataOf<'payout.rejected'>

export type Payout =
  | { readonly is: 'unknown' }
  | { readonly is: 'requested'; readonly wish: Requested }
  | {
      readonly is: 'planned'
      readonly wish: Requested
      readonly plan: Planned
      readonly attempts: readonly WalletAttempt[]
    }
  | { readonly is: 'ready'; readonly wish: Requested; readonly ready: Ready; readonly handed: boolean }
  | { readonly is: 'claimed'; readonly wish: Requested; readonly ready: Ready }
  | { readonly is: 'lightning'; readonly wish: Requested; readonly lightning: Lightning }
  /** The operator took an uncollected token back: a customer's past its age, or his own. */
  | { readonly is: 'ended'; readonly how: 'swept' | 'taken-back'; readonly wish: Requested; readonly ready: Ready }
  | { readonly is: 'rejected'; readonly wish: Requested; readonly reason: Rejected['reason'] }

export type PayoutCommand =
  | LightningCommand
  | { readonly do: 'request'; readonly wish: Requested }
  | { readonly do: 'plan'; readonly plan: Planned }
  | { readonly do: 'replan'; readonly attempt: WalletAttempt; readonly why: DataOf<'payout.replanned'>['why'] }
  /** Free coins that add up to the amount are handed over as they are. */
  | { readonly do: 'match'; readonly ready: Ready }
  | {
      readonly do: 'settle'
      readonly seedId: string
      readonly send: readonly Coin[]
      readonly keep: readonly Coin[]
      readonly token: string
    }
  | { readonly do: 'hand'; readonly to: DataOf<'payout.handed'>['to'] }
  | { readonly do: 'claim'; readonly seenAt: number }
  /** In the append that settles its fence. */
  | { readonly do: 'cancel'; readonly swapId: string }
  /** In the append that settles the swap of its coins. */
  | {
      readonly do: 'reissue'
      readonly swapId: string
      readonly seedId: string
      readonly send: readonly Coin[]
      readonly token: string
      /** Found by night: whoever saw the old coins spent took it for collected meanwhile (wallet 9.8). */
      readonly isLate?: true
    }
  | { readonly do: 'sweep'; readonly swapId: string; readonly by: string; readonly reason: string }
  | { readonly do: 'take-back'; readonly swapId: string; readonly by: string }
  /** `shares`: where the caller saw the money, so that what he returns beside it goes there. */
  | {
      readonly do: 'reject'
      readonly reason: Rejected['reason']
      readonly evidence?: Evidence
      readonly shares?: readonly Share[]
    }

export type PayoutRefusal = {
  readonly refused: 'payout-exists' | 'payout-moved-on' | 'payout-not-theirs' | 'shares-merged'
}

/** What a payout owes the world: coins to be found, a swap to be driven, or its token to be watched. */
export type PayoutWork = { readonly work: 'find-coins' | 'swap' | 'pay' | 'watch' }

const lightningVerbs: readonly string[] = [
  'resolve',
  'quote',
  'lock',
  'find-paid',
  'lose',
  'reblank',
  'see-pending',
  'want-cancel',
  'pay',
  'give-up',
] satisfies LightningCommand['do'][]
const isLightning = (command: PayoutCommand): command is LightningCommand => lightningVerbs.includes(command.do)

export const payout: Process<Payout, PayoutCommand, PayoutEvent, PayoutRefusal, PayoutWork> = {
  initial: { is: 'unknown' },

  decide(state, command) {
    if (isLightning(command)) return state.is === 'lightning' ? decideLightning(state, command) : movedOn
    switch (command.do) {
      case 'request':
        return state.is === 'unknown'
          ? [{ type: 'payout.requested', data: command.wish }]
          : { refused: 'payout-exists' }
      case 'plan':
        if (state.is !== 'requested') return movedOn
        return fits(state.wish, command.plan) ? [{ type: 'payout.planned', data: command.plan }] : sharesMerged
      case 'match':
        if (state.is !== 'requested') return movedOn
        return fits(state.wish, command.ready) ? [{ type: 'payout.ready', data: command.ready }] : sharesMerged
      case 'replan':
        return state.is === 'planned'
          ? [{ type: 'payout.replanned', data: { attempt: command.attempt, why: command.why } }]
          : movedOn
      case 'settle':
        return settle(state, command)
      case 'hand':
        if (state.is !== 'ready') return state.is === 'claimed' ? [] : movedOn
        return state.handed ? [] : [{ type: 'payout.handed', data: { to: command.to } }]
      case 'claim': {
        if (state.is === 'claimed') return []
        if (state.is !== 'ready') return movedOn
        const { purse, send } = state.ready
        const whose = whoseMoney(state.wish.purpose)
        return [{ type: 'payout.claimed', data: { purse, units: sum(send), seenAt: command.seenAt, whose } }]
      }
      case 'cancel':
        if (state.is === 'lightning' && state.lightning.is === 'planned' && isPaidBefore(state.lightning))
          return [{ type: 'payout.paid', data: foundPaid(state.wish, paidFrom(state.lightning)) }]
        if (state.is !== 'planned' && !(state.is === 'lightning' && state.lightning.is === 'planned')) return movedOn
        return [
          {
            type: 'payout.cancelled',
            data: {
              swapId: command.swapId,
              shares: [...promisedShares(state)],
              whose: whoseMoney(state.wish.purpose),
            },
          },
        ]
      case 'reissue':
      case 'sweep':
      case 'take-back':
        return reclaimed(state, command)
      case 'reject':
        return reject(state, command)
      default:
        return command satisfies never
    }
  },

  evolve(state, event) {
    if (event.type === 'payout.requested')
      return isByLightning(event.data)
        ? { is: 'lightning', wish: event.data, lightning: { is: 'requested' } }
        : { is: 'requested', wish: event.data }
    if (state.is === 'unknown') return state
    const { wish } = state
    if (state.is === 'lightning') return { ...state, lightning: evolveLightning(state.lightning, event) }
    switch (event.type) {
      case 'payout.planned':
        return { is: 'planned', wish, plan: event.data, attempts: [event.data.attempt] }
      case 'payout.replanned':
        return state.is === 'planned' ? { ...state, attempts: [...state.attempts, event.data.attempt] } : state
      case 'payout.ready':
        return { is: 'ready', wish, ready: event.data, handed: false }
      case 'payout.handed':
        return state.is === 'ready' ? { ...state, handed: true } : state
      case 'payout.claimed':
        return state.is === 'ready' ? { is: 'claimed', wish, ready: state.ready } : state
      case 'payout.reissued': {
        if (state.is !== 'ready' && state.is !== 'claimed') return state
        const { seedId, send, token } = event.data
        return { is: 'ready', wish, ready: { ...state.ready, seedId, send, token }, handed: false }
      }
      case 'payout.swept':
      case 'payout.taken-back':
        return state.is === 'ready'
          ? { is: 'ended', how: event.type === 'payout.swept' ? 'swept' : 'taken-back', wish, ready: state.ready }
          : state
      case 'payout.cancelled':
        return { is: 'rejected', wish, reason: 'cancelled' }
      case 'payout.rejected':
        return { is: 'rejected', wish, reason: event.data.reason }
      case 'payout.resolved':
      case 'payout.quoted':
      case 'payout.pending-seen':
      case 'payout.paid':
      case 'payout.cancel-wanted':
        return state
      default:
        return event satisfies never
    }
  },

  merged: mergedPayout,

  todo(state) {
    switch (state.is) {
      case 'requested':
        return [{ work: 'find-coins' }]
      case 'planned':
        return [{ work: 'swap' }]
      case 'ready':
        return [{ work: 'watch' }]
      case 'lightning':
        return state.lightning.is === 'paid' || state.lightning.is === 'rejected' ? [] : [{ work: 'pay' }]
      case 'unknown':
      case 'claimed':
      case 'ended':
      case 'rejected':
        return []
      default:
        return state satisfies never
    }
  },
}
