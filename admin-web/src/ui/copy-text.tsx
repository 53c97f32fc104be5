/** An id, address or command with a button beside it. "Copied" only after it is (dashboard 6, Clipboard truth). */
import { createSignal, Show } from 'solid-js'
import { text } from '../text/en'
import styles from './copy-text.module.css'
import { Icon } from './icon'

/** The page's own selection stays clean; a secure context is not needed (principle 9). */
async function copied(value: string): Promise<boolean> {
  try {
    if (navigator.clipboard !== undefined) {
      await navigator.clipboard.writeText(value)
      return true
    }
  } catch {
    // Refused: the older way may still work.
  }
  const field = document.createElement('textarea')
  field.value = value
  field.className = 'sr-only'
  // Inside an open dialog everything outside it is inert, so the field stands where the focus is.
  const place = document.activeElement?.closest('dialog') ?? document.body
  place.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  return done
}

export function CopyText(props: {
  readonly value: string
  readonly shown?: string
  /** What is copied, for assistive technology: "Copy hash". */
  readonly name: string
  readonly block?: boolean
}) {
  const [state, setState] = createSignal<'idle' | 'copied' | 'by-hand'>('idle')
  let shown: HTMLElement | undefined
  async function copy() {
    const done = await copied(props.value)
    setState(done ? 'copied' : 'by-hand')
    if (!done && shown !== undefined) getSelection()?.selectAllChildren(shown)
    if (done) setTimeout(() => setState('idle'), 2000)
  }
  return (
    <span class={styles.copy} classList={{ [styles.block ?? '']: props.block === true }}>
      <code ref={shown} class={styles.value} title={props.shown === undefined ? undefined : props.value}>
        {state() === 'by-hand' ? props.value : (props.shown ?? props.value)}
      </code>
      <button
        type="button"
        class={styles.button}
        data-copy
        aria-label={`${text.copy}: ${props.name}`}
        onClick={() => void copy()}
      >
        <Icon name={state() === 'copied' ? 'check' : 'copy'} />
        <span class={styles.word}>{state() === 'copied' ? text.copied : text.copy}</span>
      </button>
      <span role="status" class={state() === 'by-hand' ? styles.help : 'sr-only'}>
        <Show when={state() === 'by-hand'}>{text.copyBy(/mac/i.test(navigator.userAgent) ? '⌘' : 'Ctrl')}</Show>
        <Show when={state() === 'copied'}>{text.copied}</Show>
      </span>
    </span>
  )
}
