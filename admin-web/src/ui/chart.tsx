/** A chart of sums or lines over time: canvas for the eye, a sentence and a table for everyone (dashboard 2, Charts; 7). */
import { createSignal, For, lazy, Show, Suspense } from 'solid-js'
import { chartText } from '../text/chart'
import { text } from '../text/en'
import { Button } from './button'
import styles from './chart.module.css'
import type { PlotProps } from './chart-plot'

const Plot = lazy(async () => ({ default: (await import('./chart-plot')).Plot }))

export type Series = {
  readonly name: string
  readonly label: string
  /** A gap is unknown; zero is zero. */
  readonly points: readonly (number | null)[]
  readonly color: PlotProps['series'][number]['color']
  readonly dash?: boolean
  readonly hatched?: boolean
}

export function Chart(props: {
  readonly label: string
  /** One sentence that says what it shows. */
  readonly summary: string
  /** Unix seconds of each bucket's start. */
  readonly at: readonly number[]
  readonly zone: string
  readonly series: readonly Series[]
  readonly kind: 'bars' | 'lines'
  /** Exact, for the table and the tooltip; `short` for the axis. */
  readonly format: (value: number) => string
  readonly short: (value: number) => string
  readonly when: (atS: number) => string
  /** `part`: the series that was meant, of a stack or of the table; undefined: the whole point. */
  readonly onPoint?: (index: number, part?: string) => void
}) {
  const [asTable, setAsTable] = createSignal(false)
  const [chosen, setChosen] = createSignal<number>()
  /** Name of the part of the chosen bar that Enter opens; undefined: the whole bar. */
  const [part, setPart] = createSignal<string>()
  const choose = (index: number | undefined, name?: string) => {
    setChosen(index)
    setPart(name)
  }
  const hasParts = () => props.kind === 'bars' && props.onPoint !== undefined && props.series.length > 1
  /** Those that are to be seen, from the foot of the bar up. */
  const partsAt = (index: number) => props.series.filter(({ points }) => hasParts() && (points[index] ?? 0) > 0)
  const step = (by: number) => {
    const last = props.at.length - 1
    const from = chosen() ?? (by > 0 ? -1 : last + 1)
    const to = Math.min(Math.max(from + by, 0), last)
    choose(to, partsAt(to).find(({ name }) => name === part())?.name)
  }
  /** Up and down the bar; past either end stands the whole of it. */
  const climb = (by: number) => {
    const index = chosen() ?? props.at.length - 1
    const names = [undefined, ...partsAt(index).map(({ name }) => name)]
    choose(index, names.at((Math.max(0, names.indexOf(part())) + by) % names.length))
  }
  const saidOf = ({ label, points }: Series, index: number) => {
    const value = points[index]
    return `${label} ${value === null || value === undefined ? text.unknown : props.format(value)}`
  }
  const words = (index: number) => {
    const parts = partsAt(index)
    const nth = parts.findIndex(({ name }) => name === part())
    const one = parts[nth]
    const when = props.when(props.at[index] ?? 0)
    return one === undefined
      ? [when, ...props.series.map((all) => saidOf(all, index))].join(', ')
      : `${when}, ${saidOf(one, index)}, ${chartText.partOf(nth + 1, parts.length)}`
  }
  const summary = () => (hasParts() ? `${props.summary} ${chartText.parts}` : props.summary)
  const press = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key]
    if (by !== undefined) step(by)
    else if (up !== undefined && hasParts()) climb(up)
    else {
      if (event.key === 'Enter' && chosen() !== undefined) props.onPoint?.(chosen() ?? 0, part())
      return
    }
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <figure class={styles.figure}>
      <figcaption class="sr-only">
        {props.label}. {props.summary}
      </figcaption>
      <Show
        when={!asTable()}
        fallback={
          <section class={styles.scroll} aria-label={props.label} tabindex={0}>
            <table class={styles.table}>
              <thead>
                <tr>
                  <th scope="col">{props.zone}</th>
                  <For each={props.series}>{(one) => <th scope="col">{one.label}</th>}</For>
                </tr>
              </thead>
              <tbody>
                <For each={props.at}>
                  {(atS, index) => (
                    <tr>
                      <th scope="row">{props.when(atS)}</th>
                      <For each={props.series}>
                        {(one) => {
                          const value = () => one.points[index()]
                          const words = () => (value() === null ? text.unknown : props.format(value() ?? 0))
                          return (
                            <td>
                              <Show when={props.onPoint} fallback={words()}>
                                <Button small kind="quiet" onClick={() => props.onPoint?.(index(), one.name)}>
                                  {words()}
                                </Button>
                              </Show>
                            </td>
                          )
                        }}
                      </For>
                    </tr>
                  )}
                </For>
              </tbody>
            </table>
          </section>
        }
      >
        <div
          class={styles.plot}
          role="slider"
          tabIndex={0}
          aria-label={props.label}
          aria-valuemin={0}
          aria-valuemax={Math.max(0, props.at.length - 1)}
          aria-valuenow={chosen() ?? 0}
          aria-valuetext={chosen() === undefined ? summary() : words(chosen() ?? 0)}
          onKeyDown={press}
        >
          <Suspense>
            <Plot
              at={props.at}
              zone={props.zone}
              series={props.series}
              kind={props.kind}
              short={props.short}
              chosen={chosen()}
              onChosen={(index) => choose(index)}
              onPoint={(index, part) => props.onPoint?.(index, part)}
            />
          </Suspense>
          <Show when={chosen()}>{(index) => <p class={styles.tip}>{words(index())}</p>}</Show>
        </div>
      </Show>
      <ul class={styles.legend}>
        <For each={props.series}>
          {(one) => (
            <li>
              <span
                class={`${styles.key} ${styles[one.color]}`}
                classList={{ [styles.dash ?? '']: one.dash === true, [styles.hatched ?? '']: one.hatched === true }}
              />
              {one.label}
            </li>
          )}
        </For>
        <li class={styles.end}>
          {props.zone}
          <Button small kind="quiet" onClick={() => setAsTable(!asTable())}>
            {asTable() ? chartText.asChart : chartText.asTable}
          </Button>
        </li>
      </ul>
    </figure>
  )
}
