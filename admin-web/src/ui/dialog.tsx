/** Dialogs and drawers on the browser's own `dialog`: focus stays inside, Esc closes, the opener gets it back. */
import { createContext, createSignal, createUniqueId, type JSX, onCleanup, onMount, Show, useContext } from 'solid-js'
import { text } from '../text/en'
import { IconButton } from './button'
import styles from './dialog.module.css'
import { Icon } from './icon'

type IsHeld = () => boolean
const Holds = createContext<(isHeld: IsHeld) => void>(() => undefined)
/** What stands in a dialog keeps it open while `isHeld`; outside of one nothing happens. */
export const useHold = (isHeld: IsHeld): void => useContext(Holds)(isHeld)

export function Dialog(props: {
  readonly title: JSX.Element
  readonly onClose: () => void
  /** A drawer slides over the list and fills a narrow screen. */
  readonly drawer?: boolean
  /** While a command is under way nothing closes it (dashboard 6). */
  readonly held?: boolean
  /** Cannot be left, as when the sign-in ended. */
  readonly fixed?: boolean
  readonly head?: JSX.Element
  readonly children: JSX.Element
}) {
  const titleId = createUniqueId()
  let layer: HTMLDialogElement | undefined
  const opener = document.activeElement
  const [holds, setHolds] = createSignal<readonly IsHeld[]>([])
  const hold = (one: IsHeld) => {
    setHolds((all) => [...all, one])
    onCleanup(() => setHolds((all) => all.filter((other) => other !== one)))
  }
  const isHeld = () => props.held === true || holds().some((one) => one())
  const leave = () => {
    if (!isHeld() && props.fixed !== true) props.onClose()
  }
  onMount(() => {
    layer?.showModal()
    if (layer?.querySelector('[autofocus]') === null) layer?.querySelector<HTMLElement>('h2')?.focus()
  })
  onCleanup(() => {
    layer?.close()
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
  })
  return (
    <dialog
      ref={layer}
      class={props.drawer === true ? styles.drawer : styles.dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault()
        leave()
      }}
      onKeyDown={(event) => {
        // A second Esc in a row would close a dialog that must stay; the browser allows it, we do not.
        if (event.key !== 'Escape') return
        event.preventDefault()
        event.stopPropagation()
        leave()
      }}
      onPointerDown={(event) => {
        if (event.target === layer) leave()
      }}
    >
      <div class={styles.body}>
        <header class={styles.head}>
          <h2 id={titleId} tabindex="-1" class={styles.title}>
            {props.title}
          </h2>
          {props.head}
          <Show when={props.fixed !== true}>
            <IconButton label={text.close} onClick={leave} disabled={isHeld()}>
              <Icon name="close" />
            </IconButton>
          </Show>
        </header>
        <div class={styles.content}>
          <Holds.Provider value={hold}>{props.children}</Holds.Provider>
        </div>
      </div>
    </dialog>
  )
}
