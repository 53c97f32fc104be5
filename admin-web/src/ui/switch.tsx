/** A switch that acts at once. Refused, it stays in place and says why on the same spot. */
import styles from './switch.module.css'

export function Switch(props: {
  readonly label: string
  readonly on: boolean
  readonly refused?: string | undefined
  readonly onChange: (on: boolean) => void
}) {
  return (
    <button
      type="button"
      role="switch"
      class={styles.switch}
      aria-checked={props.on}
      aria-label={props.label}
      aria-disabled={props.refused === undefined ? undefined : 'true'}
      title={props.refused}
      onClick={() => {
        if (props.refused === undefined) props.onChange(!props.on)
      }}
    >
      <span class={styles.track} aria-hidden="true">
        <span class={styles.knob} />
      </span>
    </button>
  )
}
