/** The bounds of one-shot payments by X-Cashu; part of `limits`, and only used as such. */

export const oneShotLimits = {
  /** Wallet 5.2: a payment that lost its request becomes change after this; looked for so often. */
  oneShotLateMs: 60_000,
  oneShotSweepMs: 15_000,
  /** Contract 1.5: all headers of an answer stay below 15 KiB, a longer token is withheld and collected. */
  cashuHeaderBytes: 8 * 1024,
  /** Contract 7.4: the last event of a live stream waits this long for its change. */
  changeChunkMs: 10_000,
  /** Contract 1.6: a longer answer goes out as it comes. */
  bufferedStreamBytes: 16 * 1024 * 1024,
} as const
