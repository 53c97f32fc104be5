/** A secret that is shown once: it stays until somebody says that it is saved, whatever a hand slips on (D-059). */
import { createEffect, createSignal, type JSX, onCleanup, onMount } from 'solid-js'
import { Button, useHold } from '../ui'
import styles from './forms.module.css'
import { FormButtons } from './shell'

/** The second press of a double click on the button that made it must not be the one that puts it away. */
const settleMs = 1000

export function ShownOnce(props: {
  readonly saved: string
  readonly onSaved: () => void
  readonly children: JSX.Element
}) {
  const [isSettled, setSettled] = createSignal(false)
  const timer = setTimeout(() => setSettled(true), settleMs)
  onCleanup(() => clearTimeout(timer))
  useShownOnce(() => true)
  let place: HTMLDivElement | undefined
  onMount(() => place?.focus())
  return (
    <div ref={place} class={styles.form} tabindex="-1">
      {props.children}
      <FormButtons>
        <Button kind="primary" still={!isSettled()} onClick={props.onSaved}>
          {props.saved}
        </Button>
      </FormButtons>
    </div>
  )
}

const [shown, setShown] = createSignal(0)
/** Whether a secret is on the page that was not saved yet: who leads away from the page asks first. */
export const isSecretShown = (): boolean => shown() > 0

/** While it is shown the dialog around it stays, and leaving the page asks (dashboard 6, Shown once). */
export function useShownOnce(isShown: () => boolean): void {
  useHold(isShown)
  createEffect(() => {
    if (!isShown()) return
    setShown((secrets) => secrets + 1)
    onCleanup(() => setShown((secrets) => secrets - 1))
  })
}
