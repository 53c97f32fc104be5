/**
 * What an append moves per purse and account (wallet 16): assets positive, claims negative, sum 0 per purse.
 * Written independently of the projection of the balance sheet; the two must agree.
 */
import type { DepositEvent } from '../schema/deposit'
import { type PayoutEvent, whoseMoney } from '../schema/payout'
import type { SessionEvent } from '../schema/session'
import type { SwapEvent } from '../schema/swap'

export type Posting = { readonly purse: string; readonly account: string; readonly msat: number }

/** Postings of one event, by the category of its stream. */
export function postingsOf(
  stream: string,
  event: { readonly type: string; readonly data: unknown },
): readonly Posting[] {
  if (stream.startsWith('session-')) return sessionPostings(event as SessionEvent)
  if (stream.startsWith('deposit-')) return depositPostings(event as DepositEvent)
  if (stream.startsWith('payout-')) return payoutPostings(event as PayoutEvent)
  if (stream.startsWith('swap-')) return swapPostings(event as SwapEvent)
  return []
}

function sessionPostings(event: SessionEvent): readonly Posting[] {
  switch (event.type) {
    case 'session.credited':
      return [{ purse: event.data.purse, account: 'customers', msat: -event.data.amountMsat }]
    case 'session.charged':
      return event.data.shares.flatMap(({ purse, msat }) => [
        { purse, account: 'customers', msat },
        { purse, account: 'owner:earned', msat: -msat },
      ])
    case 'session.debited':
      return event.data.shares.map(({ purse, msat }) => ({ purse, account: 'customers', msat }))
    case 'session.returned':
      return event.data.shares.map(({ purse, msat }) => ({ purse, account: 'customers', msat: -msat }))
    case 'session.opened':
    case 'session.renamed':
      return []
    default:
      return event satisfies never
  }
}

function depositPostings(event: DepositEvent): readonly Posting[] {
  switch (event.type) {
    case 'deposit.settled':
      return [{ purse: event.data.purse, account: 'free', msat: event.data.amountMsat }]
    case 'deposit.started':
    case 'deposit.replanned':
    case 'deposit.rejected':
    case 'deposit.requested':
    case 'deposit.quoted':
    case 'deposit.paid-seen':
    case 'deposit.planned':
    case 'deposit.lapsed':
    case 'deposit.reopened':
    case 'deposit.disputed':
      return []
    default:
      return event satisfies never
  }
}

type Moved = { readonly purse: string; readonly moved: readonly { readonly purse: string; readonly msat: number }[] }

/** Money of a customer that lay elsewhere: the owner's here takes its place, and it becomes the owner's there. */
const movedPostings = ({ purse, moved }: Moved): readonly Posting[] =>
  moved.flatMap(({ purse: from, msat }) => [
    { purse: from, account: 'promised', msat },
    { purse: from, account: 'owner:moved', msat: -msat },
    { purse, account: 'owner:moved', msat },
    { purse, account: 'promised', msat: -msat },
  ])

/** Whole units of a purse in msat. */
const inMsat = (purse: string, units: number): number => (purse.endsWith('/sat') ? units * 1000 : units)

function payoutPostings(event: PayoutEvent): readonly Posting[] {
  switch (event.type) {
    case 'payout.requested': {
      const { purpose, shares } = event.data
      return whoseMoney(purpose) === 'owner'
        ? ownersPromise(shares, 1)
        : shares.map(({ purse, msat }) => ({ purse, account: 'promised', msat: -msat }))
    }
    case 'payout.planned': {
      const { purse, inputs } = event.data
      const msat = inMsat(purse, unitsOf(inputs))
      return [...movedPostings(event.data), { purse, account: 'free', msat: -msat }, { purse, account: 'locked', msat }]
    }
    case 'payout.ready':
      return readyPostings(event.data)
    case 'payout.claimed': {
      const msat = inMsat(event.data.purse, event.data.units)
      return [
        { purse: event.data.purse, account: 'out', msat: -msat },
        { purse: event.data.purse, account: promiseOf(event.data.whose), msat },
      ]
    }
    case 'payout.rejected': {
      const { shares, coins, whose } = event.data
      const back =
        whose === 'owner'
          ? ownersPromise(shares, -1)
          : shares.map(({ purse, msat }) => ({ purse, account: 'promised', msat }))
      if (coins === undefined) return back
      const msat = inMsat(coins.purse, coins.units)
      const account = coins.fate === 'freed' ? 'free' : 'owner:losses'
      return [...back, { purse: coins.purse, account: 'locked', msat: -msat }, { purse: coins.purse, account, msat }]
    }
    case 'payout.cancelled':
      return event.data.whose === 'owner'
        ? ownersPromise(event.data.shares, -1)
        : event.data.shares.map(({ purse, msat }) => ({ purse, account: 'promised', msat }))
    case 'payout.swept': {
      const { purse, units } = event.data
      const msat = inMsat(purse, units)
      return [
        { purse, account: 'promised', msat },
        { purse, account: 'owner:swept', msat: -msat },
      ]
    }
    case 'payout.taken-back':
      return ownersPromise([{ purse: event.data.purse, msat: inMsat(event.data.purse, event.data.units) }], -1)
    case 'payout.replanned':
    case 'payout.reissued':
    case 'payout.handed':
      return []
    default:
      return event satisfies never
  }
}

type Shares = Moved['moved']
const promiseOf = (whose: 'customer' | 'owner'): string => (whose === 'owner' ? 'promisedOwner' : 'promised')

/** The owner's withdrawal, promised to himself until its token is redeemed; `-1` takes it back. */
const ownersPromise = (shares: Shares, sign: 1 | -1): readonly Posting[] =>
  shares.flatMap(({ purse, msat }) => [
    { purse, account: 'owner:withdrawn', msat: sign * msat },
    { purse, account: 'promisedOwner', msat: -sign * msat },
  ])

function readyPostings(data: Extract<PayoutEvent, { type: 'payout.ready' }>['data']): readonly Posting[] {
  const { purse, exactMatch } = data
  const sendMsat = inMsat(purse, unitsOf(data.send))
  const out = { purse, account: 'out', msat: sendMsat }
  if (exactMatch) return [...movedPostings(data), { purse, account: 'free', msat: -sendMsat }, out]
  const keepMsat = inMsat(purse, unitsOf(data.keep))
  const feeMsat = inMsat(purse, data.feeUnits)
  return [
    { purse, account: 'locked', msat: -(keepMsat + sendMsat + feeMsat) },
    { purse, account: 'free', msat: keepMsat },
    out,
    { purse, account: 'owner:mintFees', msat: feeMsat },
  ]
}

function swapPostings(event: SwapEvent): readonly Posting[] {
  if (event.type === 'swap.replanned') return []
  const { purse, reason } = event.data
  const rows = (...units: readonly (readonly [account: string, units: number])[]) =>
    units.map(([account, count]) => ({ purse, account, msat: inMsat(purse, count) }))
  switch (event.type) {
    case 'swap.planned': {
      const { inputs, added } = event.data
      // A fence's coins are locked already, a reclaim's are out.
      const locking = unitsOf(added) + (reason === 'fence' || reason === 'reclaim' ? 0 : unitsOf(inputs))
      return rows(['free', -locking], ['locked', locking])
    }
    case 'swap.settled': {
      const { lockedUnits, outUnits, send, keep, feeUnits } = event.data
      return rows(
        ['locked', -lockedUnits],
        ['out', unitsOf(send) - outUnits],
        ['free', unitsOf(keep)],
        ['owner:mintFees', feeUnits],
      )
    }
    case 'swap.rejected': {
      const { freedUnits, lostUnits } = event.data
      return rows(['locked', -(freedUnits + lostUnits)], ['free', freedUnits], ['owner:losses', lostUnits])
    }
    default:
      return event satisfies never
  }
}

const unitsOf = (coins: readonly { readonly amount: number }[]): number =>
  coins.reduce((units, coin) => units + coin.amount, 0)

/** Sums per purse and account. Throws if the postings of one append do not sum to 0 in every purse: that is a bug. */
export function summed(postings: readonly Posting[]): Posting[] {
  const rows = new Map<string, Posting>()
  const perPurse = new Map<string, number>()
  for (const { purse, account, msat } of postings) {
    const key = `${purse} ${account}`
    rows.set(key, { purse, account, msat: (rows.get(key)?.msat ?? 0) + msat })
    perPurse.set(purse, (perPurse.get(purse) ?? 0) + msat)
  }
  for (const [purse, msat] of perPurse)
    if (msat !== 0) throw new Error(`postings of ${purse} sum to ${msat} msat, not to 0`)
  return [...rows.values()].filter((row) => row.msat !== 0)
}
