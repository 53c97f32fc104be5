/** Bounds of what the HTTP door sends by itself or in many pages (R-073, R-074; dashboard 4 and 5). */
export const doorLimits = {
  /** A snapshot of every topic this often. */
  watchEveryMs: 2000,
  /** With nothing to show, a beat at least this often: 15 s without one mean that the node is lost. */
  watchBeatMs: 10_000,
  /** A stream ends by itself; the page opens the next one. */
  watchMs: 600_000,
  watchesPerPrincipal: 3,
  watches: 10,
  /** Topics of one stream: all there are, and one session. */
  watchTopics: 13,
  /** One snapshot. */
  watchPushBytes: 12_000,
  /** What one slow reader may leave in memory before snapshots pass it by. */
  watchWaitingBytes: 64 * 1024,
  /** Rows of an export that are in memory at once: some hundred kB. */
  exportRows: 500,
  /** Models that one answer by path holds, of all upstreams: twenty full lists. */
  pathModels: 100_000,
} as const
