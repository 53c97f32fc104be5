/** One choice of coins at a time in each purse: many that choose at once would all choose the same ones (wallet 5.2). */
import { createLanes, type Lanes } from '../lanes'

export type PurseLanes = {
  readonly of: (purse: string) => Lanes
  /** In turn in every purse of now, for one who learns only in his turn which he needs. Call it in the owner lane only. */
  readonly all: Lanes
}

export function createPurseLanes(): PurseLanes {
  const lanes = new Map<string, Lanes>()

  return {
    of(purse) {
      const lane = lanes.get(purse) ?? createLanes(1)
      lanes.set(purse, lane)
      return lane
    },
    all<Result>(work: () => Promise<Result>) {
      let inner = work
      for (const lane of lanes.values()) {
        const next = inner
        inner = () => lane(next)
      }
      return inner()
    },
  }
}
