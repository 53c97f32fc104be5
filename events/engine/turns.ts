/** Many at once, or one alone: he waits for those under way, and all others wait for him. */

export type Turns = {
  readonly beside: <Result>(work: () => Promise<Result>) => Promise<Result>
  readonly alone: <Result>(work: () => Promise<Result>) => Promise<Result>
}

export function createTurns(): Turns {
  let running = 0
  let closed: Promise<void> | undefined
  let idle: () => void = () => undefined

  return {
    async beside(work) {
      while (closed !== undefined) await closed
      running += 1
      try {
        return await work()
      } finally {
        running -= 1
        if (running === 0) idle()
      }
    },
    async alone(work) {
      while (closed !== undefined) await closed
      const turn = Promise.withResolvers<void>()
      closed = turn.promise
      try {
        if (running > 0) await new Promise<void>((done) => (idle = done))
        return await work()
      } finally {
        idle = () => undefined
        closed = undefined
        turn.resolve()
      }
    },
  }
}
