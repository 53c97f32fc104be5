/** Timers whose clock is turned by hand: those that wait for long never ring by themselves. */

/** From so many ms on a test would not wait for it. */
const longMs = 30_000

export type HandTimers = {
  /** Rings all that is due within so many ms, in order. */
  readonly turn: (ms: number) => void
  /** How many are set. */
  readonly set: () => number
  readonly restore: () => void
}

/** Takes the place of `setInterval` and `clearInterval` until it is restored; short intervals stay what they are. */
export function handTimers(): HandTimers {
  const own = { setInterval: globalThis.setInterval, clearInterval: globalThis.clearInterval }
  const timers = new Map<unknown, { readonly ring: () => void; readonly everyMs: number; dueMs: number }>()
  let nowMs = 0
  const set = (ring: () => void, everyMs = 0) => {
    if (everyMs < longMs) return own.setInterval(ring, everyMs)
    const id = own.setInterval(() => undefined, 2 ** 31 - 1)
    id.unref()
    timers.set(id, { ring, everyMs, dueMs: nowMs + everyMs })
    return id
  }
  const clear = (id: unknown) => {
    timers.delete(id)
    own.clearInterval(id as Timer)
  }
  Object.assign(globalThis, { setInterval: set, clearInterval: clear })
  return {
    turn(ms) {
      const untilMs = nowMs + ms
      for (;;) {
        const next = [...timers.values()].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0]
        if (next === undefined) break
        nowMs = next.dueMs
        next.dueMs += next.everyMs
        next.ring()
      }
      nowMs = untilMs
    },
    set: () => timers.size,
    restore() {
      Object.assign(globalThis, own)
    },
  }
}
