/** One metric over the range as a chart: which lines, which colours, how a value reads. */
import { createMemo, Match, Switch } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { sentenceOf } from '../errors'
import { amountParts, count, pointText } from '../format'
import { overviewText as words } from '../text/overview'
import { Chart, type Series, Skeleton, TroubleBox, useUnits } from '../ui'
import styles from './overview.module.css'
import type { RangeState } from './overview-range'

type Answered = Answer<'overview.series'>
type Metric = keyof typeof words.charts

const colors: Readonly<Record<string, Series['color']>> = {
  held: 'c1',
  owed: 'c3',
  revenue: 'c1',
  upstreamCost: 'c3',
  margin: 'c2',
  answered: 'c1',
  'client-left': 'c3',
  empty: 'c5',
  'upstream-failed': 'bad',
  refused: 'c0',
  deposit: 'c1',
  refund: 'c3',
  change: 'c5',
  withdrawal: 'c4',
  sweep: 'c2',
  input: 'c1',
  cached: 'c5',
  output: 'c2',
  p50: 'c1',
  p95: 'c3',
}
const cycle: readonly Series['color'][] = ['c1', 'c2', 'c3', 'c4', 'c5', 'c0']
const lines = new Set(['assets', 'latency', 'revenue'])

export function SeriesChart(props: {
  readonly metric: Metric | 'assets'
  readonly label: string
  readonly range: RangeState
  readonly onPoint?: (fromS: number, toS: number, part?: string) => void
}) {
  const units = useUnits()
  const series = useQuery('overview.series', () => ({ ...props.range.drawn(), metric: props.metric }), {
    everyMs: 30_000,
    rowKey: 'name',
  })
  const format = (answered: Answered) => (value: number) => {
    if (answered.unit === 'ms') return words.ms(value)
    if (answered.unit !== 'msat') return count(Math.round(value))
    const { sign, whole, fraction, unit } = amountParts(Math.round(value), units.unit(), units.rate())
    return `${sign}${whole}${fraction} ${unit}`
  }
  const short = (answered: Answered) => (value: number) =>
    answered.unit === 'msat' && units.unit() !== 'msat' ? words.short(value / 1000) : words.short(value)
  const shown = createMemo(() => {
    const answered = series.data()
    return answered?.series.map(
      ({ name, points }, index): Series => ({
        name,
        label: words.series[name] ?? words.errorKinds[name] ?? name,
        points,
        color: colors[name] ?? cycle[index % cycle.length] ?? 'c0',
        dash: index % 2 === 1,
        hatched: name === 'refused',
      }),
    )
  })
  const totalText = (answered: Answered) =>
    answered.total === null ? words.unknownTotal : format(answered)(answered.total)
  return (
    <Switch
      fallback={
        <div class={styles.chartRoom}>
          <Skeleton lines={5} />
        </div>
      }
    >
      <Match when={series.data()}>
        {(answered) => (
          <Chart
            label={props.label}
            summary={words.summary(totalText(answered()), answered().at.length)}
            at={answered().at}
            zone={answered().tz}
            series={shown() ?? []}
            kind={lines.has(props.metric) ? 'lines' : 'bars'}
            format={format(answered())}
            short={short(answered())}
            when={pointText}
            {...(props.onPoint === undefined
              ? {}
              : {
                  onPoint: (index: number, part?: string) => {
                    const from = answered().at[index]
                    const to = answered().at[index + 1] ?? answered().to
                    if (from !== undefined) props.onPoint?.(from, to, part)
                  },
                })}
          />
        )}
      </Match>
      <Match when={series.trouble()}>
        {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={series.refetch} />}
      </Match>
    </Switch>
  )
}
