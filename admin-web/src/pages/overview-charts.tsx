/** What the business did over a range: tiles with their change, held and owed, one chart at a time (D-026). */
import { A, useNavigate } from '@solidjs/router'
import { createUniqueId, For, Match, Show, Switch } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { sentenceOf } from '../errors'
import { count } from '../format'
import { paths } from '../paths'
import { overviewText as words } from '../text/overview'
import { Amount, isNarrow, Segment, Select, Sheet, TroubleBox, Unknown } from '../ui'
import { DayFields } from './day-range'
import { ExportMenu } from './list-tools'
import styles from './overview.module.css'
import type { Preset, RangeState } from './overview-range'
import { SeriesChart } from './overview-series'

type Tile = Answer<'overview.numbers'>['tiles'][number]
type Metric = keyof typeof words.charts
const metrics = Object.keys(words.charts) as Metric[]
const shownTiles = ['revenue', 'margin', 'requests', 'errorRate']

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

export function Numbers(props: { readonly range: RangeState }) {
  const numbers = useQuery('overview.numbers', props.range.input, { everyMs: 30_000, rowKey: 'name' })
  const tile = (name: string) => numbers.data()?.tiles.find((one) => one.name === name)
  /** A cost that was not told leaves cost and margin open; the others are parts of what there was none of. */
  const whyUnknown = (name: string) => {
    const untold = numbers.data()?.unknown ?? 0
    return ['margin', 'upstreamCost'].includes(name) && untold > 0 ? words.costNotTold(untold) : words.nothingToDivide
  }
  /** The requests that it is the sum of (D-025). */
  const rowsOf = (name: string) => {
    const { from = 0, to = 0 } = numbers.data() ?? {}
    return paths.between(paths.requests, from, to, name === 'errorRate' ? { error: 'any' } : {})
  }
  const others = () => numbers.data()?.tiles.filter(({ name }) => !shownTiles.includes(name)) ?? []
  return (
    <Switch fallback={<NumbersRoom />}>
      <Match when={numbers.data()}>
        <section class={styles.numbers} aria-label={words.more}>
          <For each={shownTiles}>
            {(name) => (
              <Show when={tile(name)}>
                {(one) => <NumberTile tile={one()} why={whyUnknown(name)} rows={rowsOf(name)} />}
              </Show>
            )}
          </For>
        </section>
        <details class={styles.more}>
          <summary>{words.more}</summary>
          <dl class={styles.moreList}>
            <For each={others()}>
              {(one) => (
                <div>
                  <dt>{words.tiles[one.name] ?? one.name}</dt>
                  <dd>
                    <Value tile={one} why={whyUnknown(one.name)} />
                  </dd>
                </div>
              )}
            </For>
          </dl>
        </details>
      </Match>
      <Match when={numbers.trouble()}>
        {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={numbers.refetch} />}
      </Match>
    </Switch>
  )
}

/** The names are known; the values come into the room that is kept for them (N7). */
function NumbersRoom() {
  return (
    <>
      <section class={styles.numbers} aria-busy="true">
        <For each={shownTiles}>
          {(name) => (
            <div class={styles.number}>
              <h2 class={styles.tileName}>{words.tiles[name]}</h2>
              <p class={styles.numberValue}>{space}</p>
              <p class={styles.tileFoot}>{space}</p>
            </div>
          )}
        </For>
      </section>
      <div class={styles.moreRoom} />
    </>
  )
}
/** One that keeps its line open. */
const space = '\u00a0'

function Value(props: { readonly tile: Tile; readonly why: string }) {
  return (
    <Show when={props.tile.value !== null} fallback={<Unknown why={props.why} />}>
      <Show
        when={props.tile.unit === 'msat'}
        fallback={
          props.tile.unit === 'share' ? words.percent(props.tile.value ?? 0) : count(Math.round(props.tile.value ?? 0))
        }
      >
        <Amount today msat={Math.round(props.tile.value ?? 0)} />
      </Show>
    </Show>
  )
}

function NumberTile(props: { readonly tile: Tile; readonly why: string; readonly rows: string }) {
  const id = createUniqueId()
  const foot = () => {
    if (props.tile.value === null) return props.why
    const { change: moved, unit } = props.tile
    if (moved === null) return words.noEarlier
    const shown = unit === 'share' ? words.points(Math.abs(moved)) : words.percent(Math.abs(moved))
    return moved === 0 ? `${words.trends.flat} ${shown}` : `${moved > 0 ? words.trends.up : words.trends.down} ${shown}`
  }
  return (
    <div class={styles.number}>
      <h2 id={`${id}-name`} class={styles.tileName}>
        {words.tiles[props.tile.name] ?? props.tile.name}
      </h2>
      <p class={styles.numberValue}>
        <A
          id={id}
          class={styles.figure}
          href={props.rows}
          aria-labelledby={`${id}-name ${id}`}
          data-opens={props.tile.name}
        >
          <Value tile={props.tile} why={props.why} />
        </A>
      </p>
      <p class={styles.tileFoot}>{foot()}</p>
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
    <ExportMenu what="series" name={name} filter={() => ({ ...props.range.input(), metric: of })} />
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
