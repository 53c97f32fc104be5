/** money.list: what came in or left across the network, and what the operator gave or took, newest first (remote-admin 10). */
import { z } from 'zod'
import { listTransfers, shownSat, type TransferFilter, type TransferRow, totalTransfers } from '../../../events'
import { query } from '../command'
import { boundsOf, numberOf, page, range, secondsOf } from '../rows'

export const moneyKinds = ['deposit', 'refund', 'change', 'withdrawal', 'sweep', 'move', 'credit', 'debit'] as const
export type MoneyKind = (typeof moneyKinds)[number]

/** What brings money from outside; a move only brings it from another mint of this node. */
const depositVias = ['create', 'bearer', 'topup', 'x-cashu', 'donate', 'invoice', 'invoice-topup']

const viaOf: Readonly<Record<Exclude<MoneyKind, 'deposit'>, readonly string[]>> = {
  refund: ['refund', 'refund-lightning'],
  change: ['change'],
  withdrawal: ['withdraw-token', 'withdraw-lightning'],
  sweep: ['sweep'],
  move: ['move'],
  credit: ['credit'],
  debit: ['debit'],
}
/** What crosses the network: a move brings money from another mint of this node, a credit only changes who owns it. */
export const paymentKinds = ['deposit', 'refund', 'change', 'withdrawal', 'sweep'] as const satisfies MoneyKind[]
const outVias = paymentKinds.flatMap((kind) => (kind === 'deposit' ? [] : viaOf[kind]))
/** Several kinds at once, as the Overview sums them. */
const groups = { payments: [...depositVias, ...outVias], out: outVias } as const
type Group = keyof typeof groups
const isGroup = (kind: MoneyKind | Group): kind is Group => Object.hasOwn(groups, kind)

/** The price of child keys is a charge: no money came or went. */
const everyVia = [...depositVias, ...Object.values(viaOf).flat()]

/** Which rows of the read model are of a kind; both ends of a move are its rows. */
const rowsOf = (kind: MoneyKind | Group | undefined): Pick<TransferFilter, 'kind' | 'via'> => {
  if (kind === undefined) return { via: everyVia }
  if (isGroup(kind)) return { via: groups[kind] }
  if (kind === 'deposit') return { kind, via: depositVias }
  const isOperators = kind === 'credit' || kind === 'debit'
  return { kind: isOperators ? 'operator' : kind === 'move' ? undefined : 'payout', via: viaOf[kind] }
}

export const moneyList = query({
  name: 'money.list',
  in: z.object({
    kind: z.enum([...moneyKinds, 'payments', 'out']).optional(),
    state: z.string().max(30).optional(),
    ...range,
    text: z.string().trim().max(100).optional(),
    ...page,
  }),
  out: z.object({
    rows: z.array(
      z.object({
        id: z.string(),
        at: z.int(),
        kind: z.enum(moneyKinds),
        state: z.string(),
        sat: z.number(),
        /** What moved of it so far; the totals are sums of this. */
        movedSat: z.number(),
        feeSat: z.number().optional(),
        mint: z.string(),
        session: z.string().optional(),
        to: z.string().optional(),
        /** What a bitcoin cost when it moved; null: it did not, or nobody knew. */
        usdPerBtc: z.string().nullable(),
        /** At that price; absent where there is none. */
        usd: z.string().optional(),
      }),
    ),
    next: z.string().optional(),
    total: z.int(),
    totals: z.object({ sat: z.number() }),
  }),
  async run({ kind, state, from, to, text, cursor, limit }, { node }) {
    const filter: TransferFilter = {
      ...rowsOf(kind),
      states: state === undefined ? undefined : [state as TransferRow['state']],
      ...boundsOf({ from, to }, node),
      text,
      before: beforeOf(cursor),
      limit,
    }
    const rows = await listTransfers(node.views.sql, filter)
    const totals = await totalTransfers(node.views.sql, filter)
    const last = rows.length === limit ? rows.at(-1) : undefined
    return {
      rows: rows.map(shown),
      ...(last === undefined ? {} : { next: `${last.startedAt} ${last.id}` }),
      total: numberOf(totals.transfers),
      totals: { sat: shownSat(totals.amountMsat) },
    }
  },
})

function shown(row: TransferRow) {
  const perUnit = row.unit === 'msat' ? 1n : 1000n
  // A deposit that is not credited yet, and a payout that failed, show what they ask for.
  const askedMsat = row.kind === 'payout' ? row.debitedMsat : row.faceUnits * perUnit
  const sat = shownSat(row.amountMsat > 0n ? row.amountMsat : askedMsat)
  return {
    id: row.id,
    at: secondsOf(row.startedAt) ?? 0,
    kind: moneyKindOf(row),
    state: row.state,
    sat,
    movedSat: shownSat(row.amountMsat),
    ...(row.feeUnits > 0n ? { feeSat: shownSat(row.feeUnits * perUnit) } : {}),
    mint: row.mint,
    ...(row.key12 === '' ? {} : { session: row.key12 }),
    ...(row.destination === '' ? {} : { to: row.destination }),
    usdPerBtc: row.usdPerBtc,
    ...(row.usdPerBtc === null ? {} : { usd: ((sat * Number(row.usdPerBtc)) / 1e8).toFixed(4) }),
  }
}

/** What a transfer is called. */
export const moneyKindOf = ({ kind, via }: { readonly kind: string; readonly via: string }): MoneyKind =>
  kind === 'deposit' && via !== 'move' ? 'deposit' : kindOf(via)

const kindOf = (via: string): MoneyKind =>
  (Object.keys(viaOf) as (keyof typeof viaOf)[]).find((kind) => viaOf[kind].includes(via)) ?? 'refund'

function beforeOf(cursor: string | undefined): TransferFilter['before'] {
  const [, at, id] = /^(\d{1,16}) ([a-z]+-[0-9a-f]{32,64}(?:\/\d{1,9})?)$/.exec(cursor ?? '') ?? []
  return at === undefined || id === undefined ? undefined : { at: BigInt(at), id }
}
