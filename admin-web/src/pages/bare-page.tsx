/** What sign-in and set-up stand on: the node's name and one column. */
import type { JSX } from 'solid-js'
import { Toasts } from '../ui'
import styles from './page.module.css'

export function BarePage(props: {
  readonly name: string
  readonly heading: string
  /** Room for more than one column of fields. */
  readonly wide?: boolean
  readonly children: JSX.Element
}) {
  return (
    <main class={styles.bare}>
      <div class={styles.gate} classList={{ [styles.wide ?? '']: props.wide === true }}>
        <p class={styles.brand}>
          <span class={styles.seal} aria-hidden="true">
            ◉
          </span>
          {props.name}
        </p>
        <div class={styles.gateSheet}>
          <h1 tabindex="-1">{props.heading}</h1>
          {props.children}
        </div>
      </div>
      <Toasts />
    </main>
  )
}
