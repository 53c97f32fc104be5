/** How the page stands to the node: the line in the nav, the dot of a narrow page, the strip while it is lost. */
import { Match, Show, Switch } from 'solid-js'
import { connection, transport } from '../client'
import { timeText } from '../format'
import { text } from '../text/en'
import { Button, Mark } from '../ui'
import styles from './shell.module.css'

const skewShownS = 30

export function ConnectionLine() {
  const live = () => {
    const now = connection()
    return now.is === 'live' ? now : undefined
  }
  const lost = () => {
    const now = connection()
    return now.is === 'lost' ? now : undefined
  }
  return (
    <Switch fallback={<Mark tone="working">{text.connection.opening}</Mark>}>
      <Match when={lost()}>{(now) => <Mark tone="bad">{text.connection.lost(timeText(now().sinceS))}</Mark>}</Match>
      <Match when={Math.abs(live()?.skewS ?? 0) > skewShownS ? live() : undefined}>
        {(now) => <Mark tone="look">{text.connection.skew(Math.abs(now().skewS))}</Mark>}
      </Match>
      <Match when={live()?.encrypted === false}>
        <Mark tone="look">{text.connection.plain}</Mark>
      </Match>
      <Match when={live()}>{(now) => <Mark tone="good">{text.connection.live(now().ms)}</Mark>}</Match>
    </Switch>
  )
}

export function ConnectionDot() {
  const tone = () => {
    const now = connection()
    if (now.is === 'lost') return 'bad' as const
    if (now.is === 'opening') return 'working' as const
    return now.encrypted ? ('good' as const) : ('look' as const)
  }
  return (
    <span class={styles.dot}>
      <Mark tone={tone()} />
      <span class="sr-only">
        <ConnectionLine />
      </span>
    </span>
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
          <Mark tone="bad">{text.connection.strip(timeText(now().sinceS))}</Mark>
          <Button small onClick={transport.retry}>
            {text.connection.retry}
          </Button>
        </div>
      )}
    </Show>
  )
}
