/** A labelled field with its help and its error under it, tied for assistive technology. */
import { createUniqueId, type JSX, Show } from 'solid-js'
import styles from './field.module.css'

export function Field(props: {
  readonly label: string
  readonly value: string
  readonly onInput: (value: string) => void
  readonly onBlur?: () => void
  /** Enter means this and not the form around. */
  readonly onEnter?: () => void
  readonly type?: 'text' | 'password' | 'date'
  readonly suffix?: string
  readonly help?: JSX.Element
  readonly error?: string | undefined
  readonly placeholder?: string
  readonly autocomplete?: string
  readonly inputMode?: 'decimal' | 'text'
  readonly disabled?: boolean
  readonly autofocus?: boolean
  readonly name?: string
  /** The label stands in its line. */
  readonly beside?: boolean
}) {
  const id = createUniqueId()
  const describedBy = () =>
    [props.error === undefined ? '' : `${id}-error`, props.help === undefined ? '' : `${id}-help`]
      .filter((one) => one !== '')
      .join(' ')
  return (
    <div class={props.beside === true ? styles.beside : styles.field}>
      <label class={styles.label} for={id}>
        {props.label}
      </label>
      <span class={styles.box} classList={{ [styles.wrong ?? '']: props.error !== undefined }}>
        <input
          id={id}
          class={styles.input}
          name={props.name}
          type={props.type ?? 'text'}
          value={props.value}
          placeholder={props.placeholder}
          autocomplete={props.autocomplete ?? 'off'}
          inputmode={props.inputMode}
          spellcheck={false}
          autofocus={props.autofocus}
          disabled={props.disabled}
          aria-invalid={props.error === undefined ? undefined : 'true'}
          aria-describedby={describedBy() === '' ? undefined : describedBy()}
          onInput={(event) => props.onInput(event.currentTarget.value)}
          onBlur={() => props.onBlur?.()}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || props.onEnter === undefined) return
            event.preventDefault()
            props.onEnter()
          }}
        />
        <Show when={props.suffix}>
          <span class={styles.suffix}>{props.suffix}</span>
        </Show>
      </span>
      <Show when={props.error}>
        <p id={`${id}-error`} class={styles.error}>
          {props.error}
        </p>
      </Show>
      <Show when={props.help}>
        <p id={`${id}-help`} class={styles.help}>
          {props.help}
        </p>
      </Show>
    </div>
  )
}

/** Several lines: a list with one entry on each, or a text that is pasted. */
export function TextArea(props: {
  readonly label: string
  readonly value: string
  readonly onInput: (value: string) => void
  readonly help?: string
  readonly error?: string | undefined
  readonly disabled?: boolean
  readonly rows?: number
  readonly placeholder?: string
}) {
  const id = createUniqueId()
  return (
    <div class={styles.field}>
      <label class={styles.label} for={id}>
        {props.label}
      </label>
      <textarea
        id={id}
        class={styles.area}
        classList={{ [styles.wrong ?? '']: props.error !== undefined }}
        rows={props.rows ?? 3}
        value={props.value}
        placeholder={props.placeholder}
        autocomplete="off"
        spellcheck={false}
        disabled={props.disabled}
        aria-invalid={props.error === undefined ? undefined : 'true'}
        aria-describedby={`${id}-error ${id}-help`}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      <p id={`${id}-error`} class={styles.error} hidden={props.error === undefined}>
        {props.error}
      </p>
      <p id={`${id}-help`} class={styles.help} hidden={props.help === undefined}>
        {props.help}
      </p>
    </div>
  )
}

export type Choice = { readonly value: string; readonly label: string }

/** A choice of few. The label is always there; `quiet` shows it to assistive technology only, `beside` in its line. */
export function Select(props: {
  readonly label: string
  readonly value: string
  readonly choices: readonly Choice[]
  readonly onChange: (value: string) => void
  readonly quiet?: boolean
  readonly beside?: boolean
  readonly help?: string
}) {
  const id = createUniqueId()
  return (
    <div class={props.beside === true ? styles.beside : styles.field}>
      <label class={props.quiet === true ? 'sr-only' : styles.label} for={id}>
        {props.label}
      </label>
      <select
        id={id}
        class={styles.select}
        value={props.value}
        aria-describedby={props.help === undefined ? undefined : `${id}-help`}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        {props.choices.map((choice) => (
          <option value={choice.value} selected={choice.value === props.value}>
            {choice.label}
          </option>
        ))}
      </select>
      <Show when={props.help}>
        <p id={`${id}-help`} class={styles.help}>
          {props.help}
        </p>
      </Show>
    </div>
  )
}

/** The search of a list: `/` goes here. */
export function SearchField(props: {
  readonly label: string
  readonly value: string
  readonly onInput: (value: string) => void
}) {
  return (
    <input
      type="search"
      class={styles.search}
      aria-label={props.label}
      placeholder={props.label}
      autocomplete="off"
      spellcheck={false}
      data-search
      value={props.value}
      onInput={(event) => props.onInput(event.currentTarget.value)}
    />
  )
}
