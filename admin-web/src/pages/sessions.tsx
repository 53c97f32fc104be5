/** Sessions: every key's money, never the key (dashboard 4.2). The drawer of one session has an address of its own. */
import { useLocation, useNavigate, useParams } from '@solidjs/router'
import { Show } from 'solid-js'
import { type Answer, endpointOf } from '../client'
import { pointText } from '../format'
import { type SessionsAction, SessionsForm } from '../forms/sessions-several'
import { paths } from '../paths'
import { text } from '../text/en'
import { keyFilters, keyStates, openedBetween } from '../text/key-states'
import { sessionActions } from '../text/session-actions'
import { sessionsSeveral } from '../text/sessions-several'
import { Amount, CopyText, Empty, isNarrow, Pager, SearchField, Select, Sheet, Table } from '../ui'
import { useChoice } from './choice'
import { ChoiceBar } from './choice-bar'
import { endFilters, endOf } from './days'
import { choicesOf, type Filter, useList } from './list'
import { ListFilters, ListStates } from './list-parts'
import { ListTools, useColumns } from './list-tools'
import { usePage } from './page'
import styles from './page.module.css'
import { SessionDrawer } from './session'
import { SessionCard, sessionColumns } from './session-rows'

type List = Answer<'sessions.list'>
type Row = List['rows'][number]
const bulk = ['freeze', 'unfreeze', 'extend', 'revoke'] as const satisfies readonly SessionsAction[]
const filters = (): readonly Filter[] => [
  { name: 'state', shown: { label: text.sessions.stateFilter, choices: choicesOf(keyStates, text.sessions.all) } },
  ...(['kind', 'expires', 'origin'] as const).map((name) => ({
    name,
    shown: { label: keyFilters[name].label, choices: choicesOf(keyFilters[name].choices) },
  })),
  {
    name: 'funded',
    shown: { label: keyFilters.funded.label, choices: choicesOf(keyFilters.funded.choices, keyFilters.funded.all) },
    asks: () => ({ funded: true }),
  },
  ...endFilters(),
]
const sorts = {
  usual: '-lastUsedAt',
  known: [
    'key12',
    'label',
    'createdAt',
    'lastUsedAt',
    'balanceMsat',
    'heldMsat',
    'availableMsat',
    'spentMsat',
    'requests',
    'expiresAt',
  ],
}
const sortChoices = choicesOf({
  '-createdAt': text.sessions.created,
  '-lastUsedAt': text.sessions.used,
  '-balanceMsat': text.sessions.balance,
  '-spentMsat': text.sessions.spent,
  '-requests': text.sessions.requests,
})

export default function Sessions() {
  const page = usePage(() => text.sessions.title)
  const params = useParams<{ hash?: string }>()
  const location = useLocation()
  const navigate = useNavigate()
  const list = useList('sessions.list', {
    pageRows: 50,
    filters,
    search: 'search',
    sorts,
    everyMs: () => 10_000,
    rowKey: 'key12',
  })
  const { address, turns } = list
  const columns = useColumns('sessions', () => sessionColumns(location.search, list.data()?.totals))
  const choice = useChoice({
    rows: () => list.data()?.rows,
    keyOf: (row: Row) => row.key12,
    name: (row) => row.key12,
  })
  const open = (row: Row) => navigate(`${paths.session(row.key12)}${location.search}`)
  const close = () => navigate(`${paths.sessions}${location.search}`)
  /** Set by a figure of the Overview, which is the number of keys that were opened then. */
  const opened = () => {
    const [from, to] = [endOf(address.read('from')), endOf(address.read('to'))]
    return typeof from === 'number' && typeof to === 'number'
      ? openedBetween(pointText(from), pointText(to))
      : undefined
  }
  const neighbour = (step: 1 | -1) => {
    const rows = list.data()?.rows ?? []
    const at = rows.findIndex((row) => row.key12 === params.hash?.slice(0, 12))
    const next = at === -1 ? undefined : rows[at + step]
    return next === undefined ? undefined : () => open(next)
  }
  return (
    <>
      <div class={styles.filters}>
        <SearchField label={text.sessions.search} value={address.typed()} onInput={address.type} />
        <Show when={isNarrow()}>
          <Select
            quiet
            label={text.list.sort}
            value={list.sort() ?? ''}
            choices={sortChoices}
            onChange={(value) => address.write({ sort: value })}
          />
        </Show>
        <ListFilters of={list} />
        <Show when={opened()}>{(sentence) => <span>{sentence()}</span>}</Show>
        <ListTools columns={columns} export={{ what: 'sessions', name: text.sessions.title, filter: list.filter }} />
        <Show when={list.data()}>{(data) => <Summary data={data()} />}</Show>
      </div>
      <Sheet label={text.sessions.title}>
        <ChoiceBar
          of={choice}
          actions={bulk}
          button={(action) => sessionActions[action].open}
          title={(action) => sessionsSeveral.titles[action]}
          form={(action, onDone) => <SessionsForm action={action} rows={choice.rows()} onDone={onDone} />}
        />
        <ListStates
          of={list}
          lines={8}
          isEmpty={(data) => data.total === 0}
          empty={
            <Show when={!list.isFiltered()} fallback={<Empty title={text.list.noMatch} />}>
              <NoSession endpoint={endpointOf(page.overview.data()?.endpoint)} />
            </Show>
          }
        >
          {(data) => (
            <>
              <Table
                label={text.sessions.title}
                rows={data().rows}
                columns={columns.shown()}
                card={(row) => <SessionCard row={row} search={location.search} />}
                isChosen={(row) => row.key12 === params.hash?.slice(0, 12)}
                onOpen={open}
                choosing={choice.choosing}
                sort={list.sort() ?? ''}
                onSort={(next) => address.write({ sort: next })}
              />
              <Pager {...turns.pager(data().rows.length, data().total, data().next)} />
            </>
          )}
        </ListStates>
      </Sheet>
      <Show when={params.hash}>
        {(hash) => <SessionDrawer hash={hash()} onClose={close} onPrevious={neighbour(-1)} onNext={neighbour(1)} />}
      </Show>
    </>
  )
}

function Summary(props: { readonly data: List }) {
  return (
    <p class={`${styles.summary} ${styles.summaryEnd}`}>
      <span data-sessions>{text.sessions.summary(props.data.total)}</span>
      <span>
        <Amount msat={props.data.totals.balanceMsat} /> {text.sessions.held}
      </span>
      <span>
        <Amount msat={props.data.totals.heldMsat} /> {text.sessions.inFlight}
      </span>
    </p>
  )
}

function NoSession(props: { readonly endpoint: string }) {
  return (
    <Empty title={text.sessions.emptyTitle}>
      <p>{text.sessions.bearer}</p>
      <CopyText
        block
        name={text.sessions.bearer}
        value={`curl ${props.endpoint}/balance/info -H "Authorization: Bearer ${text.overview.placeholder}"`}
      />
      <p>{text.sessions.create}</p>
      <CopyText
        block
        name={text.sessions.create}
        value={`curl ${props.endpoint}/balance/create -H "Content-Type: application/json" -d '{"initial_balance_token":"${text.overview.placeholder}"}'`}
      />
    </Empty>
  )
}
