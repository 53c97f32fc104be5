/** Folded states in memory: bounded, evicted when idle, read again from snapshot and log when needed. */
import type { Log } from '../log/log'
import { deciderOf } from './deciders'

/** State and version as they will be after the appends already queued. */
export type Lane = {
  state: unknown
  version: number
  queued: number
  snapshotVersion: number
  /** Looked at since the last search for idle ones. */
  isUsed: boolean
}

export type Live = {
  readonly load: (stream: string) => Promise<Lane>
  /** The lane if it is in memory: for steps that may not await. */
  readonly peek: (stream: string) => Lane | undefined
  /** After a failed append what is in memory is not what will be: it is read again. */
  readonly forget: (stream: string) => void
  /** `state` at `version` is committed: a stream that grew long since its last snapshot gets one, beside the work. */
  readonly committed: (stream: string, state: unknown, version: number) => void
}

export type LiveBounds = {
  readonly lanes: number
  /** A stream longer than this gets a snapshot at every such step. */
  readonly snapshotEvery: number
}

/** Raised when a fold changes its meaning: older snapshots are then read past. */
const foldVersion = 3
const snapshotted = /^session-/

export function createLive(log: Log, bounds: LiveBounds): Live {
  const lanes = new Map<string, Lane>()
  const loading = new Map<string, Promise<Lane>>()

  async function load(stream: string): Promise<Lane> {
    const known = peek(stream)
    if (known !== undefined) return known
    const underway = loading.get(stream)
    if (underway !== undefined) return underway
    const promise = fold(stream).finally(() => loading.delete(stream))
    loading.set(stream, promise)
    return promise
  }

  /** A mark, not a new place in an order: a request looks a dozen times. */
  function peek(stream: string): Lane | undefined {
    const lane = lanes.get(stream)
    if (lane !== undefined) lane.isUsed = true
    return lane
  }

  async function fold(stream: string): Promise<Lane> {
    const decider = deciderOf(stream)
    const snapshot = snapshotted.test(stream) ? await log.snapshot(stream) : undefined
    const usable = snapshot !== undefined && snapshot.fold === foldVersion
    let state: unknown = usable ? JSON.parse(snapshot.state) : decider.initial
    let version = usable ? snapshot.version : 0
    let snapshotVersion = version
    const events = await log.read(stream, version)
    for (const event of events) {
      state = decider.evolve(state, event)
      version = event.version
    }
    if (snapshotted.test(stream) && events.length >= bounds.snapshotEvery) {
      snapshotVersion = version
      await log.saveSnapshot({ stream, version, fold: foldVersion, state: JSON.stringify(state) })
    }
    const lane: Lane = { state, version, queued: 0, snapshotVersion, isUsed: true }
    lanes.set(stream, lane)
    evict()
    return lane
  }

  /** Second chance: what was used since the last search goes to the end of the line; the line is walked once. */
  function evict(): void {
    let left = lanes.size + 1
    for (const [stream, lane] of lanes) {
      if (lanes.size <= bounds.lanes || left === 0) return
      left -= 1
      if (lane.queued > 0 || stream === 'node') continue
      lanes.delete(stream)
      if (lane.isUsed) lanes.set(stream, Object.assign(lane, { isUsed: false }))
    }
  }

  return {
    load,
    peek,
    forget(stream) {
      lanes.delete(stream)
    },
    committed(stream, state, version) {
      const lane = lanes.get(stream)
      if (lane === undefined || !snapshotted.test(stream)) return
      if (version - lane.snapshotVersion < bounds.snapshotEvery) return
      lane.snapshotVersion = version
      // Derived and disposable: one that could not be written is made when the stream is next read or grows again.
      void log.saveSnapshot({ stream, version, fold: foldVersion, state: JSON.stringify(state) }).catch(() => undefined)
    },
  }
}
