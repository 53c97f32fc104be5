/** Shapes that several rows of the admin table share. */
import { z } from 'zod'
import { limits } from '../limits'
import { dayMs, zoneOf } from '../zone'
import type { AdminNode } from './node-port'
import type { Door } from './principal'

/** A cursor is ours alone: an opaque text that the next page is asked with. */
export const page = { cursor: z.string().max(200).optional(), limit: z.int().min(1).max(500).default(50) }
/** An end of a range: Unix seconds, of which `to` is outside, or a day of the reporting time zone, all of it inside. */
export const rangeEnd = z.union([z.int().min(0).max(limits.dateMostS), z.iso.date()])
type RangeEnd = z.output<typeof rangeEnd>
/** A range that may be open at either end. */
export const range = { from: rangeEnd.optional(), to: rangeEnd.optional() }

/** Unix ms of both ends, `toMs` outside: the node cuts days, in its own zone (D-014). */
export function boundsOf(
  { from, to }: { readonly from?: RangeEnd | undefined; readonly to?: RangeEnd | undefined },
  { settings }: Pick<AdminNode, 'settings'>,
): { readonly fromMs: number | undefined; readonly toMs: number | undefined } {
  const tz = settings('display.timeZone')
  return {
    fromMs: from === undefined ? undefined : endMs(from, tz, 'from'),
    toMs: to === undefined ? undefined : endMs(to, tz, 'to'),
  }
}

/** Unix ms of one end of a range, its days those of an IANA time zone. */
export function endMs(end: RangeEnd, tz: string, which: 'from' | 'to'): number {
  if (typeof end === 'number') return end * 1000
  return zoneOf(tz).startOf(Date.parse(end) / dayMs + (which === 'to' ? 1 : 0))
}
/** Path of a public request as it is kept: the version before it is no part of it. */
export const requestPath = z
  .string()
  .max(300)
  .transform((path) => path.replace(/^\/v1(?=\/)/, ''))
/** A cursor that is a position of the log, or a number of a line. */
export const positionOf = (cursor: string | undefined): bigint | undefined =>
  cursor !== undefined && /^\d{1,18}$/.test(cursor) ? BigInt(cursor) : undefined
/** As many of the first rows as one page over Nostr holds beside what else it says; elsewhere all of them. */
export function fitting<Row>(rows: readonly Row[], door: Door): readonly Row[] {
  if (door !== 'nostr') return rows
  let size = 0
  const beyond = rows.findIndex((row, n) => {
    size += JSON.stringify(row).length + 1
    return n > 0 && size > pageCharacters
  })
  return beyond === -1 ? rows : rows.slice(0, beyond)
}
const pageCharacters = 15_000

/** What may be done with a row: allowed, or refused with the reason (dashboard 1). */
export const can = z.record(
  z.string(),
  z.union([z.object({ ok: z.literal(true) }), z.object({ refused: z.string(), needRole: z.string().optional() })]),
)

/** A key as the operator names it: its hash, or as much of it as tells it from all others. */
export const keyHash = z.string().regex(/^[0-9a-f]{12,64}$/, 'expected a key hash of 12 to 64 hex digits')
/** Why the operator does it; it stands on the event. */
export const reason = z.string().trim().min(3).max(200)

/** bigint from a read model as a JSON number. Throws beyond 2^53 - 1, which no amount here reaches. */
export function numberOf(value: bigint | null | undefined): number {
  const asNumber = Number(value ?? 0n)
  if (!Number.isSafeInteger(asNumber)) throw new RangeError('a number is too large to show exactly')
  return asNumber
}

export const secondsOf = (ms: bigint | number | null): number | undefined =>
  ms === null ? undefined : Math.floor(Number(ms) / 1000)
