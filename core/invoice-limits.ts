/** The bounds of Lightning top-ups; part of `limits`, and only used as such. */

export const invoiceLimits = {
  /** Contract 1.10: invoices that wait for their payment, counted until they expire, and new ones per minute. */
  openInvoices: 200,
  invoicesPerMinute: 120,
  invoicesPerAddressMinute: 60,
  /** Contract 5.1. */
  invoiceSats: 1_000_000,
  /** Wallet 13: pause between two looks at an invoice up to this age; the last one goes on for a week after expiry. */
  invoiceLooks: [
    { ageMs: 2 * 60_000, pauseMs: 5000 },
    { ageMs: 10 * 60_000, pauseMs: 15_000 },
    { ageMs: 3600_000, pauseMs: 60_000 },
    { ageMs: Number.POSITIVE_INFINITY, pauseMs: 600_000 },
  ],
  /** A mint that names a later expiry would be watched, and its invoices be counted, for as long. */
  invoiceLongestS: 30 * 24 * 3600,
  invoiceWatchedMs: 7 * 24 * 3600_000,
  /** Looks per minute at one mint; at one that limited us a third of its bucket (wallet 9.4). */
  invoiceLooksPerMinute: 240,
  /** A mint that hangs holds so many of its calls and no more: its tokens go first (wallet 9.4). */
  invoiceLooksAtOnce: 2,
  invoiceTickMs: 1000,
  /** A client's question reaches the mint at most this often, is answered at the latest then, and counts as fresh. */
  invoiceAskedMs: 2000,
  invoiceStatusWaitMs: 5000,
  /** Contract 5.2: the key of a paid invoice is shown this long once it was used; how often old ones are looked for. */
  invoiceKeyMs: 7 * 24 * 3600_000,
  invoiceKeySweepMs: 3600_000,
} as const
