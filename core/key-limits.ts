/** The bounds of keys and their children; part of `limits`, and only used as such. */

export const keyLimits = {
  /** Contract 1.6. */
  requestsPerKey: 1000,
  keysPerAddressMinute: 600,
  keysPerMinute: 6000,
  /** Revoked keys are looked at this often, and this soon after something of theirs ended: its hold ends just then. */
  keyEndsMs: 10_000,
  keyEndsSoonMs: 50,
  /** Contract 3.7: expired keys are looked for this often; a payout that failed rests, and is given up after a week. */
  keyExpiryMs: 5000,
  keyExpiryRetryMs: 5 * 60_000,
  keyExpiryMostRestMs: 6 * 3600_000,
  keyExpiryTriesMs: 7 * 24 * 3600_000,
  /** Unix s, contract 3.5, 3.7: no key's date lies later (twelve digits), so that each is one that a calendar shows. */
  dateMostS: 999_999_999_999,
  /** A key named by the operator is looked for in tables that lag; then, so long a stream is read instead. */
  viewsNamedMs: 1000,
  sessionEventsFolded: 1000,
  /** Child keys of one parent: each is a stream of its own, and info lists them all. */
  childKeys: 1000,
  childKeysAtOnce: 50,
  /** Of one parent, in one answer to the operator; `sessions.list` pages through the rest. */
  childKeysShown: 100,
  /** Contract 4.5: rows of one page of a key's history, unless it asks for more or fewer. */
  historyRows: 50,
  historyRowsMost: 200,
} as const
