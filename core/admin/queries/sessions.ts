/** sessions.list and sessions.get: every key's money, never the key. */
import { z } from 'zod'
import {
  keyStates,
  type ListedSession,
  listChildren,
  listSessions,
  type SessionFilter,
  type SessionSort,
  spentInPeriodMsat,
  sumTimeline,
  totalSessions,
} from '../../../events'
import { limits as bounds } from '../../limits'
import { allowed, type Can } from '../allowed'
import { isNo, query, type RunContext } from '../command'
import { boundsOf, can, fitting, keyHash, numberOf, page, range, secondsOf } from '../rows'
import { rowNamed } from './session-named'
import { afterOf, sorts } from './sessions-order'

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
  /** Hashed key of the parent whose balance a child key spends. */
  parent: z.string().optional(),
  state: z.enum(keyStates),
  /** Unix seconds: refundable before this. */
  refundableUntil: z.int().optional(),
  can,
})

export const sessionsList = query({
  name: 'sessions.list',
  in: z.object({
    search: z.string().max(64).optional(),
    state: z.enum(keyStates).optional(),
    /** `prepaid`: a balance of its own, one-shot payments apart. */
    kind: z.enum(['parent', 'child', 'prepaid']).optional(),
    expires: z.enum(['none', '24h', '7d', 'past']).optional(),
    origin: z.enum(['token', 'invoice', 'operator', 'child']).optional(),
    funded: z.boolean().optional(),
    /** When it was opened. */
    ...range,
    sort: z.enum([...sorts, ...sorts.map((sort) => `-${sort}` as const)]).optional(),
    ...page,
  }),
  out: z.object({
    rows: z.array(sessionRow),
    next: z.string().optional(),
    total: z.int(),
    totals: z.object({ balanceMsat: z.int(), spentMsat: z.int(), heldMsat: z.int(), requests: z.int() }),
  }),
  async run({ search, state, kind, expires, origin, funded, from, to, sort, cursor, limit }, context) {
    const { node, now } = context
    const filter: SessionFilter = {
      search,
      state,
      kind,
      expires,
      origin,
      funded,
      ...boundsOf({ from, to }, node),
      sort: sort?.replace('-', '') as SessionSort | undefined,
      descending: sort === undefined || sort.startsWith('-'),
      after: afterOf(cursor),
      limit,
      nowS: Math.floor(now / 1000),
      held: node.holds.heldBySession(),
    }
    const rows = await listSessions(node.views.sql, filter)
    const totals = await totalSessions(node.views.sql, filter)
    const page = fitting(
      rows.map((row) => shown(row, context)),
      context.door,
    )
    const last = rows.length === limit || page.length < rows.length ? rows[page.length - 1] : undefined
    return {
      rows: [...page],
      ...(last === undefined ? {} : { next: JSON.stringify([last.sortedBy, last.stream]) }),
      total: numberOf(totals.sessions),
      totals: {
        balanceMsat: numberOf(totals.balanceMsat),
        spentMsat: numberOf(totals.spentMsat),
        heldMsat: numberOf(totals.heldMsat),
        requests: numberOf(totals.requests),
      },
    }
  },
})

export const sessionsGet = query({
  name: 'sessions.get',
  in: z.object({ session: keyHash }),
  out: sessionRow.extend({
    hash: z.string(),
    limits: z.object({
      limitMsat: z.int().nullable(),
      period: z.enum(['daily', 'weekly', 'monthly']).nullable(),
      validUntil: z.int().nullable(),
      maxParallel: z.int().nullable(),
      spentInPeriodMsat: z.int(),
    }),
    holds: z.object({ requests: z.int(), heldMsat: z.int() }),
    children: z.array(sessionRow),
    why: z.object({
      depositedMsat: z.int(),
      chargedMsat: z.int(),
      refundedMsat: z.int(),
      grantedMsat: z.int(),
      forfeitedMsat: z.int(),
      balanceMsat: z.int(),
      /** Sums of the timeline by its kinds, signed: together they are the balance (D-029). */
      byKind: z.record(z.string(), z.int()),
    }),
  }),
  async run({ session }, context) {
    const row = await rowNamed(session, context)
    if (isNo(row)) return row
    const { node, now } = context
    const state = await node.engine.state('session', row.stream)
    const { limits, maxParallel } = state
    const children = await listChildren(node.views.sql, row.stream, Math.floor(now / 1000), bounds.childKeysShown)
    const byKind = await sumTimeline(node.views.sql, row.stream)
    return {
      ...shown(row, context),
      hash: row.stream.slice('session-'.length),
      limits: {
        limitMsat: limits.balanceLimitMsat,
        period: limits.balanceLimitReset,
        validUntil: limits.validUntil,
        maxParallel,
        spentInPeriodMsat: spentInPeriodMsat(state, now),
      },
      holds: { requests: node.holds.inFlight(row.stream), heldMsat: node.holds.heldMsat(row.stream) },
      children: children.map((child) => shown(child, context)),
      why: {
        depositedMsat: numberOf(row.depositedMsat),
        chargedMsat: numberOf(row.spentMsat),
        refundedMsat: numberOf(row.refundedMsat),
        grantedMsat: numberOf(row.grantedMsat),
        forfeitedMsat: numberOf(row.forfeitedMsat),
        balanceMsat: numberOf(row.balanceMsat),
        byKind: Object.fromEntries(byKind.map(({ kind, msat }) => [kind, numberOf(msat)])),
      },
    }
  },
})

export function shown(row: ListedSession, { node, principal, now }: RunContext): z.input<typeof sessionRow> {
  const heldMsat = node.holds.heldMsat(row.stream)
  const balanceMsat = numberOf(row.balanceMsat)
  const expiries = [row.expiresAt, row.payoutAt].filter((time) => time !== null).map(numberOf)
  const expiresAt = expiries.length === 0 ? undefined : Math.min(...expiries)
  const lastUsedAt = secondsOf(row.lastUsedAt)
  const parent = row.parent?.slice('session-'.length, 'session-'.length + 12)
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
    ...(parent === undefined ? {} : { parent }),
    state: row.state,
    ...(row.refundableUntil === null ? {} : { refundableUntil: numberOf(row.refundableUntil) }),
    can: actionsOn(row, principal, now),
  }
}

/** Why an action makes no sense on a key in this state, in the codes of its refusals. */
function actionsOn(row: ListedSession, principal: RunContext['principal'], nowMs: number): Can {
  const { state } = row
  const ofChild = row.parent === null ? undefined : 'is-child'
  const ended = state === 'ended' ? 'session-ended' : undefined
  const noKey = ended ?? (row.origin === 'x-cashu' ? 'is-one-shot' : undefined)
  const over = ended ?? (state === 'revoked' ? 'session-revoked' : undefined)
  // His payout was asked for: no date opens the key again (contract 3.7).
  const left = row.payoutAt !== null && numberOf(row.payoutAt) * 1000 <= nowMs ? 'expires-by-holder' : undefined
  return allowed(principal, {
    rename: { role: 'operator', not: ended },
    freeze: { role: 'operator', not: noKey ?? over ?? (row.frozen ? 'already-frozen' : undefined) },
    unfreeze: { role: 'operator', not: ended ?? (row.frozen ? undefined : 'not-frozen') },
    extend: { role: 'operator', not: noKey ?? over ?? left },
    setLimits: { role: 'operator', not: noKey },
    revoke: { role: 'owner', not: noKey ?? over },
    credit: { role: 'owner', not: noKey ?? over ?? ofChild },
    debit: { role: 'owner', not: noKey ?? ofChild },
  })
}
