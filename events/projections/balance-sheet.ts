/**
 * Read model of the books (wallet 16): what each account of each purse holds, in msat; assets positive, claims
 * negative. Computed from the events alone, its own way; it must equal the `sheet` rows of the log.
 */
import { type DepositEvent, depositEvents } from '../schema/deposit'
import { type PayoutEvent, payoutEvents, whoseMoney } from '../schema/payout'
import { type SessionEvent, sessionEvents } from '../schema/session'
import type { Sql } from '../sql'
import type { Projection } from './projection'

export type BalanceRow = {
  /** `<purse> <account>` */
  readonly id: string
  readonly purse: string
  readonly account: string
  readonly msat: bigint
}

type Event = SessionEvent | DepositEvent | PayoutEvent
const {
  'session.credited': credited,
  'session.charged': charged,
  'session.debited': debited,
  'session.returned': returned,
} = sessionEvents
const { 'deposit.settled': settled } = depositEvents

export const balanceSheet: Projection<Event, BalanceRow> = {
  name: 'balance_sheet',
  version: 3,
  columns: { id: 'text', purse: 'text', account: 'text', msat: 'bigint' },
  indexes: [],
  reads: {
    'session.credited': credited,
    'session.charged': charged,
    'session.debited': debited,
    'session.returned': returned,
    'deposit.settled': settled,
    ...payoutEvents,
  },
  keysOf: (event) => [...movements(event).keys()],

  fold(row, event, id) {
    const [purse, account] = id.split(' ')
    if (purse === undefined || account === undefined) return row
    return { id, purse, account, msat: (row?.msat ?? 0n) + (movements(event).get(id) ?? 0n) }
  },
}

const known = new WeakMap<Event, ReadonlyMap<string, bigint>>()

/** What one event moves, by `<purse> <account>`; asked for again with every account that it moves. */
function movements(event: Event): ReadonlyMap<string, bigint> {
  let moved = known.get(event)
  if (moved === undefined) {
    moved = movementsOf(event)
    known.set(event, moved)
  }
  return moved
}

function movementsOf(event: Event): ReadonlyMap<string, bigint> {
  const moved = new Map<string, bigint>()
  const move = (purse: string, account: string, msat: bigint) =>
    moved.set(`${purse} ${account}`, (moved.get(`${purse} ${account}`) ?? 0n) + msat)
  switch (event.type) {
    case 'deposit.settled':
      move(event.data.purse, 'free', BigInt(event.data.amountMsat))
      break
    case 'session.credited':
      move(event.data.purse, 'customers', -BigInt(event.data.amountMsat))
      break
    case 'session.charged':
      for (const { purse, msat } of event.data.shares) {
        move(purse, 'customers', BigInt(msat))
        move(purse, 'owner:earned', -BigInt(msat))
      }
      break
    case 'session.debited':
      for (const { purse, msat } of event.data.shares) move(purse, 'customers', BigInt(msat))
      break
    case 'session.returned':
      for (const { purse, msat } of event.data.shares) move(purse, 'customers', -BigInt(msat))
      break
    case 'payout.requested':
    case 'payout.planned':
    case 'payout.ready':
    case 'payout.claimed':
    case 'payout.rejected':
      movePayout(event, move)
      break
    default:
      break
  }
  return moved
}

type Move = (purse: string, account: string, msat: bigint) => void

function movePayout(
  event: Extract<
    Event,
    { type: 'payout.requested' | 'payout.planned' | 'payout.ready' | 'payout.claimed' | 'payout.rejected' }
  >,
  move: Move,
): void {
  const { data, type } = event
  const worth = (purse: string, units: number) => BigInt(units) * (purse.split('/')[1] === 'sat' ? 1000n : 1n)
  const worthOf = (purse: string, coins: readonly { readonly amount: number }[]) =>
    coins.reduce((msat, coin) => msat + worth(purse, coin.amount), 0n)
  const takePlace = (purse: string, moved: readonly { readonly purse: string; readonly msat: number }[]) => {
    for (const share of moved)
      for (const [place, msat] of [
        [share.purse, BigInt(share.msat)],
        [purse, -BigInt(share.msat)],
      ] as const) {
        move(place, 'promised', msat)
        move(place, 'owner:moved', -msat)
      }
  }
  const promise = (
    shares: readonly { readonly purse: string; readonly msat: number }[],
    ofOwner: boolean,
    way: bigint,
  ) => {
    for (const { purse, msat } of shares) {
      move(purse, ofOwner ? 'promisedOwner' : 'promised', -BigInt(msat) * way)
      if (ofOwner) move(purse, 'owner:withdrawn', BigInt(msat) * way)
    }
  }
  if (type === 'payout.requested') promise(data.shares, whoseMoney(data.purpose) === 'owner', 1n)
  if (type === 'payout.planned') {
    takePlace(data.purse, data.moved)
    move(data.purse, 'free', -worthOf(data.purse, data.inputs))
    move(data.purse, 'locked', worthOf(data.purse, data.inputs))
  }
  if (type === 'payout.ready') {
    const [send, keep] = [worthOf(data.purse, data.send), worthOf(data.purse, data.keep)]
    const fee = worth(data.purse, data.feeUnits)
    if (data.exactMatch) takePlace(data.purse, data.moved)
    move(data.purse, data.exactMatch ? 'free' : 'locked', -(send + keep + fee))
    move(data.purse, 'free', keep)
    move(data.purse, 'out', send)
    move(data.purse, 'owner:mintFees', fee)
  }
  if (type === 'payout.claimed') {
    move(data.purse, 'out', -worth(data.purse, data.units))
    move(data.purse, data.whose === 'owner' ? 'promisedOwner' : 'promised', worth(data.purse, data.units))
  }
  if (type === 'payout.rejected') {
    promise(data.shares, data.whose === 'owner', -1n)
    if (data.coins === undefined) return
    const { purse, units, fate } = data.coins
    move(purse, 'locked', -worth(purse, units))
    move(purse, fate === 'freed' ? 'free' : 'owner:losses', worth(purse, units))
  }
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
