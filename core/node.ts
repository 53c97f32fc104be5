/** Composition root: the only place that wires things. Builds a node on a data directory; listening is `serve`'s. */
import type { Log, ReadModels } from '../events'
import packageJson from '../package.json'
import { createConfirmations } from './admin/confirmations'
import { createDispatch, type Dispatch } from './admin/dispatch'
import type { AdminNode } from './admin/node-port'
import { createRevisions } from './admin/revisions'
import { createTable, type Table } from './admin/table'
import { createAdminNode } from './admin-node'
import { boot } from './boot'
import type { Database } from './database/pglite'
import { takeDirectory } from './disk'
import type { Environment } from './env'
import { fingerprintKey } from './keys'
import { openBackups } from './open-backups'
import { type Close, type CloseLater, type Core, openCore, openMoney, type Ports, userAgent } from './parts'
import type { PublicNode } from './proxy/node-port'
import { createPublicNode } from './public-node'
import { openRemote, type Remote } from './remote'
import type { Settings } from './settings'
import { createStock, type Stock } from './stock'
import type { Trace } from './trace'

export type Node = {
  readonly publicNode: PublicNode
  readonly adminNode: AdminNode
  readonly dispatch: Dispatch
  readonly table: Table
  readonly log: Log
  readonly views: ReadModels
  readonly settings: Settings
  readonly logDatabase: Database
  readonly remote: Remote
  /** From now on nothing new is sold. */
  readonly drain: () => void
  /** Running requests get until `graceMs`; then everything is closed. */
  readonly stop: (graceMs: number) => Promise<void>
}

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
  closeLater: CloseLater,
  closeAll: () => Promise<void>,
): Promise<Node> {
  const core = await openCore(environment, ports, closeLater)
  const { log, views, logDatabase, settings, holds } = core
  const money = await openMoney(core, ports, closeLater)
  const backups = openBackups(environment, { ...core, ...money }, ports, closeLater)
  const stock = await createStock({ ...core, ...ports, environment, userAgent, openSecret: money.wallet.open })
  closeLater(stock.catalogue.stop, followChanges({ ...core, stock, trace: ports.trace }))
  let stopping = false
  let remote: Remote | undefined
  const parts = { ...core, ...money, ...ports, version: packageJson.version, stock, backups }
  const publicNode = createPublicNode({ ...parts, isStopping: () => stopping, maxBodyBytes: environment.maxBodyBytes })
  const revisions = await createRevisions(log)
  closeLater(revisions.stop)
  const adminNode = createAdminNode({
    ...parts,
    startedAt: ports.now(),
    localUrl: `http://127.0.0.1:${environment.port}`,
    dataDirectory: environment.dataDirectory,
    revisions,
    inbox: core.keys.inbox.publicKey,
    ownKeys: core.keys.own,
    remote: () => remote?.health() ?? { relays: [], counts: {} },
    tellCode(what, code) {
      const text = `${what}\n\nconfirm ${code}`
      ports.print(`\n${text}\n`)
      if (settings('security.secondWay') === 'console') return
      for (const { pubkey, role } of core.engine.peek('node', 'node')?.admins ?? [])
        if (role === 'owner') remote?.tell(pubkey, text)
    },
  })
  const table = createTable()
  const dispatch = createDispatch({
    node: adminNode,
    table,
    confirmations: createConfirmations(),
    fingerprintKey: fingerprintKey(core.secrets.nodeSeed),
    now: ports.now,
    trace: ports.trace,
  })
  await boot({ ...core, ...money, stock, backups, dispatch }, ports, closeLater)
  remote = openRemote({ ...core, ...ports, inbox: core.keys.inbox, dispatch, rev: revisions.rev })
  closeLater(remote.close)
  return {
    publicNode,
    adminNode,
    dispatch,
    table,
    log,
    views,
    settings,
    logDatabase,
    remote,
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

/** How often a stop looks whether the last request has ended. */
const drainPollMs = 20

/** What the operator changes is in force with its commit. Answers the end of following. */
function followChanges(parts: Core & { readonly stock: Stock; readonly trace: Trace }): Close {
  const { log, settings, price, stock, trace } = parts
  const end = log.onCommit((events) => {
    for (const { stream, type } of events) {
      if (stream === 'node') trace.setLevel(settings('logs.level') as 'info')
      if (type === 'node.settings-changed') void price.ask()
      if (stream !== 'node' && !stream.startsWith('upstream-')) continue
      stock.changed()
      if (type === 'upstream.removed') stock.removed(stream)
      if (['upstream.added', 'upstream.changed', 'upstream.keys-set'].includes(type)) stock.moved(stream)
    }
  })
  return () => void end()
}
