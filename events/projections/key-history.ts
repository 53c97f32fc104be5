/** What one key sees of its own past (contract 4.5): money in and out, and charges, newest first. */
import type { Sql } from '../sql'
import type { RequestRow } from './requests'
import type { TransferRow } from './transfers'

/** What brings money to a key; an invoice counts once it is paid, and a refused token never moved any. */
const comesIn = `(kind = 'operator' and via = 'credit')
  or (kind = 'deposit' and (state = 'settled' or (state = 'open' and via not in ('invoice', 'invoice-topup'))))`
const goesOut = `(kind = 'operator' and via <> 'credit' and "amountMsat" > 0) or kind = 'payout'`

export type MovementFilter = {
  readonly session: string
  /** undefined: both. */
  readonly type: 'in' | 'out' | undefined
  /** The last row seen. */
  readonly before: Pick<TransferRow, 'id' | 'startedAt'> | undefined
  readonly limit: number
}

export const listMovements = (sql: Sql, filter: MovementFilter): Promise<readonly TransferRow[]> =>
  sql.query<TransferRow>(
    `select * from transfers where session = $1
       and ((coalesce($2::text, 'in') = 'in' and (${comesIn})) or (coalesce($2::text, 'out') = 'out' and (${goesOut})))
       and ($3::bigint is null or ("startedAt", id) < ($3, $4))
     order by "startedAt" desc, id desc limit $5`,
    [filter.session, filter.type ?? null, filter.before?.startedAt ?? null, filter.before?.id ?? '', filter.limit],
  )

export type ChargeFilter = {
  /** Who paid; with `child` only what that child key spent. */
  readonly payer: string
  readonly child: string | undefined
  /** Position of the last row seen. */
  readonly before: bigint | undefined
  readonly limit: number
}

export const listCharges = (sql: Sql, filter: ChargeFilter): Promise<readonly RequestRow[]> =>
  sql.query<RequestRow>(
    `select * from requests where payer = $1 and ($2::text is null or child = $2)
       and ($3::bigint is null or position < $3) order by position desc limit $4`,
    [filter.payer, filter.child ?? null, filter.before ?? null, filter.limit],
  )
