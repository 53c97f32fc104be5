/** Appends under way, by stream: their heads stay in memory, and who reads a stream waits for what was decided of it. */

type Underway = { readonly appends: number; readonly newest: Promise<unknown> }

export function createUnderway(pause: (ms: number) => Promise<void>, mostMs: number) {
  const streams = new Map<string, Underway>()

  return {
    has: (stream: string): boolean => streams.has(stream),
    /** Resolves when the append of this stream that was asked for last is done, whatever came of it, or after `mostMs`. */
    async settled(stream: string): Promise<void> {
      const newest = streams.get(stream)?.newest
      if (newest !== undefined) await Promise.race([newest, pause(mostMs)])
    },
    async during<Result>(names: readonly string[], work: () => Promise<Result>): Promise<Result> {
      const running = work()
      const newest = running.catch(() => undefined)
      for (const name of names) streams.set(name, { appends: (streams.get(name)?.appends ?? 0) + 1, newest })
      try {
        return await running
      } finally {
        for (const name of names) {
          const left = streams.get(name)
          if (left === undefined || left.appends === 1) streams.delete(name)
          else streams.set(name, { ...left, appends: left.appends - 1 })
        }
      }
    },
  }
}
