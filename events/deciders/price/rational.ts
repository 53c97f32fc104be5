/** Exact fractions on bigint: prices are never floats before the last JSON number is written. */

export type Rational = { readonly num: bigint; readonly den: bigint }

export const zero: Rational = { num: 0n, den: 1n }
const decimal = /^(\d{1,30})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/

/**
 * Reads a price: decimal text, or a JSON number as the shortest decimal that round-trips (contract 2.4).
 * undefined for anything that is not a finite number of at least 0.
 */
export function parseDecimal(value: unknown): Rational | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const match = decimal.exec(String(value).trim())
  if (match === null) return undefined
  const [, whole = '0', fraction = '', exponent = '0'] = match
  const shift = Number(exponent) - fraction.length
  const digits = BigInt(whole + fraction)
  return shift >= 0
    ? { num: digits * 10n ** BigInt(shift), den: 1n }
    : reduced({ num: digits, den: 10n ** BigInt(-shift) })
}

/** A fraction of whole numbers. */
export const whole = (value: number | bigint): Rational => ({ num: BigInt(value), den: 1n })

export const times = (a: Rational, b: Rational): Rational => reduced({ num: a.num * b.num, den: a.den * b.den })
export const plus = (a: Rational, b: Rational): Rational =>
  reduced({ num: a.num * b.den + b.num * a.den, den: a.den * b.den })
/** `b` must not be 0. */
export const over = (a: Rational, b: Rational): Rational => reduced({ num: a.num * b.den, den: a.den * b.num })
export const isLess = (a: Rational, b: Rational): boolean => a.num * b.den < b.num * a.den
export const isPositive = (a: Rational): boolean => a.num > 0n
/** `a` / `b` upwards, for `a` of at least 0. */
export const ceilDivide = (a: bigint, b: bigint): bigint => (a + b - 1n) / b

const shownDigits = 40n

/** The nearest double, for JSON. */
export function toNumber({ num, den }: Rational): number {
  if (num === 0n) return 0
  // Enough digits that the text's own rounding cannot reach the double's last bit.
  let exponent = 0n
  while (num * 10n ** exponent < den * 10n ** 25n && exponent < 400n) exponent += 25n
  const digits = (num * 10n ** exponent) / den
  return Number(`${digits}e-${exponent}`)
}

/** Decimal text, exact where the fraction ends within 40 digits, else cut there. */
export function toDecimal({ num, den }: Rational): string {
  const wholePart = num / den
  const rest = num % den
  if (rest === 0n) return wholePart.toString()
  const fraction = ((rest * 10n ** shownDigits) / den).toString().padStart(Number(shownDigits), '0').replace(/0+$/, '')
  return fraction === '' ? wholePart.toString() : `${wholePart}.${fraction}`
}

function reduced({ num, den }: Rational): Rational {
  let a = num
  let b = den
  while (b !== 0n) [a, b] = [b, a % b]
  return a <= 1n ? { num, den } : { num: num / a, den: den / a }
}
