/** Money inside the node: whole millisatoshi (1 sat = 1000 msat) in safe integers, never a float. */
import { z } from 'zod'

/** An amount of zero or more msat. */
export const msat = z.int().min(0).brand<'Msat'>()
export type Msat = z.infer<typeof msat>

/** `<mintId>/<unit>`: the place where coins, debts and the floor are counted (wallet 0). */
export const purse = z.string().regex(/^[0-9a-f]{16}\/(sat|msat)$/)

/** Part of an amount that lies in one purse. */
export const share = z.object({ purse, msat })
export type Share = z.infer<typeof share>

/** Marks a number as msat; throws on anything but a safe integer of at least 0, which is a bug. */
export function asMsat(amount: number): Msat {
  if (!Number.isSafeInteger(amount) || amount < 0) throw new RangeError(`not an amount in msat: ${amount}`)
  return amount as Msat
}

/** Whole parts of `per` in an amount of zero or more; the remainder stays behind, no digit is rounded. */
export const wholeParts = (amount: number, per: number): number => Number(BigInt(amount) / BigInt(per))

/** The same, and one more where something remains. */
export const wholePartsUp = (amount: number, per: number): number =>
  Number((BigInt(amount) + BigInt(per) - 1n) / BigInt(per))

/** What of an amount in msat can leave as whole sats. */
export const wholeSats = (msat: number): number => wholeParts(msat, 1000)

/** For eyes: sat with up to three decimals, never reckoned with. */
export const shownSat = (msat: number | bigint): number => Number(msat) / 1000

/** For sentences, exact at any size: `4,212.48 sat`. */
export function satText(msat: number | bigint): string {
  const whole = BigInt(msat)
  const size = whole < 0n ? -whole : whole
  const thousandths = String(size % 1000n)
    .padStart(3, '0')
    .replace(/0+$/, '')
  return `${whole < 0n ? '-' : ''}${grouped(size / 1000n)}${thousandths === '' ? '' : `.${thousandths}`} sat`
}

const grouped = (whole: bigint): string => whole.toLocaleString('en-US')
