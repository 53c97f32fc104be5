/** Which columns of a list are seen: a check for each but the first, which names the row. */
import { For } from 'solid-js'
import { listText } from '../text/lists'
import { Menu, MenuCheck, MenuGroup } from './menu'
import { isNarrow } from './narrow'
import type { Column } from './table'

export function ColumnMenu<Row>(props: {
  readonly columns: readonly Column<Row>[]
  readonly isShown: (column: Column<Row>) => boolean
  readonly onToggle: (column: Column<Row>) => void
}) {
  // A card has its own lines; only what is asked for beside them can be chosen there.
  const choices = () => props.columns.filter((column, index) => (isNarrow() ? column.onDemand === true : index > 0))
  return (
    <Menu end label={listText.columns} button={<>{listText.columns} ▾</>}>
      {() => (
        <MenuGroup label={listText.columnsShown}>
          <For each={choices()}>
            {(column) => (
              <MenuCheck on={props.isShown(column)} onToggle={() => props.onToggle(column)}>
                {column.name}
              </MenuCheck>
            )}
          </For>
        </MenuGroup>
      )}
    </Menu>
  )
}
