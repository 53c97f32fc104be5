/** Rows of the log's tables as the rest of the program knows them. */
import { lift } from '../schema/catalogue'
import type { Sql } from '../sql'
import type { BooksAt, CoinRow, EventFilter, Holdings, StoredEvent } from './log'

/** One statement, hence one instant of a log that others go on writing. */
export async function readBooks(sql: Sql): Promise<BooksAt> {
  const rows = await sql.lookup<{ kind: string; purse: string; account: string; amount: bigint }>(
    `select 'head' as kind, '' as purse, '' as account, coalesce(max(position), 0)::bigint as amount from events
     union all select 'sheet', purse, account, msat from sheet
     union all select 'coins', purse, '', sum(amount)::bigint from coin where state <> 'spent' group by purse`,
  )
  const of = (kind: string) => rows.filter((row) => row.kind === kind)
  return {
    position: of('head')[0]?.amount ?? 0n,
    sheet: of('sheet').map(({ purse, account, amount }) => ({ purse, account, msat: amount })),
    coins: of('coins').map(({ purse, amount }) => ({ purse, units: amount })),
  }
}

/** 0 where the wallet has taken none of the keyset yet. */
export async function readCounter(sql: Sql, seedId: string, keysetId: string): Promise<number> {
  const [row] = await sql.lookup<{ next: bigint }>('select next from counter where seed_id = $1 and keyset_id = $2', [
    seedId,
    keysetId,
  ])
  return Number(row?.next ?? 0n)
}

/** Of every keyset that the wallet has taken some of. */
export async function readCounters(sql: Sql) {
  const rows = await sql.query<{ seed_id: string; keyset_id: string; next: bigint }>('select * from counter')
  return rows.map((row) => ({ seedId: row.seed_id, keysetId: row.keyset_id, next: Number(row.next) }))
}

export async function readHoldings(sql: Sql): Promise<Holdings> {
  const rows = await sql.lookup<{ kind: string; a: string; b: string; n: bigint }>(
    `select 'sheet' as kind, purse as a, account as b, msat as n from sheet
     union all select 'coinless', key, '', 0 from claim where kind = 'coinless'
     union all select 'free', purse, coalesce(signed_by, keyset_id) as signer, count(*) from coin
       where state = 'free' group by purse, signer`,
  )
  const of = (kind: string) => rows.filter((row) => row.kind === kind)
  return {
    sheet: of('sheet').map(({ a, b, n }) => ({ purse: a, account: b, msat: n })),
    coinless: of('coinless').map(({ a }) => a),
    free: of('free').map(({ a, b, n }) => ({ purse: a, keysetId: b, coins: Number(n) })),
  }
}

/** Newest first, for people who look: never on the path of a request. */
export async function listEvents(sql: Sql, filter: EventFilter): Promise<readonly StoredEvent[]> {
  const rows = await sql.query<EventRow>(
    `select e.*, s.name from events e join streams s on s.id = e.stream
     where ($1::text is null or s.name = $1) and ($2::text is null or e.type = $2)
       and ($3::text is null or e.meta::json ->> 'actor' = $3) and ($4::bigint is null or e.at >= $4)
       and ($5::bigint is null or e.at < $5) and ($6::bigint is null or e.position < $6)
     order by e.position desc limit $7`,
    [
      filter.stream ?? null,
      filter.type ?? null,
      filter.by ?? null,
      filter.fromMs ?? null,
      filter.toMs ?? null,
      filter.before ?? null,
      filter.limit,
    ],
  )
  return rows.map(asStored)
}

export type EventRow = {
  readonly position: bigint
  readonly name: string
  readonly version: number
  readonly type: string
  readonly v: number
  readonly data: string
  readonly meta: string
  readonly command_id: string | null
  readonly at: bigint
}

export function asStored(row: EventRow): StoredEvent {
  return {
    position: row.position,
    stream: row.name,
    version: row.version,
    type: row.type,
    data: lift(row.type, row.v, JSON.parse(row.data)),
    meta: JSON.parse(row.meta),
    commandId: row.command_id ?? undefined,
    at: Number(row.at),
  }
}

export type CoinColumns = {
  readonly seed_id: string
  readonly keyset_id: string
  readonly counter: bigint
  readonly amount: bigint
  readonly c: string
  readonly purse: string
  readonly state: CoinRow['state']
  readonly signed_by: string | null
}

export const asCoin = (row: CoinColumns): CoinRow => ({
  seedId: row.seed_id,
  keysetId: row.keyset_id,
  counter: Number(row.counter),
  amount: Number(row.amount),
  c: row.c,
  purse: row.purse,
  state: row.state,
  ...(row.signed_by === null ? {} : { signedBy: row.signed_by }),
})
