/**
 * Clusters that all tests copy: an empty one, and a log and read models that nothing was written into yet. Making them
 * takes seconds, copying one a tenth of one.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createClusters } from '../../core/database/cluster'
import { openPglite } from '../../core/database/pglite'
import { openDatabases } from '../../core/databases'
import { createTrace } from '../../core/trace'

const root = join(import.meta.dir, '../..')
const cache = join(root, 'node_modules/.cache')
const empty = join(cache, 'empty-cluster-slim')

let emptyMade: Promise<string> | undefined
let readyMade: Promise<string> | undefined

/** What initdb makes. */
export function emptyCluster(): Promise<string> {
  emptyMade ??= makeEmpty()
  return emptyMade
}

/** Holds `log` and `views` with their tables, as they are after a node's first start, before its first event. */
export function readyClusters(): Promise<string> {
  readyMade ??= makeReady()
  return readyMade
}

async function makeEmpty(): Promise<string> {
  return once(empty, async (half) => {
    await createClusters(half, ['made'])
    await dropSpareDatabases(join(half, 'made'))
    return join(half, 'made')
  })
}

async function makeReady(): Promise<string> {
  const clusterTemplate = await emptyCluster()
  return once(join(cache, `clusters-${hashOfTables()}`), async (half) => {
    const closes: (() => Promise<void> | void)[] = []
    await openDatabases({
      directory: half,
      clusterTemplate,
      isOffline: undefined,
      pause: Bun.sleep,
      now: Date.now,
      trace: createTrace({ level: 'error', format: 'json', now: Date.now, write: () => undefined }),
      closeLater: (...close) => closes.unshift(...close),
    })
    for (const close of closes) await close()
    return half
  })
}

/** Made beside and renamed: several test processes begin at once. */
async function once(target: string, make: (half: string) => Promise<string>): Promise<string> {
  if (existsSync(target)) return target
  const half = `${target}.${process.pid}`
  mkdirSync(half, { recursive: true })
  const made = await make(half)
  // PostgreSQL makes them again where it needs them: a fifth of the files to copy.
  for (const name of readdirSync(made, { recursive: true, encoding: 'utf8' }))
    if (/_(fsm|vm)$/.test(name)) rmSync(join(made, name))
  if (!existsSync(target)) renameSync(made, target)
  rmSync(half, { recursive: true, force: true })
  return target
}

/** Other tables are another template. */
function hashOfTables(): string {
  const hash = createHash('sha256')
  for (const folder of ['events/log', 'events/projections', 'core', 'core/database'])
    for (const name of readdirSync(join(root, folder)).sort())
      if (name.endsWith('.ts')) hash.update(readFileSync(join(root, folder, name)))
  return hash.digest('hex').slice(0, 16)
}

/** No node connects to them, and they are two thirds of the files to copy, a thousand of them twice a node. */
async function dropSpareDatabases(directory: string): Promise<void> {
  const database = await openPglite({ directory, synced: false })
  await database.query('update pg_database set datistemplate = false')
  for (const name of ['template0', 'template1']) await database.query(`drop database ${name}`)
  await database.query('checkpoint')
  await database.close()
}
