/** Requests: what was asked, what it cost, how it went; a row opens its trace (dashboard 4.6). */
import { A, useLocation, useNavigate, useParams } from '@solidjs/router'
import { Show } from 'solid-js'
import type { Answer } from '../client'
import { count } from '../format'
import { paths } from '../paths'
import { columnText } from '../text/columns'
import { logsText } from '../text/logs'
import { Age, Amount, type Column, Mark, onDemand, Table, Tag, type Tone, UnitName, Unknown } from '../ui'
import { useList } from './list'
import { ListFilters } from './list-parts'
import { ListTools, useColumns } from './list-tools'
import { LogRows, LogsFrame, useLogs } from './logs-frame'
import { usePage } from './page'
import styles from './page.module.css'
import { requestFilters } from './request-filters'
import { RequestTotals } from './request-totals'
import { TraceDrawer } from './trace'

const words = logsText.requests
const further = columnText.requests
type Row = Answer<'requests.list'>['rows'][number]
const tones: Readonly<Record<string, Tone>> = {
  answered: 'good',
  empty: 'look',
  'client-left': 'look',
  'upstream-failed': 'bad',
}

export default function Requests() {
  usePage(() => logsText.title)
  const params = useParams<{ requestId?: string }>()
  const location = useLocation()
  const navigate = useNavigate()
  const logs = useLogs()
  const list = useList('requests.list', {
    address: logs.address,
    pageRows: 50,
    filters: requestFilters,
    search: 'text',
    more: logs.window,
    everyMs: logs.everyMs(2000),
    rowKey: 'requestId',
  })
  const columns = useColumns('requests', () => requestColumns(location.search))
  return (
    <LogsFrame
      here="requests"
      logs={logs}
      search={logsText.search}
      filters={<ListFilters of={list} />}
      tools={
        <ListTools columns={columns} export={{ what: 'requests', name: logsText.tabs.requests, filter: list.filter }} />
      }
    >
      <Show when={logs.address.read('outcome') === 'refused'}>
        <p>
          {words.refused}{' '}
          <A class={styles.link} href={`${paths.logs}${location.search}`}>
            {words.refusedLink}
          </A>
          .
        </p>
      </Show>
      <LogRows
        logs={logs}
        list={list}
        keyOf={(row) => row.requestId}
        label={logsText.tabs.requests}
        empty={words.empty}
      >
        {(rows) => (
          <>
            <Table
              live
              label={logsText.tabs.requests}
              rows={rows()}
              columns={columns.shown()}
              card={(row) => <RequestCard row={row} search={location.search} />}
              usdPerBtcOf={(row) => row.usdPerBtc}
              isChosen={(row) => row.requestId === params.requestId}
              onOpen={(row) => navigate(`${paths.request(row.requestId)}${location.search}`)}
            />
            <RequestTotals totals={list.data()?.totals} />
          </>
        )}
      </LogRows>
      <Show when={params.requestId}>
        {(id) => <TraceDrawer requestId={id()} onClose={() => navigate(`${paths.requests}${location.search}`)} />}
      </Show>
    </LogsFrame>
  )
}

function Outcome(props: { readonly row: Row }) {
  return (
    <Mark tone={tones[props.row.outcome] ?? 'off'}>
      {props.row.status} {words.outcomes[props.row.outcome] ?? props.row.outcome}
    </Mark>
  )
}

const tokens = (row: Row): string => `${count(row.tokens.input)} / ${count(row.tokens.output)}`

function requestColumns(search: string): readonly Column<Row>[] {
  return [
    {
      key: 'at',
      name: words.time,
      head: words.time,
      cell: (row) => (
        <A class={styles.handle} href={`${paths.request(row.requestId)}${search}`} data-handle>
          <Age atS={row.at} ago />
          <span class="sr-only"> {words.details(row.requestId)}</span>
        </A>
      ),
    },
    { key: 'outcome', name: words.outcome, head: words.outcome, cell: (row) => <Outcome row={row} /> },
    { key: 'model', name: words.model, head: words.model, cell: (row) => row.model },
    { key: 'upstream', name: words.upstream, head: words.upstream, wide: true, cell: (row) => row.upstream },
    {
      key: 'session',
      name: words.session,
      head: words.session,
      cell: (row) => (
        <A class={`${styles.mono} ${styles.link}`} href={paths.session(row.key12)}>
          {row.key12}
        </A>
      ),
    },
    { key: 'tokens', name: words.tokens, head: words.tokens, end: true, wide: true, cell: tokens },
    {
      key: 'charge',
      name: words.charge,
      end: true,
      head: (
        <>
          {words.charge} <UnitName past />
        </>
      ),
      cell: (row) => <Amount bare msat={row.costMsat} />,
    },
    {
      key: 'took',
      name: words.took,
      head: words.took,
      end: true,
      wide: true,
      cell: (row) => logsText.seconds(row.ms),
    },
    {
      key: 'marks',
      name: words.marks,
      head: words.marks,
      wide: true,
      cell: (row) => row.marks.map((mark) => <Tag>{mark}</Tag>),
    },
    ...furtherColumns,
  ]
}

/** Seen by those who ask for them (dashboard 4.6). */
const furtherColumns = onDemand<Row>([
  { key: 'path', name: further.path, cell: (row) => row.path },
  {
    key: 'cost',
    name: further.cost,
    end: true,
    cell: (row, onCard) => (
      <MaybeAmount msat={row.upstreamCostMsat} why={columnText.noReportedCost} bare={onCard !== true} />
    ),
  },
  {
    key: 'margin',
    name: further.margin,
    end: true,
    cell: (row, onCard) => <MaybeAmount msat={row.marginMsat} why={columnText.noReportedCost} bare={onCard !== true} />,
  },
  {
    key: 'firstToken',
    name: further.firstToken,
    end: true,
    cell: (row) =>
      row.firstTokenMs === undefined ? <Unknown why={further.noFirstToken} /> : logsText.seconds(row.firstTokenMs),
  },
])

function MaybeAmount(props: { readonly msat: number | undefined; readonly why: string; readonly bare: boolean }) {
  return (
    <Show when={props.msat !== undefined} fallback={<Unknown why={props.why} />}>
      <Amount bare={props.bare} msat={props.msat ?? 0} />
    </Show>
  )
}

function RequestCard(props: { readonly row: Row; readonly search: string }) {
  return (
    <div class={styles.card}>
      <div class={styles.cardLine}>
        <A class={styles.cardLink} href={`${paths.request(props.row.requestId)}${props.search}`} data-handle>
          {props.row.model}
        </A>
        <Amount msat={props.row.costMsat} />
      </div>
      <div class={styles.cardLine}>
        <Outcome row={props.row} />
        <span class={styles.quiet}>
          <Age atS={props.row.at} ago /> · {tokens(props.row)} · {logsText.seconds(props.row.ms)}
        </span>
      </div>
    </div>
  )
}
