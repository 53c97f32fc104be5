/** PGlite's file system on disk, with the fsync that it lacks: PGlite by itself never calls the disk's sync. */
import { fdatasyncSync, fsyncSync } from 'node:fs'
import type { PGlite, PGliteOptions } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

type StreamOps = Record<string, unknown>
type Module = { NODEFS: { stream_ops: StreamOps } }
type OpenFile = { readonly nfd: number; readonly path: string }
type EmscriptenOptions = Parameters<NodeFS['init']>[1]

const walSegment = /\/pg_wal\/[0-9A-F]{24}$/

/** Start parameters of a cluster whose commits reach the disk: PGlite's own, without the `-F` that switches fsync off. */
export function startParams(defaults: readonly string[], { synced }: { readonly synced: boolean }): string[] {
  const kept = defaults.filter((parameter) => parameter !== '-F')
  const durable = ['-c', 'wal_sync_method=fsync']
  // 16 MB of shared buffers: two databases stay below 260 MB together (architecture 4).
  return [...kept, ...durable, '-B', '2048', '-c', `synchronous_commit=${synced ? 'on' : 'off'}`]
}

/** A file system whose fsync is real; `onSync` is told of every one, so that a test can count them. */
export function createDurableFs(directory: string, onSync: () => void): PGliteOptions['fs'] {
  return new DurableFs(directory, onSync)
}

class DurableFs extends NodeFS {
  constructor(
    directory: string,
    private readonly onSync: () => void,
  ) {
    super(directory)
  }

  override async init(pg: PGlite, options: EmscriptenOptions) {
    const ready = await super.init(pg, options)
    const withFsync = (module: unknown) => {
      const { NODEFS } = module as Module
      NODEFS.stream_ops = { ...NODEFS.stream_ops, fsync: (file: OpenFile) => this.sync(file) }
    }
    const preRun = [ready.emscriptenOpts.preRun ?? []].flat() as ((module: unknown) => void)[]
    ready.emscriptenOpts.preRun = [...preRun, withFsync] as EmscriptenOptions['preRun']
    return ready
  }

  private sync(file: OpenFile): number {
    // A WAL segment has its final length from the start, so its data alone must reach the disk.
    if (walSegment.test(file.path)) fdatasyncSync(file.nfd)
    else fsyncSync(file.nfd)
    this.onSync()
    return 0
  }
}
