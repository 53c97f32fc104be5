/** Bounds of what a mint is asked, how often, and for which coins (wallet 9); part of `limits`. */

export const mintLimits = {
  /** Wallet 9.3. */
  mintReadMs: 10_000,
  mintSwapMs: 20_000,
  mintBodyBytes: 4 * 1024 * 1024,
  /** Wallet 9.4: calls at once and waiting, per mint. */
  mintCalls: 4,
  mintQueue: 256,
  /** Of so many turns one is that of the caller who waits longest, however unimportant. */
  mintOldestTurn: 8,
  /** 429 without Retry-After, and the longest one that is honoured. */
  mintPauseMs: 60_000,
  mintPauseMaxMs: 6 * 3600_000,
  /** Calls per minute after it, and of those such as move money; a rate above the last one holds nobody up. */
  mintRateLeast: 60,
  mintMoneyRateLeast: 20,
  mintRateMost: 12_000,
  /** Transport failures in a row until a mint counts as down, and the probe of a mint that is. */
  mintFailures: 5,
  mintProbeMs: 30_000,
  /** Keysets and info of a mint are asked again after this, rotation or not. */
  mintFreshMs: 10 * 60_000,
  /** Sooner where the list names no keyset that new coins could be of: one call, however many ask. */
  keysetsAgainMs: 5000,
  /** NUT-17: quotes that are listened for at one mint, its messages a minute and their length; news of a quote wakes so often. */
  socketTopics: 100,
  socketMessagesPerMinute: 600,
  socketMessageChars: 64 * 1024,
  socketWakeMs: 2000,
  /** A connection that lived so long was a good one. */
  socketStableMs: 60_000,
  /** Pauses before a lost socket is opened again, the wait for it, and for its first answer. */
  socketWaits: { backOffMs: [1000, 2000, 5000, 15_000, 60_000, 300_000], connectMs: 10_000, answerMs: 10_000 },
  /** Outputs of one redemption (wallet 5.1). */
  outputs: 64,
  /** Wallet 9.6: coins kept of each power of two up to the largest rung; half of them where a coin costs a fee. */
  ladder: { coins: 4, coinsWithFee: 2, largest: 1024 },
  /** A rung that is worth less than so many of its own fees is not kept. */
  rungFees: 10,
} as const
