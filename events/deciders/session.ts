/** The rules of a session. Holds are promises in memory; their sum arrives in the command. */
import type { SessionEvent } from '../schema/session'
import type { Decider } from './decider'
import { charge, charged } from './session/charge'
import { childrenAdded, decideChild, isChildCommand, spendingReset, spent } from './session/children'
import type { SessionCommand, SessionRefusal } from './session/commands'
import { decideOperator, isOperatorCommand } from './session/operator'
import { merged, sharesOf, total, without } from './session/shares'
import { type Session, unopened } from './session/state'

export const session: Decider<Session, SessionCommand, SessionEvent, SessionRefusal> = {
  initial: unopened,

  decide(state, command) {
    if (state.is === 'ended') return { refused: 'session-ended' }
    if (command.do === 'open') return open(state, command)
    if (state.is === 'unknown') return { refused: 'session-unknown' }
    if (isChildCommand(command)) return decideChild(state, command)
    if (isOperatorCommand(command)) return decideOperator(state, command)
    switch (command.do) {
      case 'credit': {
        const { do: _, ...data } = command
        return [{ type: 'session.credited', data }]
      }
      case 'charge':
        return charge(state, command.charge, command.othersHeldMsat, command.child)
      case 'debit':
        return debit(state, command)
      case 'return': {
        const { payoutId, shares } = command
        return [{ type: 'session.returned', data: { payoutId, amountMsat: total(shares), shares: [...shares] } }]
      }
      case 'set-payout': {
        const { address, expiresAt } = command.payout
        const isSame = state.payout?.address === address && state.payout.expiresAt === expiresAt
        return isSame ? [] : [{ type: 'session.payout-set', data: { address, expiresAt } }]
      }
      case 'round':
        return round(state, command.unitMsat)
      case 'rename':
        return state.label === command.label ? [] : [{ type: 'session.renamed', data: { label: command.label } }]
      default:
        return command satisfies never
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'session.opened':
        return opened(state, event.data)
      case 'session.credited':
        return { ...credited(state, event.data), latest: placeOf(event.data) }
      case 'session.charged':
        return charged(state, event.data)
      case 'session.debited':
        return { ...state, ...without(state, event.data.shares), debits: state.debits + 1 }
      case 'session.returned': {
        const shares = { ...state.shares }
        for (const { purse, msat } of event.data.shares) shares[purse] = (shares[purse] ?? 0) + msat
        return { ...state, balanceMsat: state.balanceMsat + event.data.amountMsat, shares }
      }
      case 'session.payout-set':
        return { ...state, payout: event.data }
      case 'session.renamed':
        return { ...state, label: event.data.label }
      case 'session.children-added':
        return childrenAdded(state, event.data)
      case 'session.spent':
        return spent(state, event.data)
      case 'session.spending-reset':
        return spendingReset(state)
      case 'session.frozen':
        return { ...state, frozen: true }
      case 'session.unfrozen':
        return { ...state, frozen: false }
      case 'session.extended':
        return { ...state, limits: { ...state.limits, validUntil: event.data.validUntil } }
      case 'session.limits-set': {
        const { balanceLimitMsat, balanceLimitReset, maxParallel } = event.data
        return { ...state, limits: { ...state.limits, balanceLimitMsat, balanceLimitReset }, maxParallel }
      }
      case 'session.revoked':
        return { ...state, revoked: { at: event.data.at, until: event.data.until } }
      case 'session.granted':
        return { ...credited(state, event.data), latest: state.latest ?? placeOf(event.data) }
      case 'session.rounded':
      case 'session.corrected':
        return { ...state, ...without(state, event.data.shares) }
      case 'session.ended':
        return { ...state, ...without(state, event.data.shares), is: 'ended' }
      default:
        return event satisfies never
    }
  },

  merged,
}

function open(
  state: Session,
  { origin, limits, parent, test }: Extract<SessionCommand, { do: 'open' }>,
): SessionEvent[] {
  if (state.is === 'open') return []
  const marks = { ...(parent === undefined ? {} : { parent }), ...(test === undefined ? {} : { test }) }
  return [{ type: 'session.opened', data: { origin, limits, ...marks } }]
}

type Opened = Extract<SessionEvent, { type: 'session.opened' }>['data']

const opened = (state: Session, { origin, limits, parent, test }: Opened): Session => ({
  ...state,
  is: 'open',
  limits,
  parent,
  test,
  isOneShot: origin === 'x-cashu',
})

type Credited = Extract<SessionEvent, { type: 'session.granted' }>['data']

const placeOf = ({ unit, mint, purse }: Omit<Credited, 'reason'>) => ({ unit, mint, purse })

/** From outside: a new balance version (contract 4.4). */
function credited(state: Session, { amountMsat, purse }: Omit<Credited, 'reason'>): Session {
  return {
    ...state,
    balanceMsat: state.balanceMsat + amountMsat,
    shares: { ...state.shares, [purse]: (state.shares[purse] ?? 0) + amountMsat },
    credits: state.credits + 1,
  }
}

/** A payout takes what is there now, or nothing: while a request runs its cost is not known yet (contract 4.4). */
function debit(state: Session, command: Extract<SessionCommand, { do: 'debit' }>): SessionEvent[] | SessionRefusal {
  const { payoutId, shares } = command
  // Kept by the operator: only what was asked for before is still the customer's.
  if (state.revoked !== undefined && state.revoked.until === undefined) return { refused: 'session-revoked' }
  if (command.heldMsat > 0) return { refused: 'requests-ongoing' }
  const isThere = shares.every(({ purse, msat }) => msat <= (state.shares[purse] ?? 0))
  if (state.credits !== command.balanceVersion || !isThere) return { refused: 'balance-moved' }
  return [{ type: 'session.debited', data: { payoutId, amountMsat: total(shares), shares: [...shares] } }]
}

/** A whole unit could still leave: it is never taken. */
function round(state: Session, unitMsat: number): SessionEvent[] | SessionRefusal {
  if (state.balanceMsat >= unitMsat) return { refused: 'balance-moved' }
  return state.balanceMsat === 0 ? [] : [{ type: 'session.rounded', data: { shares: sharesOf(state) } }]
}
