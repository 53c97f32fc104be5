/** One sample of every event ever released (architecture 4.6): the file only grows, and every sample stays readable. */
import { expect, test } from 'bun:test'
import { newestVersion } from '../../events'
import { deciders } from '../../events/engine/deciders'
import { catalogue, lift } from '../../events/schema/catalogue'
import { commandEvents } from '../../events/schema/command'
import { depositEvents } from '../../events/schema/deposit'
import { drainEvents } from '../../events/schema/drain'
import { mintEvents } from '../../events/schema/mint'
import { nodeEvents } from '../../events/schema/node'
import { payoutEvents } from '../../events/schema/payout'
import { sessionEvents } from '../../events/schema/session'
import { upstreamEvents } from '../../events/schema/upstream'
import samples from '../golden/events.json'

type Sample = { readonly type: string; readonly v: number; readonly data: unknown }
const all = samples as readonly Sample[]

test('P-40 architecture 4 every version of every event type has its sample', () => {
  const have = new Set(all.map(({ type, v }) => `${type} v${v}`))
  const wanted = Object.entries(catalogue).flatMap(([type, versions]) => versions.map((_, n) => `${type} v${n + 1}`))
  expect(wanted.filter((one) => !have.has(one))).toEqual([])
  expect([...have].filter((one) => !wanted.includes(one))).toEqual([])
})

test.each(all.map((sample) => [`${sample.type} v${sample.v}`, sample] as const))(
  'architecture 4 %s is read in its own version, loses nothing, and is lifted to the newest',
  (_, { type, v, data }) => {
    const schema = catalogue[type]?.[v - 1]
    expect(schema?.parse(data)).toEqual(data as never)
    const lifted = lift(type, v, data)
    expect(catalogue[type]?.[newestVersion(type) - 1]?.parse(lifted)).toEqual(lifted as never)
  },
)

test('architecture 4 a decider folds each of its samples from its first state without a word', () => {
  const streams = {
    session: sessionEvents,
    deposit: depositEvents,
    payout: payoutEvents,
    mint: mintEvents,
    drain: drainEvents,
    upstream: upstreamEvents,
    command: commandEvents,
    node: nodeEvents,
  }
  for (const [category, events] of Object.entries(streams)) {
    const decider = deciders[category as keyof typeof deciders] as unknown as {
      readonly initial: unknown
      readonly evolve: (state: unknown, event: unknown) => unknown
    }
    let state = decider.initial
    for (const { type, data } of all.filter((sample) => sample.type in events)) {
      state = decider.evolve(state, { type, data })
      expect([type, state === undefined]).toEqual([type, false])
    }
  }
})

test('P-40 an event of an unknown type or a newer version is refused, never guessed', () => {
  expect(() => lift('session.teleported', 1, {})).toThrow()
  expect(() => lift('session.opened', 99, {})).toThrow()
  expect(() => lift('session.opened', 0, {})).toThrow()
})
