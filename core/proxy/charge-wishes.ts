/** The wishes that book one charge: on a key alone, or on a child and its parent in one commit (contract 3.8). */
import { asMsat, type Hold, limitReachMsat, payableMsat, type SessionCharge, type Wish, wish } from '../../events'
import type { PublicNode } from './node-port'
import { availableMsat } from './pay'

export function chargeWishes(node: PublicNode, hold: Hold, charge: SessionCharge): Wish | readonly Wish[] {
  const { session, parent } = hold
  const othersHeldMsat = (key: string) => node.holds.heldMsat(key) - hold.amountMsat
  if (parent === undefined)
    return wish('session', session, () => ({ do: 'charge', charge, othersHeldMsat: othersHeldMsat(session) }))
  let costMsat = asMsat(0)
  return [
    wish('session', parent, (state) => {
      const known = node.engine.peek('session', session)
      // Put out of memory this very moment: what it was promised is within its limit in any case.
      const reachMsat = known === undefined ? charge.holdMsat : limitReachMsat(known, charge, othersHeldMsat(session))
      const child = { session, reachMsat }
      costMsat = payableMsat(state, charge, othersHeldMsat(parent), child)
      return { do: 'charge', charge, othersHeldMsat: othersHeldMsat(parent), child }
    }),
    // Decided right after its parent's, in the same step: it counts what the parent was charged.
    wish('session', session, () => ({ do: 'spend', requestId: charge.requestId, at: charge.at, costMsat })),
  ]
}

/** Available to the presented key after its charge; undefined: it was put out of memory. */
export function remainingMsat(node: PublicNode, session: string): number | undefined {
  const credential = { session }
  const state = node.engine.peek('session', session)
  if (state?.parent === undefined) return state === undefined ? undefined : availableMsat(node, { credential, state })
  const parent = node.engine.peek('session', state.parent)
  return parent === undefined
    ? undefined
    : availableMsat(node, { credential, state, parent: { session: state.parent, state: parent } })
}
