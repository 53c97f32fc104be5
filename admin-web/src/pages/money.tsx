/** Money: what came in and what left across the network, with its state (dashboard 4.6). */
import { A } from '@solidjs/router'
import { Match, Show, Switch } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { sentenceOf } from '../errors'
import { paths } from '../paths'
import { logsText } from '../text/logs'
import {
  Age,
  Amount,
  type Column,
  Empty,
  Mark,
  Select,
  Sheet,
  Skeleton,
  Table,
  type Tone,
  TroubleBox,
  UnitName,
} from '../ui'
import { useLiveRows } from './live-rows'
import { Fresh, LogsFrame, LogsPager, useLogs } from './logs-frame'
import { usePage } from './page'
import styles from './page.module.css'
import withdrawStyles from './withdraw.module.css'

const words = logsText.money
type Row = Answer<'money.list'>['rows'][number]
type Kind = Row['kind']
const kinds = Object.keys(words.kinds) as Kind[]
const tones: Readonly<Record<string, Tone>> = {
  settled: 'good',
  credited: 'good',
  paid: 'good',
  claimed: 'good',
  ready: 'look',
  unclear: 'working',
  open: 'working',
  planned: 'working',
  rejected: 'bad',
}

export default function Money() {
  usePage(() => logsText.title)
  const logs = useLogs()
  const { address } = logs
  const list = useQuery(
    'money.list',
    () => {
      const kind = kinds.find((one) => one === address.read('kind'))
      return {
        ...logs.window(),
        limit: 50,
        ...(kind === undefined ? {} : { kind }),
        ...(address.read('q') === '' ? {} : { text: address.read('q').slice(0, 100) }),
        ...(logs.isFirstPage() ? {} : { cursor: address.read('cursor') }),
      }
    },
    logs.isLive() && logs.isFirstPage() ? { everyMs: 5000 } : {},
  )
  const live = useLiveRows({ isEarlier: list.isEarlier, rows: () => list.data()?.rows }, (row) => row.id)
  return (
    <LogsFrame
      here="money"
      logs={logs}
      search={words.search}
      filters={
        <Select
          quiet
          label={words.kind}
          value={address.read('kind')}
          choices={[
            { value: '', label: words.allKinds },
            ...kinds.map((value) => ({ value, label: words.kinds[value] })),
          ]}
          onChange={(kind) => address.write({ kind })}
        />
      }
    >
      <Fresh rows={live.fresh()} onShow={live.show} onHover={live.hover} />
      <Sheet label={logsText.tabs.money}>
        <Switch fallback={<Skeleton lines={8} />}>
          <Match when={live.rows()?.length === 0}>
            <Empty title={words.empty} />
          </Match>
          <Match when={live.rows()}>
            {(rows) => (
              <div role="presentation" onPointerEnter={() => live.hover(true)} onPointerLeave={() => live.hover(false)}>
                <Table
                  label={logsText.tabs.money}
                  rows={rows()}
                  columns={columns()}
                  card={(row) => <MoneyCard row={row} />}
                />
                <Show when={list.data()}>
                  {(data) => (
                    <p class={styles.totals}>
                      <span>{words.sum(data().total)}</span>
                      <Amount msat={Math.round(data().totals.sat * 1000)} />
                    </p>
                  )}
                </Show>
                <LogsPager logs={logs} next={list.data()?.next} />
              </div>
            )}
          </Match>
          <Match when={list.trouble()}>
            {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={list.refetch} />}
          </Match>
        </Switch>
      </Sheet>
    </LogsFrame>
  )
}

const isPayout = (row: Row): boolean => row.id.startsWith('payout-')
/** What left carries its sign. */
const signed = (row: Row): number => Math.round(row.sat * 1000) * (isPayout(row) ? -1 : 1)

function When(props: { readonly row: Row }) {
  return (
    <Show when={isPayout(props.row)} fallback={<Age atS={props.row.at} ago />}>
      <A class={styles.handle} href={paths.payout(props.row.id.slice('payout-'.length))} data-handle>
        <Age atS={props.row.at} ago />
      </A>
    </Show>
  )
}

function Whose(props: { readonly row: Row }) {
  return (
    <Show
      when={props.row.to === undefined ? props.row.session : undefined}
      fallback={
        <span class={withdrawStyles.cap} title={props.row.to}>
          {props.row.to}
        </span>
      }
    >
      {(session) => (
        <A class={`${styles.mono} ${styles.link}`} href={paths.session(session())}>
          {session()}
        </A>
      )}
    </Show>
  )
}

function columns(): readonly Column<Row>[] {
  return [
    { key: 'at', name: words.time, head: words.time, cell: (row) => <When row={row} /> },
    { key: 'kind', name: words.kind, head: words.kind, cell: (row) => words.kinds[row.kind] },
    {
      key: 'state',
      name: words.state,
      head: words.state,
      cell: (row) => <Mark tone={tones[row.state] ?? 'off'}>{row.state}</Mark>,
    },
    {
      key: 'amount',
      name: words.amount,
      end: true,
      head: (
        <>
          {words.amount} <UnitName />
        </>
      ),
      cell: (row) => <Amount bare signed msat={signed(row)} />,
    },
    {
      key: 'fee',
      name: words.fee,
      head: words.fee,
      end: true,
      wide: true,
      cell: (row) => (row.feeSat === undefined ? '' : <Amount bare msat={Math.round(row.feeSat * 1000)} />),
    },
    { key: 'mint', name: words.mint, head: words.mint, wide: true, cell: (row) => row.mint },
    { key: 'whose', name: words.session, head: words.session, cell: (row) => <Whose row={row} /> },
  ]
}

function MoneyCard(props: { readonly row: Row }) {
  return (
    <div class={styles.card}>
      <div class={styles.cardLine}>
        <strong>
          <Amount signed msat={signed(props.row)} /> {words.kinds[props.row.kind]}
        </strong>
        <Mark tone={tones[props.row.state] ?? 'off'}>{props.row.state}</Mark>
      </div>
      <div class={styles.cardLine}>
        <Whose row={props.row} />
        <When row={props.row} />
      </div>
    </div>
  )
}
