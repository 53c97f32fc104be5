/** sessions.list and sessions.get: every key's money, never the key. */
import { z } from 'zod'
import {
  findSessions,
  listSessions,
  type SessionFilter,
  type SessionRow,
  type SessionSort,
  totalSessions,
} from '../../../events'
import { allowed } from '../allowed'
import { query, type RunContext } from '../command'
import { can, numberOf, page, secondsOf } from '../rows'

export const sessionRow = z.object({
  key12: z.string(),
  label: z.string(),
  balanceMsat: z.int(),
  heldMsat: z.int(),
  availableMsat: z.int(),
  spentMsat: z.int(),
  requests: z.int(),
  createdAt: z.int(),
  lastUsedAt: z.int().optional(),
  expiresAt: z.int().optional(),
  origin: z.string(),
  depositedMsat: z.int(),
  refundedMsat: z.int(),
  refundMint: z.string().optional(),
  limitMsat: z.int().optional(),
  state: z.enum(['open', 'expired']),
  can,
})

const sorts = [
  'createdAt',
  'lastUsedAt',
  'balanceMsat',
  'spentMsat',
  'requests',
] as const satisfies readonly SessionSort[]

export const sessionsList = query({
  name: 'sessions.list',
  in: z.object({
    search: z.string().max(64).optional(),
    state: z.enum(['open', 'expired']).optional(),
    funded: z.boolean().optional(),
    sort: z.enum([...sorts, ...sorts.map((sort) => `-${sort}` as const)]).optional(),
    ...page,
  }),
  out: z.object({
    rows: z.array(sessionRow),
    next: z.string().optional(),
    total: z.int(),
    totals: z.object({ balanceMsat: z.int(), spentMsat: z.int(), heldMsat: z.int(), requests: z.int() }),
  }),
  async run({ search, state, funded, sort, cursor, limit }, context) {
    const { node, now } = context
    const offset = cursor === undefined ? 0 : Number.parseInt(cursor, 10)
    const filter: SessionFilter = {
      search,
      state,
      funded,
      sort: sort?.replace('-', '') as SessionSort | undefined,
      descending: sort === undefined || sort.startsWith('-'),
      limit,
      offset: Number.isSafeInteger(offset) && offset >= 0 ? offset : 0,
      nowS: Math.floor(now / 1000),
    }
    const rows = await listSessions(node.views.sql, filter)
    const totals = await totalSessions(node.views.sql, filter)
    const after = (filter.offset ?? 0) + rows.length
    return {
      rows: rows.map((row) => shown(row, context)),
      ...(after < numberOf(totals.sessions) && rows.length > 0 ? { next: String(after) } : {}),
      total: numberOf(totals.sessions),
      totals: {
        balanceMsat: numberOf(totals.balanceMsat),
        spentMsat: numberOf(totals.spentMsat),
        heldMsat: node.holds.totals().heldMsat,
        requests: numberOf(totals.requests),
      },
    }
  },
})

export const sessionsGet = query({
  name: 'sessions.get',
  in: z.object({ session: z.string().regex(/^[0-9a-f]{12,64}$/, 'expected a key hash of 12 to 64 hex digits') }),
  out: sessionRow.extend({
    hash: z.string(),
    limits: z.object({ limitMsat: z.int().nullable(), period: z.string().nullable(), validUntil: z.int().nullable() }),
    children: z.array(z.never()),
    why: z.object({ depositedMsat: z.int(), chargedMsat: z.int(), refundedMsat: z.int(), balanceMsat: z.int() }),
  }),
  async run({ session }, context) {
    const row = await oneSession(session, context)
    if (row === undefined) return { notFound: `session ${session}` }
    const { limits } = await context.node.engine.state('session', row.stream)
    return {
      ...shown(row, context),
      hash: row.stream.slice('session-'.length),
      limits: { limitMsat: limits.balanceLimitMsat, period: limits.balanceLimitReset, validUntil: limits.validUntil },
      children: [],
      why: {
        depositedMsat: numberOf(row.depositedMsat),
        chargedMsat: numberOf(row.spentMsat),
        refundedMsat: numberOf(row.refundedMsat),
        balanceMsat: numberOf(row.balanceMsat),
      },
    }
  },
})

/** The one session whose hash begins so; undefined if there is none, or more than one. */
export async function oneSession(hash: string, { node }: RunContext): Promise<SessionRow | undefined> {
  const found = await findSessions(node.views.sql, hash)
  return found.length === 1 ? found[0] : undefined
}

export function shown(row: SessionRow, { node, principal, now }: RunContext): z.input<typeof sessionRow> {
  const heldMsat = node.holds.heldMsat(row.stream)
  const balanceMsat = numberOf(row.balanceMsat)
  const expiresAt = row.expiresAt === null ? undefined : numberOf(row.expiresAt)
  const lastUsedAt = secondsOf(row.lastUsedAt)
  return {
    key12: row.key12,
    label: row.label,
    balanceMsat,
    heldMsat,
    availableMsat: balanceMsat - heldMsat,
    spentMsat: numberOf(row.spentMsat),
    requests: row.requests,
    createdAt: secondsOf(row.createdAt) ?? 0,
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    origin: row.origin,
    depositedMsat: numberOf(row.depositedMsat),
    refundedMsat: numberOf(row.refundedMsat),
    ...(row.mint === null ? {} : { refundMint: row.mint }),
    ...(row.limitMsat === null ? {} : { limitMsat: numberOf(row.limitMsat) }),
    state: expiresAt !== undefined && now >= expiresAt * 1000 ? 'expired' : 'open',
    can: allowed(principal, { rename: { role: 'operator' } }),
  }
}
