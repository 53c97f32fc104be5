/** Every change of a setting, newest first; a revert goes through the same review as a change (D-050). */
import { createSignal, Match, Show, Switch } from 'solid-js'
import { type Answer, isConnected, useQuery } from '../../client'
import { cannot, sentenceOf } from '../../errors'
import { shortKey } from '../../format'
import { settingsText as words } from '../../text/settings'
import { Age, Button, type Column, Day, Empty, Select, Sheet, Skeleton, Table, TroubleBox } from '../../ui'
import { useListAddress } from '../list-address'
import pageStyles from '../page.module.css'
import type { Value } from './draft'
import { labelOf, shownValue } from './field'
import styles from './settings.module.css'

type Row = Answer<'settings.history'>['rows'][number]
const pageRows = 50

export function HistoryList(props: { readonly onRevert: (key: string, value: Value) => void }) {
  const address = useListAddress()
  const [keys, setKeys] = createSignal<readonly string[]>([])
  const list = useQuery(
    'settings.history',
    () => ({
      limit: pageRows,
      ...(address.read('setting') === '' ? {} : { key: address.read('setting') }),
      ...(address.read('cursor') === '' ? {} : { cursor: address.read('cursor') }),
    }),
    { everyMs: 60_000, rowKey: 'change' },
  )
  const known = () => {
    const seen = new Set([...keys(), ...(list.data()?.rows.map((row) => row.key) ?? [])])
    if (seen.size !== keys().length) setKeys([...seen].sort())
    return keys()
  }
  return (
    <Sheet title={words.sections.history}>
      <div class={styles.item}>
        <p class={styles.lead}>{words.history.lead}</p>
        <div class={pageStyles.filters}>
          <Select
            quiet
            label={words.history.filter}
            value={address.read('setting')}
            choices={[
              { value: '', label: words.history.all },
              ...known().map((value) => ({ value, label: labelOf(value) })),
            ]}
            onChange={(setting) => address.write({ setting })}
          />
        </div>
      </div>
      <Switch fallback={<Skeleton lines={6} />}>
        <Match when={list.data()?.rows.length === 0}>
          <Empty title={words.history.empty} />
        </Match>
        <Match when={list.data()}>
          {(data) => (
            <>
              <Table
                label={words.sections.history}
                rows={data().rows}
                columns={columns(props.onRevert)}
                card={(row) => <HistoryCard row={row} onRevert={props.onRevert} />}
              />
              <div class={pageStyles.filters}>
                <Show when={address.read('cursor') !== ''}>
                  <Button small onClick={() => address.write({ cursor: undefined })}>
                    {words.history.first}
                  </Button>
                </Show>
                <Show when={data().next}>
                  {(next) => (
                    <Button small onClick={() => address.write({ cursor: next() }, true)}>
                      {words.history.next}
                    </Button>
                  )}
                </Show>
              </div>
            </>
          )}
        </Match>
        <Match when={list.trouble()}>
          {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={list.refetch} />}
        </Match>
      </Switch>
    </Sheet>
  )
}

const doorOf = (row: Row) => words.doors[row.door] ?? row.door

function columns(onRevert: (key: string, value: Value) => void): readonly Column<Row>[] {
  return [
    { key: 'at', name: words.history.time, head: words.history.time, cell: (row) => <Age atS={row.at} ago /> },
    { key: 'by', name: words.history.who, head: words.history.who, cell: (row) => shortKey(row.by) },
    { key: 'door', name: words.history.door, head: words.history.door, cell: doorOf, wide: true },
    { key: 'setting', name: words.history.setting, head: words.history.setting, cell: (row) => labelOf(row.key) },
    { key: 'change', name: words.history.change, head: words.history.change, cell: (row) => <Moved row={row} /> },
    {
      key: 'revert',
      name: words.history.revert,
      head: <span class="sr-only">{words.history.revert}</span>,
      cell: (row) => <Revert row={row} onRevert={onRevert} />,
    },
  ]
}

function Moved(props: { readonly row: Row }) {
  return (
    <Show when={props.row.new !== undefined} fallback={words.history.replaced}>
      <span class={styles.diff}>
        <del>{shownValue(props.row.old ?? null)}</del>
        <span aria-hidden="true">→</span>
        <span class="sr-only">{words.arrow}</span>
        <ins>{shownValue(props.row.new ?? null)}</ins>
        <Show when={props.row.from}>
          {(from) => (
            <span>
              {words.history.from} <Day atS={from()} />
            </span>
          )}
        </Show>
      </span>
    </Show>
  )
}

function Revert(props: { readonly row: Row; readonly onRevert: (key: string, value: Value) => void }) {
  return (
    <Button
      small
      label={words.history.revertAria(labelOf(props.row.key))}
      refused={cannot(props.row.can, 'revert', isConnected())}
      onClick={() => props.onRevert(props.row.key, props.row.old ?? null)}
    >
      {words.history.revert}
    </Button>
  )
}

function HistoryCard(props: { readonly row: Row; readonly onRevert: (key: string, value: Value) => void }) {
  return (
    <div class={pageStyles.card}>
      <div class={pageStyles.cardLine}>
        <strong>{labelOf(props.row.key)}</strong>
        <span>
          <Age atS={props.row.at} ago /> · {shortKey(props.row.by)} · {doorOf(props.row)}
        </span>
      </div>
      <Moved row={props.row} />
      <div class={styles.actions}>
        <Revert row={props.row} onRevert={props.onRevert} />
      </div>
    </div>
  )
}
