/** A page of an export as it is written: CSV or JSON, the first page with what begins the file, the last with its end. */
import { headerOf, type Sums, sumsOf, type Value, valuesOf } from './cells'
import type { List } from './lists'

export type Page = {
  readonly what: string
  readonly list: List
  readonly rows: readonly unknown[]
  /** With all pages before this one. */
  readonly count: number
  readonly sums: Sums
  readonly isFirst: boolean
  readonly isLast: boolean
}

/** Header, rows, and a line of totals (D-072). */
export function csvOf({ list, rows, count, sums, isFirst, isLast }: Page, zone: string): string {
  const totals = ['total', `${count} rows`, ...sumsOf(list, sums).slice(2)]
  return [
    ...(isFirst ? [headerOf(list, zone)] : []),
    ...rows.map((row) => valuesOf(list, row, zone)),
    ...(isLast ? [totals] : []),
  ]
    .map(csvLine)
    .join('')
}

/** RFC 4180. */
const csvLine = (values: readonly Value[]): string => `${values.map(cell).join(',')}\r\n`

const isNumber = /^-?\d+(\.\d+)?$/

/** A text that a spreadsheet would run as a formula is marked as text. */
function cell(value: Value): string {
  const text = value === undefined || value === null ? '' : String(value)
  const safe = /^[=+\-@\t\r]/.test(text) && !isNumber.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** One object, a row to a line. Sums are written digit by digit: they may be larger than a double holds exactly. */
export function jsonOf({ what, list, rows, count, sums, isFirst, isLast }: Page, zone: string): string {
  const names = headerOf(list, zone)
  const objects = rows.map((row) => {
    const values = valuesOf(list, row, zone)
    return JSON.stringify(Object.fromEntries(names.map((name, index) => [name, values[index]])))
  })
  const totals = sumsOf(list, sums).flatMap((sum, index) =>
    sum === undefined ? [] : [`${JSON.stringify(names[index])}:${sum}`],
  )
  const begin = isFirst ? `{"what":"${what}","timeZone":${JSON.stringify(zone)},"rows":[\n` : ''
  const comma = count > rows.length && rows.length > 0 ? ',\n' : ''
  const end = isLast ? `\n],"totals":{${[`"rows":${count}`, ...totals].join(',')}}}\n` : ''
  return `${begin}${comma}${objects.join(',\n')}${end}`
}
