/** A short list where the length of a bar says how much of the whole a row is. */
import { For, type JSX } from 'solid-js'
import styles from './bar-list.module.css'

export function BarList(props: {
  readonly label: string
  readonly rows: readonly { readonly name: JSX.Element; readonly share: number; readonly value: JSX.Element }[]
}) {
  return (
    <ul class={styles.list} aria-label={props.label}>
      <For each={props.rows}>
        {(row) => (
          <li class={styles.row}>
            <span class={styles.name} title={typeof row.name === 'string' ? row.name : undefined}>
              {row.name}
            </span>
            <span class={styles.track} aria-hidden="true">
              <span
                class={styles.fill}
                ref={(bar) => {
                  bar.style.inlineSize = `${Math.max(0, Math.min(1, row.share)) * 100}%`
                }}
              />
            </span>
            <span class={styles.value}>{row.value}</span>
          </li>
        )}
      </For>
    </ul>
  )
}
