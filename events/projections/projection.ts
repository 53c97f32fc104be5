/** A projection is a pure fold per row; the runner does the SQL, once for each batch of new events. */
import type { Catalogue } from '../schema/envelope'

export type Recorded<Event> = Event & {
  readonly stream: string
  readonly position: bigint
  readonly version: number
  /** Unix ms. */
  readonly at: number
  readonly actor: string
  readonly door: string
  /** US dollars for one bitcoin at that time, decimal text: where money moved and the price was known. */
  readonly usdPerBtc?: string | undefined
}

export type Projection<Event, Row> = {
  readonly name: string
  /** Raise it and the table is rebuilt from event 0. */
  readonly version: number
  /** The runner hands over events of these types only. */
  readonly reads: Catalogue
  /** Column name to SQL type; the first column is the key, unique by the table unless it is append-only. */
  readonly columns: Readonly<Record<keyof Row & string, string>>
  /** Each as it stands behind `on <table>`: `(at)`, `using brin (at)`. Made once the table holds what the log held. */
  readonly indexes: readonly string[]
  /** Every row that the event touches; most touch one. */
  readonly keysOf: (event: Recorded<Event>) => readonly string[]
  /** A row for each event that is read, never changed: nothing older is looked for, and rows go in with their position. */
  readonly appendOnly?: boolean
  readonly fold: (row: Row | undefined, event: Recorded<Event>, key: string) => Row | undefined
}

/** What the runner sees of any projection: its pieces fit each other, their types are its own affair. */
export type AnyProjection = Projection<
  { readonly type: string; readonly data: unknown },
  Readonly<Record<string, unknown>>
>
