/** Composition root: the only place that wires things. Builds a node on a data directory; listening is `serve`'s. */
import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as nip19 from 'nostr-tools/nip19'
import {
  createEngine,
  createHolds,
  createLive,
  followLog,
  type Log,
  LogTooNew,
  maxCosts,
  openSqlLog,
  parseDecimal,
  projections,
  type ReadModels,
  type TrustedMint,
} from '../events'
import packageJson from '../package.json'
import { checkOperatorUrl } from './address'
import { createConfirmations } from './admin/confirmations'
import { createDispatch, type Dispatch } from './admin/dispatch'
import { createImports } from './admin/imports'
import type { AdminNode, MintProbe, MintState } from './admin/node-port'
import { createRevisions } from './admin/revisions'
import { createTable } from './admin/table'
import { createClusters } from './database/cluster'
import { type Database, openPglite } from './database/pglite'
import { readSecretKey, takeDirectory } from './disk'
import type { Environment } from './env'
import { deriveKey, fingerprintKey } from './keys'
import { limits } from './limits'
import { keepLines } from './lines'
import { modelRows, worstCostMsat } from './model-rows'
import { createBtcPrice } from './money/btc-price'
import { chooseCurve } from './money/curve'
import { createMintClient, isTrueKeyset, normaliseMintUrl, pureCurve } from './money/mint-client'
import { createVault } from './money/vault'
import { createBooks } from './processes/books'
import { createCatalogue } from './processes/catalogue'
import { readToken } from './processes/deposit-plan'
import { createDeposits } from './processes/deposits'
import { createMintDesk, type MintDesk } from './processes/mint-desk'
import { createFlood } from './proxy/flood'
import type { PublicNode } from './proxy/node-port'
import { applyEnvironment, openSecrets } from './seed'
import { createSettings, type Settings } from './settings'
import type { Trace } from './trace'
import { createCooling } from './upstream/cooling'
import { listModels, readFeed, readModelsFile } from './upstream/discover'
import { kinds } from './upstream/kinds/kinds'
import { type Book, buildBook, createPriceCache } from './upstream/offers'
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
  readonly stop: (graceMs: number) => Promise<void>
}

/** Opens or creates everything below `environment.dataDirectory`; rejects with the error that names the exit code. */
export async function createNode(environment: Environment, ports: Ports): Promise<Node> {
  const { now, pause, trace } = ports
  const lease = takeDirectory(environment.dataDirectory)
  const closers: (() => Promise<void> | void)[] = [lease.release]
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    return await build()
  } catch (error) {
    await closeAll()
    throw error
  }

  async function build(): Promise<Node> {
    const { log, views, logDatabase } = await openDatabases()
    const live = createLive(log, { lanes: limits.lanes, snapshotEvery: limits.snapshotEvery })
    const engine = createEngine({ log, live, now })
    const holds = createHolds()
    const vault = createVault(readSecretKey(environment.secretKey))
    const secrets = await openSecrets(engine, log, vault)
    const inbox = deriveKey(secrets.nodeSeed, 'admin-inbox')
    const ownKeys = [inbox.publicKey, deriveKey(secrets.nodeSeed, 'provider').publicKey, secrets.providerPubkey]
    const hashPassword = (text: string) => Bun.password.hash(text, { algorithm: 'argon2id' })
    const normaliseMint = (text: string) => {
      const url = normaliseMintUrl(text)
      return url === undefined
        ? undefined
        : { url, mintId: createHash('sha256').update(url).digest('hex').slice(0, 16) }
    }
    await applyEnvironment(environment, { engine, log, vault, ownKeys, normaliseMint, hashPassword })
    const nodeState = () => engine.peek('node', 'node')
    const settings = createSettings(() => nodeState()?.settings ?? {})
    trace.setLevel(settings('logs.level') as 'info')
    const userAgent = `routstr-node/${packageJson.version}`

    // ---- money in ----
    const chosen = await chooseCurve(pureCurve, { forcePure: ports.forcePureCurve === true })
    trace.info('Curve chosen', { curve: chosen.name, why: chosen.why, selfTestMs: chosen.selfTestMs })
    const wallet = createWallet(secrets.wallet, chosen.curve, vault)
    const mints = (): readonly TrustedMint[] => nodeState()?.mints ?? []
    const desks = new Map<string, MintDesk>()
    const desk = (mint: TrustedMint): MintDesk => {
      const known = desks.get(mint.mintId)
      if (known !== undefined) return known
      const made = createMintDesk({ mint, client: createMintClient(mint.url), isTrueKeyset, engine, now, trace })
      desks.set(mint.mintId, made)
      return made
    }
    const planDeps = { engine, log, wallet, mints, desk }
    const deposits = createDeposits({ ...planDeps, now, pause, stopHere: ports.stopHere, trace })
    closers.push(deposits.stop)
    const books = createBooks({
      log,
      views,
      mints,
      desk,
      yOfCoin: (coin) => wallet.yOf(wallet.derive(coin.keysetId, coin.counter, coin.amount).secret),
      trace,
    })

    // ---- what is sold ----
    const price = createBtcPrice({
      sources: () => settings('rate.sources'),
      refreshMs: () => settings('rate.refreshS') * 1000,
      maxAgeMs: () => settings('rate.maxAgeS') * 1000,
      now,
      userAgent,
    })
    closers.push(price.stop)
    const upstreamStreams: string[] = [...(await log.streams('upstream-'))]
    const apiKeys = new Map<string, string>()
    let book: Book | undefined
    let revision = 0
    await loadUpstreams(upstreamStreams)

    async function loadUpstreams(streams: readonly string[]): Promise<void> {
      for (const stream of streams) {
        const { config } = await engine.state('upstream', stream)
        const ref = config?.keys[0]?.vault
        const sealed = ref === undefined ? undefined : await log.sealed(ref)
        const key = ref === undefined || sealed === undefined ? undefined : wallet.open(ref, sealed)
        if (key !== undefined) apiKeys.set(stream, key)
      }
    }
    const configOf = (stream: string) => engine.peek('upstream', stream)?.config
    const currentBook = (): Book => {
      if (book === undefined) {
        const named = upstreamStreams.flatMap((id) => {
          const state = engine.peek('upstream', id)
          return state === undefined ? [] : [{ id, state }]
        })
        book = buildBook(named, settings)
      }
      return book
    }
    const fileOf = environment.modelsFile === undefined ? undefined : await readModelsFile(environment.modelsFile)
    const feedFor = async (kind: keyof typeof kinds) =>
      kinds[kind].usesFeed ? readFeed(settings('rate.feedUrl'), userAgent) : new Map()
    const listFor = async (
      stream: string | undefined,
      target: { kind: keyof typeof kinds; name: string; baseUrl: string; apiKey: string | undefined },
    ) => {
      const prices = { feed: await feedFor(target.kind), file: fileOf?.prices ?? new Map() }
      const listing = await listModels({ ...target, userAgent }, prices)
      if (listing.is !== 'no-list' || fileOf === undefined || stream === undefined) return listing
      // An upstream without a list sells what the file names.
      const models = fileOf.entries.flatMap((entry) => kinds[target.kind].read(entry, prices) ?? [])
      return { is: 'listed' as const, models, ms: listing.ms }
    }
    const catalogue = createCatalogue({
      engine,
      list: (stream, config) => listFor(stream, { ...config, apiKey: apiKeys.get(stream) }),
      upstreams: () => upstreamStreams,
      settings,
      now,
      trace,
    })
    closers.push(catalogue.stop)
    const endFollowing = log.onCommit((events) => {
      for (const { stream, version } of events) {
        if (stream !== 'node' && !stream.startsWith('upstream-')) continue
        book = undefined
        revision += 1
        if (stream.startsWith('upstream-') && version === 1) {
          upstreamStreams.push(stream)
          void loadUpstreams([stream]).then(() => catalogue.refresh(stream))
        }
        if (stream === 'node') trace.setLevel(settings('logs.level') as 'info')
      }
    })
    closers.push(() => void endFollowing())

    // ---- the doors' ports ----
    const cooling = createCooling(now)
    const pricesOf = createPriceCache()
    let stopping = false
    const mintState = (mint: TrustedMint): MintState => {
      const health = desk(mint).health()
      const known = engine.peek('mint', `mint-${mint.mintId}`)
      const suspended = known?.suspended
      const fees = Object.values(known?.keysets ?? {})
        .filter((keyset) => keyset.active)
        .map((keyset) => keyset.feePpk)
      return {
        mint: mint.url,
        state: suspended === undefined ? health.state : 'suspended',
        sentence:
          suspended === undefined ? mintSentence(mint.url, health.state) : `${mint.url} is suspended: ${suspended}.`,
        at: health.at,
        roundTripMs: health.roundTripMs,
        feePpk: fees.length === 0 ? undefined : Math.min(...fees),
        nuts: known?.nuts ?? [],
      }
    }
    const rate = price.current
    const worstMsat = (offer: Book['all'][number]) =>
      offer.prices.fixedMsat === undefined
        ? worstCostMsat(maxCosts(offer.prices.usd, offer.limits).total, parseDecimal(rate()?.usdPerBtc))
        : Number(offer.prices.fixedMsat)

    const publicNode: PublicNode = {
      version: packageJson.version,
      engine,
      log: { ...log, isWritable: () => log.isWritable() && books.isBalanced() },
      holds,
      settings,
      trace,
      now,
      pause,
      npub: () => nodeState()?.providerKey?.npub ?? '',
      mints,
      units: () =>
        unitsOf(mints(), (mint) =>
          Object.values(engine.peek('mint', `mint-${mint.mintId}`)?.keysets ?? {}).map((keyset) => keyset.unit),
        ),
      rate,
      book: currentBook,
      pricesOf,
      target: (offer) => {
        const config = configOf(offer.upstreamId)
        const apiKey = apiKeys.get(offer.upstreamId)
        return {
          kind: offer.kind,
          baseUrl: config?.baseUrl ?? '',
          credential: apiKey === undefined ? undefined : kinds[offer.kind].credential(apiKey),
          headers: {},
          secrets: [apiKey ?? '', config?.baseUrl ?? '', URL.parse(config?.baseUrl ?? '')?.host ?? ''],
        }
      },
      cooling,
      noteUpstream: catalogue.note,
      checkToken: (text) => {
        const read = readToken(text, planDeps)
        return 'refused' in read ? read : undefined
      },
      redeem: deposits.redeem,
      failures: createFlood({ perAddress: limits.failuresPerAddressMinute, inTotal: limits.failuresPerMinute, now }),
      keysOpened: createFlood({ perAddress: limits.keysPerAddressMinute, inTotal: limits.keysPerMinute, now }),
      isStopping: () => stopping,
      maxBodyBytes: environment.maxBodyBytes,
      async health() {
        const writable = log.isWritable() && books.isBalanced()
        const sellable = currentBook().sellable.size > 0
        const downMint = mints().find((mint) => ['down', 'suspended'].includes(mintState(mint).state))
        const checks = {
          log: { ok: writable, ...(writable ? {} : { sentence: 'The log cannot be written.' }) },
          views: { ok: views.isHealthy() },
          rate: { ok: rate() !== undefined, ...(rate() === undefined ? { sentence: 'No current BTC price.' } : {}) },
          upstreams: { ok: sellable, ...(sellable ? {} : { sentence: 'No model can be sold.' }) },
          mints: {
            ok: mints().length > 0 && downMint === undefined,
            ...(downMint === undefined ? {} : { sentence: 'A mint does not answer.' }),
          },
        }
        return {
          status: Object.values(checks).every((check) => check.ok) ? ('ok' as const) : ('degraded' as const),
          writable,
          checks,
        }
      },
      stopHere: ports.stopHere,
    }

    const revisions = await createRevisions(log)
    closers.push(revisions.stop)
    const probeUpstream: AdminNode['upstreams']['probe'] = async (target) => {
      const config = 'upstream' in target ? configOf(target.upstream) : undefined
      if ('upstream' in target && config === undefined)
        return { ok: false, ms: 0, sentence: 'That upstream is not known.' }
      const wanted =
        'upstream' in target
          ? { ...(config as NonNullable<typeof config>), apiKey: apiKeys.get(target.upstream) }
          : { ...target, name: new URL(target.baseUrl).host }
      const listing = await listFor('upstream' in target ? target.upstream : undefined, wanted)
      if (listing.is !== 'listed') return { ok: false, ms: listing.ms, sentence: listing.sentence }
      return { ok: true, ms: listing.ms, models: listing.models }
    }
    const adminNode: AdminNode = {
      version: packageJson.version,
      startedAt: now(),
      engine,
      log,
      views,
      holds,
      settings,
      revisions,
      inbox: inbox.publicKey,
      ownKeys,
      rate,
      seal: wallet.seal,
      mints: { state: mintState, probe: (url) => probeMint(url, desk, mints()), normalise: normaliseMint },
      upstreams: {
        state: (stream) => catalogue.state(stream),
        probe: probeUpstream,
        streams: () => upstreamStreams,
        resolve: (idOrName) =>
          upstreamStreams.find((stream) => stream === idOrName || configOf(stream)?.name === idOrName),
        models: () => modelRows(currentBook(), rate() !== undefined, worstMsat),
        names: () => {
          const byPublic = new Map(currentBook().all.map((offer) => [offer.model, offer]))
          return new Map(
            [...currentBook().names].flatMap(([name, id]) => {
              const offer = byPublic.get(id)
              return offer === undefined
                ? []
                : [[name, { upstreamId: offer.upstreamId, model: offer.upstreamModel }] as const]
            }),
          )
        },
      },
      imports: createImports({
        probe: (upstream) => probeUpstream({ upstream }),
        state: (upstream) => engine.state('upstream', upstream),
      }),
      books: () => books.check(true),
      password: { hash: hashPassword, verify: (text, hash) => Bun.password.verify(text, hash) },
      address: checkOperatorUrl,
    }
    const dispatch = createDispatch({
      node: adminNode,
      table: createTable(),
      confirmations: createConfirmations(),
      fingerprintKey: fingerprintKey(secrets.nodeSeed),
      now,
    })

    // ---- boot: what was open goes on, then the doors may open ----
    await dispatch.closeOpen()
    for (const mint of mints()) await engine.state('mint', `mint-${mint.mintId}`)
    const resumed = await deposits.resume()
    if (resumed > 0) trace.info('Open deposits are taken up', { deposits: resumed })
    await books.check(false)
    books.start()
    closers.push(books.stop)
    void price.ask()
    for (const stream of upstreamStreams) void catalogue.refresh(stream)
    catalogue.start()
    for (const mint of mints()) void desk(mint).learnInfo()
    const probe = setInterval(() => {
      if (!log.isWritable()) void log.probe(now()).then((written) => written && trace.info('The log is written again'))
    }, limits.logProbeMs)
    closers.push(() => clearInterval(probe))
    void revision

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
        const deadline = now() + graceMs
        while (holds.totals().requests > 0 && now() < deadline) await pause(50)
        await closeAll()
      },
    }
  }

  async function openDatabases(): Promise<{ log: Log; views: ReadModels; logDatabase: Database }> {
    const directory = environment.dataDirectory
    await createClusters(directory, ['log', 'views'], ports.clusterTemplate)
    await mkdir(join(directory, 'backups'), { recursive: true, mode: 0o700 })
    const logDatabase = await openPglite({ directory: join(directory, 'log'), synced: true })
    closers.push(logDatabase.close)
    const log = await openSqlLog({
      sql: logDatabase,
      script: logDatabase.script,
      bounds: {
        batchMembers: limits.commitMembers,
        queueMembers: limits.commitQueue,
        reconnectPauseMs: limits.logReconnectMs,
        tailEvents: limits.logTailEvents,
        heads: limits.logHeads,
      },
      pause,
    })
    closers.push(log.close)
    const views = await openViews(directory, log)
    return { log, views, logDatabase }
  }

  /** Disposable: what cannot be opened is made anew and rebuilt from the log. */
  async function openViews(directory: string, log: Log): Promise<ReadModels> {
    const path = join(directory, 'views')
    for (const again of [false, true]) {
      let database: Database | undefined
      try {
        database = await openPglite({ directory: path, synced: false })
        const models = await followLog({
          log,
          sql: database,
          script: database.script,
          projections,
          bounds: {
            batchEvents: limits.viewsBatch,
            rowCache: limits.viewsRowCache,
            retryMs: limits.viewsRetryMs,
            pollMs: 0,
          },
          pause,
        })
        const lines = await keepLines({ trace, sql: database, script: database.script })
        closers.push(database.close, models.stop, lines.stop)
        return models
      } catch (error) {
        await database?.close().catch(() => undefined)
        if (again || error instanceof LogTooNew) throw error
        trace.warn('The read models cannot be opened; they are rebuilt from the log', {
          why: String((error as Error).message).slice(0, 200),
        })
        await rm(path, { recursive: true, force: true })
        await createClusters(directory, ['views'], ports.clusterTemplate)
      }
    }
    throw new Error('unreachable')
  }
}

const mintSentence = (url: string, state: 'unknown' | 'connected' | 'limited' | 'down'): string =>
  ({
    unknown: `${url} was not asked yet.`,
    connected: `${url} answers.`,
    limited: `${url} limits our requests.`,
    down: `${url} does not answer.`,
  })[state]

/** `sat` and `msat` as far as the mints have them; before a mint was asked, as far as they are accepted. */
function unitsOf(mints: readonly TrustedMint[], known: (mint: TrustedMint) => readonly string[]): readonly string[] {
  const units = new Set<string>()
  for (const mint of mints) {
    const has = known(mint)
    for (const unit of mint.units) if (has.length === 0 || has.includes(unit)) units.add(unit)
  }
  return ['sat', 'msat'].filter((unit) => units.has(unit))
}

const neededNuts = ['7', '9', '12']
const wantedNuts = ['17', '19', '20']

/** What the owner sees before he trusts a mint, or tests one (wallet 9.1). */
async function probeMint(
  url: string,
  desk: (mint: TrustedMint) => MintDesk,
  trusted: readonly TrustedMint[],
): Promise<MintProbe> {
  const known = trusted.find((mint) => mint.url === url)
  const client = known === undefined ? createMintClient(url) : desk(known).client
  const started = performance.now()
  const info = await (known === undefined ? client.info() : desk(known).call(client.info))
  const keysets = await (known === undefined ? client.keysets() : desk(known).call(client.keysets))
  const ms = Math.round(performance.now() - started)
  if (info?.is !== 'done' || keysets?.is !== 'done')
    return { ok: false, ms, sentence: `${url} does not answer as a mint does. Nothing was changed.` }
  const missing = neededNuts.filter((nut) => !info.value.nuts.includes(nut))
  if (missing.length > 0)
    return {
      ok: false,
      ms,
      sentence: `${url} lacks NUT-${missing.join(', NUT-')}, without which money cannot be proven.`,
    }
  const active = keysets.value.filter((keyset) => keyset.active)
  const units = (['sat', 'msat'] as const).filter((unit) => active.some((keyset) => keyset.unit === unit))
  const warnings = wantedNuts
    .filter((nut) => !info.value.nuts.includes(nut))
    .map((nut) => `It does not speak NUT-${nut}.`)
  return {
    ok: true,
    ms,
    name: info.value.name,
    units,
    nuts: info.value.nuts,
    feePpk: Object.fromEntries(
      units.map((unit) => [
        unit,
        Math.min(...active.filter((keyset) => keyset.unit === unit).map((keyset) => keyset.feePpk)),
      ]),
    ),
    limits: {},
    warnings,
  }
}

export const npubOf = (hex: string): string => nip19.npubEncode(hex)
