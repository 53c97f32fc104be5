/** The bounds of how the read models follow the log; part of `limits`, and only used as such. */

export const viewsLimits = {
  /** Events in one transaction of the read models: larger is faster, smaller is fresher. */
  viewsBatch: 2000,
  viewsRowCache: 20_000,
  viewsRetryMs: 500,
  /** Read models follow after the answer that they tell of, not beside it (performance B1). */
  viewsCalmMs: 20,
  /** A query that names no position waits this long for what was committed before it. */
  viewsFreshMs: 250,
  /** Performance 2: up to 250 ms behind while the node is busy. */
  viewsBusyEvents: 16,
  viewsBusyMs: 200,
  /** A start sells before a rebuild of the read models is done (performance B6). */
  viewsStartMs: 1500,
  /** `notBefore` of an admin query waits this long. */
  viewsWaitMs: 2000,
  /** A stop waits this long for what their database is doing; then it is ended where it stands, and rebuilt if that tore it. */
  viewsCloseMs: 5000,
  /** Requests refused are counted by the finest step of a chart, and kept for the longest range and the one before it. */
  refusedStepMs: 5 * 60_000,
  refusedKeptMs: 2 * 366 * 24 * 3600_000,
} as const
