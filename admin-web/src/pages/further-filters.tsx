/** Filters that few ask for, folded away until one is wanted or stands in the address (dashboard 4.6, `more`). */
import { type Accessor, createSignal, For, Show } from 'solid-js'
import { keyHashOf } from '../search-term'
import { listText as words } from '../text/lists'
import { Field, MoneyField, Select } from '../ui'
import styles from './further-filters.module.css'
import type { Filter, Typed } from './list'
import { createTyping, type ListAddress } from './list-address'

type Filtered = { readonly address: ListAddress; readonly filters: Accessor<readonly Filter[]> }

export function FurtherFilters(props: { readonly of: Filtered }) {
  const further = () => props.of.filters().filter(({ further }) => further === true)
  const inForce = () => further().filter(({ name }) => props.of.address.read(name) !== '').length
  const isWanted = inForce() > 0
  return (
    <Show when={further().length > 0}>
      <details class={styles.further} open={isWanted}>
        <summary>{words.further(inForce())}</summary>
        <div class={styles.fields}>
          <For each={further()}>
            {(filter) => (
              <Show when={filter.typed} fallback={<SelectFilter of={filter} address={props.of.address} />}>
                {(typed) => <TypedFilter name={filter.name} typed={typed()} address={props.of.address} />}
              </Show>
            )}
          </For>
        </div>
      </details>
    </Show>
  )
}

export function SelectFilter(props: { readonly of: Filter; readonly address: ListAddress; readonly quiet?: boolean }) {
  return (
    <Show when={props.of.shown}>
      {(shown) => (
        <Select
          quiet={props.quiet === true}
          label={shown().label}
          value={props.address.read(props.of.name)}
          choices={shown().choices}
          onChange={(value) => props.address.write({ [props.of.name]: value })}
        />
      )}
    </Show>
  )
}

/** What is no value filters nothing, and says so once the field is left. */
function TypedFilter(props: { readonly name: string; readonly typed: Typed; readonly address: ListAddress }) {
  const kept = () => props.address.read(props.name)
  const shown = () => (kept() === '' ? '' : (props.typed.read?.(kept()) ?? kept()))
  /** What one types stays until the address says something of its own. */
  const [draft, setDraft] = createSignal({ typed: shown(), from: kept(), to: kept() })
  const [left, setLeft] = createSignal(false)
  const typing = createTyping()
  const value = () => ([draft().from, draft().to].includes(kept()) ? draft().typed : shown())
  const type = (typed: string) => {
    const to = typed.trim() === '' ? '' : (props.typed.kept(typed) ?? '')
    setLeft(false)
    setDraft({ typed: keyHashOf(typed) ?? typed, from: kept(), to })
    typing.later(() => props.address.write({ [props.name]: to }))
  }
  const error = () =>
    left() && value().trim() !== '' && props.typed.kept(value()) === undefined ? props.typed.shape : undefined
  const shared = {
    get label() {
      return props.typed.label
    },
    get value() {
      return value()
    },
    get error() {
      return error()
    },
    onInput: type,
  }
  return (
    <Show when={props.typed.isAmount} fallback={<Field {...shared} onBlur={() => setLeft(true)} />}>
      <MoneyField {...shared} />
    </Show>
  )
}
