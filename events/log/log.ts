/** The log: all that ever happened, in one order. A port; `sql-log.ts` keeps it in a database. */

/** Who did it, by which door, in the course of what. Holds no secret. */
export type Meta = {
  readonly actor: string
  readonly door: 'public' | 'http' | 'nostr' | 'console' | 'node'
  /** Request id or command id that caused it. */
  readonly cause?: string | undefined
  /**
   * US dollars for one bitcoin when it happened, exact decimal text: where money moved and the price was known. The
   * engine writes it, for people who look (dashboard 3, Units); no rule reads it, and a charge has its own in its data.
   */
  readonly usdPerBtc?: string | undefined
}

export type NewEvent = { readonly type: string; readonly v: number; readonly data: unknown }

export type StoredEvent = {
  readonly position: bigint
  readonly stream: string
  readonly version: number
  readonly type: string
  /** Lifted to the newest version of its type. */
  readonly data: unknown
  readonly meta: Meta
  readonly commandId: string | undefined
  /** Unix ms. */
  readonly at: number
}

export type StreamAppend = { readonly stream: string; readonly expected: number; readonly events: readonly NewEvent[] }

/** A command of the outermost caller; `outcome` null: received, not finished. */
export type CommandRow = { readonly id: string; readonly fingerprint: string; readonly outcome: string | null }

export type Claim = { readonly kind: string; readonly key: string; readonly owner: string }
/** Takes `count` counters from `from` on; fails unless the cursor stands there (W-03). */
export type Cursor = {
  readonly seedId: string
  readonly keysetId: string
  readonly from: number
  readonly count: number
}
export type CoinState = 'free' | 'locked' | 'out' | 'spent'
export type CoinRow = {
  readonly seedId: string
  readonly keysetId: string
  readonly counter: number
  readonly amount: number
  readonly c: string
  readonly purse: string
  readonly state: CoinState
  readonly signedBy?: string | undefined
}
/** Free coins that are alike: of one amount, under one keyset. */
export type CoinLot = Pick<CoinRow, 'keysetId' | 'amount' | 'signedBy'> & { readonly coins: number }
export type CoinsHeld = { readonly free: readonly CoinLot[]; readonly hasLocked: boolean }
export type CoinMove = {
  readonly keysetId: string
  readonly counter: number
  readonly from: CoinState
  readonly to: CoinState
}
export type SheetRow = { readonly purse: string; readonly account: string; readonly msat: bigint }
export type BooksAt = {
  readonly position: bigint
  readonly sheet: readonly SheetRow[]
  /** Coins not spent, in whole units of their purse. */
  readonly coins: readonly { readonly purse: string; readonly units: bigint }[]
}

/** What goes into the append's own transaction beside its events (wallet 3). */
export type Inline = {
  readonly claims?: readonly Claim[]
  readonly releases?: readonly Omit<Claim, 'owner'>[]
  readonly cursors?: readonly Cursor[]
  readonly coins?: readonly CoinRow[]
  readonly moves?: readonly CoinMove[]
  readonly seal?: readonly { readonly ref: string; readonly bytes: Uint8Array }[]
  readonly erase?: readonly string[]
}

export type Append = Inline & {
  readonly streams: readonly StreamAppend[]
  readonly command?: CommandRow | undefined
  /** Written on every event, so that an append of unknown fate can be recognised. */
  readonly commandId?: string | undefined
  readonly meta: Meta
  readonly at: number
  readonly sheet?: readonly SheetRow[]
}

/** Which guard said no: the caller decides again on newer state, or refuses. */
export type Guard = 'version' | 'command' | 'claim' | 'cursor' | 'coin' | 'vault'
export type Appended = { readonly position: bigint } | { readonly conflict: Guard }

/** Sheet rows, payouts that hold no coins yet, and free coins by keyset. */
export type Holdings = {
  readonly sheet: readonly SheetRow[]
  readonly coinless: readonly string[]
  readonly free: readonly { readonly purse: string; readonly keysetId: string; readonly coins: number }[]
}

export type Log = {
  /** Rejects with `LogUnavailable` when nothing can be written at the moment. */
  readonly append: (append: Append) => Promise<Appended>
  /** Events of one stream after a version, oldest first; all of them unless `most` says how many. */
  readonly read: (stream: string, afterVersion: number, most?: number) => Promise<readonly StoredEvent[]>
  /** Events after a position in log order, at most `most`. */
  readonly after: (position: bigint, most: number) => Promise<readonly StoredEvent[]>
  /** Position of the last committed event. */
  readonly head: () => bigint
  /** Called after each commit, with its events; answers the end of the subscription. */
  readonly onCommit: (listener: (events: readonly StoredEvent[]) => void) => () => void
  /** false from a failed write until one succeeds again. */
  readonly isWritable: () => boolean
  /** Tries to write something that means nothing; answers whether the log can be written now. */
  readonly probe: (at: number) => Promise<boolean>
  readonly command: (id: string) => Promise<CommandRow | undefined>
  /** Ids of commands that were received and not finished. */
  readonly openCommands: () => Promise<readonly string[]>
  readonly claimedBy: (kind: string, key: string) => Promise<string | undefined>
  /** Keys of all claims of a kind, oldest first. */
  readonly claims: (kind: string) => Promise<readonly { readonly key: string; readonly owner: string }[]>
  /** Every keyset that this wallet has taken counters of, and the next one. */
  readonly cursors: () => Promise<
    readonly { readonly seedId: string; readonly keysetId: string; readonly next: number }[]
  >
  /** Counters of coins that the log knows, spent ones too, from `from` up to, not including, `to`. */
  readonly knownCounters: (keysetId: string, from: number, to: number) => Promise<readonly number[]>
  /** Streams that hold a claim under their own name, as every open operation does. */
  readonly claimedStreams: (prefixes: readonly string[]) => Promise<readonly string[]>
  readonly cursor: (seedId: string, keysetId: string) => Promise<number>
  /**
   * The next free counter for one who appends a range from it now: the others wait for that append, but not for long.
   * Who will not append after all says so by `leaveCounters`.
   */
  readonly takeCounter: (seedId: string, keysetId: string) => Promise<number>
  readonly leaveCounters: (cursors: readonly Cursor[] | undefined) => void
  /** Coins that are not spent: those that were stay for ever, and nobody pays with them. */
  readonly coins: (purse: string) => Promise<readonly CoinRow[]>
  /** What a purse can pay with, of one instant, without reading every coin; lots by keyset. */
  readonly held: (purse: string) => Promise<CoinsHeld>
  /** So many free coins of each lot, by counter; fewer where others took them meanwhile. */
  readonly freeCoins: (purse: string, lots: readonly CoinLot[]) => Promise<readonly CoinRow[]>
  /** How many free coins there are of each of these amounts, counted up to `enough` and no further. */
  readonly freeAmounts: (
    purse: string,
    amounts: readonly number[],
    enough: number,
  ) => Promise<ReadonlyMap<number, number>>
  readonly sheet: () => Promise<readonly SheetRow[]>
  /** Sheet and coins of one instant, and the position of that instant: a busy log can be checked too. */
  readonly books: () => Promise<BooksAt>
  /** What the floor is reckoned from, of one instant. */
  readonly holdings: () => Promise<Holdings>
  readonly sealed: (ref: string) => Promise<Uint8Array | undefined>
  /** Events by filter, newest first, for people who look: never on the path of a request. */
  readonly list: (filter: EventFilter) => Promise<readonly StoredEvent[]>
  /** Position of the newest event of a stream; 0 if it has none. */
  readonly newest: (stream: string) => Promise<bigint>
  /** Names of streams that begin with `prefix`, oldest first. */
  readonly streams: (prefix: string) => Promise<readonly string[]>
  readonly snapshot: (stream: string) => Promise<Snapshot | undefined>
  readonly saveSnapshot: (snapshot: Snapshot) => Promise<void>
  readonly close: () => Promise<void>
}

export type EventFilter = {
  readonly stream?: string | undefined
  readonly type?: string | undefined
  readonly by?: string | undefined
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  readonly before?: bigint | undefined
  readonly limit: number
}

/** A folded state, derived and disposable: `fold` names the code that folded it. */
export type Snapshot = {
  readonly stream: string
  readonly version: number
  readonly fold: number
  readonly state: string
}

/** The log cannot be written at the moment; what was asked may or may not be repeated by the caller. */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable'
}
