/** What a session spent on each UTC day: any period of contract 3.5 is a sum of them, whenever its limit was set. */
import type { KeyLimits } from '../../schema/session'
import { periodEnd, periodStart } from '../period'

/** `startMs` is the day's first instant, Unix ms. */
export type SpentDay = { readonly startMs: number; readonly msat: number }

/** The longest period has 31 of them; the rest is for days that a clock which ran ahead has left. */
const mostDays = 40

/**
 * The days, oldest first, with what was spent at `atMs` among them: also on a day that is over by now, and on the right
 * one when the clock was set back. Without a time it lies on the newest day.
 */
export function withSpent(days: readonly SpentDay[], atMs: number | undefined, msat: number): readonly SpentDay[] {
  const startMs = atMs === undefined ? days.at(-1)?.startMs : periodStart('daily', atMs)
  if (msat === 0 || startMs === undefined) return days
  const index = days.findLastIndex((day) => day.startMs <= startMs)
  const same = days[index]?.startMs === startMs ? days[index] : undefined
  const day = { startMs, msat: (same?.msat ?? 0) + msat }
  const all = same === undefined ? days.toSpliced(index + 1, 0, day) : days.with(index, day)
  return all.length > mostDays ? all.slice(-mostDays) : all
}

/** msat spent in the period that holds `nowMs`. */
export function spentIn(
  period: NonNullable<KeyLimits['balanceLimitReset']>,
  days: readonly SpentDay[],
  nowMs: number,
): number {
  const [startMs, endMs] = [periodStart(period, nowMs), periodEnd(period, nowMs)]
  return days.reduce((sum, day) => (day.startMs >= startMs && day.startMs < endMs ? sum + day.msat : sum), 0)
}
