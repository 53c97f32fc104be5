/** What read models read out of a charge: kinds of errors, what an upstream took, steps of speed. */
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { errorKindOf, slotOf, upstreamCostMsatOf } from '../../events/projections/charge-facts'
import { msOfStep, stepOf } from '../../events/projections/first-tokens'

const failed = (status: number | null, why?: string) =>
  errorKindOf({
    outcome: 'upstream-failed',
    attempts: [{ upstream: 'up', model: 'm', status, ms: 1, ...(why === undefined ? {} : { why }) }],
  })

test('contract 8.3 each way to fail has its kind, and what is no error has none', () => {
  expect([failed(429, 'rate limit'), failed(401, 'status 401'), failed(404, 'status 404')]).toEqual([
    'rate-limited',
    'refused-key',
    'model-missing',
  ])
  expect([failed(null, 'no answer in time'), failed(null, 'ECONNREFUSED'), failed(503, 'status 503')]).toEqual([
    'timed-out',
    'unreachable',
    'upstream-failed',
  ])
  expect([failed(200, 'the answer is not JSON'), failed(400), failed(200, 'the stream stopped')]).toEqual([
    'bad-answer',
    'rejected',
    'timed-out',
  ])
  expect(errorKindOf({ outcome: 'empty', attempts: [] })).toBe('empty')
  expect(errorKindOf({ outcome: 'answered', attempts: [] })).toBeNull()
  expect(errorKindOf({ outcome: 'client-left', attempts: [] })).toBeNull()
})

test('P-20 an upstream’s cost is exact and rounded up to the msat, and unknown without a rate or a report', () => {
  const cost = (upstreamCostUsd: string | undefined, usdPerBtc: string | null) =>
    upstreamCostMsatOf({ ...(upstreamCostUsd === undefined ? {} : { upstreamCostUsd }), usdPerBtc })
  expect(cost('0.000001', '100000')).toBe(1n)
  expect(cost('0.0000010000000001', '100000')).toBe(2n)
  expect(cost('0.5', '96740.25')).toBe(516_848n)
  expect(cost('0', '100000')).toBe(0n)
  expect([cost(undefined, '100000'), cost('1', null), cost('1', '0'), cost('much', '100000')]).toEqual([
    null,
    null,
    null,
    null,
  ])
})

test('a percentile read from the steps is off by at most 9 %, and a ms where a ms is all there is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 40, max: 3_600_000 }), (ms) => {
      expect(Math.abs(msOfStep(stepOf(ms)) / ms - 1)).toBeLessThan(0.1)
    }),
  )
  expect([msOfStep(stepOf(0)), msOfStep(stepOf(1))]).toEqual([1, 1])
})

test('D-014 a quarter of an hour is one in every zone', () => {
  expect([slotOf(0), slotOf(899_999), slotOf(900_000)]).toEqual([0, 0, 900_000])
})
