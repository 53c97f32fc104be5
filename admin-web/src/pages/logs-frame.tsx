/** What the three parts of Logs share: the tabs, the range, the switch of the live tail. */
import { type JSX, Show } from 'solid-js'
import { paths } from '../paths'
import { type Range, rangeSeconds, logsText as words } from '../text/logs'
import { Button, SearchField, Select, Switch, useNow } from '../ui'
import { useListAddress } from './list-address'
import styles from './page.module.css'
import { PageTabs } from './tabs'

type Part = keyof typeof words.tabs
export const ranges = Object.keys(words.ranges) as Range[]

export function useLogs() {
  const address = useListAddress()
  const now = useNow()
  const range = (): Range => ranges.find((one) => one === address.read('range')) ?? '24h'
  const isLive = () => address.read('live') !== '0'
  /** Whole minutes, so that a range does not ask anew each second. */
  const rangeFrom = () => Math.floor(now() / 60) * 60 - rangeSeconds[range()]
  /** A point of a chart leads here with its own bounds, which win over the range. */
  const bound = (name: 'from' | 'to') =>
    /^\d{1,12}$/.test(address.read(name)) ? Number(address.read(name)) : undefined
  const window = () => {
    const to = bound('to')
    return { from: bound('from') ?? rangeFrom(), ...(to === undefined ? {} : { to }) }
  }
  const wider = () => ranges[ranges.indexOf(range()) + 1]
  return { address, range, isLive, window, wider, isFirstPage: () => address.read('cursor') === '' }
}
export type Logs = ReturnType<typeof useLogs>

export function LogsFrame(props: {
  readonly here: Part
  readonly logs: Logs
  readonly search: string
  readonly filters?: JSX.Element
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
        <Select
          quiet
          label={words.range}
          value={props.logs.range()}
          choices={ranges.map((value) => ({ value, label: words.ranges[value] }))}
          onChange={(range) => props.logs.address.write({ range, from: undefined, to: undefined })}
        />
        {props.filters}
        <span class={styles.switchWord}>
          {words.auto}
          <Switch
            label={words.auto}
            on={props.logs.isLive()}
            onChange={(on) => props.logs.address.write({ live: on ? undefined : '0' })}
          />
        </span>
      </div>
      {props.children}
    </>
  )
}

/** Older pages by cursor; the newest one is live. */
export function LogsPager(props: { readonly logs: Logs; readonly next: string | undefined }) {
  return (
    <Show when={!props.logs.isFirstPage() || props.next !== undefined}>
      <div class={styles.listFilters}>
        <Show when={!props.logs.isFirstPage()}>
          <Button small onClick={() => props.logs.address.write({ cursor: undefined })}>
            {words.newest}
          </Button>
        </Show>
        <Show when={props.next}>
          {(next) => (
            <Button small onClick={() => props.logs.address.write({ cursor: next() }, true)}>
              {words.older}
            </Button>
          )}
        </Show>
      </div>
    </Show>
  )
}

/** Whoever moves to it stays with the rows as they are. */
export function Fresh(props: {
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
