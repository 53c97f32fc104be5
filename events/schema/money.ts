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
