/** What one sync of the disk takes by itself: the part of a committed charge that no code of ours can shorten. */
import { closeSync, fdatasyncSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export type DiskProbe = {
  /** Writes 8 kB into a file of final length and syncs it, as a commit does; answers ms. */
  readonly syncMs: () => number
  readonly close: () => void
}

const fileBytes = 16 * 1024 * 1024
const page = Buffer.alloc(8192, 1)

/** On the disk of `directory`; the file goes with `close`. */
export function openDiskProbe(directory: string): DiskProbe {
  const path = join(directory, 'disk-probe')
  const file = openSync(path, 'w')
  writeSync(file, Buffer.alloc(fileBytes))
  fsyncSync(file)
  let at = 0
  return {
    syncMs() {
      const began = performance.now()
      writeSync(file, page, 0, page.length, at)
      fdatasyncSync(file)
      at = (at + page.length) % fileBytes
      return performance.now() - began
    },
    close() {
      closeSync(file)
      rmSync(path)
    },
  }
}
