/** Questions about the read model of sessions: one page, its sums, one key by its hash, the children of a key. */
import type { Sql } from '../sql'
import type { SessionRow } from './sessions'

/** A row with its state of now: a child is at best as well as its parent (contract 3.8). */
export type ListedSession = SessionRow & { readonly state: 'open' | 'expired' | 'frozen' | 'revoked' | 'ended' }

export type SessionFilter = {
  /** Part of the hashed key or of the label. */
  readonly search?: string | undefined
  readonly state?: ListedSession['state'] | undefined
  /** `prepaid`: keys with a balance of their own, one-shot payments apart. */
  readonly kind?: 'parent' | 'child' | 'prepaid' | undefined
  /** When it was opened, Unix ms; `toMs` is outside. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  /** By the time at which the key expires, its own wish included; `none`: never. */
  readonly expires?: 'none' | '24h' | '7d' | 'past' | undefined
  readonly origin?: string | undefined
  readonly funded?: boolean | undefined
  readonly sort?: SessionSort | undefined
  readonly descending?: boolean | undefined
  /** The last row seen: what it is sorted by, and its stream. */
  readonly after?: { readonly value: string | null; readonly stream: string } | undefined
  readonly limit: number
  /** Unix seconds, to tell expired keys. */
  readonly nowS: number
  /** msat that running requests hold, by stream. */
  readonly held?: Readonly<Record<string, number>> | undefined
}
export type SessionSort = keyof typeof sortColumns
export type SessionTotals = {
  readonly sessions: bigint
  readonly balanceMsat: bigint
  readonly spentMsat: bigint
  readonly heldMsat: bigint
  readonly requests: bigint
}

/** `$1` is the present in Unix seconds. */
/** Few keys are parents: only those are gathered to be looked up. */
const parents = `(select stream, ended, "revokedAt", frozen, "expiresAt", "payoutAt" from sessions
  where stream in (select parent from sessions where parent is not null))`
const joined = `sessions s left join ${parents} p on p.stream = s.parent`
const withHeld = `${joined} left join jsonb_each_text($8::jsonb) h on h.key = s.stream`
const state = `case when s.ended or p.ended then 'ended'
  when s."revokedAt" is not null or p."revokedAt" is not null then 'revoked'
  when s.frozen or p.frozen then 'frozen'
  when least(s."expiresAt", p."expiresAt", s."payoutAt", p."payoutAt") <= $1::bigint then 'expired' else 'open' end`

const expiry = 'least(s."expiresAt", s."payoutAt")'

const matching = `($2::text is null or left(s.stream, length($2) + 8) = 'session-' || $2
    or s.label ilike '%' || $2 || '%')
  and ($3::text is null or $3 = ${state})
  and ($4::boolean is null or (s."balanceMsat" > 0) = $4)
  and ($5::text is null or ($5 = 'child') = (s.parent is not null))
  and ($5::text is null or $5 <> 'prepaid' or s.origin <> 'x-cashu')
  and ($6::text is null or case $6 when 'none' then ${expiry} is null when 'past' then ${expiry} <= $1::bigint
    else ${expiry} > $1::bigint and ${expiry} <= $1::bigint + case $6 when '24h' then 86400 else 604800 end end)
  and ($7::text is null or s.origin = $7)
  and ($9::bigint is null or s."createdAt" >= $9) and ($10::bigint is null or s."createdAt" < $10)`
const held = 'coalesce(h.value::bigint, 0)'
/** What each column sorts by, and the type that its last value comes back as. */
const sortColumns = {
  key12: ['s.stream', 'text'],
  label: ['lower(s.label)', 'text'],
  balanceMsat: ['s."balanceMsat"', 'bigint'],
  heldMsat: [held, 'bigint'],
  availableMsat: [`s."balanceMsat" - ${held}`, 'bigint'],
  spentMsat: ['s."spentMsat"', 'bigint'],
  requests: ['s.requests', 'bigint'],
  createdAt: ['s."createdAt"', 'bigint'],
  lastUsedAt: ['s."lastUsedAt"', 'bigint'],
  expiresAt: [expiry, 'bigint'],
  state: [state, 'text'],
  parent: ['s.parent', 'text'],
  depositedMsat: ['s."depositedMsat"', 'bigint'],
  refundedMsat: ['s."refundedMsat"', 'bigint'],
  origin: ['s.origin', 'text'],
  refundMint: ['s.mint', 'text'],
  limitMsat: ['s."limitMsat"', 'bigint'],
} as const

const filterParams = (filter: SessionFilter) =>
  [
    filter.nowS,
    filter.search ?? null,
    filter.state ?? null,
    filter.funded ?? null,
    filter.kind ?? null,
    filter.expires ?? null,
    filter.origin ?? null,
    JSON.stringify(filter.held ?? {}),
    filter.fromMs ?? null,
    filter.toMs ?? null,
  ] as const

/** One page of the list, each row with what it was sorted by; newest first by default, what is unknown last. */
export function listSessions(
  sql: Sql,
  filter: SessionFilter,
): Promise<readonly (ListedSession & { readonly sortedBy: string | null })[]> {
  const [column, type] = sortColumns[filter.sort ?? 'createdAt']
  const [direction, beyond] = filter.descending === false ? ['asc', '>'] : ['desc', '<']
  const last = `$11::text::${type}`
  const behind = `case when ${last} is null then ${column} is null and s.stream ${beyond} $12
    else ${column} is null or ${column} ${beyond} ${last} or (${column} = ${last} and s.stream ${beyond} $12) end`
  return sql.query(
    `select s.*, ${state} as state, (${column})::text as "sortedBy" from ${withHeld}
     where ${matching} and ($12::text is null or ${behind})
     order by ${column} ${direction} nulls last, s.stream ${direction} limit $13`,
    [...filterParams(filter), filter.after?.value ?? null, filter.after?.stream ?? null, filter.limit],
  )
}

/**
 * Sums over everything that the filter lets through, not over one page. What children spent and hold, their parents
 * do.
 */
export async function totalSessions(sql: Sql, filter: SessionFilter): Promise<SessionTotals> {
  const own = `filter (where s.parent is null or $5 = 'child')`
  const [row] = await sql.query<SessionTotals>(
    `select count(*) as sessions, coalesce(sum(s."balanceMsat"), 0)::bigint as "balanceMsat",
       coalesce(sum(s."spentMsat") ${own}, 0)::bigint as "spentMsat",
       coalesce(sum(${held}) ${own}, 0)::bigint as "heldMsat",
       coalesce(sum(s.requests) ${own}, 0)::bigint as requests
     from ${withHeld} where ${matching}`,
    filterParams(filter),
  )
  return row ?? { sessions: 0n, balanceMsat: 0n, spentMsat: 0n, heldMsat: 0n, requests: 0n }
}

/** All keys there ever were. */
export async function countSessions(sql: Sql): Promise<bigint> {
  const [row] = await sql.query<{ sessions: bigint }>('select count(*) as sessions from sessions')
  return row?.sessions ?? 0n
}

/** Keys that were opened in a window (Unix ms), one-shot payments and child keys apart. */
export async function openedSessions(sql: Sql, fromMs: number, toMs: number): Promise<bigint> {
  const [row] = await sql.query<{ sessions: bigint }>(
    `select count(*) as sessions from sessions where "createdAt" >= $1 and "createdAt" < $2 and parent is null
     and origin <> 'x-cashu'`,
    [fromMs, toMs],
  )
  return row?.sessions ?? 0n
}

/** The sessions whose hashed key begins with `hash`; at most two, enough to tell one from many. */
export const findSessions = (sql: Sql, hash: string, nowS: number): Promise<readonly ListedSession[]> =>
  sql.query<ListedSession>(
    `select s.*, ${state} as state from ${joined} where s.stream >= $2 and s.stream < $3 order by s.stream limit 2`,
    [nowS, `session-${hash}`, `session-${hash}g`],
  )

/** The child keys of a session, oldest first. */
export const listChildren = (sql: Sql, parent: string, nowS: number, most: number): Promise<readonly ListedSession[]> =>
  sql.query<ListedSession>(
    `select s.*, ${state} as state from ${joined} where s.parent = $2 order by s."createdAt", s.stream limit $3`,
    [nowS, parent, most],
  )
