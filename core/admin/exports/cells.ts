/** One row of an export: its values, their text in a sheet, and what they add up to. */
import { snakeOf } from '../paths/words'
import type { Kind, List } from './lists'

/** What one column holds of one row; undefined: nothing. */
export type Value = string | number | boolean | null | undefined
type Columns = readonly (readonly [string, Kind])[]

const columnsOf = ({ columns }: List): Columns => Object.entries(columns)
const isInstant = (kind: Kind): boolean => kind === 'instant' || kind === 'instantMs'
const nameOf = (field: string): string => field.split('.').map(snakeOf).join('_')

/** An instant has two columns: UTC, and the reporting zone by its name. */
export const headerOf = (list: List, zone: string): readonly string[] =>
  columnsOf(list).flatMap(([field, kind]) =>
    isInstant(kind) ? [`${nameOf(field)} UTC`, `${nameOf(field)} ${zone === 'UTC' ? 'local' : zone}`] : [nameOf(field)],
  )

export function valuesOf(list: List, row: unknown, zone: string): readonly Value[] {
  return columnsOf(list).flatMap(([field, kind]): Value[] => {
    const found = fieldOf(row, field)
    if (isInstant(kind)) return instants(found, kind, zone)
    if (kind === 'json') return [found === undefined ? undefined : JSON.stringify(found)]
    return [plain(found)]
  })
}

function fieldOf(row: unknown, path: string): unknown {
  const within = (value: unknown, name: string): unknown =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, name)
      ? (value as Readonly<Record<string, unknown>>)[name]
      : undefined
  return path.split('.').reduce(within, row)
}

function plain(value: unknown): Value {
  if (Array.isArray(value)) return value.join(' ')
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return value as Value
}

function instants(value: unknown, kind: Kind, zone: string): Value[] {
  if (typeof value !== 'number') return [undefined, undefined]
  const at = new Date(kind === 'instantMs' ? value : value * 1000)
  // A row that an older version took may lie beyond every calendar (ECMA-262, 21.4.1.1).
  if (Number.isNaN(at.getTime())) return [value, value]
  return [at.toISOString().replace(/\.000Z$/, 'Z'), localOf(at, zone)]
}

/** Made once for its zone: to make one takes longer than to write many rows. A node reports in one zone at a time. */
let clock: { readonly zone: string; readonly format: Intl.DateTimeFormat } | undefined

function clockOf(zone: string): Intl.DateTimeFormat {
  if (clock?.zone !== zone) {
    const two = '2-digit'
    const date = { year: 'numeric', month: two, day: two } as const
    const time = { hour: two, minute: two, second: two, hourCycle: 'h23', timeZoneName: 'longOffset' } as const
    clock = { zone, format: new Intl.DateTimeFormat('en-CA', { timeZone: zone, ...date, ...time }) }
  }
  return clock.format
}

/** As the wall clock there shows it, with its distance from UTC. */
function localOf(at: Date, zone: string): string {
  const part = new Map(
    clockOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const offset = (part.get('timeZoneName') ?? 'GMT').slice('GMT'.length)
  const day = `${part.get('year')}-${part.get('month')}-${part.get('day')}`
  return `${day} ${part.get('hour')}:${part.get('minute')}:${part.get('second')}${offset === '' ? '+00:00' : offset}`
}

/** By column, in units of the column's thousandth where it is `sat`; exact, however many rows there are. */
export type Sums = Readonly<Record<string, string>>

export function added(list: List, rows: readonly unknown[], sums: Sums): Sums {
  const next: Record<string, string> = { ...sums }
  for (const [field, kind] of columnsOf(list)) {
    if (kind !== 'sum' && kind !== 'sat') continue
    let sum = BigInt(next[field] ?? '0')
    for (const row of rows) {
      const value = fieldOf(row, field)
      if (typeof value === 'number') sum += BigInt(Math.round(kind === 'sat' ? value * 1000 : value))
    }
    next[field] = String(sum)
  }
  return next
}

/** Under each column its sum, as text; undefined where there is none. */
export function sumsOf(list: List, sums: Sums): readonly (string | undefined)[] {
  return columnsOf(list).flatMap(([field, kind]): (string | undefined)[] => {
    if (isInstant(kind)) return [undefined, undefined]
    if (kind === 'sum') return [sums[field] ?? '0']
    return [kind === 'sat' ? inThousands(BigInt(sums[field] ?? '0')) : undefined]
  })
}

function inThousands(msat: bigint): string {
  const size = msat < 0n ? -msat : msat
  const fraction = String(size % 1000n)
    .padStart(3, '0')
    .replace(/0+$/, '')
  return `${msat < 0n ? '-' : ''}${size / 1000n}${fraction === '' ? '' : `.${fraction}`}`
}
