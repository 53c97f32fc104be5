/** How the page stands to the node: the line in the nav, the dot of a narrow page, its panel, the strip while it is lost. */
import { For, Show } from 'solid-js'
import { connection, pollSeconds, transport } from '../client'
import { connectionChanges, type Stand, standOf } from '../connection-log'
import { timeText } from '../format'
import { connectionText as words } from '../text/connection'
import type { Connection } from '../transport/transport'
import { Age, Button, Dialog, Mark, type Tone } from '../ui'
import styles from './connection.module.css'

const tones: Readonly<Record<Stand, Tone>> = {
  opening: 'working',
  live: 'good',
  polling: 'look',
  plain: 'look',
  skewed: 'look',
  lost: 'bad',
}

function wordsOf(now: Connection): string {
  if (now.is === 'opening') return words.opening
  if (now.is === 'lost') return words.lost(timeText(now.sinceS))
  const stand = standOf(now)
  if (stand === 'skewed') return words.skew(Math.abs(now.skewS))
  if (stand === 'polling') return words.polling(pollSeconds)
  return stand === 'plain' ? words.plain : words.live(now.ms)
}

function State(props: { readonly of: Connection }) {
  return <Mark tone={tones[standOf(props.of)]}>{wordsOf(props.of)}</Mark>
}

export function ConnectionLine(props: { readonly onOpen: () => void }) {
  return (
    <button type="button" class={styles.line} aria-haspopup="dialog" onClick={() => props.onOpen()}>
      <State of={connection()} />
    </button>
  )
}

export function ConnectionDot(props: { readonly onOpen: () => void }) {
  return (
    <button
      type="button"
      class={styles.dot}
      aria-haspopup="dialog"
      aria-label={words.open(wordsOf(connection()))}
      onClick={() => props.onOpen()}
    >
      <Mark tone={tones[standOf(connection())]} />
    </button>
  )
}

export function ConnectionPanel(props: { readonly onClose: () => void }) {
  return (
    <Dialog title={words.title} onClose={props.onClose}>
      <div class={styles.now}>
        <State of={connection()} />
        <p class={styles.quiet}>{words.means[standOf(connection())]}</p>
      </div>
      <h3 class={styles.quiet}>{words.changes}</h3>
      <ol class={styles.changes}>
        <For each={connectionChanges()}>
          {(change) => (
            <li>
              <State of={change.connection} />
              <Age atS={change.atS} ago />
            </li>
          )}
        </For>
      </ol>
    </Dialog>
  )
}

/** Old values stay, with the time they are from (D-018). */
export function ConnectionStrip() {
  const lost = () => {
    const now = connection()
    return now.is === 'lost' ? now : undefined
  }
  return (
    <Show when={lost()}>
      {(now) => (
        <div class={styles.strip} role="alert">
          <Mark tone="bad">{words.strip(timeText(now().sinceS))}</Mark>
          <Button small onClick={transport.retry}>
            {words.retry}
          </Button>
        </div>
      )}
    </Show>
  )
}
