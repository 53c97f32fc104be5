/** Buckets of charts: cut in the reporting zone, whatever its clock does, and never more than 96 (P-20, D-014, D-026). */
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { RunContext } from '../../core/admin/command'
import { cutsOf, ranged, rangeOf } from '../../core/admin/ranges'
import { boundsOf } from '../../core/admin/rows'
import { zoneOf } from '../../core/zone'

const utc = (text: string) => Date.parse(`${text}Z`)
const contextAt = (now: number, zone = 'UTC') => ({ now, node: { settings: () => zone } }) as unknown as RunContext
const zones = [
  'UTC',
  'Asia/Kolkata',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'America/Havana',
  'Africa/Cairo',
  'Pacific/Apia',
]

test('P-20 a day of Kolkata and one of St Johns begin at their own midnights, half an hour beside those of UTC', () => {
  const dayIn = (zone: string, text: string) => {
    const { startOf, dayOf } = zoneOf(zone)
    return new Date(startOf(dayOf(utc(text)))).toISOString()
  }
  expect(dayIn('Asia/Kolkata', '2026-01-01T20:00')).toBe('2026-01-01T18:30:00.000Z')
  expect(dayIn('Asia/Kathmandu', '2026-01-01T20:00')).toBe('2026-01-01T18:15:00.000Z')
  expect(dayIn('America/St_Johns', '2026-01-01T20:00')).toBe('2026-01-01T03:30:00.000Z')
  expect(dayIn('America/St_Johns', '2026-07-01T20:00')).toBe('2026-07-01T02:30:00.000Z')
})

test('D-014 the days on which the clock changes have 23 and 25 hours, also where midnight is skipped or comes twice', () => {
  const hoursOf = (zone: string, text: string) => {
    const { startOf, dayOf } = zoneOf(zone)
    const day = dayOf(utc(text))
    return (startOf(day + 1) - startOf(day)) / 3_600_000
  }
  expect(hoursOf('Europe/Berlin', '2026-03-29T12:00')).toBe(23)
  expect(hoursOf('Europe/Berlin', '2026-10-25T12:00')).toBe(25)
  expect(hoursOf('America/St_Johns', '2026-03-08T12:00')).toBe(23)
  expect(hoursOf('America/St_Johns', '2026-11-01T12:00')).toBe(25)
  // Half an hour; midnight itself is skipped; the hour after midnight comes twice.
  expect(hoursOf('Australia/Lord_Howe', '2026-04-05T03:00')).toBe(24.5)
  expect(hoursOf('Africa/Cairo', '2026-04-24T12:00')).toBe(23)
  expect(hoursOf('America/Havana', '2026-11-01T12:00')).toBe(25)
})

test('D-014 a day is that of the reporting zone, from its midnight to the next, also where the clock changes in it', () => {
  const read = contextAt(utc('2026-06-01T00:00'), 'Europe/Berlin')
  const hours = ({ fromMs, toMs }: { fromMs?: number | undefined; toMs?: number | undefined }) =>
    ((toMs ?? Number.NaN) - (fromMs ?? Number.NaN)) / 3_600_000
  expect(hours(boundsOf({ from: '2026-03-29', to: '2026-03-29' }, read.node))).toBe(23)
  expect(boundsOf({ from: '2026-03-29' }, read.node)).toEqual({ fromMs: utc('2026-03-28T23:00'), toMs: undefined })
  expect(boundsOf({ to: '2026-03-29' }, read.node)).toEqual({ fromMs: undefined, toMs: utc('2026-03-29T22:00') })
  expect(hours(rangeOf({ from: '2026-03-01', to: '2026-03-31' }, read))).toBe(31 * 24 - 1)
  // A zone that is asked for wins; a day that is not over ends with the running minute.
  const asked = rangeOf({ from: '2026-05-30', to: '2026-06-01', tz: 'Asia/Kolkata' }, read)
  expect([asked.fromMs, asked.toMs]).toEqual([utc('2026-05-29T18:30'), utc('2026-06-01T00:01')])
  const ahead = rangeOf({ from: '2026-06-03', to: '2026-06-03' }, read)
  expect(hours(ahead)).toBe(24)
})

test('D-014 days that are none, the wrong way round or more than 366 apart are refused', () => {
  const isTaken = (asked: object) => ranged({}).safeParse(asked).success
  expect(isTaken({ from: '2026-01-01', to: '2026-01-01' })).toBe(true)
  expect(isTaken({ from: '2026-01-01', to: '2027-01-01' })).toBe(true)
  expect(isTaken({ from: '2026-01-01', to: '2027-01-02' })).toBe(false)
  expect(isTaken({ from: '2026-01-02', to: '2026-01-01' })).toBe(false)
  expect(isTaken({ from: '2026-02-30', to: '2026-03-01' })).toBe(false)
  expect(isTaken({ from: '2026-01-01' })).toBe(false)
})

test('D-014 D-026 any range in any zone is cut without gap or overlap, at every midnight that it has room for, in at most 96', () => {
  const from = fc.integer({ min: utc('2024-01-01T00:00') / 1000, max: utc('2027-01-01T00:00') / 1000 })
  const length = fc.integer({ min: 1, max: 366 * 86_400 })
  fc.assert(
    fc.property(
      from,
      length,
      fc.constantFrom(...zones),
      fc.integer({ min: 1, max: 96 }),
      (fromS, lengthS, tz, points) => {
        const range = rangeOf({ from: fromS, to: fromS + lengthS, tz }, contextAt(utc('2026-06-01T00:00')))
        const { cuts, bucket } = cutsOf(range, { points })
        expect([cuts[0], cuts.at(-1)]).toEqual([fromS * 1000, (fromS + lengthS) * 1000])
        expect(cuts.length - 1).toBeLessThanOrEqual(Math.max(1, points))
        expect(cuts.every((cut, n) => n === 0 || cut > (cuts[n - 1] ?? cut))).toBe(true)
        if (bucket === '1w' || cuts.length < 3) return
        const { startOf, dayOf } = range.zone
        const midnight = startOf(dayOf(range.toMs))
        if (midnight > range.fromMs) expect(cuts).toContain(midnight)
      },
    ),
    { numRuns: 300 },
  )
})

test('D-026 each preset ends with the bucket that is running and is as long as it says', () => {
  const now = utc('2026-03-08T12:34')
  const shapes = (['24h', '7d', '30d', '3m', '12m'] as const).map((range) => {
    const found = rangeOf({ range, tz: 'America/St_Johns' }, contextAt(now))
    const { bucket, cuts } = cutsOf(found, { points: 96 })
    expect(found.fromMs).toBeLessThan(now)
    expect(found.toMs).toBeGreaterThan(now)
    return [range, bucket, cuts.length - 1, new Date(found.fromMs).toISOString()]
  })
  expect(shapes).toEqual([
    ['24h', '15m', 96, '2026-03-07T12:45:00.000Z'],
    ['7d', '2h', 84, '2026-03-01T13:30:00.000Z'],
    ['30d', '12h', 60, '2026-02-06T15:30:00.000Z'],
    ['3m', '1d', 90, '2025-12-09T03:30:00.000Z'],
    ['12m', '1w', 53, '2025-03-09T03:30:00.000Z'],
  ])
})

test('D-026 the weeks of a chart begin on the day that the reader has them begin, each midnight that of his zone', () => {
  const year = rangeOf({ range: '12m' }, contextAt(utc('2026-06-03T10:00'), 'Europe/Berlin'))
  for (const weekFrom of ['monday', 'sunday', 'saturday'] as const) {
    const { bucket, cuts } = cutsOf(year, { points: 96, weekFrom })
    const begun = cuts.slice(1, -1).map((cut) =>
      new Date(cut).toLocaleString('en-US', {
        timeZone: 'Europe/Berlin',
        weekday: 'long',
        hour: '2-digit',
        hour12: false,
      }),
    )
    expect([bucket, cuts[0], cuts.at(-1)]).toEqual(['1w', year.fromMs, year.toMs])
    expect(new Set(begun).size).toBe(1)
    expect(begun[0]?.toLowerCase()).toStartWith(weekFrom)
  }
})

test('D-026 a chart over Nostr is cut into fewer points, and never finer than asked', () => {
  const range = rangeOf({ range: '7d' }, contextAt(utc('2026-06-03T10:00')))
  expect(cutsOf(range, { points: 48 })).toMatchObject({ bucket: '6h' })
  expect(cutsOf(range, { points: 96, bucket: '1d' }).cuts.length - 1).toBe(8)
})

test('what of the range is over is told against as long a time right before it', () => {
  const now = utc('2026-06-03T10:00')
  const week = rangeOf({ range: '7d' }, contextAt(now))
  expect(week.before.toMs - week.before.fromMs).toBe(now - week.fromMs)
  expect(week.before.toMs).toBeLessThanOrEqual(week.fromMs)
  const past = rangeOf({ from: 1_700_000_000, to: 1_700_003_600 }, contextAt(now))
  expect(past.before).toEqual({ fromMs: 1_699_996_400_000, toMs: 1_700_000_000_000 })
  const months = rangeOf({ range: '3m' }, contextAt(utc('2026-05-31T10:00')))
  expect(new Date(months.before.fromMs).toISOString()).toBe('2025-12-01T00:00:00.000Z')
})
