/** Over a list whose rows are chosen: how many, and what they can be told; each action opens its dialog. */
import { createSignal, For, type JSX, Show } from 'solid-js'
import { isConnected } from '../client'
import { text } from '../text/en'
import { listText } from '../text/lists'
import { Button, Dialog } from '../ui'
import type { Choice } from './choice'
import styles from './page.module.css'

export function ChoiceBar<Row, Action extends string>(props: {
  readonly of: Choice<Row>
  readonly actions: readonly Action[]
  readonly button: (action: Action) => string
  readonly title: (action: Action) => string
  readonly form: (action: Action, onDone: () => void) => JSX.Element
}) {
  const [open, setOpen] = createSignal<Action>()
  const refused = () => {
    if (!isConnected()) return text.notConnectedAction
    return props.of.isTooMany() ? listText.atMost(props.of.most) : undefined
  }
  const done = () => {
    setOpen(undefined)
    props.of.clear()
  }
  return (
    <>
      <Show when={props.of.count() > 0}>
        <div class={styles.choiceBar}>
          <span role="status">{listText.chosen(props.of.count())}</span>
          <For each={props.actions}>
            {(action) => (
              <Button small refused={refused()} onClick={() => setOpen(() => action)}>
                {props.button(action)}
              </Button>
            )}
          </For>
          <Button small kind="quiet" onClick={props.of.clear}>
            {listText.chooseNone}
          </Button>
        </div>
      </Show>
      <Show when={open()} keyed>
        {(action) => (
          <Dialog title={props.title(action)} onClose={() => setOpen(undefined)}>
            {props.form(action, done)}
          </Dialog>
        )}
      </Show>
    </>
  )
}
