/** What stands around the rows of every list: its filters, its pages, and what there is instead of rows. */
import { type Accessor, For, type JSX, Match, Show, Switch } from 'solid-js'
import { sentenceOf } from '../errors'
import { text } from '../text/en'
import { listText } from '../text/lists'
import type { Trouble } from '../transport/transport'
import { Button, Skeleton, TroubleBox } from '../ui'
import { FurtherFilters, SelectFilter } from './further-filters'
import type { Filter } from './list'
import type { ListAddress } from './list-address'
import styles from './page.module.css'

type Filtered = {
  readonly address: ListAddress
  readonly filters: Accessor<readonly Filter[]>
  readonly isFiltered: Accessor<boolean>
}

/** A select for each filter that has choices, and the way back to all rows. */
export function ListFilters(props: { readonly of: Filtered }) {
  return (
    <>
      <For each={props.of.filters().filter(({ further }) => further !== true)}>
        {(filter) => <SelectFilter quiet of={filter} address={props.of.address} />}
      </For>
      <FurtherFilters of={props.of} />
      <Show when={props.of.isFiltered()}>
        <Button kind="quiet" onClick={props.of.address.clear}>
          {text.list.clear}
        </Button>
      </Show>
    </>
  )
}

/** First load, nothing there, trouble, or the rows; what is shown stays when a later answer does not come. */
export function ListStates<Data extends object>(props: {
  readonly of: {
    readonly data: Accessor<Data | undefined>
    readonly trouble: Accessor<Trouble | undefined>
    readonly refetch: () => void
  }
  readonly isEmpty: (data: Data) => boolean
  readonly empty: JSX.Element
  /** Of the skeleton: about as tall as the rows will be. */
  readonly lines: number
  readonly children: (data: Accessor<Data>) => JSX.Element
}) {
  const isEmpty = () => {
    const data = props.of.data()
    return data !== undefined && props.isEmpty(data)
  }
  return (
    <Switch fallback={<Skeleton lines={props.lines} />}>
      <Match when={isEmpty()}>{props.empty}</Match>
      <Match when={props.of.data()}>{(data) => props.children(data)}</Match>
      <Match when={props.of.trouble()}>
        {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={props.of.refetch} />}
      </Match>
    </Switch>
  )
}

/** For lists whose newest page is the one to be on. */
export function OlderPager(props: { readonly address: ListAddress; readonly next: string | undefined }) {
  const isFirstPage = () => props.address.read('cursor') === ''
  return (
    <Show when={!isFirstPage() || props.next !== undefined}>
      <div class={styles.listFilters}>
        <Show when={!isFirstPage()}>
          <Button small onClick={() => props.address.write({ cursor: undefined })}>
            {listText.newest}
          </Button>
        </Show>
        <Show when={props.next}>
          {(next) => (
            <Button small onClick={() => props.address.write({ cursor: next() }, true)}>
              {listText.older}
            </Button>
          )}
        </Show>
      </div>
    </Show>
  )
}
