/** The empty cluster that all tests copy; making it takes seconds, copying it a tenth of one. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createClusters } from '../../core/database/cluster'

const template = join(import.meta.dir, '../../node_modules/.cache/empty-cluster')

export async function clusterTemplate(): Promise<string> {
  if (existsSync(join(template, 'PG_VERSION'))) return template
  const half = `${template}.${process.pid}`
  mkdirSync(half, { recursive: true })
  await createClusters(half, ['made'])
  if (!existsSync(template)) renameSync(join(half, 'made'), template)
  rmSync(half, { recursive: true, force: true })
  return template
}
