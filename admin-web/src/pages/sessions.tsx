/** Sessions: every key's money, never the key (dashboard 4.2). The drawer of one session has an address of its own. */
import { useLocation, useNavigate, useParams } from '@solidjs/router'
import { For, Match, Show, Switch } from 'solid-js'
import { type Answer, endpointOf, type Input, useQuery } from '../client'
import { sentenceOf } from '../errors'
import { paths } from '../paths'
import { text } from '../text/en'
import { isKeyState, keyFilters, keyStates } from '../text/key-states'
import {
  Amount,
  Button,
  CopyText,
  Empty,
  isNarrow,
  Pager,
  SearchField,
  Select,
  Sheet,
  Skeleton,
  Table,
  TroubleBox,
} from '../ui'
import { useListAddress } from './list-address'
import { usePage } from './page'
import styles from './page.module.css'
import { SessionDrawer } from './session'
import { SessionCard, sessionColumns } from './session-rows'

type List = Answer<'sessions.list'>
type Sort = NonNullable<Input<'sessions.list'>['sort']>
const pageRows = 50
const sorts: readonly string[] = [
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
]
/** Filters whose words the query has too. */
const moreFilters = (['kind', 'expires', 'origin'] as const).map((name) => ({
  name,
  label: keyFilters[name].label,
  choices: Object.entries(keyFilters[name].choices).map(([value, label]) => ({ value, label })),
}))
const chosenFilters = (read: (name: string) => string) =>
  moreFilters.flatMap(({ name, choices }) => {
    const value = read(name)
    return value !== '' && choices.some((choice) => choice.value === value) ? [[name, value] as const] : []
  })
const sortChoices = [
  { value: '-createdAt', label: text.sessions.created },
  { value: '-lastUsedAt', label: text.sessions.used },
  { value: '-balanceMsat', label: text.sessions.balance },
  { value: '-spentMsat', label: text.sessions.spent },
  { value: '-requests', label: text.sessions.requests },
]

export default function Sessions() {
  const page = usePage(() => text.sessions.title)
  const params = useParams<{ hash?: string }>()
  const location = useLocation()
  const navigate = useNavigate()
  const address = useListAddress()
  const sort = (): Sort => {
    const asked = address.read('sort')
    return (sorts.includes(asked.replace('-', '')) ? asked : '-lastUsedAt') as Sort
  }
  const turns = address.turns(pageRows)
  const isFiltered = () =>
    ['q', 'state', 'funded', 'kind', 'expires', 'origin'].some((name) => address.read(name) !== '')
  const filters = () => Object.fromEntries(chosenFilters(address.read))
  const list = useQuery(
    'sessions.list',
    () => {
      const state = address.read('state')
      return {
        sort: sort(),
        limit: pageRows,
        ...(address.read('q') === '' ? {} : { search: address.read('q') }),
        ...(isKeyState(state) ? { state } : {}),
        ...(address.read('funded') === '1' ? { funded: true } : {}),
        ...(turns.cursor() === '' ? {} : { cursor: turns.cursor() }),
        ...filters(),
      }
    },
    { everyMs: 10_000, rowKey: 'key12' },
  )
  const open = (row: List['rows'][number]) => navigate(`${paths.session(row.key12)}${location.search}`)
  const close = () => navigate(`${paths.sessions}${location.search}`)
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
        <Select
          quiet
          label={text.sessions.stateFilter}
          value={address.read('funded') === '1' ? 'funded' : address.read('state')}
          choices={[
            { value: '', label: text.sessions.all },
            ...Object.entries(keyStates).map(([value, label]) => ({ value, label })),
            { value: 'funded', label: text.sessions.funded },
          ]}
          onChange={(value) =>
            address.write(value === 'funded' ? { state: '', funded: '1' } : { state: value, funded: '' })
          }
        />
        <For each={moreFilters}>
          {(filter) => (
            <Select
              quiet
              label={filter.label}
              value={address.read(filter.name)}
              choices={filter.choices}
              onChange={(value) => address.write({ [filter.name]: value })}
            />
          )}
        </For>
        <Show when={isNarrow()}>
          <Select
            quiet
            label={text.list.sort}
            value={sort()}
            choices={sortChoices}
            onChange={(value) => address.write({ sort: value })}
          />
        </Show>
        <Show when={isFiltered()}>
          <Button kind="quiet" onClick={address.clear}>
            {text.list.clear}
          </Button>
        </Show>
        <Show when={list.data()}>{(data) => <Summary data={data()} />}</Show>
      </div>
      <Sheet label={text.sessions.title}>
        <Switch>
          <Match when={list.data()?.total === 0}>
            <Show when={!isFiltered()} fallback={<Empty title={text.list.noMatch} />}>
              <NoSession endpoint={endpointOf(page.overview.data()?.endpoint)} />
            </Show>
          </Match>
          <Match when={list.data()}>
            {(data) => (
              <>
                <Table
                  label={text.sessions.title}
                  rows={data().rows}
                  columns={sessionColumns(location.search, data().totals)}
                  card={(row) => <SessionCard row={row} search={location.search} />}
                  isChosen={(row) => row.key12 === params.hash?.slice(0, 12)}
                  onOpen={open}
                  sort={sort()}
                  onSort={(next) => address.write({ sort: next })}
                />
                <Pager
                  from={turns.from()}
                  shown={data().rows.length}
                  all={data().total}
                  onPrevious={turns.previous()}
                  onNext={turns.next(data().next)}
                />
              </>
            )}
          </Match>
          <Match when={list.trouble()}>
            {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={list.refetch} />}
          </Match>
          <Match when={list.loading()}>
            <Skeleton lines={8} />
          </Match>
        </Switch>
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
      <span>{text.sessions.summary(props.data.total)}</span>
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
