/** The drawing of a chart by uPlot: hairlines, no motion, colours from the theme. A chunk of its own. */
import { createEffect, createSignal, onCleanup } from 'solid-js'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import styles from './chart.module.css'

export type PlotProps = {
  readonly at: readonly number[]
  readonly zone: string
  readonly series: readonly {
    readonly name: string
    readonly label: string
    readonly points: readonly (number | null)[]
    readonly color: 'c1' | 'c2' | 'c3' | 'c4' | 'c5' | 'c0' | 'bad'
    readonly dash?: boolean
    readonly hatched?: boolean
  }[]
  readonly kind: 'bars' | 'lines'
  readonly short: (value: number) => string
  readonly chosen: number | undefined
  readonly onChosen: (index: number | undefined) => void
  readonly onPoint: (index: number, part: string | undefined) => void
}
const heightPx = 200
const hatchPx = 6

/** A token of the theme as the canvas needs it. */
function tokenOf(place: HTMLElement, name: string, as: 'color' | 'font' = 'color'): string {
  const probe = document.createElement('span')
  probe.style[as] = `var(--${name})`
  place.append(probe)
  const value = getComputedStyle(probe)[as]
  probe.remove()
  return value
}

export function Plot(props: PlotProps) {
  const [place, setPlace] = createSignal<HTMLElement>()
  const width = useWidth(place)
  let plot: uPlot | undefined

  createEffect(() => {
    const target = place()
    if (target === undefined || width() === 0) return
    plot?.destroy()
    plot = new uPlot(optionsOf(props, target, width()), dataOf(props), target)
  })
  onCleanup(() => plot?.destroy())
  return (
    <div
      ref={setPlace}
      class={styles.canvas}
      aria-hidden="true"
      onPointerLeave={() => props.onChosen(undefined)}
      onClick={() => {
        if (props.chosen !== undefined && plot !== undefined)
          props.onPoint(props.chosen, partAt(props, props.chosen, plot.posToVal(plot.cursor.top ?? 0, 'y')))
      }}
    />
  )
}

/** The part of a stack that reaches over a value; undefined: lines have none, or the value is above the stack. */
function partAt({ series, kind }: PlotProps, index: number, value: number): string | undefined {
  if (kind === 'lines' || value < 0) return undefined
  let sum = 0
  return series.find(({ points }) => {
    sum += points[index] ?? 0
    return value <= sum
  })?.name
}

/** Bars are stacked: each line is drawn from the sum of those before it, the widest first. */
function dataOf({ at, series, kind }: PlotProps): uPlot.AlignedData {
  if (kind === 'lines') return [[...at], ...series.map(({ points }) => [...points])] as uPlot.AlignedData
  const sums = at.map(() => 0)
  const stacked = series.map(({ points }) =>
    points.map((value, index) => {
      sums[index] = (sums[index] ?? 0) + (value ?? 0)
      return sums[index] ?? 0
    }),
  )
  return [[...at], ...stacked.reverse()] as uPlot.AlignedData
}

function optionsOf(props: PlotProps, place: HTMLElement, width: number): uPlot.Options {
  const color = (name: string) => tokenOf(place, name)
  const bars = uPlot.paths.bars?.({ size: [0.8, 40], gap: 2 })
  const drawn = props.kind === 'bars' ? [...props.series].reverse() : props.series
  const axis = { stroke: color('ink-3'), font: tokenOf(place, 't-11', 'font') }
  return {
    width,
    height: heightPx,
    legend: { show: false },
    tzDate: (atS) => uPlot.tzDate(new Date(atS * 1000), props.zone),
    // Nothing is dragged: a press that moved by a pixel is a press.
    cursor: {
      drag: { x: false, y: false, click: () => undefined },
      y: false,
      points: { show: props.kind === 'lines' },
    },
    scales: { y: { range: (_, least, most) => [Math.min(0, least ?? 0), Math.max(1, most ?? 1)] } },
    axes: [
      { ...axis, grid: { show: false }, ticks: { show: false } },
      {
        ...axis,
        size: 56,
        grid: { stroke: color('line'), width: 1 },
        ticks: { show: false },
        values: (_, all) => all.map(props.short),
      },
    ],
    series: [
      {},
      ...drawn.map((one) => ({
        label: one.label,
        stroke: color(one.color),
        width: props.kind === 'lines' ? 2 : 0,
        ...(props.kind === 'bars'
          ? { fill: fillOf(one, color(one.color)), ...(bars === undefined ? {} : { paths: bars }) }
          : {}),
        ...(one.dash === true ? { dash: [6, 4] } : {}),
        // A point that stands alone has no line to be seen by.
        points:
          props.kind === 'lines'
            ? { show: true, size: 5, fill: color(one.color), filter: () => aloneIn(one.points) }
            : { show: false },
        spanGaps: false,
      })),
    ],
    hooks: {
      setCursor: [(self) => props.onChosen(self.cursor.idx ?? undefined)],
    },
  }
}

/** The colour, or lines of it where a bar is hatched. */
function fillOf({ hatched }: PlotProps['series'][number], color: string): uPlot.Series.Fill {
  if (hatched !== true) return color
  const tile = document.createElement('canvas')
  tile.width = hatchPx
  tile.height = hatchPx
  const pen = tile.getContext('2d')
  if (pen === null) return color
  pen.strokeStyle = color
  pen.lineWidth = 2
  pen.beginPath()
  // Across the corners too, so that the tiles join.
  for (const shift of [-hatchPx, 0, hatchPx]) {
    pen.moveTo(shift, hatchPx)
    pen.lineTo(shift + hatchPx, 0)
  }
  pen.stroke()
  return (self) => self.ctx.createPattern(tile, 'repeat') ?? color
}

/** Width of a place on the page, followed. */
function useWidth(place: () => HTMLElement | undefined) {
  const [width, setWidth] = createSignal(0)
  createEffect(() => {
    const watched = place()
    if (watched === undefined) return
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)))
    observer.observe(watched)
    onCleanup(() => observer.disconnect())
  })
  return width
}

/** Indexes of points between two gaps. */
const aloneIn = (points: readonly (number | null)[]): number[] =>
  points.flatMap((value, index) =>
    value !== null && (points[index - 1] ?? null) === null && (points[index + 1] ?? null) === null ? [index] : [],
  )
