/**
 * What an append moves per purse and account (wallet 16): assets positive, claims negative, sum 0 per purse.
 * Written independently of the projection of the balance sheet; the two must agree.
 */
import type { DepositEvent } from '../schema/deposit'
import type { MintEvent } from '../schema/mint'
import type { NodeEvent } from '../schema/node'
import type { PayoutEvent } from '../schema/payout'
import type { SessionEvent } from '../schema/session'
import type { SwapEvent } from '../schema/swap'
import { inMsat, mergedPostings, type Posting, payoutPostings, unitsOf } from './sheet-payouts'

export type { Posting }

/** Postings of one event, by the category of its stream. */
export function postingsOf(
  stream: string,
  event: { readonly type: string; readonly data: unknown },
): readonly Posting[] {
  if (stream.startsWith('session-')) return sessionPostings(event as SessionEvent)
  if (stream.startsWith('deposit-')) return depositPostings(event as DepositEvent)
  if (stream.startsWith('payout-')) return payoutPostings(event as PayoutEvent)
  if (stream.startsWith('swap-')) return swapPostings(event as SwapEvent)
  if (stream.startsWith('mint-')) return mintPostings(event as MintEvent)
  if (stream === 'node') return nodePostings(event as NodeEvent)
  return []
}

/** Coins that a scan found, and coins that somebody else has spent. */
function mintPostings(event: MintEvent): readonly Posting[] {
  if (event.type === 'mint.scanned') {
    const { purse, unattributedUnits, recoveredUnits, returnedUnits = 0 } = event.data
    return [
      { purse, account: 'free', msat: inMsat(purse, unattributedUnits + recoveredUnits + returnedUnits) },
      { purse, account: 'unattributed', msat: -inMsat(purse, unattributedUnits) },
      { purse, account: 'owner:recovered', msat: -inMsat(purse, recoveredUnits) },
    ]
  }
  if (event.type !== 'mint.coins-lost') return []
  const { purse, units } = event.data
  return [
    { purse, account: 'free', msat: -inMsat(purse, units) },
    { purse, account: 'owner:losses', msat: inMsat(purse, units) },
  ]
}

function nodePostings(event: NodeEvent): readonly Posting[] {
  if (event.type === 'wallet.purse-merged') return mergedPostings(event.data)
  if (event.type !== 'wallet.unattributed-released') return []
  const { purse, msat } = event.data
  return [
    { purse, account: 'unattributed', msat },
    { purse, account: 'owner:recovered', msat: -msat },
  ]
}

function sessionPostings(event: SessionEvent): readonly Posting[] {
  switch (event.type) {
    case 'session.credited':
      return [{ purse: event.data.purse, account: 'customers', msat: -event.data.amountMsat }]
    case 'session.charged':
    case 'session.children-added':
      return event.data.shares.flatMap(({ purse, msat }) => [
        { purse, account: 'customers', msat },
        { purse, account: 'owner:earned', msat: -msat },
      ])
    case 'session.debited':
      return event.data.shares.map(({ purse, msat }) => ({ purse, account: 'customers', msat }))
    case 'session.returned':
      return event.data.shares.map(({ purse, msat }) => ({ purse, account: 'customers', msat: -msat }))
    case 'session.rounded':
      return event.data.shares.flatMap(({ purse, msat }) => [
        { purse, account: 'customers', msat },
        { purse, account: 'owner:rounding', msat: -msat },
      ])
    case 'session.granted': {
      const { purse, amountMsat } = event.data
      return [
        { purse, account: 'owner:granted', msat: amountMsat },
        { purse, account: 'customers', msat: -amountMsat },
      ]
    }
    case 'session.corrected':
      return event.data.shares.flatMap(({ purse, msat }) => [
        { purse, account: 'customers', msat },
        { purse, account: 'owner:granted', msat: -msat },
      ])
    case 'session.ended':
      return event.data.shares.flatMap(({ purse, msat }) => [
        { purse, account: 'customers', msat },
        { purse, account: 'owner:forfeited', msat: -msat },
      ])
    case 'session.opened':
    case 'session.renamed':
    case 'session.payout-set':
    case 'session.spent':
    case 'session.spending-reset':
    case 'session.frozen':
    case 'session.unfrozen':
    case 'session.extended':
    case 'session.limits-set':
    case 'session.revoked':
      return []
    default:
      return event satisfies never
  }
}

function depositPostings(event: DepositEvent): readonly Posting[] {
  switch (event.type) {
    case 'deposit.settled': {
      const { purse, amountMsat, donated, move } = event.data
      const free = { purse, account: 'free', msat: amountMsat }
      // It was withdrawn at the mint that it comes from.
      if (move !== undefined) return [free, { purse, account: 'owner:withdrawn', msat: -amountMsat }]
      return donated === true ? [free, { purse, account: 'owner:donated', msat: -amountMsat }] : [free]
    }
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
    case 'deposit.dispute-closed':
      return []
    default:
      return event satisfies never
  }
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
