/** Models: what is sold at what price, and why something is not (dashboard 4.3). Drawers have addresses of their own. */
import { useLocation, useNavigate, useParams } from '@solidjs/router'
import { createSignal, For, Show } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { ModelsForm, modelsActions } from '../forms/models-several'
import { base, paths } from '../paths'
import { text } from '../text/en'
import { modelMore } from '../text/model-more'
import { modelsSeveral } from '../text/models-several'
import { Button, CopyText, Empty, Mark, Pager, SearchField, Sheet, Table, type Tone } from '../ui'
import { useChoice } from './choice'
import { ChoiceBar } from './choice-bar'
import { CreateAlias } from './create-alias'
import { choicesOf, type Filter, useList } from './list'
import { ListFilters, ListStates } from './list-parts'
import { ListTools, useColumns } from './list-tools'
import { AddModelDialog, ImportDrawer, ModelDrawer } from './model'
import { ModelCard, modelColumns } from './model-rows'
import { usePage } from './page'
import styles from './page.module.css'

type List = Answer<'models.list'>
type Row = List['rows'][number]
type UpstreamRow = Answer<'upstreams.list'>['rows'][number]
const sorts = {
  usual: 'model',
  known: ['model', 'inUsdPerM', 'outUsdPerM', 'requests7d', 'marginMsat7d', 'errors24h', 'contextLength'],
}
const filtersOf = (upstreams: readonly UpstreamRow[]): readonly Filter[] => [
  upstreams.length < 2
    ? { name: 'upstream' }
    : {
        name: 'upstream',
        shown: {
          label: text.models.upstreamFilter,
          choices: choicesOf(Object.fromEntries(upstreams.map(({ id, name }) => [id, name])), text.models.allUpstreams),
        },
      },
  {
    name: 'state',
    shown: { label: text.models.stateFilter, choices: choicesOf(text.models.states, text.models.allStates) },
  },
  {
    name: 'custom',
    shown: {
      label: text.models.customFilter,
      choices: choicesOf({ 1: text.models.onlyCustom }, text.models.allPrices),
    },
    asks: () => ({ custom: true }),
  },
]

export default function Models() {
  usePage(() => text.models.title)
  const params = useParams<{ upstream?: string; model?: string }>()
  const location = useLocation()
  const navigate = useNavigate()
  const upstreams = useQuery('upstreams.list', () => ({}), { everyMs: 60_000 })
  const known = () => upstreams.data()?.rows ?? []
  const list = useList('models.list', {
    pageRows: 100,
    filters: () => filtersOf(known()),
    search: 'search',
    sorts,
    everyMs: () => 10_000,
    rowKey: 'model',
  })
  const { address, turns } = list
  const columns = useColumns('models', () => modelColumns(location.search, isSeveral(list.data()?.rows ?? [])))
  const [adds, setAdds] = createSignal(false)
  const isImport = () => location.pathname === `${base}${paths.modelsImport}`
  const choice = useChoice({
    rows: () => list.data()?.rows,
    keyOf: (row: Row) => `${row.upstreamId} ${row.model}`,
    name: (row) => row.model,
  })
  const open = (row: Row) => navigate(`${paths.model(row.upstreamId, row.model)}${location.search}`)
  const close = () => navigate(`${paths.models}${location.search}`)
  return (
    <>
      <div class={styles.filters}>
        <SearchField label={text.models.search} value={address.typed()} onInput={address.type} />
        <ListFilters of={list} />
        <ListTools columns={columns} export={{ what: 'models', name: text.models.title, filter: list.filter }} />
        <Show when={known().length > 0}>
          <span class={styles.row}>
            <Button onClick={() => setAdds(true)}>{modelMore.add}</Button>
            <CreateAlias />
            <Button kind="primary" onClick={() => navigate(`${paths.modelsImport}${location.search}`)}>
              {text.models.importTitle}
            </Button>
          </span>
        </Show>
      </div>
      <Upstreams rows={known()} list={list.data()} />
      <Sheet label={text.models.title}>
        <ChoiceBar
          of={choice}
          actions={modelsActions}
          button={(action) => modelsSeveral.actions[action].open}
          title={(action) => modelsSeveral.actions[action].title}
          form={(action, onDone) => <ModelsForm action={action} rows={choice.rows()} onDone={onDone} />}
        />
        <ListStates
          of={list}
          lines={8}
          isEmpty={(data) => data.total === 0}
          empty={
            <Show when={!list.isFiltered()} fallback={<Empty title={text.list.noMatch} />}>
              <NoModel />
            </Show>
          }
        >
          {(data) => (
            <>
              <Table
                label={text.models.title}
                rows={data().rows}
                columns={columns.shown()}
                card={(row) => <ModelCard row={row} search={location.search} />}
                isChosen={(row) => row.model === params.model && row.upstreamId === params.upstream}
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
      <Show when={params.model !== undefined && params.upstream !== undefined}>
        <ModelDrawer
          upstream={params.upstream ?? ''}
          model={params.model ?? ''}
          fees={list.data()?.fees}
          onClose={close}
        />
      </Show>
      <Show when={adds()}>
        <AddModelDialog upstreams={known()} onClose={() => setAdds(false)} />
      </Show>
      <Show when={isImport()}>
        <ImportDrawer
          upstreams={known()}
          chosen={address.read('upstream')}
          onChoose={(upstream) => address.write({ upstream })}
          onClose={close}
        />
      </Show>
    </>
  )
}

const isSeveral = (rows: List['rows']): boolean => new Set(rows.map((row) => row.upstreamId)).size > 1

function NoModel() {
  return (
    <Empty title={text.models.empty}>
      <p>{text.models.emptyHow}</p>
      <CopyText
        block
        name={text.models.emptyHow}
        value="UPSTREAM_BASE_URL=https://api.openai.com/v1 UPSTREAM_API_KEY=sk-… bun run start"
      />
    </Empty>
  )
}

const upstreamTones: Readonly<Record<string, Tone>> = {
  connected: 'good',
  'refused-key': 'bad',
  down: 'look',
  'no-list': 'look',
  unknown: 'off',
}

/** Each by its own word: they wait for different things. */
const otherStates = ['unconfirmed', 'paused', 'gone', 'rateOld'] as const

/** Upstreams say for themselves whether they answer, refuse the key or have no list (D-045). */
function Upstreams(props: { readonly rows: readonly UpstreamRow[]; readonly list: List | undefined }) {
  const counts = () => {
    const all = props.list?.counts ?? {}
    const others = otherStates.flatMap((state) => {
      const models = all[state] ?? 0
      return models === 0 ? [] : [text.models.others(models, text.models.states[state])]
    })
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
              ...counts().others,
            ].join(' · ')}
          </span>
        </Show>
        <Show when={props.list?.fees.fixedSat}>{(sat) => <Mark tone="look">{text.models.fixed(sat())}</Mark>}</Show>
      </div>
    </Show>
  )
}
