/** The data directory: who runs here, and the key that opens the vault. */
import { Database } from 'bun:sqlite'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** Another process holds the directory (exit 3). */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse'
}

/** The directory cannot be made or written (exit 2). */
export class DirectoryUnusable extends Error {
  override readonly name = 'DirectoryUnusable'
}

/** The secret key is not one, or not that of this directory (exit 4). */
export class WrongSecretKey extends Error {
  override readonly name = 'WrongSecretKey'
}

/** Makes the directory (0700) and takes it for this process. The kernel gives the lease back at death. */
export function takeDirectory(directory: string): { readonly release: () => void } {
  const lease = openLease(directory)
  try {
    // An exclusive transaction is a file lock: unlike a pid in a file it cannot outlive its process.
    lease.run('pragma locking_mode = exclusive')
    lease.run('pragma journal_mode = memory')
    lease.run('begin exclusive')
    lease.run('create table if not exists held (at int)')
  } catch {
    lease.close()
    throw new DirectoryInUse(`data directory ${directory} is in use by another process`)
  }
  chmodSync(join(directory, 'lease'), 0o600)
  return { release: () => lease.close() }
}

function openLease(directory: string): Database {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    chmodSync(directory, 0o700)
    return new Database(join(directory, 'lease'), { create: true })
  } catch (error) {
    throw new DirectoryUnusable(`ROUTSTR_DATA_DIR: it cannot be used (${String((error as Error).message)})`)
  }
}

/** Bytes of the disk that a directory lies on; undefined where the system does not say. */
export async function diskSpace(
  directory: string,
): Promise<{ readonly freeBytes: number; readonly totalBytes: number } | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(directory)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  } catch {
    return undefined
  }
}

/** 32 bytes from text (64 hex) or from a file that is made at the first start with mode 0600. */
export function readSecretKey(source: { readonly text?: string | undefined; readonly file: string }): Uint8Array {
  if (source.text !== undefined) return parsed(source.text, 'NODE_SECRET_KEY')
  if (!existsSync(source.file)) {
    const made = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex')
    writeFileSync(source.file, `${made}\n`, { mode: 0o600, flag: 'wx' })
  }
  return parsed(readFileSync(source.file, 'utf8').trim(), 'the secret key file')
}

function parsed(text: string, where: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new WrongSecretKey(`${where} must hold 64 hex digits`)
  return new Uint8Array(Buffer.from(text, 'hex'))
}
