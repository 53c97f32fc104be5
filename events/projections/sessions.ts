/** Read model of the Sessions tab: one row for each session, rebuilt from the log at will. */
import { type SessionEvent, sessionEvents } from '../schema/session'
import type { Sql } from '../sql'
import type { Projection } from './projection'

export type SessionRow = {
  readonly stream: string
  /** First 12 hex of the key's hash: what people see of a key. */
  readonly key12: string
  readonly label: string
  readonly origin: string
  readonly balanceMsat: bigint
  readonly spentMsat: bigint
  readonly depositedMsat: bigint
  /** Left by payouts, less what came back of them. */
  readonly refundedMsat: bigint
  /** Given by the owner, less what he took back. */
  readonly grantedMsat: bigint
  readonly requests: number
  readonly createdAt: bigint
  readonly lastUsedAt: bigint | null
  /** Unix seconds, null: never. */
  readonly expiresAt: bigint | null
  readonly limitMsat: bigint | null
  readonly frozen: boolean
  /** Unix seconds of the revocation, and the day until which the key is refundable; null: never, or not at all. */
  readonly revokedAt: bigint | null
  readonly refundableUntil: bigint | null
  readonly ended: boolean
  /** Became the owner's when the key ended. */
  readonly forfeitedMsat: bigint
  readonly mint: string | null
  readonly unit: string | null
}

export const sessions: Projection<SessionEvent, SessionRow> = {
  name: 'sessions',
  version: 4,
  columns: {
    stream: 'text',
    key12: 'text',
    label: 'text',
    origin: 'text',
    balanceMsat: 'bigint',
    spentMsat: 'bigint',
    depositedMsat: 'bigint',
    refundedMsat: 'bigint',
    grantedMsat: 'bigint',
    requests: 'int',
    createdAt: 'bigint',
    lastUsedAt: 'bigint',
    expiresAt: 'bigint',
    limitMsat: 'bigint',
    frozen: 'boolean',
    revokedAt: 'bigint',
    refundableUntil: 'bigint',
    ended: 'boolean',
    forfeitedMsat: 'bigint',
    mint: 'text',
    unit: 'text',
  },
  indexes: [
    '("createdAt" desc, stream desc)',
    '("lastUsedAt" desc, stream desc)',
    '("balanceMsat" desc)',
    '("spentMsat" desc)',
    '(requests desc)',
  ],
  reads: sessionEvents,
  keysOf: (event) => [event.stream],

  fold(row, event) {
    if (event.type === 'session.opened') return opened(event)
    if (row === undefined) return undefined
    switch (event.type) {
      case 'session.credited': {
        const amountMsat = BigInt(event.data.amountMsat)
        const { mint, unit } = event.data
        return {
          ...row,
          balanceMsat: row.balanceMsat + amountMsat,
          depositedMsat: row.depositedMsat + amountMsat,
          mint,
          unit,
        }
      }
      case 'session.charged': {
        const costMsat = BigInt(event.data.costMsat)
        return {
          ...row,
          balanceMsat: row.balanceMsat - costMsat,
          spentMsat: row.spentMsat + costMsat,
          requests: row.requests + 1,
          lastUsedAt: BigInt(event.at),
        }
      }
      case 'session.debited':
        return moved(row, BigInt(event.data.amountMsat))
      case 'session.returned':
        return moved(row, -BigInt(event.data.amountMsat))
      case 'session.renamed':
        return { ...row, label: event.data.label }
      case 'session.frozen':
        return { ...row, frozen: true }
      case 'session.unfrozen':
        return { ...row, frozen: false }
      case 'session.extended':
        return { ...row, expiresAt: bigintOf(event.data.validUntil) }
      case 'session.limits-set':
        return { ...row, limitMsat: bigintOf(event.data.balanceLimitMsat) }
      case 'session.revoked':
        return { ...row, revokedAt: BigInt(event.data.at), refundableUntil: bigintOf(event.data.until ?? null) }
      case 'session.granted':
        return granted(row, BigInt(event.data.amountMsat))
      case 'session.corrected':
        return granted(row, -BigInt(event.data.amountMsat))
      case 'session.ended': {
        const forfeitedMsat = BigInt(event.data.amountMsat)
        return { ...row, ended: true, forfeitedMsat, balanceMsat: row.balanceMsat - forfeitedMsat }
      }
      default:
        return event satisfies never
    }
  },
}

const granted = (row: SessionRow, msat: bigint): SessionRow => ({
  ...row,
  balanceMsat: row.balanceMsat + msat,
  grantedMsat: row.grantedMsat + msat,
})

const bigintOf = (value: number | null): bigint | null => (value === null ? null : BigInt(value))

const moved = (row: SessionRow, outMsat: bigint): SessionRow => ({
  ...row,
  balanceMsat: row.balanceMsat - outMsat,
  refundedMsat: row.refundedMsat + outMsat,
})

function opened(event: {
  readonly stream: string
  readonly at: number
  readonly data: Extract<SessionEvent, { type: 'session.opened' }>['data']
}): SessionRow {
  const { limits, origin } = event.data
  return {
    stream: event.stream,
    key12: event.stream.slice('session-'.length, 'session-'.length + 12),
    label: '',
    origin,
    balanceMsat: 0n,
    spentMsat: 0n,
    depositedMsat: 0n,
    refundedMsat: 0n,
    grantedMsat: 0n,
    requests: 0,
    createdAt: BigInt(event.at),
    lastUsedAt: null,
    expiresAt: bigintOf(limits.validUntil),
    limitMsat: bigintOf(limits.balanceLimitMsat),
    frozen: false,
    revokedAt: null,
    refundableUntil: null,
    ended: false,
    forfeitedMsat: 0n,
    mint: null,
    unit: null,
  }
}

export type SessionFilter = {
  /** Part of the hashed key or of the label. */
  readonly search?: string | undefined
  readonly state?: 'open' | 'expired' | 'frozen' | 'revoked' | 'ended' | undefined
  readonly funded?: boolean | undefined
  readonly sort?: SessionSort | undefined
  readonly descending?: boolean | undefined
  readonly offset?: number | undefined
  readonly limit: number
  /** Unix seconds, to tell expired keys. */
  readonly nowS: number
}
export type SessionSort = 'createdAt' | 'lastUsedAt' | 'balanceMsat' | 'spentMsat' | 'requests'
export type SessionTotals = {
  readonly sessions: bigint
  readonly balanceMsat: bigint
  readonly spentMsat: bigint
  readonly requests: bigint
}

const matching = `($1::text is null or left(stream, length($1) + 8) = 'session-' || $1 or label ilike '%' || $1 || '%')
  and ($2::text is null or $2 = case when ended then 'ended' when "revokedAt" is not null then 'revoked'
    when frozen then 'frozen' when "expiresAt" <= $3::bigint then 'expired' else 'open' end)
  and ($4::boolean is null or ("balanceMsat" > 0) = $4)`
const sortColumns = {
  createdAt: '"createdAt"',
  lastUsedAt: '"lastUsedAt"',
  balanceMsat: '"balanceMsat"',
  spentMsat: '"spentMsat"',
  requests: 'requests',
} as const

const filterParams = (filter: SessionFilter) =>
  [filter.search ?? null, filter.state ?? null, filter.nowS, filter.funded ?? null] as const

/** One page of the list; order and filter as asked, newest first by default. */
export function listSessions(sql: Sql, filter: SessionFilter): Promise<readonly SessionRow[]> {
  const direction = filter.descending === false ? 'asc' : 'desc'
  return sql.query<SessionRow>(
    `select * from sessions where ${matching}
     order by ${sortColumns[filter.sort ?? 'createdAt']} ${direction} nulls last, stream ${direction} limit $5 offset $6`,
    [...filterParams(filter), filter.limit, filter.offset ?? 0],
  )
}

/** Sums over everything that the filter lets through, not over one page. */
export async function totalSessions(sql: Sql, filter: SessionFilter): Promise<SessionTotals> {
  const [row] = await sql.query<SessionTotals>(
    `select count(*) as sessions, coalesce(sum("balanceMsat"), 0)::bigint as "balanceMsat",
       coalesce(sum("spentMsat"), 0)::bigint as "spentMsat", coalesce(sum(requests), 0)::bigint as requests
     from sessions where ${matching}`,
    [...filterParams(filter)],
  )
  return row ?? { sessions: 0n, balanceMsat: 0n, spentMsat: 0n, requests: 0n }
}

/** The sessions whose hashed key begins with `hash`; at most two, enough to tell one from many. */
export const findSessions = (sql: Sql, hash: string): Promise<readonly SessionRow[]> =>
  sql.query<SessionRow>('select * from sessions where stream >= $1 and stream < $2 order by stream limit 2', [
    `session-${hash}`,
    `session-${hash}g`,
  ])
