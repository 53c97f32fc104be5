/** Tabs that are pages: each has an address of its own. */
import { A } from '@solidjs/router'
import { For } from 'solid-js'
import styles from './tabs.module.css'

export function PageTabs(props: {
  readonly label: string
  readonly here: string
  readonly tabs: readonly { readonly name: string; readonly label: string; readonly href: string }[]
}) {
  return (
    <nav class={styles.tabs} aria-label={props.label}>
      <For each={props.tabs}>
        {(tab) => (
          <A
            href={tab.href}
            class={styles.tab}
            activeClass=""
            inactiveClass=""
            aria-current={tab.name === props.here ? 'page' : undefined}
          >
            {tab.label}
          </A>
        )}
      </For>
    </nav>
  )
}
