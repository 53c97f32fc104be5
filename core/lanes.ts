/** At most so many at once, the others in order: a hanging outside call never delays a pause. */

export type Lanes = <Result>(work: () => Promise<Result>) => Promise<Result>

export function createLanes(atOnce: number): Lanes {
  const waiting: (() => void)[] = []
  let running = 0

  return async (work) => {
    if (running >= atOnce) await new Promise<void>((go) => waiting.push(go))
    running += 1
    try {
      return await work()
    } finally {
      running -= 1
      waiting.shift()?.()
    }
  }
}
