/** Child keys: they are made by a parent, spend its balance, and count what they spent (contract 3.8). */
import { asMsat } from '../../schema/money'
import type { SessionEvent } from '../../schema/session'
import { counted, withCost } from './charge'
import type { ChildCommand, SessionRefusal } from './commands'
import { drawn, without } from './shares'
import { countedMsat, limitLeftMsat, type Session } from './state'

const words: readonly string[] = ['add-children', 'spend', 'reset-spending']
export const isChildCommand = <Other extends { readonly do: string }>(
  command: Other | ChildCommand,
): command is ChildCommand => words.includes(command.do)

export function decideChild(state: Session, command: ChildCommand): readonly SessionEvent[] | SessionRefusal {
  switch (command.do) {
    case 'add-children':
      return addChildren(state, command)
    case 'spend': {
      const { requestId, at, costMsat } = command
      return [{ type: 'session.spent', data: { requestId, at, costMsat } }]
    }
    case 'reset-spending':
      return countedMsat(state) === 0 ? [] : [{ type: 'session.spending-reset', data: { at: command.at } }]
    default:
      return command satisfies never
  }
}

/** Their price is spent as a request's is: within the limit, and never what running requests were promised. */
function addChildren(
  state: Session,
  { children, costEachMsat, heldMsat, nowMs, most }: Extract<ChildCommand, { do: 'add-children' }>,
): readonly SessionEvent[] | SessionRefusal {
  if (state.parent !== undefined) return { refused: 'is-child' }
  if (state.revoked !== undefined) return { refused: 'session-revoked' }
  if (state.children.length + children.length > most) return { refused: 'too-many-children', most }
  const costMsat = asMsat(costEachMsat * children.length)
  const leftMsat = limitLeftMsat(state, nowMs) - heldMsat
  if (costMsat > Math.max(0, leftMsat)) return { refused: 'limit-reached', needMsat: costMsat, leftMsat, heldMsat }
  const availableMsat = Math.max(0, state.balanceMsat - heldMsat)
  if (costMsat > availableMsat) return { refused: 'balance-too-low', needMsat: costMsat, availableMsat, heldMsat }
  const shares = drawn(state.shares, costMsat)
  return [{ type: 'session.children-added', data: { at: nowMs, children: [...children], costMsat, shares } }]
}

type DataOf<Type extends SessionEvent['type']> = Extract<SessionEvent, { type: Type }>['data']

export const childrenAdded = (state: Session, data: DataOf<'session.children-added'>): Session => ({
  ...state,
  ...without(state, data.shares),
  ...withCost(state, data),
  children: [...state.children, ...data.children],
})

export const spent = (state: Session, data: DataOf<'session.spent'>): Session => ({
  ...state,
  ...counted(state, data),
})

export const spendingReset = (state: Session): Session => ({
  ...state,
  forgivenMsat: state.spentMsat,
  days: [],
})
