/** What every form stands in: fields, trouble, second confirmation, proof, buttons. Asks for `busy` and `trouble`. */
import { createSignal, type JSX, Show } from 'solid-js'
import type { Sentence } from '../errors'
import { text } from '../text/en'
import { Button, Field, Mark, TroubleBox } from '../ui'
import styles from './forms.module.css'

export function FormShell(props: {
  readonly busy: boolean
  readonly trouble: Sentence | undefined
  readonly onSubmit: () => void
  readonly children: JSX.Element
}) {
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

/** The node wants a second yes; the focus starts on the safe choice. */
export function SecondYes(props: {
  readonly what: string
  readonly busy: boolean
  readonly onYes: () => void
  readonly onNo: () => void
}) {
  return (
    <div class={styles.question} role="alertdialog" aria-label={props.what}>
      <Mark tone="look">{props.what}</Mark>
      <FormButtons>
        <Button onClick={props.onNo} autofocus>
          {text.confirm.back}
        </Button>
        <Button kind="danger" busy={props.busy && text.models.saving} onClick={props.onYes}>
          {text.confirm.again}
        </Button>
      </FormButtons>
    </div>
  )
}

/** Step-up by password: serves one command and is not kept (R-012 c). */
export function StepUp(props: {
  readonly ways: readonly string[]
  readonly tried: boolean
  readonly busy: boolean
  readonly onProof: (password: string) => void
}) {
  const [password, setPassword] = createSignal('')
  return (
    <Show when={props.ways.includes('password')} fallback={<TroubleBox what={text.stepUp.console} />}>
      <div class={styles.question}>
        <Field
          label={text.stepUp.password}
          type="password"
          autocomplete="current-password"
          value={password()}
          onInput={setPassword}
          help={text.stepUp.help}
          error={props.tried ? text.stepUp.wrong : undefined}
          autofocus
        />
        <FormButtons>
          <Button
            kind="primary"
            busy={props.busy && text.models.saving}
            onClick={() => {
              props.onProof(password())
              setPassword('')
            }}
          >
            {text.save}
          </Button>
        </FormButtons>
      </div>
    </Show>
  )
}
