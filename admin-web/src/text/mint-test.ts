/** Words of Test Connection: what a mint takes and asks, as far as it says so (dashboard 4.4, Cashu Mints). */
import { count } from '../format'

const amounts = (least: number | undefined, most: number | undefined, unit: string): string | undefined => {
  if (least !== undefined && most !== undefined) return `${count(least)} to ${count(most)} ${unit}`
  if (least !== undefined) return `from ${count(least)} ${unit}`
  return most === undefined ? undefined : `up to ${count(most)} ${unit}`
}

export const mintTestText = {
  name: 'Name',
  fee: (unit: string) => `Fee, ${unit}`,
  noFee: 'none',
  /** Thousandths of a unit for each coin. */
  feePpk: (ppk: number) => `${count(ppk)} thousandths for each coin`,
  deposit: (unit: string) => `One deposit by invoice, ${unit}`,
  payout: (unit: string) => `One payout by Lightning, ${unit}`,
  limit: (least: number | undefined, most: number | undefined, unit: string) =>
    amounts(least, most, unit) ?? 'the mint names no limit',
}
