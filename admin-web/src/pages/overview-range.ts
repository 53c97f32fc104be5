/** The range of the Overview, as the address has it (dashboard 4.1, Ranges). */
import { weekFrom } from '../preferences'
import { useRangeKeys } from '../shortcuts'
import { overviewText as words } from '../text/overview'
import { isDay } from '../zone'
import { useListAddress } from './list-address'

export type Preset = keyof typeof words.ranges
const presets = Object.keys(words.ranges) as Preset[]

export function useRange() {
  const address = useListAddress()
  const preset = (): Preset => presets.find((one) => one === address.read('range')) ?? '7d'
  const custom = () => {
    const [from, to] = [address.read('from'), address.read('to')]
    return isDay(from) && isDay(to) && from <= to ? { from, to } : undefined
  }
  const choose = (range: Preset) => address.write({ range, from: undefined, to: undefined })
  useRangeKeys({ names: presets, now: preset, choose })
  return {
    address,
    presets,
    preset,
    custom,
    /** What a query takes. */
    input: (): { range: Preset } | { from: string; to: string } => custom() ?? { range: preset() },
    /** The same of what is drawn: weeks begin as the reader has them. */
    drawn: () => ({ ...(custom() ?? { range: preset() }), weekFrom: weekFrom.value() }),
    choose,
  }
}
export type RangeState = ReturnType<typeof useRange>
