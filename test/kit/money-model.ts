/**
 * Whose money lies where, reckoned from what customers and owner were told (wallet 15, 16, 19.7). Written without a look
 * at the product's own rules: integers in msat, by mint and account, signs as in the sheet.
 */

export type Share = { readonly mint: string; readonly msat: number }
type Key = {
  readonly shares: Map<string, number>
  latest: string | undefined
  /** Credits so far: a refund belongs to one of them. */
  version: number
  refund: { readonly version: number; readonly token: string } | undefined
  /** Debited, and no mint had the coins for it yet; after a new credit it is reached by its id alone. */
  waiting: { readonly shares: readonly Share[]; readonly id: string; readonly version: number } | undefined
  ended: boolean
}

export function createMoneyModel(mints: readonly string[]) {
  const books = new Map<string, number>()
  const keys = new Map<string, Key>()

  const name = (mint: string, account: string) => `${mint} ${account}`
  function post(mint: string, account: string, msat: number): void {
    books.set(name(mint, account), (books.get(name(mint, account)) ?? 0) + msat)
  }
  const at = (mint: string, account: string): number => books.get(name(mint, account)) ?? 0

  function keyOf(key: string): Key {
    const known = keys.get(key)
    if (known !== undefined) return known
    const made: Key = {
      shares: new Map(),
      latest: undefined,
      version: 0,
      refund: undefined,
      waiting: undefined,
      ended: false,
    }
    keys.set(key, made)
    return made
  }
  const balance = (key: string): number => [...keyOf(key).shares.values()].reduce((sum, msat) => sum + msat, 0)

  function give({ shares }: Key, mint: string, msat: number): void {
    shares.set(mint, (shares.get(mint) ?? 0) + msat)
    post(mint, 'customers', -msat)
  }
  function take({ shares }: Key, parts: readonly Share[]): void {
    for (const { mint, msat } of parts) {
      const left = (shares.get(mint) ?? 0) - msat
      if (left < 0) throw new Error('the model takes what is not there')
      if (left === 0) shares.delete(mint)
      else shares.set(mint, left)
      post(mint, 'customers', msat)
    }
  }
  /** So much of the shares, in this order. */
  function parts(order: readonly (readonly [string, number])[], msat: number): Share[] {
    let left = msat
    return order.flatMap(([mint, has]) => {
      const part = Math.min(left, has)
      left -= part
      return part === 0 ? [] : [{ mint, msat: part }]
    })
  }
  const paidFrom = ({ shares }: Key, first: string | undefined) =>
    [...shares].sort(([a, x], [b, y]) => Number(b === first) - Number(a === first) || y - x || (a < b ? -1 : 1))

  function deposit(key: string, mint: string, msat: number): void {
    const one = keyOf(key)
    give(one, mint, msat)
    one.latest = mint
    one.version += 1
  }

  /** Promised to the key; where other mints' shares are in it, the owner's money changes places with them. */
  function moved(shares: readonly Share[], payer: string): void {
    for (const { mint, msat } of shares.filter((share) => share.mint !== payer)) {
      post(mint, 'promised', msat)
      post(mint, 'owner:moved', -msat)
      post(payer, 'owner:moved', msat)
      post(payer, 'promised', -msat)
    }
  }
  function debit(one: Key, shares: readonly Share[]): void {
    take(one, shares)
    for (const { mint, msat } of shares) post(mint, 'promised', -msat)
  }

  return {
    balance,
    keyOf,
    /** Keys that can still do something. */
    open: (): readonly string[] => [...keys].flatMap(([key, { ended }]) => (ended ? [] : [key])),
    waiting: (): readonly string[] => [...keys].flatMap(([key, one]) => (one.waiting === undefined ? [] : [key])),
    deposit,
    /** Charges draw from the smallest share first. */
    charge(key: string, msat: number): void {
      const one = keyOf(key)
      const order = [...one.shares].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
      const taken = parts(order, msat)
      take(one, taken)
      for (const share of taken) post(share.mint, 'owner:earned', -share.msat)
    },
    refund(key: string, sat: number, payer: string, token: string): void {
      const one = keyOf(key)
      const shares = parts(paidFrom(one, payer), sat * 1000)
      debit(one, shares)
      moved(shares, payer)
      one.refund = { version: one.version, token }
    },
    wait(key: string, id: string): void {
      const one = keyOf(key)
      const shares = parts(paidFrom(one, one.latest), Math.floor(balance(key) / 1000) * 1000)
      debit(one, shares)
      one.waiting = { shares, id, version: one.version }
    },
    waited(key: string, payer: string, token: string): void {
      const one = keyOf(key)
      const { shares = [], version = one.version } = one.waiting ?? {}
      moved(shares, payer)
      one.waiting = undefined
      if (version === one.version) one.refund = { version, token }
    },
    /** Answers the whole units that are change: what is less than one is the owner's. */
    oneShot(mint: string, msat: number, costMsat: number): number {
      const left = msat - costMsat
      const units = Math.floor(left / 1000)
      post(mint, 'owner:earned', -costMsat)
      post(mint, 'owner:rounding', -(left - units * 1000))
      post(mint, 'promised', -units * 1000)
      return units
    },
    grant(key: string, mint: string, msat: number): void {
      const one = keyOf(key)
      give(one, mint, msat)
      post(mint, 'owner:granted', msat)
      one.latest ??= mint
      one.version += 1
    },
    revoke(key: string): void {
      const one = keyOf(key)
      const rest = [...one.shares].map(([mint, msat]) => ({ mint, msat }))
      take(one, rest)
      for (const { mint, msat } of rest) post(mint, 'owner:forfeited', -msat)
      one.ended = true
    },
    sweep(mint: string, msat: number, feeMsat: number): void {
      post(mint, 'owner:withdrawn', msat)
      post(mint, 'owner:lightningFees', feeMsat)
    },
    /** An audit's losses, and coins found in the same search: they make up for losses first. */
    search(mint: string, lostMsat: number, foundMsat: number): void {
      const recovered = Math.min(lostMsat, foundMsat)
      post(mint, 'owner:losses', lostMsat)
      post(mint, 'owner:recovered', -recovered)
      post(mint, 'unattributed', recovered - foundMsat)
    },
    unattributed: (mint: string): number => -at(mint, 'unattributed'),
    release(mint: string, msat: number): void {
      post(mint, 'unattributed', msat)
      post(mint, 'owner:recovered', -msat)
    },
    /** msat at a mint that belong to customers, or to nobody known. */
    owed: (mint: string): number => -at(mint, 'customers') - at(mint, 'unattributed'),
    /**
     * Every account that is no coin, as the sheet should hold it. What the mint owes us less all claims on it was taken
     * by the mint: its fees. `heldMsat` is the mint's own word.
     */
    sheet(heldMsat: (mint: string) => number): Readonly<Record<string, number>> {
      const rows = new Map(books)
      for (const mint of mints) {
        const claims = [...books].reduce((sum, [row, msat]) => sum + (row.startsWith(`${mint} `) ? msat : 0), 0)
        rows.set(name(mint, 'owner:mintFees'), -claims - heldMsat(mint))
      }
      return Object.fromEntries([...rows].filter(([, msat]) => msat !== 0).sort(([a], [b]) => (a < b ? -1 : 1)))
    },
  }
}
