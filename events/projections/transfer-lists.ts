/** Pages and sums of the read model of transfers. */
import type { Sql } from '../sql'
import type { TransferRow } from './transfers'

export type TransferFilter = {
  readonly kind?: TransferRow['kind'] | undefined
  readonly via?: readonly string[] | undefined
  readonly states?: readonly TransferRow['state'][] | undefined
  readonly mint?: string | undefined
  /** Part of a key, an id, a request or a destination. */
  readonly text?: string | undefined
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  /** `startedAt` and id of the last row seen. */
  readonly before?: { readonly at: bigint; readonly id: string } | undefined
  readonly limit: number
}

const matching = `($1::text is null or kind = $1) and ($2::jsonb is null or via in (select jsonb_array_elements_text($2::jsonb)))
  and ($3::jsonb is null or state in (select jsonb_array_elements_text($3::jsonb)))
  and ($4::text is null or mint = $4) and ($5::bigint is null or "startedAt" >= $5)
  and ($6::bigint is null or "startedAt" < $6)
  and ($7::text is null or position($7 in key12 || ' ' || id || ' ' || "requestId" || ' ' || destination) > 0)`
const filterParams = (filter: TransferFilter) => [
  filter.kind ?? null,
  filter.via === undefined ? null : JSON.stringify(filter.via),
  filter.states === undefined ? null : JSON.stringify(filter.states),
  filter.mint ?? null,
  filter.fromMs ?? null,
  filter.toMs ?? null,
  filter.text === undefined || filter.text === '' ? null : filter.text,
]

/** One page, newest first. */
export const listTransfers = (sql: Sql, filter: TransferFilter): Promise<readonly TransferRow[]> =>
  sql.query<TransferRow>(
    `select * from transfers where ${matching} and ($8::bigint is null or ("startedAt", id) < ($8, $9))
     order by "startedAt" desc, id desc limit $10`,
    [...filterParams(filter), filter.before?.at ?? null, filter.before?.id ?? '', filter.limit],
  )

/** Money that moved, or is about to: none of it came back, and none was refused. */
const isMoved = `state not in ('rejected', 'taken-back', 'refused', 'not-sent', 'spent-elsewhere', 'lapsed')`

/** Their number over the whole filter, and the sum of those that moved, in msat. */
export async function totalTransfers(
  sql: Sql,
  filter: TransferFilter,
): Promise<{ readonly transfers: bigint; readonly amountMsat: bigint }> {
  const [row] = await sql.query<{ transfers: bigint; amountMsat: bigint }>(
    `select count(*) as transfers, coalesce(sum("amountMsat") filter (where ${isMoved}), 0)::bigint as "amountMsat"
     from transfers where ${matching}`,
    filterParams(filter),
  )
  return row ?? { transfers: 0n, amountMsat: 0n }
}

/** Sums by kind and way of what moved in each bucket between one of `cuts` (Unix ms, ascending) and the next, by the time they began. */
export const sumTransfersInBuckets = (
  sql: Sql,
  cuts: readonly number[],
): Promise<
  readonly { readonly bucket: number; readonly kind: string; readonly via: string; readonly msat: bigint }[]
> =>
  sql.query(
    `with cut as (select array_agg(value::bigint order by value::bigint) as cuts from jsonb_array_elements_text($3::jsonb))
     select width_bucket("startedAt", (select cuts from cut))::int as bucket, kind, via, sum("amountMsat")::bigint as msat
     from transfers where "startedAt" >= $1 and "startedAt" < $2 and ${isMoved} group by 1, 2, 3`,
    [cuts[0] ?? 0, cuts.at(-1) ?? 0, JSON.stringify(cuts)],
  )

export async function findTransfer(sql: Sql, id: string): Promise<TransferRow | undefined> {
  const [row] = await sql.query<TransferRow>('select * from transfers where id = $1', [id])
  return row
}

/** Payouts whose id begins so, at most `limit`. */
export const payoutsNamed = (sql: Sql, id: string, limit: number): Promise<readonly TransferRow[]> =>
  sql.query<TransferRow>('select * from transfers where id >= $1 and id < $2 order by id limit $3', [
    `payout-${id}`,
    `payout-${id}g`,
    limit,
  ])

/** When the newest sweep began (Unix ms); undefined: there was none. */
export async function newestSweepMs(sql: Sql): Promise<number | undefined> {
  const [row] = await sql.query<{ ms: bigint | null }>(
    `select max("startedAt") as ms from transfers where kind = 'payout' and via = 'sweep'`,
    [],
  )
  return row?.ms == null ? undefined : Number(row.ms)
}

/** Payouts by Lightning whose outcome nobody knows, since before a time (Unix ms). */
export async function unclearSince(
  sql: Sql,
  beforeMs: number,
): Promise<{ readonly payouts: bigint; readonly sinceMs: bigint | null }> {
  const [row] = await sql.query<{ payouts: bigint; sinceMs: bigint | null }>(
    `select count(*) as payouts, min("startedAt") as "sinceMs" from transfers
     where kind = 'payout' and state = 'unclear' and "startedAt" < $1`,
    [beforeMs],
  )
  return row ?? { payouts: 0n, sinceMs: null }
}

/** msat in tokens that the owner made for himself and has not redeemed, by purse: they are not in his wallet any more. */
export const ownersTokens = (sql: Sql): Promise<readonly { readonly purse: string; readonly msat: bigint }[]> =>
  sql.query(`select purse, sum("amountMsat")::bigint as msat from transfers
    where kind = 'payout' and via = 'withdraw-token' and state = 'ready' group by purse`)
