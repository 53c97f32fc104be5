/** State marks: shape and word first, then colour (dashboard 2). A tag is mark and word on its soft ground. */
import { type JSX, Show } from 'solid-js'
import styles from './mark.module.css'

export type Tone = 'good' | 'look' | 'bad' | 'off' | 'working'
const shapes: Readonly<Record<Tone, string>> = { good: '●', look: '◆', bad: '■', off: '○', working: '◐' }

export function Mark(props: { readonly tone: Tone; readonly children?: JSX.Element }) {
  return (
    <span class={styles.mark}>
      <span class={styles[props.tone]} aria-hidden="true">
        {shapes[props.tone]}
      </span>
      <Show when={props.children}>
        <span>{props.children}</span>
      </Show>
    </span>
  )
}

export function Tag(props: { readonly tone?: Tone; readonly children: JSX.Element }) {
  return (
    <span class={`${styles.tag} ${styles[`${props.tone ?? 'off'}Tag`]}`}>
      <Show when={props.tone}>
        {(tone) => (
          <span class={styles[tone()]} aria-hidden="true">
            {shapes[tone()]}
          </span>
        )}
      </Show>
      {props.children}
    </span>
  )
}
