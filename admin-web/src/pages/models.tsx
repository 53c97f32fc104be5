/** Models: what is sold at what price, and why something is not (dashboard 4.3). Drawers have addresses of their own. */
import { useLocation, useNavigate, useParams } from '@solidjs/router'
import { createSignal, For, Match, Show, Switch } from 'solid-js'
import { type Answer, type Input, useQuery } from '../client'
import { sentenceOf } from '../errors'
import { base, paths } from '../paths'
import { text } from '../text/en'
import { modelMore } from '../text/model-more'
import {
  Button,
  CopyText,
  Empty,
  Mark,
  Pager,
  SearchField,
  Select,
  Sheet,
  Skeleton,
  Table,
  type Tone,
  TroubleBox,
} from '../ui'
import { useListAddress } from './list-address'
import { AddModelDialog, ImportDrawer, ModelDrawer } from './model'
import { ModelCard, modelColumns } from './model-rows'
import { usePage } from './page'
import styles from './page.module.css'

type List = Answer<'models.list'>
type State = List['rows'][number]['state']
type Sort = NonNullable<Input<'models.list'>['sort']>
const pageRows = 100
const states = Object.keys(text.models.states) as State[]
const sorts: readonly string[] = ['model', 'inUsdPerM', 'outUsdPerM', 'requests7d', 'contextLength']

export default function Models() {
  usePage(() => text.models.title)
  const params = useParams<{ upstream?: string; model?: string }>()
  const location = useLocation()
  const navigate = useNavigate()
  const address = useListAddress()
  const sort = (): Sort => {
    const asked = address.read('sort')
    return (sorts.includes(asked.replace('-', '')) ? asked : 'model') as Sort
  }
  const isFiltered = () => ['q', 'upstream', 'state', 'custom'].some((name) => address.read(name) !== '')
  const upstreams = useQuery('upstreams.list', () => ({}), { everyMs: 60_000 })
  const list = useQuery(
    'models.list',
    () => {
      const state = states.find((one) => one === address.read('state'))
      return {
        sort: sort(),
        limit: pageRows,
        ...(address.read('q') === '' ? {} : { search: address.read('q') }),
        ...(address.read('upstream') === '' ? {} : { upstream: address.read('upstream') }),
        ...(state === undefined ? {} : { state }),
        ...(address.read('custom') === '1' ? { custom: true } : {}),
        ...(address.from() === 0 ? {} : { cursor: String(address.from()) }),
      }
    },
    { everyMs: 10_000, rowKey: 'model' },
  )
  const [adds, setAdds] = createSignal(false)
  const isImport = () => location.pathname === `${base}${paths.modelsImport}`
  const open = (row: List['rows'][number]) => navigate(`${paths.model(row.upstreamId, row.model)}${location.search}`)
  const close = () => navigate(`${paths.models}${location.search}`)
  return (
    <>
      <div class={styles.filters}>
        <SearchField label={text.models.search} value={address.typed()} onInput={address.type} />
        <Filters read={address.read} write={address.write} upstreams={upstreams.data()?.rows ?? []} />
        <Show when={isFiltered()}>
          <Button kind="quiet" onClick={address.clear}>
            {text.list.clear}
          </Button>
        </Show>
        <Show when={(upstreams.data()?.rows.length ?? 0) > 0}>
          <span class={`${styles.summaryEnd} ${styles.row}`}>
            <Button onClick={() => setAdds(true)}>{modelMore.add}</Button>
            <Button kind="primary" onClick={() => navigate(`${paths.modelsImport}${location.search}`)}>
              {text.models.importTitle}
            </Button>
          </span>
        </Show>
      </div>
      <Upstreams rows={upstreams.data()?.rows ?? []} list={list.data()} />
      <Sheet label={text.models.title}>
        <Switch>
          <Match when={list.data()?.total === 0}>
            <Empty title={isFiltered() ? text.list.noMatch : text.models.empty}>
              <Show when={!isFiltered()}>
                <p>{text.models.emptyHow}</p>
                <CopyText
                  block
                  name={text.models.emptyHow}
                  value="UPSTREAM_BASE_URL=https://api.openai.com/v1 UPSTREAM_API_KEY=sk-… bun run start"
                />
              </Show>
            </Empty>
          </Match>
          <Match when={list.data()}>
            {(data) => (
              <>
                <Table
                  label={text.models.title}
                  rows={data().rows}
                  columns={modelColumns(location.search, new Set(data().rows.map((row) => row.upstreamId)).size > 1)}
                  card={(row) => <ModelCard row={row} search={location.search} />}
                  isChosen={(row) => row.model === params.model && row.upstreamId === params.upstream}
                  onOpen={open}
                  sort={sort()}
                  onSort={(next) => address.write({ sort: next })}
                />
                <Pager
                  from={address.from()}
                  shown={data().rows.length}
                  all={data().total}
                  onPrevious={
                    address.from() === 0
                      ? undefined
                      : () => address.write({ cursor: String(Math.max(0, address.from() - pageRows) || '') }, true)
                  }
                  onNext={data().next === undefined ? undefined : () => address.write({ cursor: data().next }, true)}
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
      <Show when={params.model !== undefined && params.upstream !== undefined}>
        <ModelDrawer
          upstream={params.upstream ?? ''}
          model={params.model ?? ''}
          fees={list.data()?.fees}
          onClose={close}
        />
      </Show>
      <Show when={adds()}>
        <AddModelDialog upstreams={upstreams.data()?.rows ?? []} onClose={() => setAdds(false)} />
      </Show>
      <Show when={isImport()}>
        <ImportDrawer
          upstreams={upstreams.data()?.rows ?? []}
          chosen={address.read('upstream')}
          onChoose={(upstream) => address.write({ upstream })}
          onClose={close}
        />
      </Show>
    </>
  )
}

function Filters(props: {
  readonly read: (name: string) => string
  readonly write: (changes: Readonly<Record<string, string>>) => void
  readonly upstreams: Answer<'upstreams.list'>['rows']
}) {
  return (
    <>
      <Show when={props.upstreams.length > 1}>
        <Select
          quiet
          label={text.models.upstreamFilter}
          value={props.read('upstream')}
          choices={[
            { value: '', label: text.models.allUpstreams },
            ...props.upstreams.map((row) => ({ value: row.id, label: row.name })),
          ]}
          onChange={(upstream) => props.write({ upstream })}
        />
      </Show>
      <Select
        quiet
        label={text.models.stateFilter}
        value={props.read('state')}
        choices={[
          { value: '', label: text.models.allStates },
          ...states.map((value) => ({ value, label: text.models.states[value] })),
        ]}
        onChange={(state) => props.write({ state })}
      />
      <Select
        quiet
        label={text.models.customFilter}
        value={props.read('custom')}
        choices={[
          { value: '', label: text.models.allPrices },
          { value: '1', label: text.models.onlyCustom },
        ]}
        onChange={(custom) => props.write({ custom })}
      />
    </>
  )
}

const upstreamTones: Readonly<Record<string, Tone>> = {
  connected: 'good',
  'refused-key': 'bad',
  down: 'look',
  'no-list': 'look',
  unknown: 'off',
}

/** Upstreams say for themselves whether they answer, refuse the key or have no list (D-045). */
function Upstreams(props: { readonly rows: Answer<'upstreams.list'>['rows']; readonly list: List | undefined }) {
  const counts = () => {
    const all = props.list?.counts ?? {}
    const others = Object.entries(all)
      .filter(([state]) => !['sellable', 'off', 'unpriced'].includes(state))
      .reduce((sum, [, models]) => sum + models, 0)
    return { sellable: all.sellable ?? 0, off: all.off ?? 0, unpriced: all.unpriced ?? 0, others }
  }
  return (
    <Show when={props.rows.length > 0}>
      <div class={styles.summary}>
        <For each={props.rows}>
          {(row) => (
            <span title={row.host}>
              <Mark tone={upstreamTones[row.state] ?? 'off'}>
                <Show when={!row.sentence.includes(row.name)}>
                  <strong>{row.name}</strong>{' '}
                </Show>
                {row.sentence}
              </Mark>
            </span>
          )}
        </For>
        <Show when={props.list}>
          <span class={styles.summaryEnd}>
            {[
              text.models.sellable(counts().sellable),
              text.models.off(counts().off),
              text.models.unpriced(counts().unpriced),
              ...(counts().others > 0 ? [text.models.others(counts().others)] : []),
            ].join(' · ')}
          </span>
        </Show>
        <Show when={props.list?.fees.fixedSat}>{(sat) => <Mark tone="look">{text.models.fixed(sat())}</Mark>}</Show>
      </div>
    </Show>
  )
}
