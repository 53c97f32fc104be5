/** The sheet of keys, opened with `?`. */
import { For } from 'solid-js'
import { tabs } from '../paths'
import { tabKeys } from '../shortcuts'
import { text } from '../text/en'
import { keySheetText } from '../text/key-sheet'
import { Dialog } from '../ui'
import styles from './page.module.css'

const sheet = keySheetText
const groups: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [sheet.go, tabs.map((tab) => [tabKeys[tab], text.tabs[tab]] as const)],
  [
    sheet.lists,
    [
      ['/', sheet.search],
      ['j k', sheet.rows],
      ['Enter', sheet.open],
      ['Esc', sheet.close],
      ['x', sheet.choose],
      ['c', sheet.copy],
    ],
  ],
  [
    sheet.page,
    [
      ['Ctrl K', sheet.find],
      ['[ ]', sheet.range],
      ['u', sheet.unit],
      ['t', sheet.theme],
      ['?', sheet.help],
    ],
  ],
]

export function KeySheet(props: { readonly onClose: () => void }) {
  return (
    <Dialog title={sheet.title} onClose={props.onClose}>
      <For each={groups}>
        {([title, rows]) => (
          <section class={styles.keyGroup} aria-label={title}>
            <h3 class={styles.keyTitle}>{title}</h3>
            <dl>
              <For each={rows}>
                {([key, words]) => (
                  <div class={styles.keyRow}>
                    <dt>
                      <kbd class={styles.kbd}>{key}</kbd>
                    </dt>
                    <dd>{words}</dd>
                  </div>
                )}
              </For>
            </dl>
          </section>
        )}
      </For>
    </Dialog>
  )
}
