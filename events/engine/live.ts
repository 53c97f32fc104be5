/** Folded states in memory: bounded, evicted when idle, read again from snapshot and log when needed. */
import type { Merge } from '../deciders/decider'
import type { Log, StoredEvent } from '../log/log'
import { type AnyDecider, deciderOf } from './deciders'

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

/** The one event that counts in the streams of others: states of before it are folded on by it (wallet 16). */
export const mergeType = 'wallet.purse-merged'
type Placed = { readonly position: bigint; readonly merge: Merge }
/** What a snapshot keeps: the state, and how many merges it has counted. */
type Kept = { readonly state: unknown; readonly merges: number }

export type LiveBounds = {
  readonly lanes: number
  /** A stream longer than this gets a snapshot at every such step. */
  readonly snapshotEvery: number
}

/** Raised when a fold changes its meaning: older snapshots are then read past. */
const foldVersion = 5
const snapshotted = /^session-/

export function createLive(log: Log, bounds: LiveBounds): Live {
  const lanes = new Map<string, Lane>()
  const loading = new Map<string, Promise<Lane>>()
  const merges = new Map<bigint, Placed>()
  let reading: Promise<void> | undefined
  log.onCommit((events) => {
    for (const event of events) if (event.type === mergeType) follow(event)
  })

  /** Nothing else is being decided: every state in memory is one of before. */
  function follow(event: StoredEvent): void {
    const placed = asPlaced(event)
    merges.set(placed.position, placed)
    for (const [stream, lane] of lanes) {
      const { merged } = deciderOf(stream)
      if (merged !== undefined) lane.state = merged(lane.state, placed.merge)
    }
  }

  function mergesRead(): Promise<void> {
    reading ??= log.list({ stream: 'node', type: mergeType, limit: mostMerges }).then(
      (events) => {
        for (const event of events) merges.set(event.position, asPlaced(event))
      },
      (error: unknown) => {
        reading = undefined
        throw error
      },
    )
    return reading
  }

  const inOrder = () => [...merges.values()].sort((a, b) => (a.position < b.position ? -1 : 1))

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
    const kept: Kept = usable ? (JSON.parse(snapshot.state) as Kept) : { state: decider.initial, merges: 0 }
    if (decider.merged !== undefined) await mergesRead()
    const events = await log.read(stream, usable ? snapshot.version : 0)
    const due = decider.merged === undefined ? [] : inOrder().slice(kept.merges)
    const state = folded(decider, kept.state, events, due)
    const version = events.at(-1)?.version ?? (usable ? snapshot.version : 0)
    const isLong = snapshotted.test(stream) && events.length >= bounds.snapshotEvery
    const snapshotVersion = isLong ? version : usable ? snapshot.version : 0
    // From this step on a merge finds it.
    const lane: Lane = { state, version, queued: 0, snapshotVersion, isUsed: true }
    lanes.set(stream, lane)
    evict()
    if (isLong) await log.saveSnapshot({ stream, version, fold: foldVersion, state: keep(state) })
    return lane
  }

  const keep = (state: unknown) => JSON.stringify({ state, merges: merges.size } satisfies Kept)

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
      void log.saveSnapshot({ stream, version, fold: foldVersion, state: keep(state) }).catch(() => undefined)
    },
  }
}

/** Events in their order, and the merges before, between and after them. */
function folded(
  decider: AnyDecider,
  from: unknown,
  events: readonly StoredEvent[],
  merges: readonly Placed[],
): unknown {
  let state = from
  let next = 0
  const count = (placed: Placed) => {
    state = decider.merged?.(state, placed.merge)
    next += 1
  }
  for (const event of events) {
    for (let one = merges[next]; one !== undefined && one.position < event.position; one = merges[next]) count(one)
    state = decider.evolve(state, event)
  }
  for (const one of merges.slice(next)) count(one)
  return state
}

/** Far more than a node drains purses in its life. */
const mostMerges = 100_000

const asPlaced = ({ position, data }: StoredEvent): Placed => ({ position, merge: data as Merge })
