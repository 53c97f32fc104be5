/**
 * A backup file: a readable head, then sealed frames in their order. Each frame is bound to its file, its place and
 * whether it is the last, so that a file that was cut, mixed or changed is told from a whole one.
 */
import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { WrongSecretKey } from '../disk'
import { limits } from '../limits'

/** The file is no backup, or not a whole one; the sentence says what is wrong with it. */
export class DamagedBackup extends Error {
  override readonly name = 'DamagedBackup'
}

/** Made of the node's secret key: the file tells by `id` which one opens it. */
export type BackupKey = { readonly id: string; readonly key: Uint8Array }
export type Head = {
  readonly id: string
  readonly keyId: string
  /** Unix ms. */
  readonly at: number
  readonly version: string
}

const magic = 'routstr-node backup 1'
const salt = utf8ToBytes('routstr-node/v1')
const nonceBytes = 24

export function backupKeyOf(secretKey: Uint8Array): BackupKey {
  const derived = (label: string, bytes: number) => hkdf(sha256, secretKey, salt, utf8ToBytes(label), bytes)
  return { id: bytesToHex(derived('backup-id', 4)), key: derived('backup', 32) }
}

export type BackupWriter = {
  readonly write: (frame: unknown) => void
  /** Writes the last frame and syncs; answers what the file is. */
  readonly end: (frame: unknown) => { readonly bytes: number; readonly sha256: string }
  readonly abandon: () => void
}

export function writeBackup(path: string, { id, key }: BackupKey, made: Omit<Head, 'keyId'>): BackupWriter {
  const file = openSync(path, 'wx', 0o600)
  const hash = createHash('sha256')
  const head = `${magic}\n${JSON.stringify({ ...made, keyId: id } satisfies Head)}\n`
  let bytes = 0
  let frames = 0

  function put(part: Uint8Array): void {
    for (let at = 0; at < part.length; ) at += writeSync(file, part, at)
    hash.update(part)
    bytes += part.length
  }
  function seal(frame: unknown, isLast: boolean): void {
    const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes))
    const cipher = xchacha20poly1305(key, nonce, boundTo(head, frames, isLast))
    const sealed = cipher.encrypt(gzipSync(JSON.stringify(frame)))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(nonceBytes + sealed.length)
    for (const part of [length, nonce, sealed]) put(part)
    frames += 1
  }
  put(utf8ToBytes(head))

  return {
    write: (frame) => seal(frame, false),
    end(frame) {
      seal(frame, true)
      fsyncSync(file)
      closeSync(file)
      return { bytes, sha256: hash.digest('hex') }
    },
    abandon: () => closeSync(file),
  }
}

const boundTo = (head: string, frame: number, isLast: boolean): Uint8Array =>
  utf8ToBytes(`${head}${frame}${isLast ? ' last' : ''}`)

export type BackupReader = {
  readonly head: Head
  /** Every frame, the last one too; throws `DamagedBackup` at the first that is not as it was written. */
  readonly frames: () => Generator<unknown>
  readonly close: () => void
}

/** Throws `WrongSecretKey` or `DamagedBackup` before anything is read of the content. */
export function readBackup(path: string, { id, key }: BackupKey): BackupReader {
  const file = openSync(path, 'r')
  try {
    const { head, text } = readHead(file)
    if (head.keyId !== id) throw new WrongSecretKey('the secret key is not that of this backup')
    return { head, frames: () => framesOf(file, text, key), close: () => closeSync(file) }
  } catch (error) {
    closeSync(file)
    throw error
  }
}

/** Reads it to its end, so that a damaged one is refused before anything is written for it. */
export function proveWhole(path: string, key: BackupKey): void {
  const reader = readBackup(path, key)
  try {
    for (const _ of reader.frames());
  } finally {
    reader.close()
  }
}

function readHead(file: number): { readonly head: Head; readonly text: string } {
  const bytes = new Uint8Array(1024)
  const text = Buffer.from(bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0))).toString('latin1')
  const [first, second] = text.split('\n', 2)
  if (first !== magic)
    throw new DamagedBackup(
      first?.startsWith('routstr-node backup ') === true
        ? 'it was made by a newer version of this program'
        : 'it is no backup of this program',
    )
  try {
    return { head: JSON.parse(second ?? '') as Head, text: `${first}\n${second}\n` }
  } catch {
    throw new DamagedBackup('its head is damaged')
  }
}

function* framesOf(file: number, head: string, key: Uint8Array): Generator<unknown> {
  let at = head.length
  let isLast = false
  for (let frame = 0; !isLast; frame += 1) {
    const length = Buffer.from(readAt(file, at, 4)).readUInt32BE()
    if (length <= nonceBytes || length > limits.backupFrameBytes)
      throw new DamagedBackup(`part ${frame + 1} is damaged`)
    const sealed = readAt(file, at + 4, length)
    at += 4 + length
    const tried = [false, true].map((last) => opened(sealed, key, boundTo(head, frame, last)))
    const plain = tried.find((one) => one !== undefined)
    if (plain === undefined) throw new DamagedBackup(`part ${frame + 1} is damaged`)
    isLast = tried[1] !== undefined
    yield JSON.parse(gunzipSync(plain).toString('utf8'))
  }
  if (readSync(file, new Uint8Array(1), 0, 1, at) > 0) throw new DamagedBackup('something was added behind its end')
}

function readAt(file: number, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let read = 0
  while (read < length) {
    const more = readSync(file, bytes, read, length - read, at + read)
    if (more === 0) throw new DamagedBackup('it ends too early: its last part is missing')
    read += more
  }
  return bytes
}

function opened(sealed: Uint8Array, key: Uint8Array, bound: Uint8Array): Uint8Array | undefined {
  try {
    return xchacha20poly1305(key, sealed.subarray(0, nonceBytes), bound).decrypt(sealed.subarray(nonceBytes))
  } catch {
    return undefined
  }
}
