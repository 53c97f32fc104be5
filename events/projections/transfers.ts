/** Read model of money across the network: one row for each deposit and each payout. */
import { type DepositEvent, depositEvents } from '../schema/deposit'
import { type PayoutEvent, payoutEvents } from '../schema/payout'
import type { Sql } from '../sql'
import type { Projection } from './projection'

export type TransferRow = {
  readonly id: string
  readonly kind: 'deposit' | 'payout'
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
    | 'swept'
    | 'taken-back'
    | 'lapsed'
    | 'disputed'
  readonly key12: string
  readonly mint: string
  readonly purse: string
  readonly unit: string
  readonly faceUnits: bigint
  readonly feeUnits: bigint
  readonly amountMsat: bigint
  readonly startedAt: bigint
  readonly endedAt: bigint | null
  readonly requestId: string
}

export const transfers: Projection<DepositEvent | PayoutEvent, TransferRow> = {
  name: 'transfers',
  version: 4,
  columns: {
    id: 'text',
    kind: 'text',
    via: 'text',
    state: 'text',
    key12: 'text',
    mint: 'text',
    purse: 'text',
    unit: 'text',
    faceUnits: 'bigint',
    feeUnits: 'bigint',
    amountMsat: 'bigint',
    startedAt: 'bigint',
    endedAt: 'bigint',
    requestId: 'text',
  },
  indexes: ['("startedAt" desc)', '(key12)'],
  reads: { ...depositEvents, ...payoutEvents },
  keysOf: (event) => [event.stream],

  fold(row, event) {
    if (event.type === 'deposit.started') return started(event)
    if (event.type === 'payout.requested') return requested(event)
    if (event.type === 'deposit.requested') return invoiced(event)
    if (row === undefined) return undefined
    switch (event.type) {
      case 'deposit.replanned':
        return { ...row, feeUnits: BigInt(event.data.attempt.feeUnits) }
      case 'deposit.settled': {
        const { feeUnits, amountMsat } = event.data
        return {
          ...row,
          state: 'settled',
          feeUnits: BigInt(feeUnits),
          amountMsat: BigInt(amountMsat),
          endedAt: BigInt(event.at),
        }
      }
      case 'deposit.rejected':
        return { ...row, state: event.data.reason, endedAt: BigInt(event.at) }
      case 'deposit.lapsed':
        return { ...row, state: 'lapsed', endedAt: BigInt(event.at) }
      case 'deposit.disputed':
        return { ...row, state: 'disputed', endedAt: null }
      case 'deposit.reopened':
        return { ...row, state: 'open', endedAt: null }
      case 'payout.planned':
        return { ...row, ...placed(event.data), state: 'planned' }
      case 'payout.ready':
        return { ...row, ...placed(event.data), state: 'ready', feeUnits: BigInt(event.data.feeUnits) }
      case 'payout.claimed':
        return { ...row, state: 'claimed', endedAt: BigInt(event.at) }
      case 'payout.swept':
        return { ...row, state: 'swept', endedAt: BigInt(event.at) }
      case 'payout.taken-back':
        return { ...row, state: 'taken-back', endedAt: BigInt(event.at) }
      case 'payout.cancelled':
      case 'payout.rejected':
        return { ...row, state: 'rejected', amountMsat: 0n, endedAt: BigInt(event.at) }
      case 'deposit.quoted':
      case 'deposit.paid-seen':
      case 'deposit.planned':
      case 'payout.replanned':
      case 'payout.handed':
      case 'payout.reissued':
        return row
      default:
        return event satisfies never
    }
  },
}

/** An invoice: what it asks for stands as face value, nothing of it arrived yet. */
function invoiced(event: {
  readonly stream: string
  readonly at: number
  readonly data: Extract<DepositEvent, { type: 'deposit.requested' }>['data']
}): TransferRow {
  const { purpose, target, mint, purse, unit, units, requestId } = event.data
  return {
    id: event.stream,
    kind: 'deposit',
    via: purpose === 'topup' ? 'invoice-topup' : 'invoice',
    state: 'open',
    key12: target.slice('session-'.length, 'session-'.length + 12),
    mint,
    purse,
    unit,
    faceUnits: BigInt(units),
    feeUnits: 0n,
    amountMsat: 0n,
    startedAt: BigInt(event.at),
    endedAt: null,
    requestId,
  }
}

function started(event: {
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
    key12: target.slice('session-'.length, 'session-'.length + 12),
    mint,
    purse,
    unit,
    faceUnits: BigInt(faceUnits),
    feeUnits: BigInt(attempt.feeUnits),
    amountMsat: 0n,
    startedAt: BigInt(event.at),
    endedAt: null,
    requestId,
  }
}

/** Which purse pays is known with the plan. */
const placed = ({ mint, purse }: { readonly mint: string; readonly purse: string }) => ({
  mint,
  purse,
  unit: purse.slice(purse.indexOf('/') + 1),
})

function requested(event: {
  readonly stream: string
  readonly at: number
  readonly data: Extract<PayoutEvent, { type: 'payout.requested' }>['data']
}): TransferRow {
  const { purpose, sessionId, msat, shares, requestId } = event.data
  const place = sessionId === undefined ? shares[0]?.purse : undefined
  return {
    id: event.stream,
    kind: 'payout',
    via: purpose,
    state: 'open',
    key12: sessionId?.slice('session-'.length, 'session-'.length + 12) ?? '',
    mint: '',
    purse: place ?? '',
    unit: place?.split('/')[1] ?? '',
    faceUnits: BigInt(msat) / 1000n,
    feeUnits: 0n,
    amountMsat: BigInt(msat),
    startedAt: BigInt(event.at),
    endedAt: null,
    requestId,
  }
}

export type TransferFilter = {
  readonly kind: TransferRow['kind']
  readonly via?: string | undefined
  readonly states?: readonly TransferRow['state'][] | undefined
  readonly mint?: string | undefined
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  /** `startedAt` and id of the last row seen. */
  readonly before?: { readonly at: bigint; readonly id: string } | undefined
  readonly limit: number
}

const matching = `kind = $1 and ($2::text is null or via = $2)
  and ($3::jsonb is null or state in (select jsonb_array_elements_text($3::jsonb)))
  and ($4::text is null or mint = $4) and ($5::bigint is null or "startedAt" >= $5)
  and ($6::bigint is null or "startedAt" < $6)`
const filterParams = (filter: TransferFilter) => [
  filter.kind,
  filter.via ?? null,
  filter.states === undefined ? null : JSON.stringify(filter.states),
  filter.mint ?? null,
  filter.fromMs ?? null,
  filter.toMs ?? null,
]

/** One page, newest first. */
export const listTransfers = (sql: Sql, filter: TransferFilter): Promise<readonly TransferRow[]> =>
  sql.query<TransferRow>(
    `select * from transfers where ${matching} and ($7::bigint is null or ("startedAt", id) < ($7, $8))
     order by "startedAt" desc, id desc limit $9`,
    [...filterParams(filter), filter.before?.at ?? null, filter.before?.id ?? '', filter.limit],
  )

/** Number and sum over the whole filter, in msat. */
export async function totalTransfers(
  sql: Sql,
  filter: TransferFilter,
): Promise<{ readonly transfers: bigint; readonly amountMsat: bigint }> {
  const [row] = await sql.query<{ transfers: bigint; amountMsat: bigint }>(
    `select count(*) as transfers, coalesce(sum("amountMsat"), 0)::bigint as "amountMsat" from transfers where ${matching}`,
    filterParams(filter),
  )
  return row ?? { transfers: 0n, amountMsat: 0n }
}

export async function findTransfer(sql: Sql, id: string): Promise<TransferRow | undefined> {
  const [row] = await sql.query<TransferRow>('select * from transfers where id = $1', [id])
  return row
}

/** msat in tokens that the owner made for himself and has not redeemed, by purse: they are not in his wallet any more. */
export const ownersTokens = (sql: Sql): Promise<readonly { readonly purse: string; readonly msat: bigint }[]> =>
  sql.query(`select purse, sum("amountMsat")::bigint as msat from transfers
    where kind = 'payout' and via = 'withdraw-token' and state = 'ready' group by purse`)
