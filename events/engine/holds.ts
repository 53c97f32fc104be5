/** Promises of money for running requests. In memory only: a hold lives exactly as long as its request (contract 6.9). */

/** One promise, the same object from its taking to its end: whoever keeps it may release it, whatever it was raised to. */
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
  /** Makes a hold larger or smaller as one step; refused, it stays what it was. A released one stays released. */
  readonly change: (hold: Hold, wish: HoldWish) => Hold | HoldRefusal
  readonly release: (hold: Hold) => void
  readonly heldMsat: (session: string) => number
  readonly inFlight: (session: string) => number
  readonly totals: () => { readonly heldMsat: number; readonly requests: number }
}

type Live = { readonly session: string; amountMsat: number }
type Held = { msat: number; count: number }

export function createHolds(): Holds {
  const of = new Map<string, Held>()
  const live = new Set<Live>()
  let totalMsat = 0

  function add(hold: Live): void {
    const held = of.get(hold.session) ?? { msat: 0, count: 0 }
    of.set(hold.session, { msat: held.msat + hold.amountMsat, count: held.count + 1 })
    totalMsat += hold.amountMsat
    live.add(hold)
  }

  function remove(hold: Hold): Live | undefined {
    const known = hold as Live
    if (!live.delete(known)) return undefined
    const held = of.get(known.session) ?? { msat: 0, count: 0 }
    totalMsat -= known.amountMsat
    if (held.count <= 1) of.delete(known.session)
    else of.set(known.session, { msat: held.msat - known.amountMsat, count: held.count - 1 })
    return known
  }

  const refused = (wish: HoldWish) => refusalOf(wish, of.get(wish.session) ?? { msat: 0, count: 0 })

  return {
    take(wish) {
      const refusal = refused(wish)
      if (refusal !== undefined) return refusal
      const hold: Live = { session: wish.session, amountMsat: wish.needMsat }
      add(hold)
      return hold
    },
    release: (hold) => void remove(hold),
    change(hold, wish) {
      const known = remove(hold)
      if (known === undefined) return hold
      const refusal = refused(wish)
      if (refusal === undefined) known.amountMsat = wish.needMsat
      add(known)
      return refusal ?? known
    },
    heldMsat: (session) => of.get(session)?.msat ?? 0,
    inFlight: (session) => of.get(session)?.count ?? 0,
    totals: () => ({ heldMsat: totalMsat, requests: live.size }),
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
