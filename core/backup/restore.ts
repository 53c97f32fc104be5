/** Puts a backup back: into an empty cluster, checked there, and only then under the name that a node opens. */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createClusters } from '../database/cluster'
import { openPglite } from '../database/pglite'
import type { Vault } from '../money/vault'
import { doubtAll } from '../processes/doubted-coins'
import { inspect } from './check'
import { type BackupKey, DamagedBackup, type Head } from './format'
import { loadBackup } from './load'
import { syncDirectory } from './make'

/** A directory that holds a node already; nothing was changed. */
export class DirectoryTaken extends Error {
  override readonly name = 'DirectoryTaken'
}

export type Restored = {
  readonly position: number
  /** Unix ms of the backup. */
  readonly at: number
  /** Where the log that stood there lies now. */
  readonly kept: string | undefined
}

/** The caller holds the directory's lease. Nothing that was there is deleted but the read models, which are rebuilt. */
export async function restoreInto(
  directory: string,
  wanted: {
    readonly file: string
    readonly key: BackupKey
    readonly vault: Vault
    readonly replace: boolean
    readonly at: number
  },
): Promise<Restored> {
  const target = join(directory, 'log')
  if (existsSync(target) && !wanted.replace)
    throw new DirectoryTaken(`${directory} holds a node already: name an empty directory, or say --replace`)
  const name = 'log.restoring'
  rmSync(join(directory, name), { recursive: true, force: true })
  await createClusters(directory, [name])
  const { head, position } = await fill(join(directory, name), wanted)
  const kept = existsSync(target) ? `log.before-${new Date(wanted.at).toISOString().replaceAll(':', '-')}` : undefined
  if (kept !== undefined) renameSync(target, join(directory, kept))
  renameSync(join(directory, name), target)
  syncDirectory(directory)
  rmSync(join(directory, 'views'), { recursive: true, force: true })
  return { position, at: head.at, kept }
}

async function fill(
  directory: string,
  { file, key, vault }: { readonly file: string; readonly key: BackupKey; readonly vault: Vault },
): Promise<{ readonly head: Head; readonly position: number }> {
  const sql = await openPglite({ directory, synced: true })
  try {
    const { head, log } = await loadBackup(file, key, sql)
    const { problems } = await inspect(sql, log, vault)
    if (problems.length > 0) throw new DamagedBackup(problems[0] ?? '')
    await sql.script(doubtAll)
    await sql.script('checkpoint')
    return { head, position: Number(log.head()) }
  } finally {
    await sql.close()
  }
}
