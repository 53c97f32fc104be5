/**
 * Read model of the books (wallet 16): what each account of each purse holds, in msat; assets positive, claims
 * negative. Computed from the events alone, its own way; it must equal the `sheet` rows of the log.
 */
import { depositEvents } from '../schema/deposit'
import { mintEvents } from '../schema/mint'
import { nodeEvents } from '../schema/node'
import { payoutEvents } from '../schema/payout'
import { sessionEvents } from '../schema/session'
import { swapEvents } from '../schema/swap'
import type { Sql } from '../sql'
import { type BookedEvent, movementsOf } from './balance-moves'
import type { Projection } from './projection'

export type BalanceRow = {
  /** `<purse> <account>` */
  readonly id: string
  readonly purse: string
  readonly account: string
  readonly msat: bigint
}

type Event = BookedEvent
const {
  'session.credited': credited,
  'session.charged': charged,
  'session.children-added': childrenAdded,
  'session.debited': debited,
  'session.returned': returned,
  'session.rounded': rounded,
  'session.ended': ended,
  'session.granted': granted,
  'session.corrected': corrected,
} = sessionEvents
const { 'deposit.settled': settled } = depositEvents
const { 'mint.scanned': scanned, 'mint.coins-lost': coinsLost } = mintEvents
const { 'wallet.unattributed-released': released, 'wallet.purse-merged': merged } = nodeEvents

/** Every event that moves something in the books. */
export const bookedEvents = {
  'session.credited': credited,
  'session.charged': charged,
  'session.children-added': childrenAdded,
  'session.debited': debited,
  'session.returned': returned,
  'session.rounded': rounded,
  'session.ended': ended,
  'session.granted': granted,
  'session.corrected': corrected,
  'deposit.settled': settled,
  'mint.scanned': scanned,
  'mint.coins-lost': coinsLost,
  'wallet.unattributed-released': released,
  'wallet.purse-merged': merged,
  ...payoutEvents,
  ...swapEvents,
} as const

export const balanceSheet: Projection<Event, BalanceRow> = {
  name: 'balance_sheet',
  version: 9,
  columns: { id: 'text', purse: 'text', account: 'text', msat: 'bigint' },
  indexes: [],
  reads: bookedEvents,
  keysOf: (event) => [...movements(event).keys()],

  fold(row, event, id) {
    const [purse, account] = id.split(' ')
    if (purse === undefined || account === undefined) return row
    return { id, purse, account, msat: (row?.msat ?? 0n) + (movements(event).get(id) ?? 0n) }
  },
}

const known = new WeakMap<Event, ReadonlyMap<string, bigint>>()

/** What one event moves, by `<purse> <account>`; asked for again with every account that it moves. */
export function movements(event: Event): ReadonlyMap<string, bigint> {
  let moved = known.get(event)
  if (moved === undefined) {
    moved = movementsOf(event)
    known.set(event, moved)
  }
  return moved
}

/** The read model of one instant, and the position that it had followed to. */
export async function balancesAt(
  sql: Sql,
): Promise<{ readonly position: bigint; readonly rows: readonly BalanceRow[] }> {
  const rows = await sql.query<BalanceRow>(
    `select '' as id, '' as purse, '' as account, position as msat from projections where name = 'balance_sheet'
     union all select id, purse, account, msat from balance_sheet`,
  )
  return { position: rows.find((row) => row.id === '')?.msat ?? 0n, rows: rows.filter((row) => row.id !== '') }
}

/** Rows as they will be once the read model has followed these events too. */
export function balancesAfter(
  rows: readonly BalanceRow[],
  events: readonly { readonly type: string; readonly data: unknown }[],
): readonly BalanceRow[] {
  const after = new Map(rows.map((row) => [row.id, row]))
  for (const event of events) {
    if (!(event.type in balanceSheet.reads)) continue
    for (const [id, msat] of movements(event as Event)) {
      const [purse = '', account = ''] = id.split(' ')
      after.set(id, { id, purse, account, msat: (after.get(id)?.msat ?? 0n) + msat })
    }
  }
  return [...after.values()]
}

export const listBalances = (sql: Sql): Promise<readonly BalanceRow[]> =>
  sql.query<BalanceRow>('select * from balance_sheet where msat <> 0 order by purse, account')
