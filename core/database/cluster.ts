/** Makes an empty cluster. initdb takes seconds and much memory, so it runs once in a Worker that ends (architecture 4). */
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openPglite } from './pglite'

/** Sees to it that both directories hold a cluster; the second is a copy of what initdb made for the first. */
export async function createClusters(
  dataDirectory: string,
  names: readonly string[],
  template?: string,
): Promise<void> {
  const missing = []
  for (const name of names) if (!(await isCluster(join(dataDirectory, name)))) missing.push(name)
  if (missing.length === 0) return
  const source = template ?? join(dataDirectory, 'cluster.new')
  if (!(await isCluster(source))) await initialise(source)
  for (const name of missing) {
    const target = join(dataDirectory, name)
    const half = `${target}.half`
    await rm(target, { recursive: true, force: true })
    await rm(half, { recursive: true, force: true })
    // Copied beside and renamed, so that a kill in the middle never leaves half a cluster under the real name.
    await cp(source, half, { recursive: true })
    await rename(half, target)
  }
  if (template === undefined) await rm(source, { recursive: true, force: true })
}

async function initialise(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const database = await openPglite({ directory, synced: false })
  await database.query('checkpoint')
  await database.close()
}

async function isCluster(directory: string): Promise<boolean> {
  const entries: readonly string[] = await readdir(directory).catch(() => [])
  return entries.includes('PG_VERSION')
}
