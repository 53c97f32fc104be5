/** Requests: what was asked, what it cost, how it went; a row opens its trace (dashboard 4.6). */
import { A, useLocation, useNavigate, useParams } from '@solidjs/router'
import { Match, Show, Switch } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { sentenceOf } from '../errors'
import { count } from '../format'
import { paths } from '../paths'
import { logsText } from '../text/logs'
import {
  Age,
  Amount,
  Button,
  type Column,
  Empty,
  Mark,
  Select,
  Sheet,
  Skeleton,
  Table,
  Tag,
  type Tone,
  TroubleBox,
  UnitName,
} from '../ui'
import { useLiveRows } from './live-rows'
import { Fresh, LogsFrame, LogsPager, useLogs } from './logs-frame'
import { usePage } from './page'
import styles from './page.module.css'
import { TraceDrawer } from './trace'

const words = logsText.requests
type Row = Answer<'requests.list'>['rows'][number]
const tones: Readonly<Record<string, Tone>> = {
  answered: 'good',
  empty: 'look',
  'client-left': 'look',
  'upstream-failed': 'bad',
}
const filters = ['outcome', 'model', 'upstream', 'session'] as const

export default function Requests() {
  usePage(() => logsText.title)
  const params = useParams<{ requestId?: string }>()
  const location = useLocation()
  const navigate = useNavigate()
  const logs = useLogs()
  const { address } = logs
  const given = () =>
    Object.fromEntries(filters.flatMap((name) => (address.read(name) === '' ? [] : [[name, address.read(name)]])))
  const list = useQuery(
    'requests.list',
    () => ({
      ...logs.window(),
      limit: 50,
      ...given(),
      ...(address.read('q') === '' ? {} : { text: address.read('q') }),
      ...(logs.isFirstPage() ? {} : { cursor: address.read('cursor') }),
    }),
    { ...(logs.isLive() && logs.isFirstPage() ? { everyMs: 2000 } : {}), rowKey: 'requestId' },
  )
  const live = useLiveRows({ isEarlier: list.isEarlier, rows: () => list.data()?.rows }, (row) => row.requestId)
  const open = (row: Row) => navigate(`${paths.request(row.requestId)}${location.search}`)
  const isFiltered = () => Object.keys(given()).length > 0 || address.read('q') !== ''
  return (
    <LogsFrame
      here="requests"
      logs={logs}
      search={logsText.search}
      filters={
        <>
          <Select
            quiet
            label={words.outcome}
            value={address.read('outcome')}
            choices={[
              { value: '', label: words.allOutcomes },
              ...Object.entries(words.outcomes).map(([value, label]) => ({ value, label })),
            ]}
            onChange={(outcome) => address.write({ outcome })}
          />
          <Show when={isFiltered()}>
            <Button small kind="quiet" onClick={() => address.clear()}>
              {words.clear}
            </Button>
          </Show>
        </>
      }
    >
      <Fresh rows={live.fresh()} onShow={live.show} onHover={live.hover} />
      <Sheet label={logsText.tabs.requests}>
        <Switch fallback={<Skeleton lines={8} />}>
          <Match when={live.rows()?.length === 0}>
            <Empty title={words.empty}>
              <Show when={logs.wider()}>
                {(wider) => (
                  <Button onClick={() => address.write({ range: wider() })}>
                    {logsText.wider(logsText.ranges[wider()])}
                  </Button>
                )}
              </Show>
            </Empty>
          </Match>
          <Match when={live.rows()}>
            {(rows) => (
              <div role="presentation" onPointerEnter={() => live.hover(true)} onPointerLeave={() => live.hover(false)}>
                <Table
                  label={logsText.tabs.requests}
                  rows={rows()}
                  columns={columns(location.search)}
                  card={(row) => <RequestCard row={row} search={location.search} />}
                  isChosen={(row) => row.requestId === params.requestId}
                  onOpen={open}
                />
                <Totals totals={list.data()?.totals} />
                <LogsPager logs={logs} next={list.data()?.next} />
              </div>
            )}
          </Match>
          <Match when={list.trouble()}>
            {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={list.refetch} />}
          </Match>
        </Switch>
      </Sheet>
      <Show when={params.requestId}>
        {(id) => <TraceDrawer requestId={id()} onClose={() => navigate(`${paths.requests}${location.search}`)} />}
      </Show>
    </LogsFrame>
  )
}

/** Over the whole filter, not the page. */
function Totals(props: { readonly totals: Answer<'requests.list'>['totals'] | undefined }) {
  return (
    <Show when={props.totals}>
      {(totals) => (
        <p class={styles.totals}>
          <span>{words.sum(totals().requests)}</span>
          <span>
            <Amount msat={totals().costMsat} /> {words.charged}
          </span>
          <span>{words.tokensSum(totals().inputTokens + totals().outputTokens)}</span>
        </p>
      )}
    </Show>
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

function columns(search: string): readonly Column<Row>[] {
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
          {words.charge} <UnitName />
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
  ]
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
