/** Columns as data: a real table on a wide page, a list of cards on a narrow one. The node sorts and pages. */
import { For, Index, type JSX, Show } from 'solid-js'
import { text } from '../text/en'
import { listText } from '../text/lists'
import { AmountsAt } from './amount'
import { Icon } from './icon'
import { isNarrow } from './narrow'
import styles from './table.module.css'

export type Column<Row> = {
  readonly key: string
  readonly head: JSX.Element
  readonly name: string
  readonly end?: boolean
  /** Left out before the nav folds: not needed to read the row. */
  readonly wide?: boolean
  /** Seen only by those who asked for it. */
  readonly onDemand?: boolean
  /** Word that the node sorts by. */
  readonly sort?: string
  /** On a card no head names the unit. */
  readonly cell: (row: Row, onCard?: boolean) => JSX.Element
  readonly total?: () => JSX.Element
}

/** Columns that stand in the list only for those who ask for them; their name is their head. */
export const onDemand = <Row,>(
  columns: readonly (Omit<Column<Row>, 'head' | 'onDemand'> & Partial<Pick<Column<Row>, 'head'>>)[],
): readonly Column<Row>[] => columns.map((column) => ({ head: column.name, ...column, onDemand: true }))

/** Several rows can be chosen, to be told the same. */
type Choosing<Row> = {
  readonly has: (row: Row) => boolean
  readonly toggle: (row: Row) => void
  readonly toggleAll: (rows: readonly Row[]) => void
  readonly name: (row: Row) => string
}

export function Table<Row>(props: {
  readonly label: string
  readonly rows: readonly Row[]
  readonly columns: readonly Column<Row>[]
  readonly card: (row: Row) => JSX.Element
  readonly isChosen?: (row: Row) => boolean
  readonly onOpen?: (row: Row) => void
  /** As in the address: `-createdAt` is descending. */
  readonly sort?: string
  readonly onSort?: (sort: string) => void
  readonly choosing?: Choosing<Row> | undefined
  /** Newest first and live: places stand still and rows pass through them, so that nothing on the page shifts (N7). */
  readonly live?: boolean
  /** Of history: what a bitcoin cost when the row happened; its amounts are at that. */
  readonly usdPerBtcOf?: (row: Row) => string | null
}) {
  const asked = () => props.columns.filter((column) => column.onDemand === true)
  return (
    <Show
      when={!isNarrow()}
      fallback={
        <ul class={styles.cards} aria-label={props.label}>
          <Rows of={props.rows} live={props.live === true}>
            {(row) => (
              <li class={styles.card} classList={{ [styles.chosen ?? '']: props.isChosen?.(row()) === true }}>
                <div class={styles.cardLine}>
                  <Check of={props.choosing} row={row()} />
                  <div class={styles.cardBody}>
                    <AmountsAt usdPerBtc={props.usdPerBtcOf?.(row())}>
                      {props.card(row())}
                      <Asked columns={asked()} row={row()} />
                    </AmountsAt>
                  </div>
                </div>
              </li>
            )}
          </Rows>
        </ul>
      }
    >
      <div class={styles.scroll}>
        <table class={styles.table}>
          <caption class="sr-only">{props.label}</caption>
          <thead>
            <tr>
              <Show when={props.choosing}>
                {(choosing) => (
                  <th scope="col" class={styles.check}>
                    <CheckBox
                      label={listText.chooseAll}
                      on={props.rows.length > 0 && props.rows.every(choosing().has)}
                      onToggle={() => choosing().toggleAll(props.rows)}
                    />
                  </th>
                )}
              </Show>
              <For each={props.columns}>
                {(column) => <HeadCell column={column} sort={props.sort} onSort={props.onSort} />}
              </For>
            </tr>
          </thead>
          <tbody>
            <Rows of={props.rows} live={props.live === true}>
              {(row) => (
                <tr
                  data-row
                  class={props.onOpen === undefined ? undefined : styles.openable}
                  classList={{ [styles.chosen ?? '']: props.isChosen?.(row()) === true }}
                  onClick={(event) => {
                    const target = event.target as Element
                    if (target.closest('a, button, label, input') === null && `${getSelection() ?? ''}` === '')
                      props.onOpen?.(row())
                  }}
                >
                  <Show when={props.choosing}>
                    <td class={styles.check}>
                      <Check of={props.choosing} row={row()} />
                    </td>
                  </Show>
                  <AmountsAt usdPerBtc={props.usdPerBtcOf?.(row())}>
                    <For each={props.columns}>
                      {(column) => <td class={cellClass(column)}>{column.cell(row())}</td>}
                    </For>
                  </AmountsAt>
                </tr>
              )}
            </Rows>
          </tbody>
          <Show when={props.columns.some((column) => column.total !== undefined)}>
            <tfoot>
              <tr>
                <Show when={props.choosing}>
                  <td class={styles.check} />
                </Show>
                <For each={props.columns}>
                  {(column, index) => (
                    <td class={cellClass(column)}>{index() === 0 ? text.list.total : column.total?.()}</td>
                  )}
                </For>
              </tr>
            </tfoot>
          </Show>
        </table>
      </div>
    </Show>
  )
}

/** By row, which then keeps its place in the document; or by place. */
function Rows<Row>(props: {
  readonly of: readonly Row[]
  readonly live: boolean
  readonly children: (row: () => Row) => JSX.Element
}) {
  return (
    <Show when={props.live} fallback={<For each={props.of}>{(row) => props.children(() => row)}</For>}>
      <Index each={props.of}>{(row) => props.children(row)}</Index>
    </Show>
  )
}

/** `x` finds it from anywhere in its row. */
function Check<Row>(props: { readonly of: Choosing<Row> | undefined; readonly row: Row }) {
  return (
    <Show when={props.of}>
      {(choosing) => (
        <CheckBox
          row
          label={listText.choose(choosing().name(props.row))}
          on={choosing().has(props.row)}
          onToggle={() => choosing().toggle(props.row)}
        />
      )}
    </Show>
  )
}

function CheckBox(props: {
  readonly label: string
  readonly on: boolean
  readonly row?: boolean
  readonly onToggle: () => void
}) {
  return (
    <label class={styles.checkBox}>
      <input
        type="checkbox"
        aria-label={props.label}
        checked={props.on}
        data-choose={props.row === true ? '' : undefined}
        onChange={() => props.onToggle()}
      />
    </label>
  )
}

/** On a card, what was asked for beside its own lines. */
function Asked<Row>(props: { readonly columns: readonly Column<Row>[]; readonly row: Row }) {
  return (
    <Show when={props.columns.length > 0}>
      <dl class={styles.asked}>
        <For each={props.columns}>
          {(column) => (
            <div>
              <dt>{column.name}</dt>
              <dd>{column.cell(props.row, true)}</dd>
            </div>
          )}
        </For>
      </dl>
    </Show>
  )
}

const cellClass = (column: { readonly end?: boolean; readonly wide?: boolean }): string =>
  [column.end === true ? styles.end : '', column.wide === true ? styles.wide : ''].filter((one) => one !== '').join(' ')

function HeadCell<Row>(props: {
  readonly column: Column<Row>
  readonly sort: string | undefined
  readonly onSort: ((sort: string) => void) | undefined
}) {
  const direction = () => {
    if (props.column.sort === undefined) return undefined
    if (props.sort === props.column.sort) return 'ascending' as const
    return props.sort === `-${props.column.sort}` ? ('descending' as const) : ('none' as const)
  }
  return (
    <th scope="col" class={cellClass(props.column)} aria-sort={direction()}>
      <Show when={props.column.sort !== undefined && props.onSort !== undefined} fallback={props.column.head}>
        <button
          type="button"
          class={styles.sort}
          title={text.list.sortBy(props.column.name)}
          onClick={() =>
            props.onSort?.(direction() === 'descending' ? `${props.column.sort}` : `-${props.column.sort}`)
          }
        >
          {props.column.head}
          <span class={direction() === 'none' ? styles.unsorted : styles.sorted}>
            <Icon name={direction() === 'ascending' ? 'up' : 'down'} />
          </span>
        </button>
      </Show>
    </th>
  )
}
