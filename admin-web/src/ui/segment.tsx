/** A few choices side by side, one of them on. */
import { For } from 'solid-js'
import styles from './segment.module.css'

export function Segment<Value extends string>(props: {
  readonly label: string
  readonly value: Value
  readonly choices: readonly { readonly value: Value; readonly label: string }[]
  readonly onChange: (value: Value) => void
}) {
  return (
    <fieldset class={styles.segment}>
      <legend class="sr-only">{props.label}</legend>
      <For each={props.choices}>
        {(choice) => (
          <button
            type="button"
            class={styles.choice}
            aria-pressed={choice.value === props.value}
            onClick={() => props.onChange(choice.value)}
          >
            {choice.label}
          </button>
        )}
      </For>
    </fieldset>
  )
}
