/** Read model of the Sessions tab: one row for each session, rebuilt from the log at will. */
import type { StoredEvent } from '../log/log'
import { type SessionEvent, sessionEvents } from '../schema/session'
import type { Projection, Recorded } from './projection'

export type SessionRow = {
  readonly stream: string
  /** First 12 hex of the key's hash: what people see of a key. */
  readonly key12: string
  readonly label: string
  /** Stream of the key whose balance a child key spends. */
  readonly parent: string | null
  readonly origin: string
  readonly balanceMsat: bigint
  readonly spentMsat: bigint
  readonly depositedMsat: bigint
  /** Left by payouts, less what came back of them. */
  readonly refundedMsat: bigint
  /** Given by the owner, less what he took back. */
  readonly grantedMsat: bigint
  readonly requests: number
  readonly createdAt: bigint
  readonly lastUsedAt: bigint | null
  /** Unix seconds, null: never. */
  readonly expiresAt: bigint | null
  /** Unix seconds: the holder's own expiry. */
  readonly payoutAt: bigint | null
  readonly limitMsat: bigint | null
  readonly frozen: boolean
  /** Unix seconds of the revocation, and the day until which the key is refundable; null: never, or not at all. */
  readonly revokedAt: bigint | null
  readonly refundableUntil: bigint | null
  readonly ended: boolean
  /** Became the owner's when the key ended. */
  readonly forfeitedMsat: bigint
  /** Of what was spent: the price of child keys. */
  readonly childKeysMsat: bigint
  /** Less than one unit of the purse, left with the node. */
  readonly roundedMsat: bigint
  readonly mint: string | null
  readonly unit: string | null
}

export const sessions: Projection<SessionEvent, SessionRow> = {
  name: 'sessions',
  version: 8,
  columns: {
    stream: 'text',
    key12: 'text',
    label: 'text',
    parent: 'text',
    origin: 'text',
    balanceMsat: 'bigint',
    spentMsat: 'bigint',
    depositedMsat: 'bigint',
    refundedMsat: 'bigint',
    grantedMsat: 'bigint',
    requests: 'int',
    createdAt: 'bigint',
    lastUsedAt: 'bigint',
    expiresAt: 'bigint',
    payoutAt: 'bigint',
    limitMsat: 'bigint',
    frozen: 'boolean',
    revokedAt: 'bigint',
    refundableUntil: 'bigint',
    ended: 'boolean',
    forfeitedMsat: 'bigint',
    childKeysMsat: 'bigint',
    roundedMsat: 'bigint',
    mint: 'text',
    unit: 'text',
  },
  indexes: [
    '("createdAt" desc, stream desc)',
    '("lastUsedAt" desc, stream desc)',
    '("balanceMsat" desc)',
    '("spentMsat" desc)',
    '(requests desc)',
    '(parent) where parent is not null',
  ],
  reads: sessionEvents,
  keysOf: (event) => [event.stream],

  fold(row, event) {
    if (event.type === 'session.opened') return opened(event)
    if (row === undefined) return undefined
    switch (event.type) {
      case 'session.credited': {
        const amountMsat = BigInt(event.data.amountMsat)
        const { mint, unit } = event.data
        return {
          ...row,
          balanceMsat: row.balanceMsat + amountMsat,
          depositedMsat: row.depositedMsat + amountMsat,
          mint,
          unit,
        }
      }
      case 'session.charged':
        return used(spent(row, BigInt(event.data.costMsat)), event.at)
      case 'session.children-added': {
        const costMsat = BigInt(event.data.costMsat)
        return { ...spent(row, costMsat), childKeysMsat: row.childKeysMsat + costMsat }
      }
      // A child has no balance of its own.
      case 'session.spent':
        return used({ ...row, spentMsat: row.spentMsat + BigInt(event.data.costMsat) }, event.at)
      // Only what the child's limit counts begins anew; what it spent stays what it was.
      case 'session.spending-reset':
        return row
      case 'session.debited':
        return moved(row, BigInt(event.data.amountMsat))
      case 'session.returned':
        return moved(row, -BigInt(event.data.amountMsat))
      case 'session.rounded': {
        const msat = event.data.shares.reduce((sum, share) => sum + BigInt(share.msat), 0n)
        return { ...row, balanceMsat: row.balanceMsat - msat, roundedMsat: row.roundedMsat + msat }
      }
      case 'session.payout-set':
        return { ...row, payoutAt: bigintOf(event.data.expiresAt) }
      case 'session.renamed':
        return { ...row, label: event.data.label }
      case 'session.frozen':
        return { ...row, frozen: true }
      case 'session.unfrozen':
        return { ...row, frozen: false }
      case 'session.extended':
        return { ...row, expiresAt: bigintOf(event.data.validUntil) }
      case 'session.limits-set':
        return { ...row, limitMsat: bigintOf(event.data.balanceLimitMsat) }
      case 'session.revoked':
        return { ...row, revokedAt: BigInt(event.data.at), refundableUntil: bigintOf(event.data.until ?? null) }
      case 'session.granted':
        return granted(row, BigInt(event.data.amountMsat))
      case 'session.corrected':
        return granted(row, -BigInt(event.data.amountMsat))
      case 'session.ended':
        return ended(row, BigInt(event.data.amountMsat))
      default:
        return event satisfies never
    }
  },
}

const spent = (row: SessionRow, msat: bigint): SessionRow => ({
  ...row,
  balanceMsat: row.balanceMsat - msat,
  spentMsat: row.spentMsat + msat,
})

const used = (row: SessionRow, atMs: number): SessionRow => ({
  ...row,
  requests: row.requests + 1,
  lastUsedAt: BigInt(atMs),
})

const ended = (row: SessionRow, forfeitedMsat: bigint): SessionRow => ({
  ...row,
  ended: true,
  forfeitedMsat,
  balanceMsat: row.balanceMsat - forfeitedMsat,
})

const granted = (row: SessionRow, msat: bigint): SessionRow => ({
  ...row,
  balanceMsat: row.balanceMsat + msat,
  grantedMsat: row.grantedMsat + msat,
})

const bigintOf = (value: number | null): bigint | null => (value === null ? null : BigInt(value))

const moved = (row: SessionRow, outMsat: bigint): SessionRow => ({
  ...row,
  balanceMsat: row.balanceMsat - outMsat,
  refundedMsat: row.refundedMsat + outMsat,
})

function opened(event: {
  readonly stream: string
  readonly at: number
  readonly data: Extract<SessionEvent, { type: 'session.opened' }>['data']
}): SessionRow {
  const { limits, origin, parent = null } = event.data
  return {
    stream: event.stream,
    key12: event.stream.slice('session-'.length, 'session-'.length + 12),
    label: '',
    parent,
    origin,
    balanceMsat: 0n,
    spentMsat: 0n,
    depositedMsat: 0n,
    refundedMsat: 0n,
    grantedMsat: 0n,
    requests: 0,
    createdAt: BigInt(event.at),
    lastUsedAt: null,
    expiresAt: bigintOf(limits.validUntil),
    payoutAt: null,
    limitMsat: bigintOf(limits.balanceLimitMsat),
    frozen: false,
    revokedAt: null,
    refundableUntil: null,
    ended: false,
    forfeitedMsat: 0n,
    childKeysMsat: 0n,
    roundedMsat: 0n,
    mint: null,
    unit: null,
  }
}

/** The row that all events of one session make, oldest first: what the table holds once it has followed them. */
export const foldedSession = (events: readonly StoredEvent[]): SessionRow | undefined =>
  (events as readonly unknown[] as readonly Recorded<SessionEvent>[]).reduce<SessionRow | undefined>(
    (row, event) => sessions.fold(row, event, event.stream),
    undefined,
  )
