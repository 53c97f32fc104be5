/** Keys that spend this session's balance, each with its own limit and what it spent. */
import { A } from '@solidjs/router'
import { For, Show } from 'solid-js'
import type { Answer } from '../client'
import { paths } from '../paths'
import { timelineText as words } from '../text/timeline'
import { Amount } from '../ui'
import styles from './page.module.css'
import { StateTag } from './session-rows'

export function SessionChildren(props: { readonly session: Answer<'sessions.get'> }) {
  return (
    <ul aria-label={words.children}>
      <For each={props.session.children}>
        {(child) => (
          <li class={styles.line}>
            <A class={`${styles.mono} ${styles.link}`} href={paths.session(child.key12)}>
              {child.key12}
            </A>
            <span>{child.label}</span>
            <Show when={child.limitMsat}>
              {(msat) => (
                <span>
                  {words.limit} <Amount msat={msat()} />
                </span>
              )}
            </Show>
            <span>
              {words.spent} <Amount msat={child.spentMsat} />
            </span>
            <span class={styles.quiet}>{words.requestsOf(child.requests)}</span>
            <span class={styles.lineEnd}>
              <StateTag state={child.state} />
            </span>
          </li>
        )}
      </For>
    </ul>
  )
}
