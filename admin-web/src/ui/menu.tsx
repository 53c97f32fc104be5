/** A button that opens a panel under it. Esc and a click elsewhere close it; focus goes back to the button. */
import { createEffect, createSignal, createUniqueId, type JSX, onCleanup, Show } from 'solid-js'
import styles from './menu.module.css'

export function Menu(props: {
  readonly label: string
  readonly button: JSX.Element
  readonly wide?: boolean
  readonly upward?: boolean
  /** Hangs from the end of its button, for one that stands at the end of a line. */
  readonly end?: boolean
  readonly buttonClass?: string | undefined
  readonly children: (close: () => void) => JSX.Element
}) {
  const id = createUniqueId()
  const [open, setOpen] = createSignal(false)
  let place: HTMLDivElement | undefined
  let button: HTMLButtonElement | undefined
  const close = () => {
    setOpen(false)
    button?.focus()
  }
  const outside = (event: Event) => {
    if (!(event.target instanceof Node) || place?.contains(event.target) !== true) setOpen(false)
  }
  const onEscape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    close()
  }
  createEffect(() => {
    if (!open()) return
    document.addEventListener('keydown', onEscape, true)
    document.addEventListener('pointerdown', outside)
    document.addEventListener('focusin', outside)
    onCleanup(() => {
      document.removeEventListener('keydown', onEscape, true)
      document.removeEventListener('pointerdown', outside)
      document.removeEventListener('focusin', outside)
    })
  })
  return (
    <div ref={place} class={styles.place}>
      <button
        ref={button}
        type="button"
        class={props.buttonClass ?? styles.button}
        aria-label={props.label}
        aria-expanded={open()}
        aria-controls={open() ? id : undefined}
        onClick={() => setOpen(!open())}
      >
        {props.button}
      </button>
      <Show when={open()}>
        <div
          id={id}
          class={styles.panel}
          classList={{
            [styles.wide ?? '']: props.wide === true,
            [styles.upward ?? '']: props.upward === true,
            [styles.end ?? '']: props.end === true,
          }}
        >
          {props.children(close)}
        </div>
      </Show>
    </div>
  )
}

export function MenuItem(props: { readonly onClick: () => void; readonly children: JSX.Element }) {
  return (
    <button type="button" class={styles.item} onClick={() => props.onClick()}>
      {props.children}
    </button>
  )
}

/** A file that the browser takes as it comes. */
export function MenuFile(props: {
  readonly href: string
  readonly label: string
  readonly onClick: () => void
  readonly children: JSX.Element
}) {
  return (
    <a class={styles.item} href={props.href} download="" aria-label={props.label} onClick={() => props.onClick()}>
      {props.children}
    </a>
  )
}

export function MenuCheck(props: {
  readonly on: boolean
  readonly onToggle: () => void
  readonly children: JSX.Element
}) {
  return (
    <label class={styles.item}>
      <input type="checkbox" checked={props.on} onChange={() => props.onToggle()} />
      {props.children}
    </label>
  )
}

export function MenuGroup(props: { readonly label: string; readonly children: JSX.Element }) {
  return (
    <div class={styles.group}>
      <span class={styles.label}>{props.label}</span>
      {props.children}
    </div>
  )
}
