/** Every change of a setting, newest first; a revert goes through the same review as a change (D-050). */
import { createEffect, createSignal, Show } from 'solid-js'
import { type Answer, isConnected } from '../../client'
import { cannot } from '../../errors'
import { settingsText as words } from '../../text/settings'
import { Age, Button, type Column, Day, Empty, Sheet, Table } from '../../ui'
import { choicesOf, useList } from '../list'
import { useListAddress } from '../list-address'
import { ListFilters, ListStates, OlderPager } from '../list-parts'
import pageStyles from '../page.module.css'
import type { Value } from './draft'
import { labelOf, shownValue } from './field'
import styles from './settings.module.css'

type Row = Answer<'settings.history'>['rows'][number]

export function HistoryList(props: { readonly onRevert: (key: string, value: Value) => void }) {
  const address = useListAddress()
  const [keys, setKeys] = createSignal<readonly string[]>([])
  /** Settings that were seen here: whichever is chosen, the others can still be. */
  const known = (): readonly string[] => {
    const chosen = address.read('setting')
    return chosen === '' || keys().includes(chosen) ? keys() : [chosen, ...keys()]
  }
  const list = useList('settings.history', {
    address,
    pageRows: 50,
    filters: () => [{ name: 'setting', shown: settingFilter(known()), asks: (key) => ({ key }) }],
    everyMs: () => 60_000,
    rowKey: 'change',
  })
  createEffect(() => {
    const seen = new Set([...keys(), ...(list.data()?.rows.map((row) => row.key) ?? [])])
    if (seen.size !== keys().length) setKeys([...seen].sort())
  })
  return (
    <Sheet title={words.sections.history}>
      <div class={styles.item}>
        <p class={styles.lead}>{words.history.lead}</p>
        <div class={pageStyles.filters}>
          <ListFilters of={list} />
        </div>
      </div>
      <ListStates
        of={list}
        lines={6}
        isEmpty={(data) => data.rows.length === 0}
        empty={<Empty title={words.history.empty} />}
      >
        {(data) => (
          <>
            <Table
              label={words.sections.history}
              rows={data().rows}
              columns={columns(props.onRevert)}
              card={(row) => <HistoryCard row={row} onRevert={props.onRevert} />}
            />
            <OlderPager address={list.address} next={data().next} />
          </>
        )}
      </ListStates>
    </Sheet>
  )
}

const settingFilter = (keys: readonly string[]) => ({
  label: words.history.filter,
  choices: choicesOf(Object.fromEntries(keys.map((key) => [key, labelOf(key)])), words.history.all),
})

const doorOf = (row: Row) => words.doors[row.door] ?? row.door

function columns(onRevert: (key: string, value: Value) => void): readonly Column<Row>[] {
  return [
    { key: 'at', name: words.history.time, head: words.history.time, cell: (row) => <Age atS={row.at} ago /> },
    { key: 'by', name: words.history.who, head: words.history.who, cell: (row) => row.byName },
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
          <Age atS={props.row.at} ago /> · {props.row.byName} · {doorOf(props.row)}
        </span>
      </div>
      <Moved row={props.row} />
      <div class={styles.actions}>
        <Revert row={props.row} onRevert={props.onRevert} />
      </div>
    </div>
  )
}
