/** What the three parts of Logs share: the tabs, the range, the switch of the live tail. */
import { type Accessor, createMemo, type JSX, Show } from 'solid-js'
import type { Query } from '../client'
import { pointText } from '../format'
import { paths } from '../paths'
import { useRangeKeys } from '../shortcuts'
import { type Range, rangeSeconds, logsText as words } from '../text/logs'
import { Button, Empty, SearchField, Select, Sheet, Switch, useNow } from '../ui'
import { DayFields } from './day-range'
import { endOf } from './days'
import { useListAddress } from './list-address'
import { ListStates, OlderPager } from './list-parts'
import { useLiveRows } from './live-rows'
import styles from './page.module.css'
import { PageTabs } from './tabs'

type Part = keyof typeof words.tabs
export const ranges = Object.keys(words.ranges) as Range[]

export function useLogs() {
  const address = useListAddress()
  const now = useNow()
  const range = (): Range => ranges.find((one) => one === address.read('range')) ?? '24h'
  const isLive = () => address.read('live') !== '0'
  /** Whole minutes, so that a range does not ask anew each second; it stands still while nothing is to come. */
  const minute = createMemo<number | undefined>((before) =>
    before === undefined || isLive() ? Math.floor(now() / 60) * 60 : before,
  )
  /** A custom range: days of the node's zone, or the bounds of a point of a chart, in Unix seconds. */
  const end = (name: 'from' | 'to') => endOf(address.read(name))
  const isCustom = () => address.read('range') === 'custom' || end('from') !== undefined || end('to') !== undefined
  const window = () => {
    const [from, to] = [end('from'), end('to')]
    if (from === undefined && to === undefined) return { from: (minute() ?? 0) - rangeSeconds[range()] }
    return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
  }
  const choose = (chosen: string) => address.write({ range: chosen, from: undefined, to: undefined })
  useRangeKeys({ names: ranges, now: range, choose })
  const wider = () => (isCustom() ? undefined : ranges[ranges.indexOf(range()) + 1])
  /** The newest page is asked for anew as long as it is to be live. */
  const everyMs = (pauseMs: number) => (isFirstPage: boolean) => (isLive() && isFirstPage ? pauseMs : undefined)
  return { address, range, choose, isCustom, isLive, window, wider, everyMs }
}
export type Logs = ReturnType<typeof useLogs>
type Listed<Row> = { readonly rows: readonly Row[]; readonly next?: string | undefined }

export function LogsFrame(props: {
  readonly here: Part
  readonly logs: Logs
  readonly search: string
  readonly filters?: JSX.Element
  readonly tools?: JSX.Element
  readonly children: JSX.Element
}) {
  const tabs = () => [
    { name: 'node', label: words.tabs.node, href: paths.logs },
    { name: 'requests', label: words.tabs.requests, href: paths.requests },
    { name: 'money', label: words.tabs.money, href: paths.money },
  ]
  return (
    <>
      <PageTabs label={words.title} here={props.here} tabs={tabs()} />
      <div class={styles.filters}>
        <SearchField label={props.search} value={props.logs.address.typed()} onInput={props.logs.address.type} />
        <TimeRange logs={props.logs} />
        {props.filters}
        <span class={styles.switchWord}>
          {words.auto}
          <Switch
            label={words.auto}
            on={props.logs.isLive()}
            onChange={(on) => props.logs.address.write({ live: on ? undefined : '0' })}
          />
        </span>
        {props.tools}
      </div>
      {props.children}
    </>
  )
}

/** A preset, or days of one's own. */
function TimeRange(props: { readonly logs: Logs }) {
  const { address, isCustom, range, choose, window } = props.logs
  const point = () => {
    const { from, to } = window()
    return typeof from === 'number' && typeof to === 'number'
      ? words.between(pointText(from), pointText(to))
      : undefined
  }
  const choices = () => [
    ...ranges.map((value) => ({ value, label: words.ranges[value] })),
    { value: 'custom' as const, label: words.custom },
  ]
  return (
    <>
      <Select
        beside
        label={words.range}
        value={isCustom() ? 'custom' : range()}
        choices={choices()}
        onChange={choose}
      />
      <Show when={isCustom()}>
        <Show when={point()} fallback={<DayFields address={address} />}>
          {(sentence) => <span>{sentence()}</span>}
        </Show>
      </Show>
    </>
  )
}

/** Rows of one part of the logs, live; what comes while they are read is counted above them (D-070). */
export function LogRows<Row extends object>(props: {
  readonly logs: Logs
  readonly list: Pick<Query<Listed<Row>>, 'data' | 'trouble' | 'isEarlier' | 'refetch'>
  readonly keyOf: (row: Row) => string
  readonly label: string
  readonly empty: string
  readonly children: (rows: Accessor<readonly Row[]>) => JSX.Element
}) {
  const live = useLiveRows({ isEarlier: props.list.isEarlier, rows: () => props.list.data()?.rows }, (row) =>
    props.keyOf(row),
  )
  return (
    <>
      <Fresh rows={live.fresh()} onShow={live.show} onHover={live.hover} />
      <Sheet label={props.label}>
        <ListStates
          of={{ data: live.rows, trouble: props.list.trouble, refetch: props.list.refetch }}
          lines={8}
          isEmpty={(rows) => rows.length === 0}
          empty={<Nothing logs={props.logs} title={props.empty} />}
        >
          {(rows) => (
            <div
              role="presentation"
              onPointerEnter={() => live.hover(true)}
              onPointerLeave={() => live.hover(false)}
              onFocusIn={({ target }) => live.focus(target.matches(':focus-visible'))}
              onFocusOut={() => live.focus(false)}
            >
              {props.children(rows)}
              <OlderPager address={props.logs.address} next={props.list.data()?.next} />
            </div>
          )}
        </ListStates>
      </Sheet>
    </>
  )
}

/** With the next wider range, where there is one. */
function Nothing(props: { readonly logs: Logs; readonly title: string }) {
  return (
    <Empty title={props.title}>
      <Show when={props.logs.wider()}>
        {(wider) => (
          <Button onClick={() => props.logs.address.write({ range: wider() })}>
            {words.wider(words.ranges[wider()])}
          </Button>
        )}
      </Show>
    </Empty>
  )
}

/** Whoever moves to it stays with the rows as they are. */
function Fresh(props: {
  readonly rows: number
  readonly onShow: () => void
  readonly onHover: (over: boolean) => void
}) {
  return (
    <Show when={props.rows > 0}>
      <div
        class={styles.fresh}
        role="status"
        onPointerEnter={() => props.onHover(true)}
        onPointerLeave={() => props.onHover(false)}
      >
        <Button small onClick={props.onShow}>
          ● {words.fresh(props.rows)}
        </Button>
      </div>
    </Show>
  )
}
