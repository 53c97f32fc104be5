/** Read model of money that came and went: one row for each deposit and payout, and for what the operator moved. */
import { type DepositEvent, depositEvents } from '../schema/deposit'
import { type PayoutEvent, payoutEvents } from '../schema/payout'
import { sessionEvents } from '../schema/session'
import { byOperator, isOperators, type OperatorEvent, ofSession } from './operator-transfers'
import type { Projection, Recorded } from './projection'
import { invoiced, requested, started } from './transfer-starts'

export type TransferRow = {
  readonly id: string
  readonly kind: 'deposit' | 'payout' | 'operator'
  /** What a deposit came by, what a payout is for. */
  readonly via: string
  readonly state:
    | 'open'
    | 'settled'
    | 'spent-elsewhere'
    | 'refused'
    | 'not-sent'
    | 'planned'
    | 'ready'
    | 'claimed'
    | 'rejected'
    | 'unclear'
    | 'paid'
    | 'swept'
    | 'taken-back'
    | 'lapsed'
    | 'disputed'
  readonly key12: string
  /** Session whose money it is; empty where it is the owner's. */
  readonly session: string
  readonly mint: string
  readonly purse: string
  readonly unit: string
  /** Of a deposit: what its token or invoice is worth; 0 for a payout. */
  readonly faceUnits: bigint
  readonly feeUnits: bigint
  /** What moved: what a deposit brought, or a payout's receiver got; of one under way, what was taken for it. */
  readonly amountMsat: bigint
  /**
   * Of a payout: what was taken for it, and once a customer's is paid by Lightning, what of that did not come back:
   * fees out of it included. 0 for all else.
   */
  readonly debitedMsat: bigint
  readonly startedAt: bigint
  readonly endedAt: bigint | null
  /** Where in the log it ended; null: it has not, or not yet. */
  readonly endedPosition: bigint | null
  readonly requestId: string
  /** By Lightning: where it goes, as it was asked for. */
  readonly destination: string
  /** What a bitcoin cost when its money moved last, decimal text; null: it did not move, or nobody knew. */
  readonly usdPerBtc: string | null
}

const {
  'session.granted': granted,
  'session.corrected': corrected,
  'session.children-added': childrenAdded,
} = sessionEvents
type TransferEvent = DepositEvent | PayoutEvent | OperatorEvent

export const transfers: Projection<TransferEvent, TransferRow> = {
  name: 'transfers',
  version: 12,
  columns: {
    id: 'text',
    kind: 'text',
    via: 'text',
    state: 'text',
    key12: 'text',
    session: 'text',
    mint: 'text',
    purse: 'text',
    unit: 'text',
    faceUnits: 'bigint',
    feeUnits: 'bigint',
    amountMsat: 'bigint',
    debitedMsat: 'bigint',
    startedAt: 'bigint',
    endedAt: 'bigint',
    endedPosition: 'bigint',
    requestId: 'text',
    destination: 'text',
    usdPerBtc: 'text',
  },
  indexes: ['("startedAt" desc)', '(session, "startedAt" desc)'],
  reads: {
    ...depositEvents,
    ...payoutEvents,
    'session.granted': granted,
    'session.corrected': corrected,
    'session.children-added': childrenAdded,
  },
  keysOf: (event) => [event.type.startsWith('session.') ? `${event.stream}/${event.version}` : event.stream],

  fold(row, event) {
    const folded = moved(row, event)
    return folded === undefined || event.usdPerBtc === undefined ? folded : { ...folded, usdPerBtc: event.usdPerBtc }
  },
}

function moved(row: TransferRow | undefined, event: Recorded<TransferEvent>): TransferRow | undefined {
  if (event.type === 'deposit.started') return started(event)
  if (event.type === 'payout.requested') return requested(event)
  if (event.type === 'deposit.requested') return invoiced(event)
  if (isOperators(event)) return byOperator(event)
  if (row === undefined) return undefined
  switch (event.type) {
    case 'deposit.replanned':
      return { ...row, feeUnits: BigInt(event.data.attempt.feeUnits) }
    case 'deposit.settled':
      return { ...settled(row, event.data), ...endOf(event) }
    case 'deposit.rejected':
      return { ...row, state: event.data.reason, ...endOf(event) }
    case 'deposit.lapsed':
      return { ...row, state: 'lapsed', ...endOf(event) }
    case 'deposit.disputed':
      return { ...row, state: 'disputed', ...notEnded }
    case 'deposit.dispute-closed': {
      const { decision, amountMsat } = event.data
      const state = decision === 'credit' ? 'settled' : 'lapsed'
      return { ...row, state, amountMsat: BigInt(amountMsat), ...endOf(event) }
    }
    case 'deposit.reopened':
      return { ...row, state: 'open', ...notEnded }
    case 'payout.planned':
      return { ...row, ...placed(event.data), state: 'planned' }
    case 'payout.ready':
      return { ...row, ...placed(event.data), state: 'ready', feeUnits: BigInt(event.data.feeUnits) }
    case 'payout.claimed':
      return { ...row, state: 'claimed', ...endOf(event) }
    case 'payout.quoted':
      return { ...row, ...placed(event.data) }
    case 'payout.pending-seen':
      return { ...row, state: 'unclear' }
    case 'payout.paid':
      return { ...paid(row, event.data), ...endOf(event) }
    case 'payout.swept':
    case 'payout.taken-back':
      return { ...row, state: event.type === 'payout.swept' ? 'swept' : 'taken-back', ...endOf(event) }
    case 'payout.cancelled':
    case 'payout.rejected':
      return { ...row, state: 'rejected', amountMsat: 0n, ...endOf(event) }
    case 'deposit.quoted':
    case 'deposit.paid-seen':
    case 'deposit.planned':
    case 'payout.replanned':
    case 'payout.handed':
    case 'payout.resolved':
    case 'payout.cancel-wanted':
      return row
    case 'payout.reissued':
      return event.data.found === undefined ? row : { ...row, state: 'ready', endedAt: null }
    default:
      return event satisfies never
  }
}

const endOf = ({ at, position }: { readonly at: number; readonly position: bigint }) => ({
  endedAt: BigInt(at),
  endedPosition: position,
})
const notEnded = { endedAt: null, endedPosition: null }

/** What was signed is what arrived; where the target had ended, another key has it. */
const settled = (
  row: TransferRow,
  { feeUnits, amountMsat, instead }: Extract<DepositEvent, { type: 'deposit.settled' }>['data'],
): TransferRow => ({
  ...row,
  ...(instead === undefined ? {} : ofSession(instead.target)),
  state: 'settled',
  feeUnits: BigInt(feeUnits),
  amountMsat: BigInt(amountMsat),
})

/** The invoice's amount is what the receiver got; what fees did not take of a customer's money is on his key again. */
const paid = (
  row: TransferRow,
  { units, lightningFeeUnits, inputFeeUnits, returnedMsat }: Extract<PayoutEvent, { type: 'payout.paid' }>['data'],
): TransferRow => ({
  ...row,
  state: 'paid',
  feeUnits: BigInt(lightningFeeUnits + inputFeeUnits),
  amountMsat: BigInt(units) * (row.unit === 'msat' ? 1n : 1000n),
  debitedMsat: row.debitedMsat - BigInt(returnedMsat),
})

/** Which purse pays is known with the plan. */
const placed = ({ mint, purse }: { readonly mint: string; readonly purse: string }) => ({
  mint,
  purse,
  unit: purse.slice(purse.indexOf('/') + 1),
})
