/** payouts.list, payouts.get and refunds.list: money on its way out, without any token. */
import { z } from 'zod'
import {
  findTransfer,
  listTransfers,
  shownSat,
  type TransferFilter,
  type TransferRow,
  totalTransfers,
} from '../../../events'
import { allowed } from '../allowed'
import { query, type RunContext } from '../command'
import { drainSentence } from '../drain-sentence'
import { stepSentence } from '../payout-steps'
import { boundsOf, can, numberOf, page, range, secondsOf } from '../rows'

/** Wallet 5.4: what people see of a payout's state. */
const states = ['prepared', 'sent', 'failed', 'uncollected', 'collected', 'takenBack', 'unclear', 'paid'] as const
type State = (typeof states)[number]
const shownAs: Readonly<Partial<Record<TransferRow['state'], State>>> = {
  open: 'prepared',
  planned: 'sent',
  ready: 'uncollected',
  claimed: 'collected',
  rejected: 'failed',
  unclear: 'unclear',
  paid: 'paid',
  swept: 'takenBack',
  'taken-back': 'takenBack',
}
const storedAs = (state: State): readonly TransferRow['state'][] =>
  (Object.keys(shownAs) as TransferRow['state'][]).filter((stored) => shownAs[stored] === state)

const payoutRow = z.object({
  payout: z.string(),
  purpose: z.string(),
  sat: z.number(),
  /** What moved of it; the totals are sums of this. */
  movedSat: z.number(),
  feeSat: z.number().optional(),
  to: z.string(),
  mint: z.string(),
  state: z.enum(states),
  at: z.int(),
  /** What a bitcoin cost when its money moved last, decimal text; null: nobody knew. */
  usdPerBtc: z.string().nullable(),
  can,
  /** Of a move: how its drain stands. */
  sentence: z.string().optional(),
})
const idOf = (stream: string): string => stream.slice('payout-'.length)

export const payoutsList = query({
  name: 'payouts.list',
  in: z.object({
    purpose: z.string().max(30).optional(),
    state: z.enum(states).optional(),
    mint: z.string().max(300).optional(),
    ...range,
    ...page,
  }),
  out: z.object({
    rows: z.array(payoutRow),
    next: z.string().optional(),
    total: z.int(),
    totals: z.object({ sat: z.number() }),
  }),
  async run({ purpose, state, mint, from, to, cursor, limit }, context) {
    const { node } = context
    const filter: TransferFilter = {
      kind: 'payout',
      via: purpose === undefined ? undefined : [purpose],
      states: state === undefined ? undefined : storedAs(state),
      mint,
      ...boundsOf({ from, to }, node),
      before: beforeOf(cursor),
      limit,
    }
    const rows = await listTransfers(node.views.sql, filter)
    const totals = await totalTransfers(node.views.sql, filter)
    return {
      rows: await Promise.all(rows.map(async (row) => ({ ...shown(row, context), ...(await ofDrain(row, node)) }))),
      ...nextOf(rows, limit),
      total: numberOf(totals.transfers),
      totals: { sat: shownSat(totals.amountMsat) },
    }
  },
})

export const payoutsGet = query({
  name: 'payouts.get',
  in: z.object({ payout: z.string().regex(/^[0-9a-f]{32}$/, 'expected the 32 hex digits of a payout') }),
  out: payoutRow.extend({
    key12: z.string(),
    steps: z.array(z.object({ at: z.int(), what: z.string(), sentence: z.string() })),
  }),
  async run({ payout }, context) {
    const { node } = context
    const stream = `payout-${payout}`
    const row = await findTransfer(node.views.sql, stream)
    if (row === undefined) return { notFound: `payout ${payout}` }
    const events = await node.log.read(stream, 0)
    const steps = events.map(({ at, type, data }) => ({
      at: Math.floor(at / 1000),
      what: type,
      sentence: stepSentence({ type, data }, row.via),
    }))
    return { ...shown(row, context), ...(await ofDrain(row, node)), key12: row.key12, steps }
  },
})

/** Uncollected refunds and change: customers' money that waits for them, and counts as owed. */
export const refundsList = query({
  name: 'refunds.list',
  in: z.object({ olderThanDays: z.int().min(0).max(10_000).optional(), ...page }),
  out: z.object({
    rows: z.array(
      z.object({
        refund: z.string(),
        key12: z.string().optional(),
        /** Of change: no key opens a payment of one request. */
        requestId: z.string().optional(),
        sat: z.number(),
        mint: z.string(),
        ageS: z.int(),
        state: z.enum(states),
        can,
      }),
    ),
    next: z.string().optional(),
    total: z.int(),
    totals: z.object({ sat: z.number() }),
    /** From which age on one may be taken. */
    takeDays: z.int(),
  }),
  async run({ olderThanDays, cursor, limit }, { node, now, principal }: RunContext) {
    const takeMs = node.settings('refunds.takeDays') * 86_400_000
    const filter: TransferFilter = {
      kind: 'payout',
      via: ['refund', 'change'],
      states: ['open', 'planned', 'ready'],
      toMs: olderThanDays === undefined ? undefined : now - olderThanDays * 86_400_000,
      before: beforeOf(cursor),
      limit,
    }
    const rows = await listTransfers(node.views.sql, filter)
    const totals = await totalTransfers(node.views.sql, filter)
    return {
      rows: rows.map((row) => ({
        refund: idOf(row.id),
        ...(row.via === 'change' ? { requestId: row.requestId } : { key12: row.key12 }),
        sat: shownSat(row.amountMsat),
        mint: row.mint,
        ageS: Math.max(0, Math.floor((now - Number(row.startedAt)) / 1000)),
        state: shownAs[row.state] ?? 'prepared',
        can: allowed(principal, {
          makeAgain: { role: 'owner', not: row.state === 'ready' ? undefined : 'payout-has-no-token' },
          take: { role: 'owner', not: now - Number(row.startedAt) < takeMs ? 'refund-too-young' : undefined },
        }),
      })),
      ...nextOf(rows, limit),
      total: numberOf(totals.transfers),
      totals: { sat: shownSat(totals.amountMsat) },
      takeDays: node.settings('refunds.takeDays'),
    }
  },
})

function shown(row: TransferRow, context: RunContext): z.input<typeof payoutRow> {
  const { id, via, feeUnits, mint, unit, state, startedAt } = row
  return {
    payout: idOf(id),
    purpose: via,
    sat: shownSat(state === 'rejected' ? row.debitedMsat : row.amountMsat),
    movedSat: shownSat(row.amountMsat),
    ...(['ready', 'claimed', 'paid'].includes(state)
      ? { feeSat: shownSat(unit === 'msat' ? feeUnits : feeUnits * 1000n) }
      : {}),
    to: receiverOf(row),
    mint,
    state: shownAs[state] ?? 'prepared',
    at: secondsOf(startedAt) ?? 0,
    usdPerBtc: row.usdPerBtc,
    can: mayBe(via, shownAs[state] ?? 'prepared', context),
  }
}

function mayBe(purpose: string, state: State, { principal }: RunContext) {
  const hasToken = purpose === 'withdraw-token' && state === 'uncollected'
  const isOpen = ['prepared', 'sent', 'unclear'].includes(state)
  return allowed(principal, {
    showToken: { role: 'owner', not: hasToken ? undefined : 'payout-has-no-token' },
    takeBack: { role: 'owner', not: hasToken ? undefined : 'payout-has-no-token' },
    ask: { role: 'owner', not: isOpen || state === 'uncollected' ? undefined : 'payout-ended' },
    cancel: { role: 'owner', not: isOpen ? undefined : 'payout-ended' },
  })
}

/** What moved, what is left and how it goes on. */
async function ofDrain({ via, requestId }: TransferRow, node: RunContext['node']): Promise<{ sentence?: string }> {
  const sentence = via === 'move' ? await drainSentence(requestId, node) : undefined
  return sentence === undefined ? {} : { sentence }
}

/** Where it goes: a Lightning address, the owner's own wallet, or the key that was refunded. */
function receiverOf({ destination, key12 }: TransferRow): string {
  if (destination !== '') return destination
  return key12 === '' ? 'token' : `key ${key12}`
}

/** A page ends with a row; the next one begins below it. */
function beforeOf(cursor: string | undefined): TransferFilter['before'] {
  const [, at, id] = /^(\d{1,16}) (payout-[0-9a-f]{32})$/.exec(cursor ?? '') ?? []
  return at === undefined || id === undefined ? undefined : { at: BigInt(at), id }
}

function nextOf(rows: readonly TransferRow[], limit: number): { readonly next?: string } {
  const last = rows.length === limit ? rows.at(-1) : undefined
  return last === undefined ? {} : { next: `${last.startedAt} ${last.id}` }
}
