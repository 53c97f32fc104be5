/** Every bound in the program, each with its reason. Operators move some of them (configuration 2). */
import { accessLimits } from './access-limits'
import { doorLimits } from './door-limits'
import { invoiceLimits } from './invoice-limits'
import { keyLimits } from './key-limits'
import { mintLimits } from './mint-limits'
import { oneShotLimits } from './one-shot-limits'
import { payoutLimits } from './payout-limits'
import { recoveryLimits } from './recovery-limits'
import { viewsLimits } from './views-limits'

export const limits = {
  /** First pause before a database that died is opened again; a full disk can last, then 10 s are enough. */
  databaseReopenMs: 500,
  databaseReopenMaxMs: 10_000,
  /** One group commit: as many appends as arrive while the one before it runs, seen to stay far below. */
  commitMembers: 512,
  /** Appends waiting: more means that the disk is lost, not slow. */
  commitQueue: 20_000,
  /** Pause before asking a database that was lost in mid-commit what it holds. */
  logReconnectMs: 200,
  /** How often a log that could not be written is tried again. */
  logProbeMs: 1000,
  /** Committed events in memory for those who follow: some seconds at full speed. */
  logTailEvents: 20_000,
  /** Stream heads (name, id, version) in memory, about 200 bytes each. */
  logHeads: 100_000,
  /** So long a wallet plan holds up the next of its keyset, and a read waits for its stream's append: a dozen under load. */
  logPatienceMs: 250,
  /** Folded streams in memory, about 1 kB each. */
  lanes: 20_000,
  /** A session longer than this is read from a snapshot (architecture 4). */
  snapshotEvery: 1000,

  /** The books are compared this often (wallet 16). */
  booksCheckMs: 60_000,
  /** Events that a check adds to a read model that lags: more of them means a rebuild, which is waited for instead. */
  booksCatchUpEvents: 50_000,

  /** Wallet 5.2: coins of a keyset that ends within this time are swapped, never handed out. */
  keysetEndsSoonMs: 30 * 24 * 3600_000,
  /** Uncollected tokens are looked for this often while they are young, and then once a day. */
  tokenWatchMs: 3600_000,
  tokenYoungMs: 24 * 3600_000,
  /** Wallet 5.1: proofs of a closed deposit; vault rows that are erased in one append. */
  proofsKeptMs: 24 * 3600_000,
  eraseAtOnce: 200,
  /** Plans that lost a race for coins, counters or the balance in a row before the caller hears of it. */
  refundRaces: 20,

  ...keyLimits,

  /** Contract 1.6. */
  inferenceBodyBytes: 32 * 1024 * 1024,
  walletBodyBytes: 256 * 1024,
  jsonDepth: 128,
  tokenBytes: 100 * 1024,
  tokenProofs: 256,
  bodyArrivalMs: 60_000,
  upstreamBodyBytes: 64 * 1024 * 1024,
  upstreamEventBytes: 8 * 1024 * 1024,
  requestsPerNode: 10_000,
  failuresPerAddressMinute: 300,
  failuresPerMinute: 3000,
  /** Addresses remembered for the two limits above. */
  addressesCounted: 50_000,
  /** Contract 3.3: a dead token costs one mint call a day. */
  deadTokens: 10_000,
  deadTokenMs: 24 * 3600_000,
  /** Contract 4.3: a top-up answers within 25 s. */
  mintWaitMaxMs: 24_000,

  ...mintLimits,
  /** A caller that joins a deposit waits for its plan to be committed: one commit takes milliseconds. */
  planCommitTries: 500,
  planCommitPauseMs: 10,
  /** Back-off of an open operation (wallet 6.1): 1 s to 60 s; after an hour 5 min; after a day an hour. */
  driveFirstMs: 1000,
  driveMostMs: 60_000,
  driveHourMs: 5 * 60_000,
  driveDayMs: 3600_000,
  /** Two looks are at least this far apart (W-09). */
  looksApartMs: 30_000,
  /** Looks kept of one open deposit: the first one and the newest. */
  looksKept: 8,
  /** A counter clash jumps this far (wallet 6.1). */
  counterJump: 1000,

  ...invoiceLimits,
  ...payoutLimits,
  ...oneShotLimits,
  ...recoveryLimits,
  ...viewsLimits,
  /** Contract 2.6. */
  rateAskMs: 10_000,
  rateBodyBytes: 64 * 1024,
  /** Contract 8.5. */
  catalogueAskMs: 30_000,
  /** A test of a model by the operator: somebody waits before the page. */
  modelTestMs: 50_000,
  catalogueBodyBytes: 16 * 1024 * 1024,
  catalogueModels: 5000,
  /** Contract 8.3, 8.4. */
  coolFirstMs: 10_000,
  coolMostMs: 300_000,
  coolUpstreamMs: 300_000,
  /** Contract 6.6: a charge that cannot be written is tried this long. */
  chargeRetryMs: 30_000,
  /** Contract 6.8: a stream goes out at the latest this long after a 200 opened. */
  streamCommitMs: 10_000,

  /** Admin door. */
  adminBodyBytes: 1024 * 1024,
  adminJsonDepth: 64,
  passwordChecks: 2,
  loginFailuresFree: 5,
  loginFailuresClosed: 20,
  loginClosedMs: 15 * 60_000,
  loginDelayMaxMs: 60_000,
  loginFailuresPerMinute: 60,
  devices: 20,
  ...accessLimits,
  setupLinkMs: 15 * 60_000,
  challengeMs: 60_000,
  commandAgeMs: 120_000,
  commandFutureS: 60,
  /** R-057, per second and burst, for one principal; the oldest of so many buckets is forgotten. */
  adminHttpRequests: { perS: 50, burst: 100 },
  adminHttpMutations: { perS: 10, burst: 40 },
  adminNostrRequests: { perS: 5, burst: 20 },
  adminNostrMutations: { perS: 1, burst: 5 },
  adminBuckets: 10_000,
  commandLongAgeMs: 72 * 3600_000,
  commandOutsideMs: 60_000,
  commandOutsideLanes: 4,
  queriesAtOnce: 8,
  ...doorLimits,
  /** Answers to `commands.confirm` that can be given again; the newest count. */
  confirmsKept: 1000,

  /** Nostr door. R-038: frames above this are dropped unread, each encrypted layer stays below its own bound. */
  frameBytes: 131_072,
  sealedLayerChars: 90_000,
  sealedLayerBytes: 65_408,
  /** characters of one message, and bytes of it as text inside its rumor: no wrap exceeds 65,536 bytes. */
  messageChars: 24_000,
  messageBytes: 28_000,
  /** characters of a part, parts, inflated bytes, open assemblies of one sender, and their idle time. */
  chunkChars: 19_600,
  gzipChars: 8000,
  /** Parts on their way at once, and the wait for relays that acknowledge none: 200 may wait for one relay. */
  chunksAtOnce: 16,
  chunksPauseMs: 1000,
  chunks: 256,
  chunkedBytes: 4 * 1024 * 1024,
  assemblies: 8,
  assemblyIdleMs: 30_000,
  /** 48 h of fuzz, 72 h of the longest command, 1 h. */
  wrapAgeS: 435_600,
  /** ids of wraps seen, in memory; execution is deduplicated by the log alone. */
  wrapIds: 20_000,
  /** and beside the read models, for redelivery after a restart; a look that takes longer is not waited for. */
  seenWraps: 200_000,
  seenWrapsMs: 6 * 24 * 3600_000,
  seenWrapsFlushMs: 2000,
  seenWrapsWaitMs: 1000,
  /** conversation keys of known authors. */
  conversationKeys: 64,
  /** unwraps of the admin inbox per second and burst; in flood mode; what starts and ends that. */
  adminInbox: { perS: 40, burst: 80 },
  adminInboxFlooded: { perS: 5, burst: 10 },
  floodWraps: 100,
  floodWindowMs: 60_000,
  floodQuietMs: 5 * 60_000,
  /** Wraps waiting to be opened, one per turn of the event loop; more are shed. */
  wrapQueue: 2000,
  /** relay sockets. */
  relayConnectMs: 10_000,
  relayOnionConnectMs: 30_000,
  relayBackOffMs: [200, 500, 1000, 2000, 5000, 15_000],
  relayStableMs: 60_000,
  /** Dashboard 3: a relay that is gone this long is worth a banner. */
  relayDownShownMs: 120_000,
  relayPublishMs: 5000,
  /** First pause after CLOSED, doubled up to the longest one; what nobody answers is asked again after the longest. */
  relayResubscribeMs: 5000,
  relayResubscribeMaxMs: 60_000,
  /** sign-ins of one connection, and the wait for an OK that some relays never send. */
  relayAuths: 5,
  relayAuthOkMs: 1000,
  /** a relay that counts our events is asked so often, after such a pause. */
  relayRateTries: 5,
  relayRatePauseMs: 1000,
  /** relays refuse ephemeral events that are older. */
  liveWrapMs: 60_000,
  /** characters of a relay's text in a log or an answer. */
  relayTextChars: 200,
  /** an echo that takes longer is a miss, and the next voice follows it; durable ones are sent this often. */
  canaryWaitMs: 10_000,
  canaryDurableMs: 30 * 60_000,
  canaryDurableTtlS: 3600,
  canaryIds: 64,
  /** a command that runs longer is said to be pending. */
  commandPendingMs: 1500,
  relayPages: 20,
  relayPageEvents: 500,
  relayCatchUpMs: 6 * 3600_000,
  relayShedCatchUpMs: 60_000,
  /** Nostr events and bytes waiting for one relay. */
  relayQueueEvents: 200,
  relayQueueBytes: 4 * 1024 * 1024,
  adminRelays: 3,
  /** how long a stored answer may be fetched. */
  replyTtlS: 72 * 3600,
  /** Looks for something to tidy up this often; vacuums after so many events; below so many any query is quick. */
  upkeepMs: 30_000,
  vacuumEvents: 100_000,
  countedEvents: 10_000,
  /** The process log's table is cut this often; a line takes about 400 bytes with its indexes. */
  linesPruneMs: 10 * 60_000,
  linesPerMb: 2500,
  /** Lines that one question looks through: some 100 ms; the next page goes on behind them (performance B8). */
  linesSearched: 100_000,
  /** Lines of one answer of the live tail. */
  linesTailed: 200,
  /** Dashboard 3: below this a day's log and a backup may no longer fit, or the next commit. */
  diskLookBytes: 2_000_000_000,
  diskBadBytes: 500_000_000,
  /** requests further off than this are refused as too new. */
  clockOffMs: 30_000,
  /** Dashboard 3: an unclear payout that lasts is worth a banner. */
  unclearShownMs: 3600_000,
  /** Process-log lines written at once, and waiting to be written. */
  linesBatch: 500,
  linesQueue: 20_000,
  linesFlushMs: 250,
} as const
