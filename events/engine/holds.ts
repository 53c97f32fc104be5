/** Promises of money for running requests. In memory only: a hold lives exactly as long as its request (contract 6.9). */

/** One promise, the same object from its taking to its end: whoever keeps it may release it, whatever it was raised to. */
export type Hold = {
  readonly session: string
  /** Of a child key: its hold counts against both (contract 3.8). */
  readonly parent: string | undefined
  readonly amountMsat: number
  readonly of?: HeldRequest | undefined
}
/** The request that a hold is for, as the operator sees it while it runs. */
export type HeldRequest = {
  readonly requestId: string
  readonly model: string
  /** Who is asked now. */
  readonly upstream: string
  /** Unix ms. */
  readonly since: number
}
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
      /** The limit is that of the child's parent. */
      readonly ofParent?: true
    }
  | { readonly refused: 'too-many-in-flight'; readonly most: number }

/** What bounds one key. */
type KeyBounds = {
  readonly session: string
  /** What the key's own limit leaves before holds; Infinity without one. */
  readonly limitLeftMsat: number
  readonly most: number
}
export type HoldWish = KeyBounds & {
  readonly needMsat: number
  /** Of the session that pays: a child's parent. */
  readonly balanceMsat: number
  readonly parent?: KeyBounds | undefined
  readonly of?: HeldRequest | undefined
}

export type Holds = {
  /** Check and hold are one synchronous step (P-07): there is no await for another request to slip into. */
  readonly take: (wish: HoldWish) => Hold | HoldRefusal
  /** Makes a hold larger or smaller as one step; refused, it stays what it was. A released one stays released. */
  readonly change: (hold: Hold, wish: HoldWish) => Hold | HoldRefusal
  readonly release: (hold: Hold) => void
  /** Another upstream is asked now. */
  readonly moved: (hold: Hold, upstream: string) => void
  /** Every running hold, in no order. */
  readonly running: () => readonly Hold[]
  /** What every key holds, a parent with its child keys. */
  readonly heldBySession: () => Readonly<Record<string, number>>
  /** With what its child keys hold. */
  readonly heldMsat: (session: string) => number
  readonly inFlight: (session: string) => number
  readonly totals: () => { readonly heldMsat: number; readonly requests: number }
}

type Live = {
  readonly session: string
  readonly parent: string | undefined
  amountMsat: number
  of?: HeldRequest | undefined
}
type Held = { readonly msat: number; readonly count: number }
const none: Held = { msat: 0, count: 0 }

export function createHolds(): Holds {
  const of = new Map<string, Held>()
  const live = new Set<Live>()
  let totalMsat = 0

  function book({ session, parent, amountMsat }: Live, sign: 1 | -1): void {
    totalMsat += sign * amountMsat
    for (const key of parent === undefined ? [session] : [session, parent]) {
      const held = of.get(key) ?? none
      const count = held.count + sign
      if (count <= 0) of.delete(key)
      else of.set(key, { msat: held.msat + sign * amountMsat, count })
    }
  }

  function add(hold: Live): void {
    book(hold, 1)
    live.add(hold)
  }

  function remove(hold: Hold): Live | undefined {
    const known = hold as Live
    if (!live.delete(known)) return undefined
    book(known, -1)
    return known
  }

  const refused = (wish: HoldWish) => refusalOf(wish, (session) => of.get(session) ?? none)

  return {
    take(wish) {
      const refusal = refused(wish)
      if (refusal !== undefined) return refusal
      const { session, parent, needMsat, of: request } = wish
      const hold: Live = { session, parent: parent?.session, amountMsat: needMsat, of: request }
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
    moved(hold, upstream) {
      const known = hold as Live
      if (known.of !== undefined) known.of = { ...known.of, upstream }
    },
    running: () => [...live],
    heldBySession: () => Object.fromEntries([...of].map(([session, { msat }]) => [session, msat])),
    heldMsat: (session) => of.get(session)?.msat ?? 0,
    inFlight: (session) => of.get(session)?.count ?? 0,
    totals: () => ({ heldMsat: totalMsat, requests: live.size }),
  }
}

/** In the order of contract 6.3: in-flight cap, key limit, money; of a child first its own, then its parent's. */
function refusalOf(wish: HoldWish, heldBy: (session: string) => Held): HoldRefusal | undefined {
  const { needMsat, parent } = wish
  for (const { session, most } of parent === undefined ? [wish] : [wish, parent])
    if (heldBy(session).count >= most) return { refused: 'too-many-in-flight', most }
  const own = heldBy(wish.session).msat
  if (wish.limitLeftMsat - own < needMsat)
    return { refused: 'limit-reached', needMsat, leftMsat: wish.limitLeftMsat - own, heldMsat: own }
  const paying = parent === undefined ? own : heldBy(parent.session).msat
  if (parent !== undefined && parent.limitLeftMsat - paying < needMsat) {
    const leftMsat = parent.limitLeftMsat - paying
    return { refused: 'limit-reached', needMsat, leftMsat, heldMsat: paying, ofParent: true }
  }
  const availableMsat = wish.balanceMsat - paying
  return availableMsat < needMsat
    ? { refused: 'balance-too-low', needMsat, availableMsat, heldMsat: paying }
    : undefined
}
