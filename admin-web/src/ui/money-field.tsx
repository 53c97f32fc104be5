/** An amount that is typed: decimal keyboard, unit beside it, at most three decimals of a sat (dashboard 6, Money fields). */
import { createSignal, Show } from 'solid-js'
import { amountParts, msatOf, typedSat } from '../format'
import { text } from '../text/en'
import { useUnits } from './amount'
import { Button } from './button'
import { Field } from './field'
import styles from './field.module.css'

export function MoneyField(props: {
  readonly label: string
  readonly value: string
  readonly onInput: (value: string) => void
  /** Whole sat only. */
  readonly whole?: boolean
  readonly help?: string
  readonly error?: string | undefined
  /** From the node, in msat; fills the field. */
  readonly fills?: readonly { readonly label: string; readonly msat: number }[]
  readonly disabled?: boolean
  readonly autofocus?: boolean
}) {
  const units = useUnits()
  const [left, setLeft] = createSignal(false)
  const msat = () => msatOf(props.value)
  const shape = () => {
    if (!left() || props.value.trim() === '') return undefined
    if (msat() === undefined) return text.money.shape
    return props.whole === true && (msat() ?? 0) % 1000 !== 0 ? text.money.whole : undefined
  }
  const usd = () => {
    const rate = units.rate()
    const amount = msat()
    if (rate === undefined || amount === undefined) return ''
    const { sign, whole } = amountParts(amount, 'usd', rate)
    return `${sign}${whole}`
  }
  return (
    <div class={styles.money}>
      <Field
        label={props.label}
        value={props.value}
        onInput={props.onInput}
        onBlur={() => setLeft(true)}
        inputMode="decimal"
        suffix={usd() === '' ? text.unit.sat : `${text.unit.sat} ${usd()}`}
        help={props.help}
        error={props.error ?? shape()}
        disabled={props.disabled}
        autofocus={props.autofocus}
      />
      <Show when={(props.fills ?? []).length > 0}>
        <div class={styles.fills}>
          {props.fills?.map((fill) => (
            <Button small onClick={() => props.onInput(typedSat(fill.msat))}>
              {fill.label}
            </Button>
          ))}
        </div>
      </Show>
    </div>
  )
}
