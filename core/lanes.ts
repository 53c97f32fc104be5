/** At most so many at once, the others in order: a hanging outside call never delays a pause. */

export type Lanes = <Result>(work: () => Promise<Result>) => Promise<Result>

export function createLanes(atOnce: number): Lanes {
  const waiting: (() => void)[] = []
  let running = 0

  /** The place goes to who waits first; it is never free in between, where somebody else could take it as well. */
  function leave(): void {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }

  return async (work) => {
    if (running < atOnce) running += 1
    else await new Promise<void>((go) => waiting.push(go))
    try {
      return await work()
    } finally {
      leave()
    }
  }
}
