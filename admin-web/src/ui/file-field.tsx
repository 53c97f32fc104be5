/** A file of this computer, read here as text; it goes nowhere by itself. */
import { createUniqueId, Show } from 'solid-js'
import styles from './field.module.css'

export function FileField(props: {
  readonly label: string
  readonly accept: string
  readonly onText: (text: string) => void
  readonly error?: string | undefined
}) {
  const id = createUniqueId()
  const read = async (input: HTMLInputElement) => {
    const [file] = input.files ?? []
    if (file !== undefined) props.onText(await file.text())
  }
  return (
    <div class={styles.field}>
      <label class={styles.label} for={id}>
        {props.label}
      </label>
      <input
        id={id}
        class={styles.file}
        type="file"
        accept={props.accept}
        aria-invalid={props.error !== undefined}
        aria-describedby={props.error === undefined ? undefined : `${id}-error`}
        onChange={(event) => void read(event.currentTarget)}
      />
      <Show when={props.error}>
        {(error) => (
          <span id={`${id}-error`} class={styles.error}>
            {error()}
          </span>
        )}
      </Show>
    </div>
  )
}
