/** The rules of one swap of our own coins (wallet 5.5): planned before it is sent, closed once. */
import type { Coin, Evidence, WalletAttempt } from '../schema/deposit'
import type { SwapEvent } from '../schema/swap'
import type { Process } from './decider'

type DataOf<Type extends SwapEvent['type']> = Extract<SwapEvent, { type: Type }>['data']
type Planned = DataOf<'swap.planned'>

export type Swap =
  | { readonly is: 'unknown' }
  | { readonly is: 'planned'; readonly plan: Planned; readonly attempts: readonly WalletAttempt[] }
  | { readonly is: 'settled'; readonly plan: Planned }
  | { readonly is: 'rejected'; readonly plan: Planned; readonly why: DataOf<'swap.rejected'>['why'] }

export type SwapCommand =
  | { readonly do: 'plan'; readonly plan: Planned }
  | { readonly do: 'replan'; readonly attempt: WalletAttempt; readonly why: DataOf<'swap.replanned'>['why'] }
  | {
      readonly do: 'settle'
      readonly attemptN: number
      readonly seedId: string
      readonly send: readonly Coin[]
      readonly keep: readonly Coin[]
      /** Found by night: of the coins that were added, what is locked still. */
      readonly lockedUnits?: number
    }
  | {
      readonly do: 'reject'
      readonly why: DataOf<'swap.rejected'>['why']
      readonly evidence: Evidence
      /** Coins that were added for the fee are free: the request that held them can never be processed. */
      readonly addedFreed?: boolean
    }

export type SwapRefusal = { readonly refused: 'swap-exists' | 'swap-moved-on' }
export type SwapWork = { readonly work: 'swap' }

const sum = (coins: readonly Coin[]): number => coins.reduce((units, coin) => units + coin.amount, 0)

export const swap: Process<Swap, SwapCommand, SwapEvent, SwapRefusal, SwapWork> = {
  initial: { is: 'unknown' },

  decide(state, command) {
    if (command.do === 'plan')
      return state.is === 'unknown' ? [{ type: 'swap.planned', data: command.plan }] : { refused: 'swap-exists' }
    // A refund that was to be made again is its customer's, however late it is found (wallet 9.8).
    if (state.is === 'rejected' && command.do === 'settle' && remakes(state.plan))
      return [{ type: 'swap.settled', data: settled(state.plan, command) }]
    if (state.is !== 'planned') return { refused: 'swap-moved-on' }
    switch (command.do) {
      case 'replan':
        return [{ type: 'swap.replanned', data: { attempt: command.attempt, why: command.why } }]
      case 'settle':
        return [{ type: 'swap.settled', data: settled(state.plan, command) }]
      case 'reject':
        return [{ type: 'swap.rejected', data: rejected(state.plan, command) }]
      default:
        return command satisfies never
    }
  },

  evolve(state, event) {
    if (event.type === 'swap.planned') return { is: 'planned', plan: event.data, attempts: [event.data.attempt] }
    if (event.type === 'swap.settled' && state.is === 'rejected') return { is: 'settled', plan: state.plan }
    if (state.is !== 'planned') return state
    switch (event.type) {
      case 'swap.replanned':
        return { ...state, attempts: [...state.attempts, event.data.attempt] }
      case 'swap.settled':
        return { is: 'settled', plan: state.plan }
      case 'swap.rejected':
        return { is: 'rejected', plan: state.plan, why: event.data.why }
      default:
        return event satisfies never
    }
  },

  todo: (state) => (state.is === 'planned' ? [{ work: 'swap' }] : []),
}

/** Whether it makes a customer's token again. */
export const remakes = ({ reason, then }: Planned): boolean => reason === 'reclaim' && then?.is === 'reissued'

function settled(
  { purse, reason, inputs, added }: Planned,
  { attemptN, seedId, send, keep, ...command }: Extract<SwapCommand, { do: 'settle' }>,
): DataOf<'swap.settled'> {
  const outUnits = reason === 'reclaim' ? sum(inputs) : 0
  const lockedUnits = command.lockedUnits ?? (reason === 'reclaim' ? 0 : sum(inputs)) + sum(added)
  const feeUnits = outUnits + lockedUnits - sum(send) - sum(keep)
  return { purse, reason, attemptN, seedId, lockedUnits, outUnits, send: [...send], keep: [...keep], feeUnits }
}

/**
 * A fence that was not sent leaves its coins locked by the parent, a lost one leaves them to the payment that won; coins
 * that were added to a reclaim are fenced in their turn unless nothing was sent (wallet 6.5, W-06, W-07).
 */
function rejected(
  { purse, reason, inputs, added }: Planned,
  { why, evidence, addedFreed }: Extract<SwapCommand, { do: 'reject' }>,
): DataOf<'swap.rejected'> {
  const own = reason === 'fence' || reason === 'reclaim' ? 0 : sum(inputs)
  const freedUnits = (why === 'not-sent' ? own : 0) + (why === 'not-sent' || addedFreed === true ? sum(added) : 0)
  // Of an expired keyset also a fence's coins are nobody's any more (wallet 8.1); a reclaim's are not ours to lose.
  const gone = why === 'expired' && reason !== 'reclaim' ? sum(inputs) + sum(added) : 0
  const lostUnits = why === 'spent-elsewhere' ? own : gone
  return { purse, reason, why, freedUnits, lostUnits, evidence }
}
