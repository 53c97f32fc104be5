/** Rows of transfers that cross no network: what the operator gave to a key or took from it, and the price of child keys. */
import type { SessionEvent } from '../schema/session'
import type { TransferRow } from './transfers'

export type OperatorEvent = Extract<
  SessionEvent,
  { type: 'session.granted' | 'session.corrected' | 'session.children-added' }
>
export const isOperators = <Event extends { readonly type: string }>(
  event: Event,
): event is Extract<Event, { type: OperatorEvent['type'] }> => event.type.startsWith('session.')

export const ofSession = (session: string) => ({
  session,
  key12: session.slice('session-'.length, 'session-'.length + 12),
})

/** A credit or debit by the operator, and the price of child keys: there and done. */
export function byOperator(
  event: OperatorEvent & {
    readonly stream: string
    readonly version: number
    readonly position: bigint
    readonly at: number
  },
): TransferRow {
  const amountMsat = BigInt(event.type === 'session.children-added' ? event.data.costMsat : event.data.amountMsat)
  return {
    id: `${event.stream}/${event.version}`,
    kind: 'operator',
    via: operatorVias[event.type],
    state: 'settled',
    ...ofSession(event.stream),
    mint: event.type === 'session.granted' ? event.data.mint : '',
    purse: event.type === 'session.granted' ? event.data.purse : '',
    unit: 'msat',
    faceUnits: amountMsat,
    feeUnits: 0n,
    amountMsat,
    debitedMsat: 0n,
    startedAt: BigInt(event.at),
    endedAt: BigInt(event.at),
    endedPosition: event.position,
    requestId: '',
    destination: '',
    usdPerBtc: null,
  }
}
const operatorVias = {
  'session.granted': 'credit',
  'session.corrected': 'debit',
  'session.children-added': 'child-keys',
} as const
