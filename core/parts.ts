/** The parts of a node, opened in the order in which they need each other; `node.ts` puts them together. */
import { createEngine, createHolds, createLive, type Engine, type Holds } from '../events'
import packageJson from '../package.json'
import { checkOperatorUrl } from './address'
import { type BackupKey, backupKeyOf } from './backup/format'
import { type Databases, openDatabases } from './databases'
import { readSecretKey } from './disk'
import type { Environment } from './env'
import { type Foreign, systemForeign } from './foreign'
import { deriveKey } from './keys'
import { createLanes, type Lanes } from './lanes'
import { limits } from './limits'
import { createMints, type Mints } from './mint-states'
import { type BtcPrice, createBtcPrice } from './money/btc-price'
import { type ChosenCurve, chooseCurve } from './money/curve'
import { pureCurve } from './money/mint-client'
import { createQuoteKeys } from './money/quote-key'
import { createVault } from './money/vault'
import { type Books, createBooks } from './processes/books'
import { createDeposits, type Deposits } from './processes/deposits'
import type { Drains } from './processes/drain-types'
import { createDrains } from './processes/drains'
import { createInvoices, type Invoices } from './processes/invoices'
import { createKeyEnds, type KeyEnds } from './processes/key-ends'
import { createKeyExpiry, type KeyExpiry } from './processes/key-expiry'
import type { Ladder } from './processes/ladder'
import { createLateRestores, type LateRestores } from './processes/late-restore'
import type { Maintenance } from './processes/maintenance'
import type { Melts } from './processes/melt-types'
import { createMelts } from './processes/melts'
import { createMintNews } from './processes/mint-news'
import type { OneShots } from './processes/one-shot-types'
import { createOneShots } from './processes/one-shots'
import { cancelledBy } from './processes/payout-cancel'
import type { PayoutDeps, Payouts } from './processes/payout-types'
import { createPayouts } from './processes/payouts'
import { createPurseLanes } from './processes/purse-lane'
import type { RefundRemaking } from './processes/refund-remaking'
import type { RefundTaking } from './processes/refund-taking'
import type { Swaps } from './processes/swap-types'
import { createSwaps } from './processes/swaps'
import type { Sweep } from './processes/sweep'
import { createWalletGuard, type WalletGuard } from './processes/wallet-guard'
import { createScheduled, leftToday } from './scheduled'
import { applyEnvironment, openSecrets, type Secrets } from './seed'
import { createSettings, type Settings } from './settings'
import type { Trace } from './trace'
import { type Asking, createAsking } from './typed-host'
import { createWallet } from './wallet'

export const userAgent = `routstr-node/${packageJson.version}`

export type Close = () => Promise<void> | void
/** Takes what must be closed again, in the order of opening. */
export type CloseLater = (...close: readonly Close[]) => void

export type Ports = {
  /** Unix ms. */
  readonly now: () => number
  readonly pause: (ms: number) => Promise<void>
  /** Kill points of promises 1.2: nothing in production. */
  readonly stopHere: (place: string) => Promise<void>
  readonly trace: Trace
  /** Writes to the terminal of the process and nowhere else: codes that no log may hold. */
  readonly print: (text: string) => void
  /** An empty cluster to copy, for tests; else initdb makes one. */
  readonly clusterTemplate?: string | undefined
  /** How foreign servers are reached; tests reach theirs by it. */
  readonly foreign?: Foreign
  /** Coins kept ready for payouts (wallet 9.6); tests that are about swaps keep none. */
  readonly ladder?: Ladder
  /** Proven before, where one process opens many nodes: the proof costs half a second. */
  readonly curve?: ChosenCurve
  /** The console works on the data directory itself: no relay hears of it. */
  readonly isOffline?: boolean
}

export type Core = Databases & {
  readonly engine: Engine
  readonly holds: Holds
  readonly vault: ReturnType<typeof createVault>
  readonly secrets: Secrets
  readonly backupKey: BackupKey
  readonly keys: { readonly inbox: ReturnType<typeof deriveKey>; readonly own: readonly string[] }
  readonly settings: Settings
  readonly mints: Mints
  readonly price: BtcPrice
}

/** Databases, engine, secrets, and what the environment seeds. */
export async function openCore(environment: Environment, ports: Ports, closeLater: CloseLater): Promise<Core> {
  const { now, pause, trace, clusterTemplate, isOffline } = ports
  const directory = environment.dataDirectory
  const databases = await openDatabases({ directory, clusterTemplate, pause, now, trace, closeLater, isOffline })
  const { log } = databases
  const live = createLive(log, { lanes: limits.lanes, snapshotEvery: limits.snapshotEvery })
  let price: BtcPrice | undefined
  const engine = createEngine({ log, live, now, usdPerBtc: () => price?.current()?.usdPerBtc })
  const secretKey = readSecretKey(environment.secretKey)
  const vault = createVault(secretKey)
  const backupKey = backupKeyOf(secretKey)
  const secrets = await openSecrets(engine, log, vault)
  const inbox = deriveKey(secrets.nodeSeed, 'admin-inbox')
  const own = [inbox.publicKey, deriveKey(secrets.nodeSeed, 'provider').publicKey, secrets.providerPubkey]
  const mints = createMints({ engine, now, pause, trace })
  await applyEnvironment(environment, { engine, log, vault, ownKeys: own, normaliseMint: mints.normalise, trace })
  const settings = createSettings(() => engine.peek('node', 'node')?.settings ?? {}, now)
  trace.setLevel(settings('logs.level') as 'info')
  price = openPrice(settings, ports, closeLater)
  return {
    ...databases,
    engine,
    holds: createHolds(),
    vault,
    secrets,
    backupKey,
    keys: { inbox, own },
    settings,
    mints,
    price,
  }
}

export type Money = {
  /** All that may spend the owner's money passes it, one at a time (wallet 15). */
  readonly ownerLane: Lanes
  readonly payoutDeps: PayoutDeps
  readonly asking: Asking
  readonly wallet: ReturnType<typeof createWallet>
  readonly planDeps: Parameters<typeof createDeposits>[0]
  readonly deposits: Deposits
  readonly invoices: Invoices
  readonly payouts: Payouts
  readonly melts: Melts
  readonly swaps: Swaps
  readonly sweep: Sweep
  readonly refundTaking: RefundTaking
  readonly refundRemaking: RefundRemaking
  readonly drains: Drains
  readonly maintenance: Maintenance
  readonly oneShots: OneShots
  readonly keyEnds: KeyEnds
  readonly keyExpiry: KeyExpiry
  readonly books: Books
  readonly guard: WalletGuard
  readonly lateRestores: LateRestores
  readonly curve: ChosenCurve['curve']
}

export async function openMoney(core: Core, ports: Ports, closeLater: CloseLater): Promise<Money> {
  const { engine, log, views, mints } = core
  const { trace } = ports
  const chosen = ports.curve ?? (await chooseCurve(pureCurve))
  trace.info('Curve chosen', { curve: chosen.name, why: chosen.why, selfTestMs: chosen.selfTestMs })
  const wallet = createWallet(core.secrets.wallet, chosen.curve, core.vault)
  const plain = { ...ports, engine, log, wallet, mints: mints.trusted, desk: mints.desk }
  const guard = createWalletGuard(plain)
  const planDeps = { ...plain, desk: guard.desk }
  const deposits = createDeposits(planDeps)
  const news = createMintNews({ ...plain, isAllowed: mayListen })
  const invoices = createInvoices({ ...planDeps, news, quoteKeys: createQuoteKeys(core.secrets.wallet.seed) })
  const ownerLane = createLanes(1)
  const tunnel = () => core.settings('network.torTunnel')
  const lateRestores = createLateRestores({ ...planDeps, settleLate: deposits.settleLate })
  const payoutDeps = {
    ...planDeps,
    heldMsat: core.holds.heldMsat,
    ownerLane,
    purseLanes: createPurseLanes(),
    keepMsat: () => core.settings('sweep.keepSat') * 1000,
    isDepositOpen: async (session: string) =>
      (await deposits.isOpenFor(session)) || (await invoices.isPaidFor(session)),
  } satisfies PayoutDeps
  const asking = createAsking(ports.foreign ?? systemForeign(tunnel))
  const melts = createMelts({ ...payoutDeps, news, ...asking, moveInvoice: invoices.moveInvoice })
  const payouts = createPayouts({ ...payoutDeps, followMelt: melts.follow, ...asking })
  const swaps = createSwaps({ ...payoutDeps, cancelled: (payout, swapId) => cancelledBy(payout, swapId, engine) })
  const oneShots = createOneShots({ ...planDeps, payouts, deposits })
  const keyEnds = createKeyEnds(payoutDeps)
  const keyExpiry = createKeyExpiry({ ...payoutDeps, payouts })
  const books = createBooks({
    log,
    views,
    mints: mints.trusted,
    desk: mints.desk,
    yOfCoin: (coin) => wallet.yOf(wallet.derive(coin.keysetId, coin.counter, coin.amount).secret),
    trace,
  })
  const careful = { ...payoutDeps, isBalanced: books.isBalanced }
  const scheduled = createScheduled({ ...careful, settings: core.settings })
  const drains = createDrains({ ...careful, invoices, leftTodayMsat: leftToday(core.settings, payoutDeps) })
  const running = {
    news,
    guard,
    lateRestores,
    deposits,
    invoices,
    payouts,
    melts,
    ...scheduled,
    drains,
    swaps,
    oneShots,
    keyEnds,
    keyExpiry,
    books,
  }
  closeLater(...Object.values(running).map(({ stop }) => stop))
  return { ...running, wallet, ownerLane, payoutDeps, asking, planDeps, curve: chosen.curve }
}

/** A socket goes by no tunnel: to an onion host none is opened (wallet 14.1). */
const mayListen = async (url: string): Promise<boolean> =>
  URL.parse(url)?.hostname.endsWith('.onion') === false &&
  !('refused' in (await checkOperatorUrl(url, ['http:', 'https:'])))

function openPrice(settings: Settings, { now, trace }: Ports, closeLater: CloseLater): BtcPrice {
  const price = createBtcPrice({
    sources: () => settings('rate.sources'),
    refreshMs: () => settings('rate.refreshS') * 1000,
    maxAgeMs: () => settings('rate.maxAgeS') * 1000,
    now,
    userAgent,
    changed: (isKnown) =>
      isKnown
        ? trace.info('The BTC price is known')
        : trace.warn('The BTC price is too old: models priced in USD are not sold'),
  })
  closeLater(price.stop)
  return price
}
