/** A list of what the node deals with: add one, look at each, and a dialog for what can be done with one. */
import { type Accessor, createSignal, For, type JSX, Show } from 'solid-js'
import type { Query } from '../../client'
import { Button, Dialog, Empty, Sheet } from '../../ui'
import { ListStates } from '../list-parts'
import styles from './settings.module.css'

export type Layer<Row> = {
  readonly title: (row: Row) => string
  readonly form: (row: Row, onDone: () => void) => JSX.Element
}

export function ManagedList<Row extends object, What extends string>(props: {
  readonly title: string
  readonly list: Query<{ readonly rows: readonly Row[] }>
  readonly empty: string
  readonly add: {
    readonly button: string
    readonly title: string
    readonly refused?: string | undefined
    readonly form: (onDone: () => void) => JSX.Element
  }
  readonly layers: Readonly<Record<What, Layer<Row>>>
  readonly item: (row: Row, onOpen: (what: What) => void, index: Accessor<number>) => JSX.Element
}) {
  const [open, setOpen] = createSignal<{ readonly title: string; readonly form: () => JSX.Element }>()
  const close = () => setOpen(undefined)
  // Taken at the click: a form that followed the list would begin anew with each of its answers.
  const openAdd = () => {
    const { title, form } = props.add
    setOpen({ title, form: () => form(close) })
  }
  const openOne = (row: Row) => (what: What) => {
    const layer = props.layers[what]
    setOpen({ title: layer.title(row), form: () => layer.form(row, close) })
  }
  return (
    <>
      <Sheet
        title={props.title}
        actions={
          <Button kind="primary" refused={props.add.refused} onClick={openAdd}>
            {props.add.button}
          </Button>
        }
      >
        <ListStates
          of={props.list}
          lines={4}
          isEmpty={(data) => data.rows.length === 0}
          empty={<Empty title={props.empty} />}
        >
          {(data) => (
            <ul class={styles.list} aria-label={props.title}>
              <For each={data().rows}>{(row, index) => props.item(row, openOne(row), index)}</For>
            </ul>
          )}
        </ListStates>
      </Sheet>
      <Show when={open()} keyed>
        {(layer) => (
          <Dialog title={layer.title} onClose={close}>
            {layer.form()}
          </Dialog>
        )}
      </Show>
    </>
  )
}
