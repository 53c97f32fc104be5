/** Until when a key is valid: some days more, a date, or without an end. */
import { createSignal, Show } from 'solid-js'
import { sessionActions } from '../text/session-actions'
import { Field, Segment, useNow } from '../ui'
import { dayEnd, zoneName } from '../zone'

const words = sessionActions.extend
const dayS = 86_400
const steps = { day: dayS, week: 7 * dayS, month: 30 * dayS } as const
type Step = keyof typeof steps | 'never' | 'date'

/** Some days more than its end where that lies ahead, else than now. */
export function useUntil(expiresAt: () => number | undefined) {
  const now = useNow()
  const [step, setStep] = createSignal<Step>('month')
  const [date, setDate] = createSignal('')
  return {
    step,
    setStep,
    date,
    setDate,
    /** Unix seconds; null: never; undefined: no date that lies ahead. */
    until(): number | null | undefined {
      const chosen = step()
      if (chosen === 'never') return null
      if (chosen !== 'date') return Math.max(now(), expiresAt() ?? 0) + steps[chosen]
      const at = dayEnd(date())
      return Number.isFinite(at) && at > now() ? at : undefined
    },
  }
}

export function UntilFields(props: { readonly of: ReturnType<typeof useUntil> }) {
  return (
    <>
      <Segment
        label={words.until}
        value={props.of.step()}
        choices={(['day', 'week', 'month', 'never', 'date'] as const).map((value) => ({ value, label: words[value] }))}
        onChange={props.of.setStep}
      />
      <Show when={props.of.step() === 'date'}>
        <Field
          label={words.dateField(zoneName())}
          type="date"
          value={props.of.date()}
          onInput={props.of.setDate}
          error={props.of.date() !== '' && props.of.until() === undefined ? words.past : undefined}
        />
      </Show>
    </>
  )
}
