/** Bounds of money on its way out: withdrawals, Lightning, codes (wallet 5.4, 9, 14, remote-admin 1.4). */
export const payoutLimits = {
  /** How often a command is reckoned again that lost coins or counters to somebody else. */
  commandTries: 5,
  /** how long a secret of once is given again to the same command. */
  oneTimeSecretMs: 10 * 60_000,
  /** how long relays keep the message that carries a code. */
  codeMessageTtlS: 600,
  /** Wallet 9.3: longer, and the payment is unclear. */
  mintMeltMs: 90_000,
  /** Wallet 14.2: servers that a client or a foreign server named. */
  foreignMs: 10_000,
  foreignBytes: 64 * 1024,
  /** Wallet 5.4: how often a receiver's server is asked in vain, and a customer's invoice made smaller. */
  invoiceAsks: 3,
  dearInvoices: 3,
  /** Above this, or two percent, coins are split before they are locked. */
  splitAboveUnits: 8,
  /** An invoice that expired so long ago is not paid any more. */
  expiredInvoiceMs: 10 * 60_000,
  /** A payment is called paid and has no change: so long it is waited for, a mint signs within a second; later, by night. */
  changeLateMs: 5000,
  /** Wallet 5.4: what a customer's payment sets aside at least for its fees. */
  lightningAsideSat: 2,
  /** Wallet 5.5: coins of a purse above which small ones are put together, so many in one swap, twice a minute at most. */
  coinsInPurse: 500,
  coinsAtOnce: 100,
  /** Coins in one swap at most, and a bound below which no mint's refusal is believed (wallet 5.5, 8.1). */
  swapInputs: 100,
  swapInputsLeast: 8,
  /** Swaps that put coins together for one payout and are begun in one go. */
  gatherAtOnce: 16,
  maintenanceMs: 30_000,
  keysetAlertS: 7 * 24 * 3600,
  /** Open payments and swaps whose flight broke are taken up again this often. */
  takeUpMs: 60_000,
  /** Refunds that wait for their turn in the lanes: seconds of work; one more is told to come again. */
  refundsPlanned: 1000,
  /** In the owner lane a mint gets so long: who waits there holds up money at other mints (wallet 9.4). */
  laneMintMs: 1500,
  /** Wallet 5.2: how often refunds past their age are looked for, how many a look tries, and what could not be taken. */
  refundTakingMs: 3600_000,
  refundsTriedAtOnce: 100,
  refundTryMs: 24 * 3600_000,
  /** Wallet 5.2: a customer's token whose keyset ends within this time is made again; how often such are looked for. */
  keysetRemakeS: 7 * 24 * 3600,
  refundRemakingMs: 3600_000,
  /** Wallet 5.6: a mint that was paid for a move and does not know of it is asked for so long. */
  moveSignedMs: 24 * 3600_000,
  /** Wallet 5.6: how often the schedule is looked at, and an amount made smaller until its fees fit. */
  sweepTickMs: 15_000,
  sweepTries: 3,
  /** Wallet 5.6: coins that one round of a drain takes at most, and the longest pause after rounds that failed. */
  drainCoins: 64,
  drainMostMs: 10 * 60_000,
  /** Wallet 15: so long a move between two mints holds up the owner's money everywhere; payments take seconds. */
  transitFreezeMs: 3600_000,
  /** a looser limit, another sweep address or a larger cap holds from then on. */
  loosenMs: 24 * 3600_000,
  /** the day of the daily limits. */
  dailyOutMs: 24 * 3600_000,
  /** What left is remembered so far from now, on both sides: a clock that is a day wrong forgets nothing. */
  dailyOutKeptMs: 2 * 24 * 3600_000,
} as const
