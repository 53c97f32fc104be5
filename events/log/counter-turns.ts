/** One wallet plan at a time for each keyset: many that read its counter at once would all plan with the same one (W-03). */
import type { Cursor } from './log'

type Line = { readonly waiting: (() => void)[]; turn: number }
type Key = Pick<Cursor, 'seedId' | 'keysetId'>

export type CounterTurns = {
  /** Resolves when it is the caller's turn, which ends with `end`, or by itself after `mostMs`. */
  readonly take: (key: Key) => Promise<void>
  /** The append of these ranges is done, or will never be. */
  readonly end: (keys: readonly Key[] | undefined) => void
}

/**
 * The turns only keep the plans from racing: that no range is taken twice is the append's own guard, so a turn that
 * nobody ends may pass to the next one.
 */
export function createCounterTurns(pause: (ms: number) => Promise<void>, mostMs: number): CounterTurns {
  const lines = new Map<string, Line>()
  const nameOf = ({ seedId, keysetId }: Key) => `${seedId} ${keysetId}`

  function begin(name: string, line: Line): void {
    line.turn += 1
    const { turn } = line
    void pause(mostMs).then(() => {
      if (lines.get(name) === line && line.turn === turn) pass(name, line)
    })
  }

  function pass(name: string, line: Line): void {
    const next = line.waiting.shift()
    if (next === undefined) {
      lines.delete(name)
      return
    }
    begin(name, line)
    next()
  }

  return {
    async take(key) {
      const name = nameOf(key)
      const line = lines.get(name)
      if (line !== undefined) return new Promise<void>((go) => line.waiting.push(go))
      const fresh: Line = { waiting: [], turn: 0 }
      lines.set(name, fresh)
      begin(name, fresh)
    },
    end(keys = []) {
      for (const key of keys) {
        const line = lines.get(nameOf(key))
        if (line !== undefined) pass(nameOf(key), line)
      }
    },
  }
}
