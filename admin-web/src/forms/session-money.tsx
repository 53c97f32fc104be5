/** Money between the owner and one key: revoke, credit, debit, each with its amount on the button (dashboard 4.2). */
import { createSignal, Show } from 'solid-js'
import type { Answer } from '../client'
import { amountParts, msatOf } from '../format'
import { text } from '../text/en'
import { sessionActions } from '../text/session-actions'
import type { Proof } from '../transport/transport'
import { Amount, Button, Facts, Field, MoneyField, toast } from '../ui'
import { useCommand } from './command'
import styles from './forms.module.css'
import { Gates } from './gates'
import { ReasonField, useReason } from './session-actions'
import { FormButtons, FormShell } from './shell'
import { useFloor } from './withdraw-purse'

type Session = Answer<'sessions.get'>
type Props = { readonly session: Session; readonly onDone: () => void }

/** Exact sat on a button and in a sentence. */
const satText = (msat: number): string => {
  const { whole, fraction } = amountParts(msat, 'sat', undefined)
  return `${whole}${fraction}`
}

/** No choice is preselected; an empty key is asked for none (D-031). */
export function RevokeForm(props: Props) {
  const words = sessionActions.revoke
  const [choice, setChoice] = createSignal<'refundable' | 'keep'>()
  const [days, setDays] = createSignal('30')
  const [checked, setChecked] = createSignal(false)
  const why = useReason()
  const revoke = useCommand('sessions.revoke', (answer) => {
    toast(answer.releasedMsat > 0 ? words.taken : words.done)
    props.onDone()
  })
  const isEmpty = () => props.session.balanceMsat === 0
  const wanted = () => choice() ?? (isEmpty() ? 'keep' : undefined)
  const isDays = () => /^\d{1,3}$/.test(days().trim()) && Number(days()) >= 1 && Number(days()) <= 365
  const submit = (proof?: Proof) => {
    setChecked(true)
    const balance = wanted()
    if (!why.check() || balance === undefined || (balance === 'refundable' && !isDays())) return
    const kept = balance === 'refundable' ? { days: Number(days()) } : {}
    void revoke.run({ sessions: [props.session.hash], reason: why.reason(), balance, ...kept }, proof)
  }
  const verb = () =>
    wanted() === 'keep' && !isEmpty() ? words.take(satText(props.session.availableMsat)) : words.button
  return (
    <FormShell busy={revoke.busy()} trouble={revoke.sentence()} onSubmit={() => submit()}>
      <p>{words.lead}</p>
      <Facts
        rows={[
          [words.balance, <Amount msat={props.session.balanceMsat} />],
          ...(props.session.holds.requests > 0 ? [['', words.running(props.session.holds.requests)] as const] : []),
          ...(props.session.children.length > 0 ? [['', words.children(props.session.children.length)] as const] : []),
        ]}
      />
      <Show when={!isEmpty()}>
        <fieldset class={styles.group}>
          <legend>{words.choice}</legend>
          <label class={styles.choice}>
            <input
              type="radio"
              name="balance"
              checked={choice() === 'refundable'}
              onChange={() => setChoice('refundable')}
            />
            <span>{words.refundable}</span>
          </label>
          <div class={styles.inset}>
            <Field
              label={words.days}
              value={days()}
              onInput={setDays}
              error={choice() === 'refundable' && !isDays() ? words.badDays : undefined}
            />
          </div>
          <label class={styles.choice}>
            <input type="radio" name="balance" checked={choice() === 'keep'} onChange={() => setChoice('keep')} />
            <span>{words.keep(satText(props.session.availableMsat))}</span>
          </label>
          <Show when={checked() && choice() === undefined}>
            <p class={styles.wrong}>{words.choose}</p>
          </Show>
        </fieldset>
      </Show>
      <ReasonField of={why} error={revoke.errorAt('reason')} />
      <Gates of={revoke} verb={verb()} busyWord={sessionActions.working} onProof={submit}>
        <FormButtons>
          <Button onClick={props.onDone} autofocus>
            {text.confirm.back}
          </Button>
          <Button type="submit" kind="danger" busy={revoke.busy() && sessionActions.working}>
            {verb()}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}

/** Never beyond what the node says is available: it refuses as well (D-034). */
export function AdjustForm(props: Props & { readonly credit: boolean }) {
  const words = () => (props.credit ? sessionActions.credit : sessionActions.debit)
  const floor = useFloor()
  const [amount, setAmount] = createSignal('')
  const [checked, setChecked] = createSignal(false)
  const why = useReason()
  const done = () => {
    toast(words().done)
    props.onDone()
  }
  const credit = useCommand('sessions.credit', done)
  const debit = useCommand('sessions.debit', done)
  const command = () => (props.credit ? credit : debit)
  const mostMsat = () =>
    props.credit
      ? Math.round(Math.max(0, ...(floor.data()?.perMint ?? []).map(({ safeSat }) => safeSat)) * 1000)
      : props.session.availableMsat
  const msat = () => msatOf(amount())
  const above = () =>
    (msat() ?? 0) > mostMsat() ? `${satText(mostMsat())} ${text.unit.sat} ${sessionAvailable(props.credit)}` : undefined
  const submit = (proof?: Proof) => {
    setChecked(true)
    const wanted = msat()
    if (why.check() && wanted !== undefined && wanted > 0 && above() === undefined)
      void command().run({ session: props.session.hash, msat: wanted, reason: why.reason() }, proof)
  }
  const verb = () => words().button(satText(msat() ?? 0))
  return (
    <FormShell busy={command().busy()} trouble={command().sentence()} onSubmit={() => submit()}>
      <p>{words().lead}</p>
      <MoneyField
        label={sessionActions.credit.amount}
        value={amount()}
        onInput={setAmount}
        fills={[{ label: text.sessions.available, msat: mostMsat() }]}
        error={
          command().errorAt('msat') ??
          above() ??
          (checked() && (msat() ?? 0) === 0 ? sessionActions.badAmount : undefined)
        }
        autofocus
      />
      <ReasonField of={why} error={command().errorAt('reason')} />
      <Gates of={command()} verb={verb()} busyWord={sessionActions.working} onProof={submit}>
        <FormButtons>
          <Button type="submit" kind="primary" busy={command().busy() && sessionActions.working} refused={above()}>
            {verb()}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}

const sessionAvailable = (isCredit: boolean): string =>
  isCredit ? sessionActions.credit.lead : sessionActions.debit.lead
