/** The empty cluster that all tests copy; making it takes seconds, copying it a tenth of one. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createClusters } from '../../core/database/cluster'
import { openPglite } from '../../core/database/pglite'

const template = join(import.meta.dir, '../../node_modules/.cache/empty-cluster-slim')

export async function clusterTemplate(): Promise<string> {
  if (existsSync(join(template, 'PG_VERSION'))) return template
  const half = `${template}.${process.pid}`
  mkdirSync(half, { recursive: true })
  await createClusters(half, ['made'])
  await dropSpareDatabases(join(half, 'made'))
  if (!existsSync(template)) renameSync(join(half, 'made'), template)
  rmSync(half, { recursive: true, force: true })
  return template
}

/** No node connects to them, and they are two thirds of the files to copy, a thousand of them twice a node. */
async function dropSpareDatabases(directory: string): Promise<void> {
  const database = await openPglite({ directory, synced: false })
  await database.query('update pg_database set datistemplate = false')
  for (const name of ['template0', 'template1']) await database.query(`drop database ${name}`)
  await database.query('checkpoint')
  await database.close()
}
