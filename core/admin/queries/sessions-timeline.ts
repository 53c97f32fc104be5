/** sessions.timeline: every movement of one key's money, newest first, each with the balance after it (D-029, D-030). */
import { z } from 'zod'
import { balanceNow, listTimeline, movedAfter, moveKinds, type Sql, type TimelineRow } from '../../../events'
import { isNo, query } from '../command'
import { fitting, keyHash, numberOf, page } from '../rows'
import { signedBy } from '../signed-by'
import { runningOf, runningRow } from './requests-running'
import { rowNamed } from './session-named'

const kinds = [
  'charge',
  'refund-paid',
  'refund-collected',
  'refund-taken',
  'refund-failed',
  ...moveKinds,
] as const satisfies readonly string[]

/** One limit that an operator moved: msat, a word, a count, Unix seconds; null: none, never, or as for all keys. */
const limitChange = z.object({
  what: z.enum(['limitMsat', 'period', 'maxParallel', 'expiresAt']),
  before: z.union([z.string(), z.number(), z.null()]),
  after: z.union([z.string(), z.number(), z.null()]),
})
type LimitChange = z.input<typeof limitChange>
type Limit = LimitChange['what']

export const sessionsTimeline = query({
  name: 'sessions.timeline',
  in: z.object({ session: keyHash, kind: z.enum(kinds).optional(), ...page }),
  out: z.object({
    rows: z.array(
      z.object({
        at: z.int(),
        kind: z.enum(kinds),
        /** Signed; 0 where no money moved. */
        msat: z.int(),
        /** After it. A child key has none of its own. */
        balanceMsat: z.int().optional(),
        /** What a bitcoin cost then, decimal text; null: no money moved, or nobody knew. */
        usdPerBtc: z.string().nullable(),
        cause: z.string(),
        /** Who did it, by name, and through which door, where an operator did. */
        byName: z.string().optional(),
        door: z.string().optional(),
        changed: z.array(limitChange).optional(),
        requestId: z.string().optional(),
        payout: z.string().optional(),
        deposit: z.string().optional(),
        /** What else is known of it, by kind. */
        facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
      }),
    ),
    next: z.string().optional(),
    /** Promised to running requests, outside the sum: with the first page of all kinds or of charges. */
    holds: z.array(runningRow),
  }),
  async run({ session, kind, cursor, limit }, context) {
    const { node, now } = context
    const { sql } = node.views
    const row = await rowNamed(session, context)
    if (isNo(row)) return row
    const seen = seenOf(cursor)
    const newest = seen === undefined ? await balanceNow(sql, row.stream) : undefined
    const before = seen?.before ?? (newest?.position ?? 0n) + 1n
    const of = { session: row.stream, parent: row.parent }
    const found = await listTimeline(sql, { ...of, kind, before, limit })
    const above = seen?.balanceMsat ?? newest?.balanceMsat ?? 0n
    const balances = row.parent === null ? await balancesAfter(sql, row.stream, found, { above, before }) : undefined
    const nameOf = await signedBy(found.flatMap((one) => factsOf(one).by ?? []).map(String), node)
    const rows = fitting(
      found.map((one, n) => ({ ...shown(one, balances?.[n]), ...signed(factsOf(one), nameOf) })),
      context.door,
    )
    const last = found.length === limit || rows.length < found.length ? found[rows.length - 1] : undefined
    const left = last === undefined ? 0n : (balances?.[rows.length - 1] ?? 0n) - last.msat
    return {
      rows: [...rows],
      ...(last === undefined ? {} : { next: `${last.position} ${left}` }),
      holds: seen === undefined && (kind === undefined || kind === 'charge') ? runningOf(node, now, row.stream) : [],
    }
  },
})

/** The balance after each row: from what it was above the page down, less what moved meanwhile, whatever kind it was. */
async function balancesAfter(
  sql: Sql,
  session: string,
  found: readonly TimelineRow[],
  { above, before }: { readonly above: bigint; readonly before: bigint },
): Promise<readonly bigint[]> {
  const positions = found.map(({ position }) => position).reverse()
  const moved = [...(await movedAfter(sql, session, positions, before))].reverse()
  let balance = above
  return moved.map((msat) => {
    balance -= msat
    return balance
  })
}

/** Position of the last row seen, and the balance before it. */
function seenOf(cursor: string | undefined): { readonly before: bigint; readonly balanceMsat: bigint } | undefined {
  const [, position, msat] = /^(\d{1,18}) (-?\d{1,18})$/.exec(cursor ?? '') ?? []
  return position === undefined || msat === undefined
    ? undefined
    : { before: BigInt(position), balanceMsat: BigInt(msat) }
}

type Facts = Readonly<Record<string, string | number | boolean | null>>

const factsOf = ({ facts }: TimelineRow) => JSON.parse(facts) as Facts

/** Nobody but the operator stands by name in a key's timeline (D-035). */
const signed = ({ by, door }: Facts, nameOf: (id: string) => string) =>
  by === undefined ? {} : { byName: nameOf(String(by)), door: String(door) }

/** Which limits this row moved; undefined: it is of another kind. */
function changedBy(row: TimelineRow): LimitChange[] | undefined {
  if (row.earlier === null) return undefined
  const [before, after] = [JSON.parse(row.earlier) as Facts, factsOf(row)]
  const set: readonly Limit[] = row.kind === 'limits-set' ? ['limitMsat', 'period', 'maxParallel'] : ['expiresAt']
  return set
    .map((what) => ({ what, before: limitIn(before, what), after: limitIn(after, what) }))
    .filter((change) => change.before !== change.after)
}

function limitIn(facts: Facts, what: Limit): LimitChange['after'] {
  const value = facts[what]
  return typeof value === 'string' || typeof value === 'number' ? value : null
}

function shown(row: TimelineRow, balanceMsat: bigint | undefined) {
  const { at, kind, msat, transfer, requestId, usdPerBtc } = row
  const facts = factsOf(row)
  const changed = changedBy(row)
  const isDeposit = transfer?.startsWith('deposit-') === true
  return {
    at: Math.floor(Number(at) / 1000),
    kind: kind as (typeof kinds)[number],
    msat: numberOf(msat),
    ...(balanceMsat === undefined ? {} : { balanceMsat: numberOf(balanceMsat) }),
    usdPerBtc,
    cause: causeOf(kind as (typeof kinds)[number], facts),
    ...(changed === undefined ? {} : { changed }),
    ...(requestId === null ? {} : { requestId }),
    ...(transfer === null ? {} : { [isDeposit ? 'deposit' : 'payout']: transfer.slice(transfer.indexOf('-') + 1) }),
    facts: { ...facts },
  }
}

/** What moved it, in few words. */
function causeOf(kind: (typeof kinds)[number], facts: Facts): string {
  switch (kind) {
    case 'charge':
      return `${facts.model}, ${facts.inputTokens} in, ${facts.outputTokens} out`
    case 'opened':
      return `opened by ${facts.origin}`
    case 'deposit':
      return `deposit, less mint fee ${facts.feeMsat} msat`
    case 'child-keys':
      return `${facts.childKeys} child keys`
    case 'refund':
      return 'refund asked for'
    case 'refund-paid':
      return `paid to ${facts.destination}`
    case 'refund-collected':
      return 'token collected'
    case 'refund-taken':
      return 'uncollected, taken by the operator'
    case 'refund-failed':
      return 'payout failed'
    case 'refund-returned':
      return 'returned by a payout'
    case 'rounded':
      return 'less than one unit, left with the node'
    case 'limit-reset':
      return 'its limit counts anew'
    case 'expiry-set':
    case 'limits-set':
    case 'frozen':
    case 'unfrozen':
    case 'revoked':
    case 'credit':
    case 'debit':
      return String(facts.reason ?? 'by its holder')
    case 'ended':
      return 'the key ended'
    default:
      return kind satisfies never
  }
}
