/** Promises of money for running requests. In memory only: a hold lives exactly as long as its request (contract 6.9). */

export type Hold = { readonly session: string; readonly amountMsat: number }
export type HoldRefusal =
  | {
      readonly refused: 'balance-too-low'
      readonly needMsat: number
      readonly availableMsat: number
      readonly heldMsat: number
    }
  | {
      readonly refused: 'limit-reached'
      readonly needMsat: number
      readonly leftMsat: number
      readonly heldMsat: number
    }
  | { readonly refused: 'too-many-in-flight'; readonly most: number }

export type HoldWish = {
  readonly session: string
  readonly needMsat: number
  readonly balanceMsat: number
  /** What the key's own limit leaves before holds; Infinity without one. */
  readonly limitLeftMsat: number
  readonly most: number
}

export type Holds = {
  /** Check and hold are one synchronous step (P-07): there is no await for another request to slip into. */
  readonly take: (wish: HoldWish) => Hold | HoldRefusal
  /** Swaps a hold for a larger or smaller one, as one step. */
  readonly change: (hold: Hold, wish: HoldWish) => Hold | HoldRefusal
  readonly release: (hold: Hold) => void
  readonly heldMsat: (session: string) => number
  readonly inFlight: (session: string) => number
  readonly totals: () => { readonly heldMsat: number; readonly requests: number }
}

export function createHolds(): Holds {
  const of = new Map<string, { msat: number; count: number }>()
  const live = new Set<Hold>()
  let totalMsat = 0

  function take(wish: HoldWish): Hold | HoldRefusal {
    const held = of.get(wish.session) ?? { msat: 0, count: 0 }
    const refusal = refusalOf(wish, held)
    if (refusal !== undefined) return refusal
    const hold: Hold = { session: wish.session, amountMsat: wish.needMsat }
    of.set(wish.session, { msat: held.msat + wish.needMsat, count: held.count + 1 })
    totalMsat += wish.needMsat
    live.add(hold)
    return hold
  }

  function release(hold: Hold): void {
    if (!live.delete(hold)) return
    const held = of.get(hold.session)
    if (held === undefined) return
    totalMsat -= hold.amountMsat
    if (held.count === 1) of.delete(hold.session)
    else of.set(hold.session, { msat: held.msat - hold.amountMsat, count: held.count - 1 })
  }

  return {
    take,
    release,
    change(hold, wish) {
      const wasLive = live.has(hold)
      release(hold)
      const changed = take(wish)
      if ('refused' in changed && wasLive) put(hold)
      return changed
    },
    heldMsat: (session) => of.get(session)?.msat ?? 0,
    inFlight: (session) => of.get(session)?.count ?? 0,
    totals: () => ({ heldMsat: totalMsat, requests: live.size }),
  }

  function put(hold: Hold): void {
    const held = of.get(hold.session) ?? { msat: 0, count: 0 }
    of.set(hold.session, { msat: held.msat + hold.amountMsat, count: held.count + 1 })
    totalMsat += hold.amountMsat
    live.add(hold)
  }
}

/** In the order of contract 6.3: in-flight cap, key limit, money. */
function refusalOf(wish: HoldWish, held: { readonly msat: number; readonly count: number }): HoldRefusal | undefined {
  if (held.count >= wish.most) return { refused: 'too-many-in-flight', most: wish.most }
  const leftMsat = wish.limitLeftMsat - held.msat
  if (leftMsat < wish.needMsat)
    return { refused: 'limit-reached', needMsat: wish.needMsat, leftMsat, heldMsat: held.msat }
  const availableMsat = wish.balanceMsat - held.msat
  if (availableMsat < wish.needMsat)
    return { refused: 'balance-too-low', needMsat: wish.needMsat, availableMsat, heldMsat: held.msat }
  return undefined
}
