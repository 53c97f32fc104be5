/** Amounts are divided into whole parts and told exactly, at any size (P-14). */
import { expect, test } from 'bun:test'
import { satText, shownSat, wholeParts, wholePartsUp, wholeSats } from '../../events/schema/money'

const most = Number.MAX_SAFE_INTEGER

test('P-14 whole parts leave the remainder behind, and rounding up adds one where something remains', () => {
  for (const [amount, per, down, up] of [
    [0, 1000, 0, 0],
    [999, 1000, 0, 1],
    [1000, 1000, 1, 1],
    [1001, 1000, 1, 2],
    // 2^53 - 1: a division of floats answers one more.
    [most, 1000, 9_007_199_254_740, 9_007_199_254_741],
    [most, 2, 4_503_599_627_370_495, 4_503_599_627_370_496],
  ] as const)
    expect([wholeParts(amount, per), wholePartsUp(amount, per)]).toEqual([down, up])
  expect(wholeSats(33_165)).toBe(33)
  expect(() => wholeSats(0.5)).toThrow()
})

test('P-14 an amount is told in sat without a digit too many', () => {
  const told = [0, 1, 10, 33_165, 1000, 1500, -2500, 1_234_567_890, most].map(satText)
  expect(told).toEqual([
    '0 sat',
    '0.001 sat',
    '0.01 sat',
    '33.165 sat',
    '1 sat',
    '1.5 sat',
    '-2.5 sat',
    '1,234,567.89 sat',
    '9,007,199,254,740.991 sat',
  ])
  expect([shownSat(33_165), shownSat(33_165n)]).toEqual([33.165, 33.165])
})
