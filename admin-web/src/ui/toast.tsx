/** What a finished command changed: one quiet line, read out politely, longer while it is focused. */
import { createSignal, For, Show } from 'solid-js'
import { text } from '../text/en'
import { IconButton } from './button'
import { Icon } from './icon'
import styles from './toast.module.css'

export type ToastAction = { readonly label: string; readonly run: () => void }
type Shown = { readonly id: number; readonly words: string; readonly action: ToastAction | undefined }

const [shown, setShown] = createSignal<readonly Shown[]>([])
const lifeMs = 6000
/** More at once would hide the page. */
const most = 3
let last = 0

export function toast(words: string, action?: ToastAction): void {
  last += 1
  const id = last
  setShown((all) => [...all, { id, words, action }].slice(-most))
  leaveLater(id)
}

const leave = (id: number) => setShown((all) => all.filter((one) => one.id !== id))

function leaveLater(id: number): void {
  setTimeout(() => {
    if (document.querySelector(`[data-toast="${id}"]:is(:hover, :focus-within)`) === null) leave(id)
    else leaveLater(id)
  }, lifeMs)
}

export function Toasts() {
  return (
    <div class={styles.toasts} role="status" aria-live="polite">
      <For each={shown()}>
        {(one) => (
          <div class={styles.toast} data-toast={one.id}>
            <span class={styles.words}>{one.words}</span>
            <Show when={one.action}>
              {(action) => (
                <button
                  type="button"
                  class={styles.action}
                  onClick={() => {
                    leave(one.id)
                    action().run()
                  }}
                >
                  {action().label}
                </button>
              )}
            </Show>
            <IconButton label={text.close} onClick={() => leave(one.id)}>
              <Icon name="close" />
            </IconButton>
          </div>
        )}
      </For>
    </div>
  )
}
