/** What the operator may do to a key, and the end of one that was revoked (remote-admin 10, wallet 4). */
import { asMsat } from '../../schema/money'
import type { SessionEvent } from '../../schema/session'
import type { OperatorCommand, SessionRefusal } from './commands'
import { drawn, sharesOf } from './shares'
import type { Session } from './state'

const words: readonly string[] = ['freeze', 'unfreeze', 'extend', 'set-limits', 'revoke', 'end', 'grant', 'correct']
export const isOperatorCommand = <Other extends { readonly do: string }>(
  command: Other | OperatorCommand,
): command is OperatorCommand => words.includes(command.do)

/**
 * Of a one-shot payment nobody has a key: money would be owed for ever, its change be less, or be taken with the charge of
 * a request that runs (contract 7, P-26).
 */
const onKeysOnly: readonly string[] = ['freeze', 'extend', 'set-limits', 'revoke', 'grant', 'correct']

export function decideOperator(state: Session, command: OperatorCommand): readonly SessionEvent[] | SessionRefusal {
  if (state.isOneShot && onKeysOnly.includes(command.do)) return { refused: 'is-one-shot' }
  switch (command.do) {
    case 'freeze':
      return state.frozen ? [] : [{ type: 'session.frozen', data: { reason: command.reason } }]
    case 'unfreeze':
      return state.frozen ? [{ type: 'session.unfrozen', data: { reason: command.reason } }] : []
    case 'extend':
      return extend(state, command)
    case 'set-limits':
      return setLimits(state, command)
    case 'revoke':
      return revoke(state, command)
    case 'end':
      return end(state, command)
    case 'grant': {
      const { do: _, ...data } = command
      if (state.parent !== undefined) return { refused: 'is-child' }
      return state.revoked === undefined ? [{ type: 'session.granted', data }] : { refused: 'session-revoked' }
    }
    case 'correct':
      return correct(state, command)
    default:
      return command satisfies never
  }
}

type Of<Word extends OperatorCommand['do']> = Extract<OperatorCommand, { do: Word }>

function extend(state: Session, { validUntil, nowMs, reason }: Of<'extend'>): readonly SessionEvent[] | SessionRefusal {
  if (state.revoked !== undefined) return { refused: 'session-revoked' }
  if (validUntil !== null && validUntil * 1000 <= nowMs) return { refused: 'date-past' }
  const expiresAt = holdersDay(state, nowMs)
  if (expiresAt < (validUntil ?? Number.POSITIVE_INFINITY)) return { refused: 'expires-by-holder', expiresAt }
  return validUntil === state.limits.validUntil ? [] : [{ type: 'session.extended', data: { validUntil, reason } }]
}

/**
 * Unix seconds of the day on which the holder lets the key expire, where it is over or comes before the operator's own:
 * a later date would then open nothing, and only the holder moves his (contract 3.7). Else Infinity.
 */
function holdersDay({ limits, payout }: Session, nowMs: number): number {
  const at = payout?.expiresAt ?? Number.POSITIVE_INFINITY
  const isFirst = at <= (limits.validUntil ?? Number.POSITIVE_INFINITY)
  return isFirst || at * 1000 <= nowMs ? at : Number.POSITIVE_INFINITY
}

/** What is not named stays as it is. */
function setLimits(state: Session, command: Of<'set-limits'>): readonly SessionEvent[] {
  const { limits, maxParallel: parallel } = state
  const { balanceLimitMsat = limits.balanceLimitMsat, balanceLimitReset = limits.balanceLimitReset } = command
  const { maxParallel = parallel, reason } = command
  const isSame =
    balanceLimitMsat === limits.balanceLimitMsat &&
    balanceLimitReset === limits.balanceLimitReset &&
    maxParallel === parallel
  return isSame
    ? []
    : [{ type: 'session.limits-set', data: { balanceLimitMsat, balanceLimitReset, maxParallel, reason } }]
}

/** Revoked once, with one day: a second thought can take no time away from the customer, and give none back. */
function revoke(state: Session, { at, until, reason }: Of<'revoke'>): readonly SessionEvent[] | SessionRefusal {
  if (state.revoked !== undefined) return { refused: 'session-revoked' }
  return [{ type: 'session.revoked', data: { at, ...(until === undefined ? {} : { until }), reason } }]
}

/** Never what a running request was promised. */
function correct(
  state: Session,
  { amountMsat, heldMsat, reason }: Of<'correct'>,
): readonly SessionEvent[] | SessionRefusal {
  if (state.parent !== undefined) return { refused: 'is-child' }
  const availableMsat = Math.max(0, state.balanceMsat - heldMsat)
  if (amountMsat > availableMsat) return { refused: 'above-available', availableMsat }
  return [{ type: 'session.corrected', data: { amountMsat, shares: drawn(state.shares, amountMsat), reason } }]
}

/** Only what was revoked ends, and not before its day; while a request or a newer payout of it runs: not yet. */
function end(state: Session, { nowMs, heldMsat, debits }: Of<'end'>): readonly SessionEvent[] | SessionRefusal {
  const { revoked, balanceMsat } = state
  if (revoked === undefined) return { refused: 'session-not-revoked' }
  if (revoked.until !== undefined && nowMs < revoked.until * 1000) return { refused: 'still-refundable' }
  if (heldMsat > 0 || state.debits !== debits) return []
  return [{ type: 'session.ended', data: { amountMsat: asMsat(balanceMsat), shares: sharesOf(state) } }]
}
