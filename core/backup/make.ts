/** Makes a backup file of a log: copied as it is at one instant, read from the copy, sealed, named once it is whole. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Database, openPglite } from '../database/pglite'
import { type BackupKey, writeBackup } from './format'
import { type Counts, dumpTables } from './tables'

export type Made = {
  readonly id: string
  /** Unix ms. */
  readonly at: number
  readonly bytes: number
  readonly sha256: string
  /** Of the last event in it. */
  readonly position: number
}
/** The last frame: what a reader must have found. */
export type End = { readonly end: { readonly position: number; readonly counts: Counts } }

type Making = {
  /** The log's database: it stands still for the copy alone. */
  readonly database: Database
  readonly path: string
  /** A directory beside the data that does not exist yet; it is gone afterwards. */
  readonly workDirectory: string
  readonly key: BackupKey
  readonly version: string
  readonly now: () => number
}

/** Rejects if the file exists; a kill leaves nothing under its name. */
export async function makeBackup(making: Making): Promise<Made> {
  const { database, workDirectory, path, key, version } = making
  if (existsSync(path)) throw new Error(`${path} exists already`)
  const half = `${path}.half`
  rmSync(half, { force: true })
  rmSync(workDirectory, { recursive: true, force: true })
  const at = making.now()
  try {
    await database.copyTo(workDirectory)
    const id = crypto.randomUUID()
    const writer = writeBackup(half, key, { id, at, version })
    const { end } = await filled(workDirectory, writer.write).catch((error: unknown) => {
      writer.abandon()
      throw error
    })
    const file = writer.end({ end } satisfies End)
    renameSync(half, path)
    syncDirectory(dirname(path))
    return { id, at, ...file, position: end.position }
  } finally {
    rmSync(workDirectory, { recursive: true, force: true })
    rmSync(half, { force: true })
  }
}

async function filled(directory: string, write: (frame: unknown) => void): Promise<End> {
  const copy = await openPglite({ directory, synced: false })
  try {
    const counts: Record<string, number> = {}
    for await (const frame of dumpTables(copy)) {
      write(frame)
      counts[frame.table] = (counts[frame.table] ?? 0) + frame.rows.length
    }
    const [row] = await copy.query<{ head: bigint }>('select coalesce(max(position), 0)::bigint as head from events')
    return { end: { position: Number(row?.head ?? 0n), counts } }
  } finally {
    await copy.close()
  }
}

/** Only then the new name survives a power cut. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r')
  fsyncSync(directory)
  closeSync(directory)
}
