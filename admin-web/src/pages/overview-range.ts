/** The range of the Overview, as the address has it (dashboard 4.1, Ranges). */
import { overviewText as words } from '../text/overview'
import { useListAddress } from './list-address'

export type Preset = keyof typeof words.ranges
const presets = Object.keys(words.ranges) as Preset[]
const isoDay = /^\d{4}-\d{2}-\d{2}$/

export function useRange() {
  const address = useListAddress()
  const preset = (): Preset => presets.find((one) => one === address.read('range')) ?? '7d'
  const custom = () => {
    const [from, to] = [address.read('from'), address.read('to')]
    return isoDay.test(from) && isoDay.test(to) && from <= to ? { from, to } : undefined
  }
  const dayS = (day: string, endOfDay: boolean) =>
    Math.floor(new Date(`${day}T${endOfDay ? '23:59:59' : '00:00:00'}`).getTime() / 1000) + (endOfDay ? 1 : 0)
  return {
    address,
    presets,
    preset,
    custom,
    /** What a query takes. */
    input: (): { range: Preset } | { from: number; to: number } => {
      const days = custom()
      return days === undefined
        ? { range: preset() }
        : { from: dayS(days.from, false), to: Math.min(dayS(days.to, true), Math.floor(Date.now() / 60_000) * 60) }
    },
    choose: (range: Preset) => address.write({ range, from: undefined, to: undefined }),
  }
}
export type RangeState = ReturnType<typeof useRange>
