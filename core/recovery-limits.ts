/** Bounds of what brings a wallet or a whole node back (wallet 12); part of `limits`. */

export const recoveryLimits = {
  /** Wallet 12.3, 12.4: unknown counters in a row that end a search, and counters of a probe. */
  scanGap: 300,
  scanGapMost: 100_000,
  probeCounters: 25,
  /** Counters of one search: only a mint that lies knows more of one keyset than this. */
  scanCounters: 2_000_000,
  /** Coins in one append of a search: some hundred are some hundred kilobytes. */
  scanImports: 500,
  /** Wallet 11: work of the wallet is cut into such slices, so that running streams do not stutter. */
  sliceMs: 20,
} as const
