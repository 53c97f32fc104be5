/** BTC/USD from several sources: median, outliers dropped, a jump believed only twice (contract 2.6). */
import { isLess, isPositive, over, parseDecimal, plus, type Rational, times, whole } from './rational'

export type Rate = {
  /** The rate in force, with the time of the round that found it. */
  readonly good: { readonly usdPerBtc: Rational; readonly at: number } | undefined
  /** A rate that jumped: in force once the next round confirms it. */
  readonly doubted: Rational | undefined
}

export const noRate: Rate = { good: undefined, doubted: undefined }
const outlier: Rational = { num: 10n, den: 100n }
const jump: Rational = { num: 20n, den: 100n }

/** Median of the valid answers, without those more than 10 % from it; undefined if none is left. */
export function median(answers: readonly unknown[]): Rational | undefined {
  const valid = answers.map(parseDecimal).filter((price): price is Rational => price !== undefined && isPositive(price))
  const first = middle(valid)
  if (first === undefined) return undefined
  return middle(valid.filter((price) => !isFurther(price, first, outlier)))
}

/** One round of asking at `at` (Unix ms). A failed round changes nothing: the last good rate ages. */
export function nextRate(rate: Rate, answers: readonly unknown[], at: number): Rate {
  const found = median(answers)
  if (found === undefined) return rate
  const { good, doubted } = rate
  if (good === undefined || !isFurther(found, good.usdPerBtc, jump))
    return { good: { usdPerBtc: found, at }, doubted: undefined }
  const confirmed = doubted !== undefined && !isFurther(found, doubted, jump)
  return confirmed ? { good: { usdPerBtc: found, at }, doubted: undefined } : { good, doubted: found }
}

/** Whether `price` lies further from `reference` than the given part of it. */
function isFurther(price: Rational, reference: Rational, part: Rational): boolean {
  const allowed = times(reference, part)
  return isLess(plus(reference, allowed), price) || isLess(plus(price, allowed), reference)
}

function middle(prices: readonly Rational[]): Rational | undefined {
  const sorted = [...prices].sort((a, b) => (isLess(a, b) ? -1 : 1))
  const half = Math.floor(sorted.length / 2)
  const upper = sorted[half]
  const lower = sorted[half - 1]
  if (upper === undefined) return undefined
  return sorted.length % 2 === 1 || lower === undefined ? upper : over(plus(lower, upper), whole(2))
}
