/** What every list lets one take: other columns, remembered by this browser, and its rows as a file. */
import { type Accessor, createMemo, For, Show } from 'solid-js'
import { type ExportName, exportAddress, isConnected } from '../client'
import { otherColumns } from '../preferences'
import { text } from '../text/en'
import { listText } from '../text/lists'
import { type Column, ColumnMenu, Menu, MenuFile } from '../ui'
import styles from './page.module.css'

/** `list` is what the browser remembers the choice by. */
export function useColumns<Row>(list: string, columns: Accessor<readonly Column<Row>[]>) {
  const all = createMemo(columns)
  const others = otherColumns(list)
  const isShown = (column: Column<Row>) => (column.onDemand !== true) !== others.has(column.key)
  return {
    all,
    isShown,
    toggle: (column: Column<Row>) => others.toggle(column.key),
    /** The first names the row and always stays. */
    shown: () => all().filter((column, index) => index === 0 || isShown(column)),
  }
}

type Columns<Row> = ReturnType<typeof useColumns<Row>>
type Taken = {
  readonly what: ExportName
  readonly name: string
  readonly filter: () => Readonly<Record<string, unknown>>
}

export function ListTools<Row>(props: { readonly columns?: Columns<Row>; readonly export: Taken }) {
  return (
    <span class={styles.tools}>
      <Show when={props.columns}>
        {(columns) => <ColumnMenu columns={columns().all()} isShown={columns().isShown} onToggle={columns().toggle} />}
      </Show>
      <ExportMenu {...props.export} />
    </span>
  )
}

const formats = ['csv', 'json'] as const

/** The rows of a filter, whatever page is seen: their totals are those of the list (D-072). */
export function ExportMenu(props: Taken) {
  const refused = () => (isConnected() ? undefined : text.notConnectedAction)
  const address = (format: (typeof formats)[number]) => exportAddress(props.what, format, props.filter())
  return (
    <Menu end label={`${listText.export} ${props.name}`} button={<>{listText.export} ▾</>}>
      {(close) => (
        <>
          <p class={styles.quiet}>{refused() ?? listText.exportLead}</p>
          <Show when={refused() === undefined}>
            <div>
              <For each={formats}>
                {(format) => (
                  <Show when={address(format)} fallback={<p class={styles.quiet}>{listText.onlyHttp}</p>}>
                    {(href) => (
                      <MenuFile
                        href={href()}
                        label={listText.exportAs(props.name, format.toUpperCase())}
                        onClick={close}
                      >
                        {format.toUpperCase()}
                      </MenuFile>
                    )}
                  </Show>
                )}
              </For>
            </div>
          </Show>
        </>
      )}
    </Menu>
  )
}
