/** The final price of one request, taken from what can be reached. */
import { asMsat, type Msat } from '../../schema/money'
import type { Charged, SessionEvent } from '../../schema/session'
import { withSpent } from './days'
import { drawn, without } from './shares'
import { limitLeftMsat, type Session } from './state'

/** A charge as its request reports it: the decider adds what could be taken and from which purses. */
export type SessionCharge = Omit<Charged, 'shares' | 'costMsat' | 'shortfallMsat' | 'child' | 'test'> & {
  readonly costMsat: Msat
}

/** A child's part in a charge: what its own limit leaves. */
export type ChildPart = { readonly session: string; readonly reachMsat: number }

/** What a key's own limit leaves for this request; what it was promised stays reachable in any case. */
export const limitReachMsat = (state: Session, wish: SessionCharge, othersHeldMsat: number): number =>
  Math.max(limitLeftMsat(state, wish.at) - othersHeldMsat, wish.holdMsat)

/** A cost above the hold may use what is free, never what other requests were promised (contract 6.6). */
export function payableMsat(state: Session, wish: SessionCharge, othersHeldMsat: number, child?: ChildPart): Msat {
  const freeMsat = Math.max(0, state.balanceMsat - othersHeldMsat)
  const limitMsat = Math.min(limitReachMsat(state, wish, othersHeldMsat), child?.reachMsat ?? Number.POSITIVE_INFINITY)
  return asMsat(Math.min(wish.costMsat, freeMsat, limitMsat))
}

export function charge(state: Session, wish: SessionCharge, othersHeldMsat: number, child?: ChildPart): SessionEvent[] {
  const costMsat = payableMsat(state, wish, othersHeldMsat, child)
  const shortfallMsat = asMsat(wish.costMsat - costMsat)
  return [
    {
      type: 'session.charged',
      data: {
        ...wish,
        ...(child === undefined ? {} : { child: child.session }),
        ...(state.test === undefined ? {} : { test: state.test }),
        costMsat,
        shortfallMsat,
        split: shrunk(wish.split, shortfallMsat),
        shares: drawn(state.shares, costMsat),
      },
    },
  ]
}

/** What cannot be paid leaves the output part first, then the input, then the base (contract 6.6). */
function shrunk(split: Charged['split'], byMsat: number): Charged['split'] {
  if (byMsat === 0) return split
  const fromOutput = Math.min(byMsat, split.outputMsat)
  const fromInput = Math.min(byMsat - fromOutput, split.inputMsat)
  const inputMsat = asMsat(split.inputMsat - fromInput)
  const cacheReadMsat = asMsat(Math.min(split.cacheReadMsat, inputMsat))
  return {
    outputMsat: asMsat(split.outputMsat - fromOutput),
    inputMsat,
    baseMsat: asMsat(split.baseMsat - (byMsat - fromOutput - fromInput)),
    cacheReadMsat,
    cacheCreationMsat: asMsat(Math.min(split.cacheCreationMsat, inputMsat - cacheReadMsat)),
  }
}

export const charged = (state: Session, data: Charged): Session => ({
  ...state,
  ...without(state, data.shares),
  ...counted(state, data),
})

type Cost = Pick<Charged, 'costMsat'> & { readonly at?: number | undefined }

/** What something cost, in all and on its day. */
export const withCost = (state: Session, { at, costMsat }: Cost): Pick<Session, 'spentMsat' | 'days'> => ({
  spentMsat: state.spentMsat + costMsat,
  days: withSpent(state.days, at, costMsat),
})

/** One more request, and what it cost. */
export const counted = (state: Session, cost: Cost): Pick<Session, 'spentMsat' | 'days' | 'requests'> => ({
  ...withCost(state, cost),
  requests: state.requests + 1,
})
