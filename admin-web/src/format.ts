/** How numbers, prices, hashes and times read; `ui/amount.tsx` prints money with it, `ui/age.tsx` time. */
import { numbers } from './numbers'
import { zoneName } from './zone'

export type Unit = 'sat' | 'msat' | 'usd'
export type Rate = { readonly usdPerBtc: string }
/** The parts of an amount: the fraction of a sat is drawn smaller (dashboard 2, Numbers). */
export type AmountParts = {
  readonly sign: string
  readonly whole: string
  readonly fraction: string
  readonly unit: string
}

const msatPerBtc = 100_000_000_000
/** The true minus, not a hyphen. */
const signOf = (value: number): string => (value < 0 ? '−' : '')

export const count = (value: number): string => `${signOf(value)}${numbers().wholes.format(Math.abs(value))}`

/** An amount in the unit that the reader chose; never rounded, save a conversion, which carries ≈. `signed`: with a plus. */
export function amountParts(msat: number, unit: Unit, rate: Rate | undefined, signed = false): AmountParts {
  const sign = signed && msat > 0 ? '+' : signOf(msat)
  if (unit === 'msat') return { sign, whole: count(Math.abs(msat)), fraction: '', unit: 'msat' }
  if (unit === 'usd' && rate !== undefined) return usdParts(msat, rate, sign)
  const whole = Math.trunc(Math.abs(msat) / 1000)
  const rest = Math.abs(msat) % 1000
  return {
    sign,
    whole: count(whole),
    fraction: rest === 0 ? '' : `${numbers().decimalMark}${String(rest).padStart(3, '0')}`,
    unit: 'sat',
  }
}

/** Exact sat in a sentence or on a button: `4,212.480` or `4,212`. */
export function satText(msat: number): string {
  const { sign, whole, fraction } = amountParts(msat, 'sat', undefined)
  return `${sign}${whole}${fraction}`
}

function usdParts(msat: number, rate: Rate, sign: string): AmountParts {
  const usd = (Math.abs(msat) * Number(rate.usdPerBtc)) / msatPerBtc
  return { sign: `≈ ${sign}$`, whole: usdText(usd), fraction: '', unit: '' }
}

/** Two decimals, two significant digits below one cent. */
export const usdText = (usd: number): string =>
  (usd > 0 && usd < 0.01 ? numbers().smallDollars : numbers().dollars).format(usd)

/**
 * Integer msat of a typed amount in sat: the reader's group marks and spaces are fine, an exponent or more than three
 * decimals are not. A group mark where no group ends is none of his: `12.5` must not become 125 where a point groups.
 */
export function msatOf(typed: string): number | undefined {
  const [, whole, fraction = ''] = /^(\d{1,13})(?:\.(\d{1,3}))?$/.exec(plainNumber(typed) ?? '') ?? []
  return whole === undefined ? undefined : Number(whole) * 1000 + Number(fraction.padEnd(3, '0'))
}

/** A typed number as decimal text, by the reader's marks; a group mark where no group ends makes it none. */
function plainNumber(typed: string): string | undefined {
  const { decimalMark, groupMark } = numbers()
  const [before = '', after, ...more] = typed.replace(/[\s\u00a0\u202f’']/g, '').split(decimalMark)
  const groups = before.split(groupMark)
  // `0,125` is a part of one to whoever typed it, and so is the end of `1234,567`: no group is longer than three.
  const isPart = groups.length > 1 && (before.startsWith('0') || (groups[0]?.length ?? 0) > 3)
  const isGrouped =
    !isPart && groups.every(({ length }, n) => n === 0 || length === 3 || (length === 2 && n < groups.length - 1))
  return isGrouped && more.length === 0 ? `${groups.join('')}${after === undefined ? '' : `.${after}`}` : undefined
}

/** An amount in sat the way `msatOf` reads it back: what a field is filled with. */
export const typedSat = (msat: number): string => String(msat / 1000).replace('.', numbers().decimalMark)

const tenths = (value: number): string => `${signOf(value)}${numbers().tenths.format(Math.abs(value))}`

/** A part of a whole, rounded once, to a tenth of a percent. */
export const share = (part: number): string => `${tenths(part * 100)} %`
export const points = (part: number): string => `${tenths(part * 100)} pt`
export const secondsText = (ms: number): string => (ms < 1000 ? `${count(ms)} ms` : `${tenths(ms / 1000)} s`)

/** Three digits, as an axis has room for. */
export function shortText(value: number): string {
  const size = Math.abs(value)
  const [by, unit] = size >= 1e9 ? [1e9, ' G'] : size >= 1e6 ? [1e6, ' M'] : size >= 1e4 ? [1e3, ' k'] : [1, '']
  if (unit === '') return count(Number(value.toPrecision(3)))
  return `${signOf(value)}${numbers().short.format(size / by)}${unit}`
}

/** What a hover shows: integer msat. */
export const exactText = (msat: number): string => `${count(msat)} msat`

/** USD per 1M tokens for a table: the one place that rounds (dashboard 4.3). Halves go up, on the decimal text. */
export function priceText(usd: string): string {
  const [whole = '0', fraction = ''] = usd.split('.')
  if (Number(usd) > 0 && Number(usd) < 0.01) return `$${numbers().smallDollars.format(Number(usd))}`
  const cents = BigInt(whole + fraction.padEnd(3, '0').slice(0, 2))
  const rounded = Number(cents + (Number(fraction[2] ?? 0) >= 5 ? 1n : 0n))
  return `$${numbers().dollars.format(rounded / 100)}`
}

/** Product of decimal texts as decimal text: a float would make 33.165 read 33.16. undefined: one is no such text. */
export function productText(...factors: readonly string[]): string | undefined {
  if (!factors.every((factor) => /^\d+(\.\d+)?$/.test(factor))) return undefined
  const parts = factors.map((factor) => factor.split('.'))
  const digits = parts.reduce((sum, [, fraction = '']) => sum + fraction.length, 0)
  const product = parts.reduce((sum, [whole = '0', fraction = '']) => sum * BigInt(whole + fraction), 1n)
  const text = String(product).padStart(digits + 1, '0')
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/** Change in percent between two decimal prices; undefined where one is missing or zero. */
export function changePercent(before: string | null, after: string | null): number | undefined {
  if (before === null || after === null || Number(before) === 0) return undefined
  return Math.round((Number(after) / Number(before) - 1) * 100)
}

/**
 * A typed price or factor as decimal text. `NaN`: it is none, or could be two: where a point groups, `1.500` is 1500, and
 * `1.5` is what it is elsewhere; where a comma groups, so with it.
 */
export function decimalOf(typed: string): string {
  const foreign = /^\s*(\d+)[.,](?!\d{3}\s*$)(\d+)\s*$/.exec(typed)
  const plain = foreign === null ? plainNumber(typed) : `${foreign[1]}.${foreign[2]}`
  return plain !== undefined && /^\d+(\.\d+)?$/.test(plain) ? plain : 'NaN'
}
/** Decimal text the way `decimalOf` reads it back. */
export const typedDecimal = (text: string): string => text.replace('.', numbers().decimalMark)
/** A price of one (decimal text) as that of a million, exact. */
export function perMillion(price: string): string {
  const [whole = '0', fraction = ''] = price.split('.')
  const moved = `${whole}${fraction.slice(0, 6).padEnd(6, '0')}`.replace(/^0+(?=\d)/, '')
  const rest = fraction.slice(6).replace(/0+$/, '')
  return rest === '' ? moved : `${moved}.${rest}`
}
/** A price of a bitcoin (decimal text), exact, as people write it. */
export const dollarsText = (usd: string): string => `$${numbers().exactDollars.format(Number(usd))}`

/** Age in words of one unit, the way a glance needs it. */
export function ageText(seconds: number): string {
  const age = Math.max(0, Math.floor(seconds))
  if (age < 60) return `${age} s`
  if (age < 3600) return `${Math.floor(age / 60)} min`
  if (age < 86_400) return `${Math.floor(age / 3600)} h`
  return `${Math.floor(age / 86_400)} d`
}

const forms = {
  day: { day: 'numeric', month: 'short' },
  otherYear: { day: 'numeric', month: 'short', year: 'numeric' },
  year: { year: 'numeric' },
  clock: { hour: '2-digit', minute: '2-digit' },
  dayAndClock: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  instant: {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  },
} as const satisfies Readonly<Record<string, Intl.DateTimeFormatOptions>>
const formats = new Map<string, Intl.DateTimeFormat>()

/** In the zone of the page; a time of an old row may lie beyond every calendar, and is shown as its number. */
function timeIn(form: keyof typeof forms, atS: number): string {
  const timeZone = zoneName()
  const name = `${form} ${timeZone}`
  const format = formats.get(name) ?? new Intl.DateTimeFormat(undefined, { ...forms[form], timeZone })
  formats.set(name, format)
  return isShown(atS) ? format.format(new Date(atS * 1000)) : String(atS)
}

const isShown = (atS: number): boolean => !Number.isNaN(new Date(atS * 1000).getTime())
export const isoText = (atS: number): string => (isShown(atS) ? new Date(atS * 1000).toISOString() : String(atS))

/** A day, with the year where it is not this one. */
export const dateText = (atS: number, nowS: number): string =>
  timeIn(timeIn('year', atS) === timeIn('year', nowS) ? 'day' : 'otherYear', atS)
export const instantText = (atS: number): string => timeIn('instant', atS)
export const timeText = (atS: number): string => timeIn('clock', atS)
/** A point of a chart: its day and its time, short. */
export const pointText = (atS: number): string => timeIn('dayAndClock', atS)
/** A moment that lies ahead: its day and its time. */
export const momentText = (atS: number): string => `${dateText(atS, Date.now() / 1000)}, ${timeText(atS)}`

export const plural = (value: number, one: string, many: string): string =>
  `${count(value)} ${value === 1 ? one : many}`

/** A public key for people: its head and tail. */
export const shortKey = (text: string): string => (text.length > 20 ? `${text.slice(0, 10)}…${text.slice(-6)}` : text)
