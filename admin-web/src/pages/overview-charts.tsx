/** What the business did over a range: held and owed, one chart at a time (D-026). */
import { useNavigate } from '@solidjs/router'
import { Show } from 'solid-js'
import { paths } from '../paths'
import { overviewText as words } from '../text/overview'
import { isNarrow, Segment, Select, Sheet } from '../ui'
import { DayFields } from './day-range'
import { ExportMenu } from './list-tools'
import styles from './overview.module.css'
import type { Preset, RangeState } from './overview-range'
import { SeriesChart } from './overview-series'

type Metric = keyof typeof words.charts
const metrics = Object.keys(words.charts) as Metric[]

export function RangePicker(props: { readonly range: RangeState }) {
  const custom = () => props.range.custom()
  return (
    <div class={styles.ranges}>
      <Segment
        label={words.range}
        value={(custom() === undefined ? props.range.preset() : '') as Preset}
        choices={props.range.presets.map((value) => ({ value, label: words.ranges[value] }))}
        onChange={props.range.choose}
      />
      <details class={styles.custom} open={custom() !== undefined}>
        <summary>{words.custom}</summary>
        <div class={styles.customDays}>
          <DayFields address={props.range.address} />
        </div>
      </details>
    </div>
  )
}

/** Which rows make a point, or one part of it, in the words of their list. */
function filtersOf(metric: Metric, part: string | undefined): Readonly<Record<string, string>> {
  switch (metric) {
    case 'errors':
      return { error: part === undefined || part === 'none' ? 'any' : part }
    case 'payments':
      return { kind: part ?? 'payments' }
    case 'requests':
      return part === undefined ? {} : { outcome: part }
    default:
      return {}
  }
}

export function Charts(props: { readonly range: RangeState }) {
  const navigate = useNavigate()
  const metric = (): Metric => metrics.find((one) => one === props.range.address.read('chart')) ?? 'revenue'
  const choice = () => ({
    label: words.chart,
    value: metric(),
    choices: metrics.map((value) => ({ value, label: words.charts[value] })),
    onChange: (chart: Metric) => props.range.address.write({ chart }),
  })
  /** The rows that make the point (D-025). */
  const open = (fromS: number, toS: number, part?: string) => {
    const list = metric() === 'payments' ? paths.money : paths.requests
    navigate(paths.between(list, fromS, toS, filtersOf(metric(), part)))
  }
  const taken = (of: Metric | 'assets', name: string) => (
    <ExportMenu what="series" name={name} filter={() => ({ ...props.range.drawn(), metric: of })} />
  )
  return (
    <>
      <Sheet title={words.assets} actions={taken('assets', words.assets)} padded>
        <SeriesChart metric="assets" label={words.assets} range={props.range} />
      </Sheet>
      <Sheet
        title={
          <Show when={isNarrow()} fallback={<Segment {...choice()} />}>
            <Select quiet {...choice()} onChange={(chart) => props.range.address.write({ chart })} />
          </Show>
        }
        actions={taken(metric(), words.charts[metric()])}
        padded
      >
        <Show when={metric()} keyed>
          {(shown) => <SeriesChart metric={shown} label={words.charts[shown]} range={props.range} onPoint={open} />}
        </Show>
      </Sheet>
    </>
  )
}
