/**
 * What a database server does by itself and an embedded one does not: checkpoints in quiet moments, so that none falls
 * into a busy one (architecture 4); vacuum of the read models; what is old beside them dropped.
 */
import { limits } from '../limits'
import type { Trace } from '../trace'

export type Upkeep = {
  /** One round; what is not due is left alone. */
  readonly round: () => Promise<void>
  readonly start: () => void
  readonly stop: () => void
}

export function createUpkeep(deps: {
  /** Position of the last event. */
  readonly head: () => bigint
  readonly isQuiet: () => boolean
  readonly checkpoint: () => Promise<unknown>
  readonly vacuum: () => Promise<unknown>
  /** The read models are whole and were never counted: the plans of their queries are guesses (performance B8). */
  readonly isUncounted: () => Promise<boolean>
  readonly prune: () => Promise<unknown>
  /** Unix ms. */
  readonly now: () => number
  readonly trace: Trace
}): Upkeep {
  let checkpointAt = deps.head()
  let vacuumAt = deps.head()
  let prunedMs = 0
  let running = false
  let timer: ReturnType<typeof setInterval> | undefined

  async function round(): Promise<void> {
    if (running) return
    running = true
    try {
      await work()
    } catch (error) {
      // None of it is needed for what is true; the next round tries again.
      deps.trace.warn('Upkeep of the databases failed', {
        why: String((error as Error)?.message ?? error).slice(0, 200),
      })
    } finally {
      running = false
    }
  }

  async function work(): Promise<void> {
    if (deps.now() - prunedMs >= limits.linesPruneMs) {
      prunedMs = deps.now()
      await deps.prune()
    }
    if (!deps.isQuiet()) return
    const head = deps.head()
    if (head > checkpointAt) {
      await deps.checkpoint()
      checkpointAt = head
    }
    const isDue = head - vacuumAt >= limits.vacuumEvents
    if (!isDue && (head < limits.countedEvents || !(await deps.isUncounted()))) return
    await deps.vacuum()
    vacuumAt = head
  }

  return {
    round,
    start() {
      timer = setInterval(() => void round(), limits.upkeepMs)
    },
    stop() {
      clearInterval(timer)
    },
  }
}
