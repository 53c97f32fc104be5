/** Every movement of one session, newest first, each with the balance after it (dashboard 4.2, D-029). */
import type { Sql } from '../sql'

export type TimelineRow = {
  readonly position: bigint
  /** Unix ms. */
  readonly at: bigint
  readonly kind: string
  readonly msat: bigint
  readonly transfer: string | null
  readonly requestId: string | null
  /** What a bitcoin cost then, decimal text; null: nobody kept it. */
  readonly usdPerBtc: string | null
  /** JSON text. */
  readonly facts: string
  /** Facts of the row that set the same before, as JSON text; null: this one sets nothing that an operator changes. */
  readonly earlier: string | null
}
type Of = {
  readonly session: string
  /** Of a child key: who pays for it. */
  readonly parent: string | null
}
export type TimelineFilter = Of & {
  readonly kind?: string | undefined
  /** Rows below this position. */
  readonly before: bigint
  readonly limit: number
}

/** What the holder sets himself has no reason, and is none of the operator's limits. */
const earlier = `case when kind = 'limits-set' or kind = 'expiry-set' and facts::json->>'reason' is not null then
  (select past.facts from session_moves as past where past.session = $1 and past.position < session_moves.position
    and (past.kind = 'opened' or past.kind = session_moves.kind and past.facts::json->>'reason' is not null)
    order by past.position desc limit 1) end`
const moved = `select position, at, kind, msat, transfer, null::text as "requestId", "usdPerBtc", facts, ${earlier} as earlier
  from session_moves where session = $1`
/** A parent's charges are those of its child keys too; a child shows what it asked for. */
const charged = `select position, at, 'charge' as kind, -"costMsat" as msat, null::text as transfer, "requestId", "usdPerBtc",
  json_build_object('model', model, 'upstream', upstream, 'outcome', outcome, 'inputTokens', "inputTokens",
    'outputTokens', "outputTokens", 'estimated', estimated, 'shortfallMsat', "shortfallMsat",
    'childKey12', case when child is null then null else key12 end)::text as facts,
  null::text as earlier
  from requests where payer = coalesce($2, $1) and ($2::text is null or child = $1)`
/** How a payout ended; its money left the balance when it was asked for. */
const paidOut = `select "endedPosition" as position, "endedAt" as at, case state when 'paid' then 'refund-paid'
    when 'claimed' then 'refund-collected' when 'swept' then 'refund-taken' else 'refund-failed' end as kind,
  0::bigint as msat, id as transfer, null::text as "requestId", "usdPerBtc",
  json_build_object('via', via, 'amountMsat', "amountMsat", 'destination', destination)::text as facts,
  null::text as earlier
  from transfers where session = $1 and kind = 'payout' and "endedPosition" is not null`

/** One page; every source is read from its newest row on, no further than the page needs. */
export const listTimeline = (
  sql: Sql,
  { session, parent, kind, before, limit }: TimelineFilter,
): Promise<readonly TimelineRow[]> => {
  const newest = (rows: string) =>
    `(select * from (${rows}) as one where position < $3 and ($4::text is null or kind = $4)
      order by position desc limit $5)`
  return sql.query<TimelineRow>(
    `${[moved, charged, paidOut].map(newest).join(' union all ')} order by position desc limit $5`,
    [session, parent, before, kind ?? null, limit],
  )
}

/** What moved from each of these positions (ascending) up to the next, the last one up to `before`; itself not counted. */
export async function movedAfter(
  sql: Sql,
  session: string,
  positions: readonly bigint[],
  before: bigint,
): Promise<readonly bigint[]> {
  const rows = await sql.query<{ n: number; msat: bigint }>(
    `with cut as (select array_agg(value::bigint order by value::bigint) as cuts from jsonb_array_elements_text($2::jsonb)),
     moves as (select position, msat from session_moves where session = $1 and position > $3 and position < $4
       union all select position, -"costMsat" from requests where payer = $1 and position > $3 and position < $4)
     select width_bucket(position - 1, (select cuts from cut))::int as n, sum(msat)::bigint as msat from moves group by 1`,
    [session, JSON.stringify(positions.map(String)), positions[0] ?? 0n, before],
  )
  const sums = new Map(rows.map(({ n, msat }) => [n, msat]))
  return positions.map((_, n) => sums.get(n + 1) ?? 0n)
}

/** The balance, and the position that it stands for: what is appended meanwhile is in neither. */
export async function balanceNow(
  sql: Sql,
  session: string,
): Promise<{ readonly balanceMsat: bigint; readonly position: bigint }> {
  const [row] = await sql.query<{ balanceMsat: bigint; position: bigint }>(
    `select "balanceMsat", (select position from projections where name = 'sessions') as position
     from sessions where stream = $1`,
    [session],
  )
  return row ?? { balanceMsat: 0n, position: 0n }
}

/** The same movements by kind: their sum is the balance. */
export const sumTimeline = (
  sql: Sql,
  session: string,
): Promise<readonly { readonly kind: string; readonly msat: bigint }[]> =>
  sql.query(
    `select kind, sum(msat)::bigint as msat from session_moves where session = $1 group by kind having sum(msat) <> 0
     union all select 'charge', "childKeysMsat" - "spentMsat" from sessions
       where stream = $1 and parent is null and "spentMsat" <> "childKeysMsat"`,
    [session],
  )
