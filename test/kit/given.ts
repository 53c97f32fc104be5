/** Given events, when command, then events: the whole grammar of a decider's test. */
import { expect } from 'bun:test'
import type { Decider, Refusal } from '../../events/deciders/decider'

export function given<State, Command, Event, No extends Refusal>(
  decider: Decider<State, Command, Event, No>,
  past: readonly Event[],
) {
  const state = past.reduce(decider.evolve, decider.initial)
  return {
    state,
    when: (command: Command) => {
      const decided = decider.decide(state, command)
      return {
        decided,
        then: (...events: readonly Event[]) => expect(decided).toEqual(events),
        refused: (refusal: Refusal & Readonly<Record<string, unknown>>) => expect(decided).toEqual(refusal as never),
      }
    },
  }
}
