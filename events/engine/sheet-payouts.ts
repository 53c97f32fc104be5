/** What a payout moves per purse and account (wallet 16). */
import type { NodeEvent } from '../schema/node'
import { type PayoutEvent, whoseMoney } from '../schema/payout'

export type Posting = { readonly purse: string; readonly account: string; readonly msat: number }

/** Whole units of a purse in msat. */
export const inMsat = (purse: string, units: number): number => (purse.endsWith('/sat') ? units * 1000 : units)

export const unitsOf = (coins: readonly { readonly amount: number }[]): number =>
  coins.reduce((units, coin) => units + coin.amount, 0)

type Moved = { readonly purse: string; readonly moved: readonly { readonly purse: string; readonly msat: number }[] }

/** Money of a customer that lay elsewhere: the owner's here takes its place, and it becomes the owner's there. */
const movedPostings = ({ purse, moved }: Moved): readonly Posting[] =>
  moved.flatMap(({ purse: from, msat }) => [
    { purse: from, account: 'promised', msat },
    { purse: from, account: 'owner:moved', msat: -msat },
    { purse, account: 'owner:moved', msat },
    { purse, account: 'promised', msat: -msat },
  ])

/** Customers' balances and promises of one purse become those of another; what covers them there becomes the owner's here. */
export function mergedPostings({ from, to, sharesMsat, promisedMsat }: Merged): readonly Posting[] {
  const msat = sharesMsat + promisedMsat
  const rows = (purse: string, sign: 1 | -1): readonly Posting[] => [
    { purse, account: 'customers', msat: sign * sharesMsat },
    { purse, account: 'promised', msat: sign * promisedMsat },
    { purse, account: 'owner:moved', msat: -sign * msat },
  ]
  return [...rows(from, 1), ...rows(to, -1)]
}
type Merged = Extract<NodeEvent, { type: 'wallet.purse-merged' }>['data']

export function payoutPostings(event: PayoutEvent): readonly Posting[] {
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
      const { purse, units, whose } = event.data
      const msat = inMsat(purse, units)
      return [
        { purse, account: 'out', msat: -msat },
        { purse, account: promiseOf(whose), msat },
      ]
    }
    case 'payout.rejected':
      return rejectedPostings(event.data)
    case 'payout.paid':
      return paidPostings(event.data)
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
    case 'payout.reissued':
      return foundPostings(event.data.found)
    case 'payout.resolved':
    case 'payout.quoted':
    case 'payout.pending-seen':
    case 'payout.cancel-wanted':
    case 'payout.replanned':
    case 'payout.handed':
      return []
    default:
      return event satisfies never
  }
}

/** Of a token that was called collected and is its customer's again. */
const foundPostings = (
  found: Extract<PayoutEvent, { type: 'payout.reissued' }>['data']['found'],
): readonly Posting[] =>
  found === undefined
    ? []
    : [
        { purse: found.purse, account: 'out', msat: inMsat(found.purse, found.units) },
        { purse: found.purse, account: 'promised', msat: -inMsat(found.purse, found.units) },
      ]

function rejectedPostings(data: Extract<PayoutEvent, { type: 'payout.rejected' }>['data']): readonly Posting[] {
  const { shares, coins, whose } = data
  const back =
    whose === 'owner'
      ? ownersPromise(shares, -1)
      : shares.map(({ purse, msat }) => ({ purse, account: 'promised', msat }))
  if (coins === undefined) return back
  const msat = inMsat(coins.purse, coins.units)
  const account = coins.fate === 'freed' ? 'free' : 'owner:losses'
  return [...back, { purse: coins.purse, account: 'locked', msat: -msat }, { purse: coins.purse, account, msat }]
}

/** A customer bears the fees of his own payment; what it did not use goes back with session.returned. */
function paidPostings(data: Extract<PayoutEvent, { type: 'payout.paid' }>['data']): readonly Posting[] {
  const { purse, whose, lockedUnits, change, promisedMsat, returnedMsat, lightningFeeUnits, inputFeeUnits } = data
  const row = (account: string, msat: number): Posting => ({ purse, account, msat })
  if (data.evidence === 'quote-alone')
    return [
      ...movedPostings({ purse, moved: data.moved ?? [] }),
      row(promiseOf(whose), promisedMsat),
      // What it was paid with stands among the losses, or will (wallet 12.4).
      row('owner:losses', returnedMsat - promisedMsat),
    ]
  const moved = [row('locked', -inMsat(purse, lockedUnits)), row('free', inMsat(purse, unitsOf(change)))]
  if (whose === 'customer') {
    const overMsat = inMsat(purse, lockedUnits - unitsOf(change)) - (promisedMsat - returnedMsat)
    return [...moved, row('promised', promisedMsat), row('owner:lightningFees', overMsat)]
  }
  return [
    ...moved,
    row('promisedOwner', promisedMsat),
    row('owner:lightningFees', inMsat(purse, lightningFeeUnits)),
    row('owner:mintFees', inMsat(purse, inputFeeUnits)),
  ]
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
