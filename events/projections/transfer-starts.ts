/** How a row of transfers begins: with what a deposit or a payout was asked for. */
import type { DepositEvent } from '../schema/deposit'
import type { PayoutEvent } from '../schema/payout'
import { ofSession } from './operator-transfers'
import type { TransferRow } from './transfers'

/** An invoice: what it asks for stands as face value, nothing of it arrived yet. */
export function invoiced(event: {
  readonly stream: string
  readonly at: number
  readonly data: Extract<DepositEvent, { type: 'deposit.requested' }>['data']
}): TransferRow {
  const { purpose, target, mint, purse, unit, units, requestId } = event.data
  return {
    id: event.stream,
    kind: 'deposit',
    via: invoiceVias[purpose],
    state: 'open',
    ...ofSession(purpose === 'move' ? '' : target),
    mint,
    purse,
    unit,
    faceUnits: BigInt(units),
    feeUnits: 0n,
    amountMsat: 0n,
    debitedMsat: 0n,
    startedAt: BigInt(event.at),
    endedAt: null,
    endedPosition: null,
    requestId,
    destination: '',
    usdPerBtc: null,
  }
}

const invoiceVias = { create: 'invoice', topup: 'invoice-topup', move: 'move' } as const

export function started(event: {
  readonly stream: string
  readonly at: number
  readonly data: Extract<DepositEvent, { type: 'deposit.started' }>['data']
}): TransferRow {
  const { via, target, mint, purse, unit, faceUnits, attempt, requestId } = event.data
  return {
    id: event.stream,
    kind: 'deposit',
    via,
    state: 'open',
    ...ofSession(target),
    mint,
    purse,
    unit,
    faceUnits: BigInt(faceUnits),
    feeUnits: BigInt(attempt.feeUnits),
    amountMsat: 0n,
    debitedMsat: 0n,
    startedAt: BigInt(event.at),
    endedAt: null,
    endedPosition: null,
    requestId,
    destination: '',
    usdPerBtc: null,
  }
}

export function requested(event: {
  readonly stream: string
  readonly at: number
  readonly data: Extract<PayoutEvent, { type: 'payout.requested' }>['data']
}): TransferRow {
  const { purpose, sessionId, msat, shares, requestId, destination = '' } = event.data
  const place = sessionId === undefined ? shares[0]?.purse : undefined
  return {
    id: event.stream,
    kind: 'payout',
    via: purpose,
    state: 'open',
    ...ofSession(sessionId ?? ''),
    mint: '',
    purse: place ?? '',
    unit: place?.split('/')[1] ?? '',
    faceUnits: 0n,
    feeUnits: 0n,
    amountMsat: BigInt(msat),
    debitedMsat: BigInt(msat),
    startedAt: BigInt(event.at),
    endedAt: null,
    endedPosition: null,
    requestId,
    destination,
    usdPerBtc: null,
  }
}
