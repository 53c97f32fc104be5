/** Ranges of time as queries name them, and the buckets that charts are cut into (dashboard 4.1, D-014, D-026). */
import { z } from 'zod'
import { isTimeZone } from '../setting-forms'
import { dayMs, type Zone, zoneOf } from '../zone'
import type { RunContext } from './command'
import { endMs, rangeEnd } from './rows'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const most = { rangeS: 366 * 24 * 3600, points: 96 }

const steps = {
  '5m': 5 * minuteMs,
  '15m': 15 * minuteMs,
  '30m': 30 * minuteMs,
  '1h': hourMs,
  '2h': 2 * hourMs,
  '3h': 3 * hourMs,
  '6h': 6 * hourMs,
  '12h': 12 * hourMs,
  '1d': dayMs,
  '1w': 7 * dayMs,
} as const
type Step = keyof typeof steps
const stepNames = Object.keys(steps) as [Step, ...Step[]]

const presets = ['24h', '7d', '30d', '3m', '12m'] as const
const rangeIn = {
  range: z.enum(presets).optional(),
  from: rangeEnd.optional(),
  to: rangeEnd.optional(),
  /** IANA time zone, of days too; absent: `display.timeZone`. */
  tz: z.string().max(60).refine(isTimeZone, 'not a time zone').optional(),
}
const weekDays = ['monday', 'sunday', 'saturday'] as const
type WeekDay = (typeof weekDays)[number]
/** Day 0 was a Thursday: how many days after such a week had begun. */
const daysBefore = { monday: 3, sunday: 4, saturday: 5 } as const satisfies Record<WeekDay, number>
/** How finely a chart is cut: at least by `bucket`, in at most so many points, its weeks from such a day on. */
export const cutIn = {
  bucket: z.enum(stepNames).optional(),
  points: z.int().min(1).max(most.points).default(most.points),
  weekFrom: z.enum(weekDays).default('monday'),
}

type End = z.output<typeof rangeEnd>
type Asked = { readonly range?: (typeof presets)[number]; readonly from?: End; readonly to?: End }

/** Parameters of a query over a range: a preset, or both ends, at most 366 days apart. */
export const ranged = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.object({ ...rangeIn, ...shape }).refine((params) => isOneRange(params as Asked), {
    path: ['range'],
    message: 'expected range, or from and to with from before to and at most 366 days between them',
  })

function isOneRange({ range, from, to }: Asked): boolean {
  if (from === undefined || to === undefined) return range !== undefined && from === undefined && to === undefined
  // Whatever the zone, its days are at most a shift of the clock longer than those of UTC.
  const lengthS = (endMs(to, 'UTC', 'to') - endMs(from, 'UTC', 'from')) / 1000
  return range === undefined && lengthS > 0 && lengthS <= most.rangeS
}

/** What a query over a range answers with: the window that its sums are of. Unix seconds. */
export const windowOut = { from: z.int(), to: z.int(), tz: z.string() }

export type Range = {
  readonly tz: string
  readonly zone: Zone
  /** Unix ms; `toMs` is outside and may lie ahead. */
  readonly fromMs: number
  readonly toMs: number
  /** What a change is told against: as long as what of the range is over, right before it. */
  readonly before: { readonly fromMs: number; readonly toMs: number }
}
export const shownWindow = ({ tz, fromMs, toMs }: Range) => ({ from: fromMs / 1000, to: toMs / 1000, tz })

export function rangeOf(
  { range, from, to, tz: asked }: Asked & { readonly tz?: string | undefined },
  { node, now }: RunContext,
): Range {
  const tz = asked ?? node.settings('display.timeZone')
  const zone = zoneOf(tz)
  const ends = range === undefined ? customEnds(from ?? 0, to ?? 0, tz, now) : presetEnds(range, zone, now)
  const earlier = isMonths(range) ? monthsBefore(zone, ends.fromMs, months[range]) : 2 * ends.fromMs - ends.toMs
  const overMs = Math.max(0, Math.min(ends.toMs, now) - ends.fromMs)
  return { tz, zone, ...ends, before: { fromMs: earlier, toMs: Math.min(earlier + overMs, ends.fromMs) } }
}

/** A day that is not over ends, so far, with the running minute. */
function customEnds(from: End, to: End, tz: string, now: number): { readonly fromMs: number; readonly toMs: number } {
  const fromMs = endMs(from, tz, 'from')
  const toMs = endMs(to, tz, 'to')
  if (typeof to === 'number' || fromMs > now) return { fromMs, toMs }
  return { fromMs, toMs: Math.min(toMs, (Math.floor(now / minuteMs) + 1) * minuteMs) }
}

const months = { '3m': 3, '12m': 12 } as const
const isMonths = (range: Asked['range']): range is keyof typeof months => range === '3m' || range === '12m'
const rolling = {
  '24h': { lengthMs: dayMs, step: '15m' },
  '7d': { lengthMs: 7 * dayMs, step: '2h' },
  '30d': { lengthMs: 30 * dayMs, step: '12h' },
} as const

/** Ends with the bucket that is running; months are those of the calendar, back from the end of today. */
function presetEnds(range: (typeof presets)[number], zone: Zone, now: number) {
  if (isMonths(range)) {
    const toMs = zone.startOf(zone.dayOf(now) + 1)
    return { fromMs: monthsBefore(zone, toMs, months[range]), toMs }
  }
  const { lengthMs, step } = rolling[range]
  const toMs = gridOf(zone, step, now, now + 2 * steps[step]).find((cut) => cut > now) ?? now
  return { fromMs: toMs - lengthMs, toMs }
}

/** The same day of an earlier month, or the last one that it has. */
function monthsBefore(zone: Zone, ms: number, count: number): number {
  const date = new Date(zone.dayOf(ms) * dayMs)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() - count]
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return zone.startOf(Date.UTC(year, month, Math.min(date.getUTCDate(), lastDay)) / dayMs)
}

/** Unix ms of each bucket's start, ascending, and of the last one's end: as fine as the bounds allow. */
export function cutsOf(
  { zone, fromMs, toMs }: Pick<Range, 'zone' | 'fromMs' | 'toMs'>,
  {
    bucket = '5m',
    points,
    weekFrom = 'monday',
  }: { readonly bucket?: Step | undefined; readonly points: number; readonly weekFrom?: WeekDay },
): { readonly bucket: Step; readonly cuts: readonly number[] } {
  for (const step of stepNames.slice(stepNames.indexOf(bucket))) {
    if ((toMs - fromMs) / steps[step] > points) continue
    const cuts = [
      fromMs,
      ...gridOf(zone, step, fromMs, toMs, weekFrom).filter((cut) => cut > fromMs && cut < toMs),
      toMs,
    ]
    if (cuts.length - 1 <= points) return { bucket: step, cuts }
  }
  return { bucket: '1w', cuts: [fromMs, toMs] }
}

/** Steps begin anew with each local day, so that every midnight is a cut. */
function gridOf(zone: Zone, step: Step, fromMs: number, toMs: number, weekFrom: WeekDay = 'monday'): readonly number[] {
  const cuts: number[] = []
  const lastDay = zone.dayOf(toMs)
  for (let day = zone.dayOf(fromMs); day <= lastDay + 1; day += 1) {
    if (step === '1w' && (day + daysBefore[weekFrom]) % 7 !== 0) continue
    const start = zone.startOf(day)
    const end = steps[step] < dayMs ? zone.startOf(day + 1) : start + 1
    for (let cut = start; cut < end && cut <= toMs; cut += steps[step]) cuts.push(cut)
  }
  return cuts
}
