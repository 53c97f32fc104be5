/**
 * What an append moves per purse and account (wallet 16): assets positive, claims negative, sum 0 per purse.
 * Written independently of the projection of the balance sheet; the two must agree.
 */
import type { DepositEvent } from '../schema/deposit'
import type { SessionEvent } from '../schema/session'

export type Posting = { readonly purse: string; readonly account: string; readonly msat: number }

export function sessionPostings(event: SessionEvent): readonly Posting[] {
  switch (event.type) {
    case 'session.credited':
      return [{ purse: event.data.purse, account: 'customers', msat: -event.data.amountMsat }]
    case 'session.charged':
      return event.data.shares.flatMap(({ purse, msat }) => [
        { purse, account: 'customers', msat },
        { purse, account: 'owner:earned', msat: -msat },
      ])
    case 'session.opened':
    case 'session.renamed':
      return []
    default:
      return event satisfies never
  }
}

export function depositPostings(event: DepositEvent): readonly Posting[] {
  switch (event.type) {
    case 'deposit.settled':
      return [{ purse: event.data.purse, account: 'free', msat: event.data.amountMsat }]
    case 'deposit.started':
    case 'deposit.replanned':
    case 'deposit.rejected':
      return []
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
