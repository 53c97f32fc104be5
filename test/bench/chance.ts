/** Chance that repeats itself: all of it follows from one number, which a run prints. */

export type Chance = {
  /** At least 0, below 1. */
  readonly next: () => number
  readonly whole: (from: number, to: number) => number
  readonly hex: (digits: number) => string
  readonly uuid: () => string
  readonly pick: <Item>(items: readonly [Item, ...Item[]]) => Item
}

/** xorshift32: fast, even enough for made-up histories. */
export function createChance(seed: number): Chance {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1
  const bits = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
  const next = () => bits() / 2 ** 32
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  const hex = (digits: number) => {
    let text = ''
    while (text.length < digits) text += bits().toString(16).padStart(8, '0')
    return text.slice(0, digits)
  }
  return {
    next,
    whole,
    hex,
    // Version 4, variant 1: what `crypto.randomUUID` makes.
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
  }
}
