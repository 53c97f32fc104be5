/** What every form stands in: fields, trouble, buttons. Asks for `busy` and `trouble`. */
import { type JSX, Show } from 'solid-js'
import type { Sentence } from '../errors'
import { TroubleBox, useHold } from '../ui'
import styles from './forms.module.css'

export function FormShell(props: {
  readonly busy: boolean
  readonly trouble: Sentence | undefined
  readonly onSubmit: () => void
  readonly children: JSX.Element
}) {
  // While a command is under way the dialog around it stays (dashboard 6).
  useHold(() => props.busy)
  return (
    <form
      class={styles.form}
      novalidate
      onSubmit={(event) => {
        event.preventDefault()
        if (props.busy) return
        props.onSubmit()
        // The first bad field takes the focus (dashboard 6, Validation).
        const form = event.currentTarget
        queueMicrotask(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
      }}
    >
      {props.children}
      <Show when={props.trouble}>{(trouble) => <TroubleBox what={trouble().what} id={trouble().id} />}</Show>
    </form>
  )
}

export function FormButtons(props: { readonly children: JSX.Element }) {
  return <div class={styles.buttons}>{props.children}</div>
}
