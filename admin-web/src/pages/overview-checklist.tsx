/** What of the first run is still open; gone for good once hidden (dashboard 4.1, D-027). */
import { A } from '@solidjs/router'
import { Show } from 'solid-js'
import { type Answer, isConnected } from '../client'
import { useCommand } from '../forms/command'
import { paths } from '../paths'
import { text } from '../text/en'
import { wizardText as words } from '../text/wizard'
import { Button, Sheet } from '../ui'
import styles from './page.module.css'

export function Checklist(props: { readonly steps: Answer<'overview.get'>['checklist'] }) {
  const hide = useCommand('setup.hide')
  const open = () => props.steps.filter(({ state }) => state !== 'done')
  return (
    <Show when={open().length > 0}>
      <Sheet label={words.checklist(0, 0)}>
        <div class={styles.line}>
          <strong>{words.checklist(props.steps.length - open().length, props.steps.length)}</strong>
          <span>
            {words.open(
              open()
                .map(({ name }) => words.steps[name])
                .join(', '),
            )}
          </span>
          <span class={styles.lineEnd}>
            <A class={styles.link} href={paths.setup}>
              {words.continue}
            </A>
            <Button
              small
              kind="quiet"
              refused={isConnected() ? undefined : text.notConnectedAction}
              onClick={() => void hide.run({})}
            >
              {words.hide}
            </Button>
          </span>
        </div>
      </Sheet>
    </Show>
  )
}
