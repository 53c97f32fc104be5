/** The rules of one payout by token (wallet 5.2): asked for once, planned before it is sent, its coins handed out once. */
import type { Coin, Evidence, WalletAttempt } from '../schema/deposit'
import { type PayoutEvent, whoseMoney } from '../schema/payout'
import type { Process } from './decider'
import { decideLightning, evolveLightning, isByLightning, type Lightning, type LightningCommand } from './lightning'
import { promisedShares } from './payout-shares'

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
    }
  | { readonly do: 'sweep'; readonly swapId: string; readonly by: string; readonly reason: string }
  | { readonly do: 'take-back'; readonly swapId: string; readonly by: string }
  | { readonly do: 'reject'; readonly reason: Rejected['reason']; readonly evidence?: Evidence }

export type PayoutRefusal = { readonly refused: 'payout-exists' | 'payout-moved-on' | 'payout-not-theirs' }

/** What a payout owes the world: coins to be found, a swap to be driven, or its token to be watched. */
export type PayoutWork = { readonly work: 'find-coins' | 'swap' | 'pay' | 'watch' }

const sum = (coins: readonly Coin[]): number => coins.reduce((units, coin) => units + coin.amount, 0)
const movedOn: PayoutRefusal = { refused: 'payout-moved-on' }
const lightningVerbs: readonly string[] = [
  'resolve',
  'quote',
  'lock',
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
        return state.is === 'requested' ? [{ type: 'payout.planned', data: command.plan }] : movedOn
      case 'match':
        return state.is === 'requested' ? [{ type: 'payout.ready', data: command.ready }] : movedOn
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
        if (state.is !== 'ready') return state
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

function settle(state: Payout, command: Extract<PayoutCommand, { do: 'settle' }>): PayoutEvent[] | PayoutRefusal {
  if (state.is !== 'planned') return movedOn
  const { purse, mint, moved, inputs } = state.plan
  const { seedId, token } = command
  const [send, keep] = [[...command.send], [...command.keep]]
  const feeUnits = sum(inputs) - sum(send) - sum(keep)
  return [
    { type: 'payout.ready', data: { purse, mint, moved, seedId, send, keep, feeUnits, token, exactMatch: false } },
  ]
}

/** Coins that were out came back: a customer's money is owed until it is swept, the owner's own is simply his again. */
function reclaimed(
  state: Payout,
  command: Extract<PayoutCommand, { do: 'reissue' | 'sweep' | 'take-back' }>,
): PayoutEvent[] | PayoutRefusal {
  if (state.is !== 'ready') return movedOn
  const isOwners = whoseMoney(state.wish.purpose) === 'owner'
  const { swapId } = command
  const { purse, send } = state.ready
  if (command.do === 'reissue') {
    if (isOwners) return { refused: 'payout-not-theirs' }
    if (sum(command.send) !== sum(send)) throw new Error('a token made again has another value')
    const { seedId, token } = command
    return [{ type: 'payout.reissued', data: { swapId, seedId, send: [...command.send], token } }]
  }
  if (isOwners !== (command.do === 'take-back')) return { refused: 'payout-not-theirs' }
  const { by } = command
  return command.do === 'take-back'
    ? [{ type: 'payout.taken-back', data: { swapId, purse, units: sum(send), by } }]
    : [{ type: 'payout.swept', data: { swapId, purse, units: sum(send), by, reason: command.reason } }]
}

/** Nothing that was handed out can be taken back here; locked coins are named with what became of them. */
function reject(state: Payout, command: Extract<PayoutCommand, { do: 'reject' }>): PayoutEvent[] | PayoutRefusal {
  if (state.is !== 'requested' && state.is !== 'planned') return movedOn
  const { reason, evidence } = command
  const shares = [...promisedShares(state)]
  const whose = whoseMoney(state.wish.purpose)
  if (state.is === 'requested') return [{ type: 'payout.rejected', data: { reason, whose, shares } }]
  const fate = reason === 'coins-gone' ? ('lost' as const) : ('freed' as const)
  const coins = { purse: state.plan.purse, units: sum(state.plan.inputs), fate }
  return [
    {
      type: 'payout.rejected',
      data: { reason, whose, shares, coins, ...(evidence === undefined ? {} : { evidence }) },
    },
  ]
}
