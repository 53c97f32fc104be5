/** Money: what came in and what left across the network, with its state (dashboard 4.6). */
import { A } from '@solidjs/router'
import { Show } from 'solid-js'
import type { Answer } from '../client'
import { usdText } from '../format'
import { paths } from '../paths'
import { columnText } from '../text/columns'
import { logsText } from '../text/logs'
import { Age, Amount, type Column, Mark, onDemand, Table, type Tone, UnitName, Unknown } from '../ui'
import { choicesOf, type Filter, useList } from './list'
import { ListFilters } from './list-parts'
import { ListTools, useColumns } from './list-tools'
import { LogRows, LogsFrame, useLogs } from './logs-frame'
import { usePage } from './page'
import styles from './page.module.css'
import withdrawStyles from './withdraw.module.css'

const words = logsText.money
const further = columnText.money
type Row = Answer<'money.list'>['rows'][number]
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

const filters = (): readonly Filter[] => [
  {
    name: 'kind',
    shown: { label: words.kind, choices: choicesOf({ ...words.kinds, ...words.groups }, words.allKinds) },
  },
]

export default function Money() {
  usePage(() => logsText.title)
  const logs = useLogs()
  const list = useList('money.list', {
    address: logs.address,
    pageRows: 50,
    filters,
    search: 'text',
    more: logs.window,
    everyMs: logs.everyMs(5000),
  })
  const columns = useColumns('money', moneyColumns)
  return (
    <LogsFrame
      here="money"
      logs={logs}
      search={words.search}
      filters={<ListFilters of={list} />}
      tools={<ListTools columns={columns} export={{ what: 'money', name: logsText.tabs.money, filter: list.filter }} />}
    >
      <LogRows logs={logs} list={list} keyOf={(row: Row) => row.id} label={logsText.tabs.money} empty={words.empty}>
        {(rows) => (
          <>
            <Table
              live
              label={logsText.tabs.money}
              rows={rows()}
              columns={columns.shown()}
              card={(row) => <MoneyCard row={row} />}
              usdPerBtcOf={(row) => row.usdPerBtc}
            />
            <Show when={list.data()}>
              {(data) => (
                <p class={styles.totals}>
                  <span>{words.sum(data().total)}</span>
                  <span data-moved>
                    <Amount today msat={Math.round(data().totals.sat * 1000)} /> {words.moved}
                  </span>
                </p>
              )}
            </Show>
          </>
        )}
      </LogRows>
    </LogsFrame>
  )
}

const isPayout = (row: Row): boolean => row.id.startsWith('payout-')
/** What left, or was taken from a key, carries its sign. */
const signed = (row: Row): number => Math.round(row.sat * 1000) * (isPayout(row) || row.kind === 'debit' ? -1 : 1)

/** In brackets what was asked for and did not move: it is in no sum. */
function Moved(props: { readonly row: Row; readonly bare?: boolean }) {
  const amount = () => <Amount bare={props.bare === true} signed msat={signed(props.row)} />
  return (
    <Show when={props.row.movedSat === 0 && props.row.sat !== 0} fallback={amount()}>
      <span title={words.notMoved}>({amount()})</span>
    </Show>
  )
}

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

function moneyColumns(): readonly Column<Row>[] {
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
          {words.amount} <UnitName past />
        </>
      ),
      cell: (row) => <Moved row={row} bare />,
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
    ...onDemand<Row>([
      {
        key: 'usd',
        name: further.usd,
        end: true,
        cell: (row) =>
          row.usd === undefined ? <Unknown why={further.noRate} /> : further.about(usdText(Number(row.usd))),
      },
    ]),
  ]
}

function MoneyCard(props: { readonly row: Row }) {
  return (
    <div class={styles.card}>
      <div class={styles.cardLine}>
        <strong>
          <Moved row={props.row} /> {words.kinds[props.row.kind]}
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
