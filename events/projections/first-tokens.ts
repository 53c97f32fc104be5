/**
 * Read model of speed: how many streamed answers of a quarter of an hour began within which step. Steps grow by a
 * fourth root of two, so that a percentile read from them is off by at most 9 %; counts of several quarters add up.
 */
import { type SessionEvent, sessionEvents } from '../schema/session'
import { slotOf } from './charge-facts'
import type { Projection } from './projection'

export type FirstTokenRow = {
  readonly id: string
  /** Unix ms. */
  readonly slot: bigint
  readonly step: number
  readonly answers: number
}

const stepsPerDoubling = 4
const { 'session.charged': charged } = sessionEvents

/** Step of a time in ms. */
export const stepOf = (ms: number): number => Math.floor(stepsPerDoubling * Math.log2(Math.max(1, ms)))
/** The middle of a step, in whole ms. */
export const msOfStep = (step: number): number => Math.round(2 ** ((step + 0.5) / stepsPerDoubling))

export const firstTokens: Projection<SessionEvent, FirstTokenRow> = {
  name: 'first_tokens',
  version: 2,
  columns: { id: 'text', slot: 'bigint', step: 'int', answers: 'int' },
  indexes: ['(slot)'],
  reads: { 'session.charged': charged },
  // Of an answer in one piece the first byte is the last one.
  keysOf: (event) =>
    event.type === 'session.charged' &&
    event.data.test !== true &&
    event.data.stream &&
    event.data.firstByteMs !== undefined
      ? [`${slotOf(event.at)} ${stepOf(event.data.firstByteMs)}`]
      : [],

  fold(row, _, id) {
    const [slot = '0', step = '0'] = id.split(' ')
    return { id, slot: BigInt(slot), step: Number(step), answers: (row?.answers ?? 0) + 1 }
  },
}
