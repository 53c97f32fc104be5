/** Read model of a session's past (dashboard 4.2): what happened to it, its charges apart, which `requests` has. */
import { type KeyLimits, type SessionEvent, sessionEvents } from '../schema/session'
import type { Projection, Recorded } from './projection'

export type SessionMoveRow = {
  readonly session: string
  readonly position: bigint
  readonly at: bigint
  readonly kind: MoveKind
  /** By how much the balance grew; 0 where no money moved. */
  readonly msat: bigint
  /** Payout or deposit that it belongs to. */
  readonly transfer: string | null
  /** What a bitcoin cost then, decimal text; null: no money moved, or nobody knew. */
  readonly usdPerBtc: string | null
  /** What is to be said of it, as JSON text. */
  readonly facts: string
}

const { 'session.charged': _charged, 'session.spent': _spent, 'session.renamed': _renamed, ...moving } = sessionEvents
type Moving = Recorded<Extract<SessionEvent, { type: keyof typeof moving }>>
type MoveKind = (typeof kinds)[keyof typeof kinds]
const kinds = {
  'session.opened': 'opened',
  'session.credited': 'deposit',
  'session.debited': 'refund',
  'session.returned': 'refund-returned',
  'session.rounded': 'rounded',
  'session.payout-set': 'expiry-set',
  'session.children-added': 'child-keys',
  'session.spending-reset': 'limit-reset',
  'session.frozen': 'frozen',
  'session.unfrozen': 'unfrozen',
  'session.extended': 'expiry-set',
  'session.limits-set': 'limits-set',
  'session.revoked': 'revoked',
  'session.granted': 'credit',
  'session.corrected': 'debit',
  'session.ended': 'ended',
} as const satisfies Record<Moving['type'], string>

export const moveKinds: readonly MoveKind[] = [...new Set(Object.values(kinds))]

export const sessionMoves: Projection<SessionEvent, SessionMoveRow> = {
  name: 'session_moves',
  version: 3,
  columns: {
    session: 'text',
    position: 'bigint',
    at: 'bigint',
    kind: 'text',
    msat: 'bigint',
    transfer: 'text',
    usdPerBtc: 'text',
    facts: 'text',
  },
  indexes: ['(session, position)'],
  reads: moving,
  appendOnly: true,
  keysOf: (event) => [String(event.position)],

  fold(_, event) {
    if (!isMoving(event)) return undefined
    return {
      session: event.stream,
      position: event.position,
      at: BigInt(event.at),
      kind: kinds[event.type],
      msat: msatOf(event),
      transfer: transferOf(event),
      usdPerBtc: event.usdPerBtc ?? null,
      facts: JSON.stringify(factsOf(event)),
    }
  },
}

const isMoving = (event: Recorded<SessionEvent>): event is Moving => Object.hasOwn(kinds, event.type)

function msatOf({ type, data }: Moving): bigint {
  switch (type) {
    case 'session.credited':
    case 'session.returned':
    case 'session.granted':
      return BigInt(data.amountMsat)
    case 'session.debited':
    case 'session.corrected':
    case 'session.ended':
      return -BigInt(data.amountMsat)
    case 'session.children-added':
      return -BigInt(data.costMsat)
    case 'session.rounded':
      return data.shares.reduce((left, { msat }) => left - BigInt(msat), 0n)
    default:
      return 0n
  }
}

function transferOf({ type, data }: Moving): string | null {
  if (type === 'session.credited') return data.depositId
  return type === 'session.debited' || type === 'session.returned' ? data.payoutId : null
}

/** By words that any page may show: no key, no secret, and who did it where the operator did. */
function factsOf(event: Moving): Readonly<Record<string, string | number | null>> {
  const by = { by: event.actor, door: event.door }
  switch (event.type) {
    case 'session.opened':
      return { origin: event.data.origin, ...limitsAtFirst(event.data.limits) }
    case 'session.credited':
      return { feeMsat: event.data.feeMsat, unit: event.data.unit, mint: event.data.mint }
    case 'session.payout-set':
      return { expiresAt: event.data.expiresAt }
    case 'session.children-added':
      return { childKeys: event.data.children.length }
    case 'session.frozen':
    case 'session.unfrozen':
    case 'session.granted':
    case 'session.corrected':
      return { reason: event.data.reason, ...by }
    case 'session.extended':
      return { expiresAt: event.data.validUntil, reason: event.data.reason, ...by }
    case 'session.limits-set': {
      const { balanceLimitMsat, balanceLimitReset, maxParallel, reason } = event.data
      return { limitMsat: balanceLimitMsat, period: balanceLimitReset, maxParallel, reason, ...by }
    }
    case 'session.revoked':
      return { refundableUntil: event.data.until ?? null, reason: event.data.reason, ...by }
    case 'session.debited':
    case 'session.returned':
    case 'session.rounded':
    case 'session.spending-reset':
    case 'session.ended':
      return {}
    default:
      return event satisfies never
  }
}

/** By the same names as a later change has them, which tells the two apart (D-035). */
const limitsAtFirst = ({ balanceLimitMsat, balanceLimitReset, validUntil }: KeyLimits) => ({
  limitMsat: balanceLimitMsat,
  period: balanceLimitReset,
  maxParallel: null,
  expiresAt: validUntil,
})
