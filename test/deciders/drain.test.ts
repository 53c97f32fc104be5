/** The rules of a drain and the amounts of its rounds (wallet 5.6, 15): one move at a time, fees within their bound. */
import { expect, test } from 'bun:test'
import { drain, type OpenDrain } from '../../events/deciders/drain'
import { feesToCarry, type RoundFacts, roundAmount } from '../../events/deciders/drain-round'
import type { DrainEvent } from '../../events/schema/drain'
import { asMsat } from '../../events/schema/money'
import { given } from '../kit/given'

const purse = `${'a'.repeat(16)}/sat`
const to = { purse: `${'b'.repeat(16)}/sat`, mint: 'https://other.example' }
const plan = { purse, mint: 'https://mint.example', to, maxFeeMsat: asMsat(10_000), by: 'owner', door: 'http' }
const started: DrainEvent = { type: 'drain.started', data: plan }
const round = (n: number, msat = 100_000, maxFeeMsat = 3000) => ({
  n,
  payout: `payout-${n}`,
  deposit: `deposit-${n}`,
  msat: asMsat(msat),
  maxFeeMsat: asMsat(maxFeeMsat),
})
const begun = (n: number, msat?: number): DrainEvent => ({ type: 'drain.round-begun', data: round(n, msat) })
const end = (n: number, more: Partial<Extract<DrainEvent, { type: 'drain.round-ended' }>['data']> = {}) => ({
  n,
  how: 'arrived' as const,
  arrivedMsat: asMsat(100_000),
  feesMsat: asMsat(2000),
  at: 5,
  ...more,
})
const ended = (n: number, more?: Parameters<typeof end>[1]): DrainEvent => ({
  type: 'drain.round-ended',
  data: end(n, more),
})
const failed = (n: number, why: string, numbers?: Record<string, number>): DrainEvent =>
  ended(n, {
    how: 'failed',
    arrivedMsat: asMsat(0),
    feesMsat: asMsat(0),
    why,
    ...(numbers === undefined ? {} : { numbers }),
  })
const stateAfter = (...past: readonly DrainEvent[]) => given(drain, past).state as OpenDrain

test('wallet 15 one move of a drained purse is open at a time, and each round has its turn', () => {
  given(drain, [started])
    .when({ do: 'begin-round', round: round(1) })
    .then(begun(1))
  given(drain, [started, begun(1)])
    .when({ do: 'begin-round', round: round(2) })
    .refused({ refused: 'drain-moving' })
  given(drain, [started, begun(1), ended(1)])
    .when({ do: 'begin-round', round: round(1) })
    .refused({ refused: 'drain-moving' })
  given(drain, [started, begun(1), ended(1)])
    .when({ do: 'begin-round', round: round(2) })
    .then(begun(2))
})

test('wallet 5.6 the fees of all rounds stay within the bound of the command', () => {
  const past = [started, begun(1), ended(1, { feesMsat: asMsat(8000) })]
  given(drain, past)
    .when({ do: 'begin-round', round: round(2, 100_000, 2001) })
    .refused({ refused: 'drain-fees' })
  given(drain, past)
    .when({ do: 'begin-round', round: round(2, 100_000, 2000) })
    .then({
      type: 'drain.round-begun',
      data: round(2, 100_000, 2000),
    })
})

test('W-10 a round ends once; what ends it again changes nothing, and nothing ends or merges a drain that moves', () => {
  given(drain, [started, begun(1)])
    .when({ do: 'end-round', round: end(1) })
    .then(ended(1))
  given(drain, [started, begun(1), ended(1)])
    .when({ do: 'end-round', round: end(1) })
    .then()
  given(drain, [started])
    .when({ do: 'end-round', round: end(1) })
    .refused({ refused: 'drain-over' })
  const moving = { refused: 'drain-moving' }
  given(drain, [started, begun(1)])
    .when({ do: 'end', why: 'done' })
    .refused(moving)
  given(drain, [started, begun(1)])
    .when({ do: 'merge', sharesMsat: asMsat(1), promisedMsat: asMsat(0) })
    .refused(moving)
})

test('wallet 5.6 a drain to an address takes no customer with it', () => {
  const out: DrainEvent = { type: 'drain.started', data: { ...plan, to: { address: 'owner@wallet.example' } } }
  given(drain, [out])
    .when({ do: 'merge', sharesMsat: asMsat(1), promisedMsat: asMsat(0) })
    .refused({ refused: 'drain-over' })
})

test('wallet 5.6 a drain that takes the place of another one begins with what that one moved', () => {
  const carried: DrainEvent = { type: 'drain.started', data: { ...plan, carriedMsat: asMsat(700) } }
  expect(stateAfter(carried)).toMatchObject({ arrivedMsat: 700, mergedMsat: 0, feesMsat: 0 })
})

test('wallet 5.6 a stopped drain begins no round, and one that ended does nothing any more', () => {
  const stopped: DrainEvent = { type: 'drain.stopped', data: { why: 'cancelled', by: 'owner' } }
  const over: DrainEvent = { type: 'drain.ended', data: { why: 'stopped' } }
  const no = { refused: 'drain-over' }
  given(drain, [started, stopped])
    .when({ do: 'begin-round', round: round(1) })
    .refused(no)
  given(drain, [started, stopped]).when({ do: 'stop', why: 'fee-limit', by: 'node' }).then()
  given(drain, [started, stopped, over]).when({ do: 'end', why: 'done' }).refused(no)
  given(drain, [started]).when({ do: 'start', plan }).refused({ refused: 'drain-exists' })
})

test('architecture 4 what a drain owes the world follows from its events alone', () => {
  const stopped: DrainEvent = { type: 'drain.stopped', data: { why: 'cancelled', by: 'owner' } }
  const todo = (...past: readonly DrainEvent[]) => drain.todo(stateAfter(...past)).map(({ work }) => work)
  expect(todo(started)).toEqual(['next'])
  expect(todo(started, begun(1))).toEqual(['follow'])
  expect(todo(started, begun(1), stopped)).toEqual(['follow'])
  expect(todo(started, stopped)).toEqual(['merge'])
  expect(todo(started, { type: 'drain.ended', data: { why: 'done' } })).toEqual([])
})

test('wallet 5.6 a round that was too dear, too large or too little teaches the next one', () => {
  expect(stateAfter(started, begun(1), failed(1, 'too-dear', { feesMsat: 4000, mostMsat: 3000 }))).toMatchObject({
    reservePpm: 40_000,
    failures: 1,
    why: 'too-dear',
  })
  expect(stateAfter(started, begun(1), failed(1, 'too-little', { units: 100, reserveUnits: 5 })).reservePpm).toBe(
    50_000,
  )
  expect(stateAfter(started, begun(1, 101_000), failed(1, 'mint-refuses', { code: 11_006 })).mostMsat).toBe(50_500)
  const halved = [started, begun(1, 101_000), failed(1, 'mint-refuses', { code: 11_006 })]
  expect(stateAfter(...halved, begun(2, 50_000), ended(2)).mostMsat).toBe(101_000)
  // A refusal that says nothing of the amount teaches nothing about it.
  expect(stateAfter(started, begun(1), failed(1, 'mint-refuses', { code: 20_003 })).mostMsat).toBeUndefined()
  expect(stateAfter(started, begun(1), failed(1, 'no-invoice'), begun(2), ended(2)).failures).toBe(0)
})

const facts: RoundFacts = {
  bearableMsat: 1_000_000,
  mostMsat: 1_000_000,
  leastMsat: 0,
  inputFeeMsat: 2000,
  feeLeftMsat: 50_000,
  ownersMsat: 60_000,
  reservePpm: 10_000,
  isFirst: false,
}

test.each([
  ['all that coins bear beside one percent and their own fee', {}, { msat: 988_000, maxFeeMsat: 12_000 }],
  ['no more than the other mint takes at once', { mostMsat: 300_500 }, { msat: 300_000, maxFeeMsat: 50_000 }],
  ['no more than the fees that are left allow', { feeLeftMsat: 7000 }, { msat: 500_000, maxFeeMsat: 7000 }],
  ['no more than the owner’s money bears', { ownersMsat: 4999 }, { msat: 200_000, maxFeeMsat: 4000 }],
  ['nothing where fees are used up', { feeLeftMsat: 3000 }, { whyNot: 'fee-limit' }],
  ['nothing where the owner has nothing', { ownersMsat: -5 }, { whyNot: 'below-floor' }],
  ['nothing where moving costs as much as it moves', { bearableMsat: 8000 }, { whyNot: 'empty' }],
  ['the little that is worth its fees', { bearableMsat: 9000 }, { msat: 5000, maxFeeMsat: 4000 }],
  ['at first no dearer than reckoned', { mostMsat: 300_500, isFirst: true }, { msat: 300_000, maxFeeMsat: 5000 }],
  ['nothing below what the other mint takes', { leastMsat: 989_000 }, { whyNot: 'empty' }],
] as const)('wallet 5.6 a round takes %s', (_, more, wanted) => {
  expect(roundAmount({ ...facts, ...more })).toEqual(wanted as never)
})

test('wallet 15 no amount of a round, with the fees it allows, exceeds coins, floor or bound', () => {
  const random = (most: number) => Math.floor(Math.random() * most)
  for (let n = 0; n < 5000; n += 1) {
    const one = {
      bearableMsat: random(10 ** (1 + random(12))),
      mostMsat: random(10 ** (1 + random(12))),
      leastMsat: random(2000),
      inputFeeMsat: random(5) * 1000,
      feeLeftMsat: random(10 ** (1 + random(9))),
      ownersMsat: random(10 ** (1 + random(9))) - 1000,
      reservePpm: 1 + random(1_000_000),
      isFirst: n % 2 === 0,
    }
    const amount = roundAmount(one)
    if ('whyNot' in amount) continue
    const { msat, maxFeeMsat } = amount
    const isSound =
      msat % 1000 === 0 &&
      msat > 0 &&
      msat + maxFeeMsat <= one.bearableMsat &&
      msat <= one.mostMsat &&
      maxFeeMsat <= Math.min(one.feeLeftMsat, one.ownersMsat) &&
      maxFeeMsat >= one.inputFeeMsat + Math.ceil((msat * one.reservePpm) / 1e9) * 1000
    expect([one, amount, isSound]).toEqual([one, amount, true])
  }
})

test('wallet 5.6 what carrying all may cost: what is set aside for each round, and the coins once', () => {
  const loads = [{ msat: 2_000_000, inputFeeMsat: 3000 }]
  const one = { needMsat: 1_800_000, mostMsat: 400_000, loads, reservePpm: 10_000 }
  // Four of 400 sat and one of 200.
  expect(feesToCarry(one)).toEqual({ feesMsat: 3000 + 4 * 4000 + 2000, rounds: 5 })
  expect(feesToCarry({ ...one, mostMsat: 10_000_000 })).toEqual({ feesMsat: 3000 + 18_000, rounds: 1 })
  expect(feesToCarry({ ...one, needMsat: 0 })).toEqual({ feesMsat: 0, rounds: 0 })
  const two = [
    { msat: 100_000, inputFeeMsat: 7000 },
    { msat: 50_000, inputFeeMsat: 1000 },
  ]
  expect(feesToCarry({ needMsat: 120_000, mostMsat: 10_000_000, loads: two, reservePpm: 10_000 })).toEqual({
    feesMsat: 8000 + 4000,
    rounds: 2,
  })
})
