/** The bounds of who may command the node; part of `limits`, and only used as such. */

export const accessLimits = {
  /** lifetime, and tokens at once; a log that is read whole at each start need not hold more. */
  tokenDays: 90,
  tokenDaysMost: 365,
  tokens: 100,
  tokenCommands: 100,
  /** setup.testKey: at most so much of the owner's part, so often in 24 h. */
  testKeySat: 100,
  testKeys: 5,
  testKeysWithinMs: 24 * 3600_000,
  /** the last use of a device, token or admin is written at most this often. */
  lastSeenFlushMs: 60_000,
  /** nothing lives longer than a token does, and so much is kept of who came when. */
  lastSeenKeptMs: 365 * 24 * 3600_000,
  lastSeen: 2000,
} as const
