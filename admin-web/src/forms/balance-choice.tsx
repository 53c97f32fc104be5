/** What becomes of the balance of a key that ends; nothing is preselected (D-031). */
import { createSignal, Show } from 'solid-js'
import { satText } from '../format'
import { sessionActions } from '../text/session-actions'
import { Field } from '../ui'
import styles from './forms.module.css'

const words = sessionActions.revoke

/** `isEmpty`: there is no balance, and nothing to choose. */
export function useBalanceChoice(isEmpty: () => boolean) {
  const [choice, choose] = createSignal<'refundable' | 'keep'>()
  const [days, setDays] = createSignal('30')
  const [checked, setChecked] = createSignal(false)
  const wanted = () => choice() ?? (isEmpty() ? 'keep' : undefined)
  const isDays = () => /^\d{1,3}$/.test(days().trim()) && Number(days()) >= 1 && Number(days()) <= 365
  return {
    isEmpty,
    choice,
    choose,
    days,
    setDays,
    badDays: () => (choice() === 'refundable' && !isDays() ? words.badDays : undefined),
    missing: () => checked() && choice() === undefined,
    /** The money changes its owner. */
    takes: () => wanted() === 'keep' && !isEmpty(),
    /** What is sent; undefined: the fields say what is missing. */
    check() {
      setChecked(true)
      const balance = wanted()
      if (balance !== 'refundable') return balance === undefined ? undefined : { balance }
      return isDays() ? { balance, days: Number(days()) } : undefined
    },
  }
}

export function BalanceChoice(props: {
  readonly of: ReturnType<typeof useBalanceChoice>
  readonly availableMsat: number
}) {
  return (
    <Show when={!props.of.isEmpty()}>
      <fieldset class={styles.group}>
        <legend>{words.choice}</legend>
        <label class={styles.choice}>
          <input
            type="radio"
            name="balance"
            checked={props.of.choice() === 'refundable'}
            onChange={() => props.of.choose('refundable')}
          />
          <span>{words.refundable}</span>
        </label>
        <div class={styles.inset}>
          <Field label={words.days} value={props.of.days()} onInput={props.of.setDays} error={props.of.badDays()} />
        </div>
        <label class={styles.choice}>
          <input
            type="radio"
            name="balance"
            checked={props.of.choice() === 'keep'}
            onChange={() => props.of.choose('keep')}
          />
          <span>{words.keep(satText(props.availableMsat))}</span>
        </label>
        <Show when={props.of.missing()}>
          <p class={styles.wrong}>{words.choose}</p>
        </Show>
      </fieldset>
    </Show>
  )
}
