/** Bounds of the seed's outputs, and of what brings a wallet or a whole node back (wallet 12); part of `limits`. */

export const recoveryLimits = {
  /** Outputs of ours that were derived lately, some 500 bytes each, and parents of keysets. */
  derivedOutputs: 4000,
  derivedKeysets: 100,
  /** Wallet 12.3, 12.4: unknown counters in a row that end a search, and counters of a probe. */
  scanGap: 300,
  scanGapMost: 100_000,
  probeCounters: 25,
  /** Left free in a log that was put back, for what its mint signs later; fewer than end a search. */
  pendingCounters: 100,
  /** Counters of one search beyond those of the log: only a mint that lies knows more of one keyset than this. */
  scanCounters: 2_000_000,
  /** Coins in one append of a search: some hundred are some hundred kilobytes. */
  scanImports: 500,
  /** Wallet 9.8: free coins are asked for this often, and first so long after a start; tries while coins move. */
  auditMs: 24 * 3600_000,
  auditFirstMs: 10 * 60_000,
  auditTries: 3,
  /** What was rejected longer ago than this is looked at for the last time; so many operations of a mint in a night. */
  lateMs: 24 * 3600_000,
  lateAtOnce: 2000,
  /** Wallet 11: work of the wallet is cut into such slices, so that running streams do not stutter. */
  sliceMs: 20,
  /** Rows in one sealed part of a backup file, and its bytes: a part is made and read in one piece. */
  backupFrameRows: 500,
  backupFrameBytes: 64 * 1024 * 1024,
  /** Coins of a backup that are asked for at once. */
  backupCoins: 1000,
  /** Whether a backup is due is looked at this often. */
  backupLookMs: 60_000,
  /** A node that slept through its hour makes up for it, but not in its first minutes. */
  backupLateMs: 26 * 3600_000,
  backupSettleMs: 15 * 60_000,
  /** Dashboard 3, banner 10: so old may the newest verified backup be. */
  backupStaleMs: 48 * 3600_000,
  /** A node that runs shorter than this is not told that it has none. */
  backupBannerMs: 3600_000,
} as const
