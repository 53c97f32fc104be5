/** Composition root: the only place that wires things. Builds a node on a data directory; listening is `serve`'s. */
import { createEngine, createHolds, createLive, type Engine, type Holds, type Log, type ReadModels } from '../events'
import packageJson from '../package.json'
import { createConfirmations } from './admin/confirmations'
import { createDispatch, type Dispatch } from './admin/dispatch'
import type { AdminNode } from './admin/node-port'
import { createRevisions } from './admin/revisions'
import { createTable } from './admin/table'
import { createAdminNode } from './admin-node'
import type { Database } from './database/pglite'
import { openDatabases } from './databases'
import { readSecretKey, takeDirectory } from './disk'
import type { Environment } from './env'
import { deriveKey, fingerprintKey } from './keys'
import { limits } from './limits'
import { createMints, type Mints } from './mint-states'
import { type BtcPrice, createBtcPrice } from './money/btc-price'
import { chooseCurve } from './money/curve'
import { pureCurve } from './money/mint-client'
import { createVault } from './money/vault'
import { type Books, createBooks } from './processes/books'
import { createDeposits, type Deposits } from './processes/deposits'
import type { PublicNode } from './proxy/node-port'
import { createPublicNode } from './public-node'
import { applyEnvironment, openSecrets, type Secrets } from './seed'
import { createSettings, type Settings } from './settings'
import { createStock, type Stock } from './stock'
import type { Trace } from './trace'
import { createWallet } from './wallet'

export type Ports = {
  /** Unix ms. */
  readonly now: () => number
  readonly pause: (ms: number) => Promise<void>
  /** Kill points of promises 1.2: nothing in production. */
  readonly stopHere: (place: string) => Promise<void>
  readonly trace: Trace
  /** An empty cluster to copy, for tests; else initdb makes one. */
  readonly clusterTemplate?: string | undefined
  readonly forcePureCurve?: boolean
}

export type Node = {
  readonly publicNode: PublicNode
  readonly adminNode: AdminNode
  readonly dispatch: Dispatch
  readonly log: Log
  readonly views: ReadModels
  readonly settings: Settings
  readonly logDatabase: Database
  /** From now on nothing new is sold. */
  readonly drain: () => void
  /** Running requests get until `graceMs`; then everything is closed. */
  readonly stop: (graceMs: number) => Promise<void>
}

type Close = () => Promise<void> | void

/** Opens or creates everything below `environment.dataDirectory`; rejects with the error that names the exit code. */
export async function createNode(environment: Environment, ports: Ports): Promise<Node> {
  const closers: Close[] = [takeDirectory(environment.dataDirectory).release]
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    return await build(environment, ports, (...close) => closers.push(...close), closeAll)
  } catch (error) {
    await closeAll()
    throw error
  }
}

async function build(
  environment: Environment,
  ports: Ports,
  closeLater: (...close: readonly Close[]) => void,
  closeAll: () => Promise<void>,
): Promise<Node> {
  const core = await openCore(environment, ports, closeLater)
  const { log, views, logDatabase, settings, holds } = core
  const money = await openMoney(core, ports, closeLater)
  const price = openPrice(core, ports, closeLater)
  const stock = await createStock({ ...core, ...ports, environment, userAgent, openSecret: money.wallet.open })
  closeLater(stock.catalogue.stop, followChanges({ ...core, price, stock, trace: ports.trace }))
  let stopping = false
  const parts = { ...core, ...money, ...ports, version: packageJson.version, price, stock }
  const publicNode = createPublicNode({ ...parts, isStopping: () => stopping, maxBodyBytes: environment.maxBodyBytes })
  const revisions = await createRevisions(log)
  closeLater(revisions.stop)
  const adminNode = createAdminNode({
    ...parts,
    startedAt: ports.now(),
    revisions,
    inbox: core.keys.inbox.publicKey,
    ownKeys: core.keys.own,
  })
  const dispatch = createDispatch({
    node: adminNode,
    table: createTable(),
    confirmations: createConfirmations(),
    fingerprintKey: fingerprintKey(core.secrets.nodeSeed),
    now: ports.now,
  })
  await boot({ ...core, ...money, price, stock, dispatch }, ports, closeLater)
  return {
    publicNode,
    adminNode,
    dispatch,
    log,
    views,
    settings,
    logDatabase,
    drain() {
      stopping = true
    },
    async stop(graceMs) {
      stopping = true
      const deadline = Date.now() + graceMs
      while (holds.totals().requests > 0 && Date.now() < deadline) await Bun.sleep(drainPollMs)
      await closeAll()
    },
  }
}

const userAgent = `routstr-node/${packageJson.version}`
/** How often a stop looks whether the last request has ended. */
const drainPollMs = 20

type Core = {
  readonly log: Log
  readonly views: ReadModels
  readonly logDatabase: Database
  readonly engine: Engine
  readonly holds: Holds
  readonly vault: ReturnType<typeof createVault>
  readonly secrets: Secrets
  readonly keys: { readonly inbox: ReturnType<typeof deriveKey>; readonly own: readonly string[] }
  readonly settings: Settings
  readonly mints: Mints
}

/** Databases, engine, secrets, and what the environment seeds. */
async function openCore(
  environment: Environment,
  ports: Ports,
  closeLater: (...close: readonly Close[]) => void,
): Promise<Core> {
  const { now, pause, trace, clusterTemplate } = ports
  const directory = environment.dataDirectory
  const databases = await openDatabases({ directory, clusterTemplate, pause, trace, closeLater })
  const { log } = databases
  const live = createLive(log, { lanes: limits.lanes, snapshotEvery: limits.snapshotEvery })
  const engine = createEngine({ log, live, now })
  const vault = createVault(readSecretKey(environment.secretKey))
  const secrets = await openSecrets(engine, log, vault)
  const inbox = deriveKey(secrets.nodeSeed, 'admin-inbox')
  const own = [inbox.publicKey, deriveKey(secrets.nodeSeed, 'provider').publicKey, secrets.providerPubkey]
  const mints = createMints({ engine, now, trace })
  await applyEnvironment(environment, { engine, log, vault, ownKeys: own, normaliseMint: mints.normalise })
  const settings = createSettings(() => engine.peek('node', 'node')?.settings ?? {})
  trace.setLevel(settings('logs.level') as 'info')
  return { ...databases, engine, holds: createHolds(), vault, secrets, keys: { inbox, own }, settings, mints }
}

type Money = {
  readonly wallet: ReturnType<typeof createWallet>
  readonly planDeps: Parameters<typeof createDeposits>[0]
  readonly deposits: Deposits
  readonly books: Books
}

async function openMoney(core: Core, ports: Ports, closeLater: (...close: readonly Close[]) => void): Promise<Money> {
  const { engine, log, views, mints } = core
  const { now, pause, stopHere, trace } = ports
  const chosen = await chooseCurve(pureCurve, { forcePure: ports.forcePureCurve === true })
  trace.info('Curve chosen', { curve: chosen.name, why: chosen.why, selfTestMs: chosen.selfTestMs })
  const wallet = createWallet(core.secrets.wallet, chosen.curve, core.vault)
  const planDeps = { engine, log, wallet, mints: mints.trusted, desk: mints.desk, now, pause, stopHere, trace }
  const deposits = createDeposits(planDeps)
  const books = createBooks({
    log,
    views,
    mints: mints.trusted,
    desk: mints.desk,
    yOfCoin: (coin) => wallet.yOf(wallet.derive(coin.keysetId, coin.counter, coin.amount).secret),
    trace,
  })
  closeLater(deposits.stop, books.stop)
  return { wallet, planDeps, deposits, books }
}

function openPrice(
  { settings }: Core,
  { now, trace }: Ports,
  closeLater: (...close: readonly Close[]) => void,
): BtcPrice {
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

/** What the operator changes is in force with its commit. Answers the end of following. */
function followChanges(
  parts: Core & { readonly price: BtcPrice; readonly stock: Stock; readonly trace: Trace },
): Close {
  const { log, settings, price, stock, trace } = parts
  const end = log.onCommit((events) => {
    for (const { stream, version, type } of events) {
      if (stream === 'node') trace.setLevel(settings('logs.level') as 'info')
      if (type === 'node.settings-changed') void price.ask()
      if (stream !== 'node' && !stream.startsWith('upstream-')) continue
      stock.changed()
      if (stream.startsWith('upstream-') && version === 1) stock.added(stream)
    }
  })
  return () => void end()
}

type Booting = Core & Money & { readonly price: BtcPrice; readonly stock: Stock; readonly dispatch: Dispatch }

/** What was open goes on, then the doors may open. */
async function boot(parts: Booting, ports: Ports, closeLater: (...close: readonly Close[]) => void): Promise<void> {
  const { log, engine, mints, deposits, books, price, stock, dispatch } = parts
  const { trace, now } = ports
  await dispatch.closeOpen()
  for (const mint of mints.trusted()) await engine.state('mint', `mint-${mint.mintId}`)
  const resumed = await deposits.resume()
  if (resumed > 0) trace.info('Open deposits are taken up', { deposits: resumed })
  await books.check(false)
  books.start()
  void price.ask()
  for (const stream of stock.streams()) void stock.catalogue.refresh(stream)
  stock.catalogue.start()
  for (const desk of mints.trusted().map(mints.desk)) void desk.learnInfo().then(() => desk.keysets())
  const probe = setInterval(() => {
    if (!log.isWritable()) void log.probe(now()).then((written) => written && trace.info('The log is written again'))
  }, limits.logProbeMs)
  closeLater(() => clearInterval(probe))
}
