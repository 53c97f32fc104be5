/** A button. One that the node refuses stays, can be focused, and says why in readable text (D-021). */
import { createUniqueId, type JSX, Show } from 'solid-js'
import styles from './button.module.css'
import { useReasons } from './reasons'

export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger'

export function Button(props: {
  readonly kind?: ButtonKind
  readonly type?: 'button' | 'submit'
  readonly busy?: string | false
  /** Why it cannot be done now. */
  readonly refused?: string | undefined
  /** Not to be pressed for a moment, for no reason that lasts. */
  readonly still?: boolean
  readonly label?: string
  readonly small?: boolean
  readonly autofocus?: boolean
  readonly onClick?: (event: MouseEvent) => void
  readonly children: JSX.Element
}) {
  const ownId = createUniqueId()
  const inGroup = useReasons()?.(() => props.refused)
  const reasonId = () => inGroup?.() ?? ownId
  const isBusy = () => props.busy !== undefined && props.busy !== false
  const stopped = () => props.refused !== undefined || props.still === true || isBusy()
  return (
    <>
      <button
        type={props.type ?? 'button'}
        class={`${styles.button} ${styles[props.kind ?? 'plain']}`}
        classList={{ [styles.small ?? '']: props.small === true }}
        aria-disabled={stopped() ? 'true' : undefined}
        aria-describedby={props.refused === undefined ? undefined : reasonId()}
        title={inGroup === undefined ? undefined : props.refused}
        aria-label={props.label}
        autofocus={props.autofocus}
        onClick={(event) => {
          if (!stopped()) return props.onClick?.(event)
          event.preventDefault()
        }}
      >
        <Show when={props.busy} fallback={props.children}>
          {(busy) => (
            <>
              <span aria-hidden="true">◐</span> {busy()}
            </>
          )}
        </Show>
      </button>
      <Show when={inGroup === undefined && props.refused}>
        <span id={ownId} class={styles.reason}>
          {props.refused}
        </span>
      </Show>
    </>
  )
}

/** Only an icon to see, with a name for those who do not. */
export function IconButton(props: {
  readonly label: string
  readonly onClick: (event: MouseEvent) => void
  readonly disabled?: boolean
  readonly children: JSX.Element
}) {
  return (
    <button
      type="button"
      class={`${styles.button} ${styles.quiet} ${styles.icon}`}
      aria-label={props.label}
      title={props.label}
      aria-disabled={props.disabled === true ? 'true' : undefined}
      onClick={(event) => {
        if (props.disabled !== true) props.onClick(event)
      }}
    >
      {props.children}
    </button>
  )
}
