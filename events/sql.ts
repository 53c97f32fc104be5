/** The little of a database that the log and the projections know. Drivers stand in `core/database/`. */

export type SqlValue = string | number | bigint | boolean | null | Uint8Array

/** A column of many rows as one parameter, an array of PostgreSQL: `unnest` makes rows of it. */
export type SqlColumn = {
  readonly of: 'text' | 'int8' | 'int4' | 'int2' | 'bool'
  readonly values: readonly (string | number | bigint | boolean | null)[]
}

/** One statement of a batch; its text is prepared once and found again by the text itself. */
export type Step = { readonly text: string; readonly params: readonly (SqlValue | SqlColumn)[] }

/** Why a batch left nothing behind: SQLSTATE and, for a broken constraint, its name. */
export type SqlFailure = { readonly code: string; readonly constraint?: string; readonly message: string }

/** The connection broke while the batch was under way: whether it was committed is unknown. */
export const connectionLost = 'lost'

export type Sql = {
  /** Runs one statement. bigint columns arrive as bigint; rejects with an Error that carries `code` (SQLSTATE). */
  readonly query: <Row>(text: string, params?: readonly SqlValue[]) => Promise<readonly Row[]>
  /**
   * The same for a question that is asked again and again, of a text that never varies: prepared once, for a third of the
   * work. No column of it is an array.
   */
  readonly lookup: <Row>(text: string, params?: readonly SqlValue[]) => Promise<readonly Row[]>
  /** All steps in one transaction, or none: answers `undefined` once it is committed, else why it is not. */
  readonly batch: (steps: readonly Step[]) => Promise<SqlFailure | undefined>
}
