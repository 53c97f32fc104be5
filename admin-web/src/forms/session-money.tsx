/** Money between the owner and one key: revoke, credit, debit, each with its amount on the button (dashboard 4.2). */
import { createSignal, Show } from 'solid-js'
import type { Answer } from '../client'
import { msatOf, satText } from '../format'
import { text } from '../text/en'
import { sessionActions } from '../text/session-actions'
import type { Proof } from '../transport/transport'
import { Amount, Button, Facts, MoneyField, toast } from '../ui'
import { BalanceChoice, useBalanceChoice } from './balance-choice'
import { useCommand } from './command'
import { CommandForm } from './command-form'
import { Gates } from './gates'
import { ReasonField, useReason } from './session-actions'
import { FormButtons, FormShell } from './shell'
import { useFloor } from './withdraw-purse'

type Session = Answer<'sessions.get'>
type Props = { readonly session: Session; readonly onDone: () => void }

/** No choice is preselected; an empty key is asked for none (D-031). */
export function RevokeForm(props: Props) {
  const words = sessionActions.revoke
  const why = useReason()
  const revoke = useCommand('sessions.revoke', (answer) => {
    toast(answer.releasedMsat > 0 ? words.taken : words.done)
    props.onDone()
  })
  const balance = useBalanceChoice(() => props.session.balanceMsat === 0)
  const submit = (proof?: Proof) => {
    const wanted = balance.check()
    if (why.check() && wanted !== undefined)
      void revoke.run({ sessions: [props.session.hash], reason: why.reason(), ...wanted }, proof)
  }
  const verb = () => (balance.takes() ? words.take(satText(props.session.availableMsat)) : words.button)
  return (
    <CommandForm of={revoke} verb={verb()} danger onBack={props.onDone} onSubmit={submit}>
      <p>{words.lead}</p>
      <Facts
        rows={[
          [words.balance, <Amount msat={props.session.balanceMsat} />],
          ...(props.session.holds.requests > 0 ? [['', words.running(props.session.holds.requests)] as const] : []),
          ...(props.session.children.length > 0 ? [['', words.children(props.session.children.length)] as const] : []),
        ]}
      />
      <BalanceChoice of={balance} availableMsat={props.session.availableMsat} />
      <ReasonField of={why} error={revoke.errorAt('reason')} />
    </CommandForm>
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
  const isKnown = () => !props.credit || floor.data() !== undefined
  const above = () => (isKnown() && (msat() ?? 0) > mostMsat() ? words().above(satText(mostMsat())) : undefined)
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
      <Show when={above() === undefined && msat()}>
        {(moved) => <After session={props.session} floor={floor.data()} gainMsat={props.credit ? moved() : -moved()} />}
      </Show>
      <ReasonField of={why} error={command().errorAt('reason')} />
      <Gates of={command()} verb={verb()} busyWord={sessionActions.working} onProof={submit}>
        <FormButtons>
          <Button
            type="submit"
            kind="primary"
            busy={command().busy() && sessionActions.working}
            still={above() !== undefined}
          >
            {verb()}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}

/** What both sides have when it is done (dashboard 4.2); `gainMsat`: of the key. */
function After(props: {
  readonly session: Session
  readonly floor: Answer<'withdraw.get'> | undefined
  readonly gainMsat: number
}) {
  const mineMsat = () => props.floor?.perMint.reduce((msat, purse) => msat + Math.round(purse.mineSat * 1000), 0)
  return (
    <Facts
      rows={[
        [sessionActions.debit.after, <Amount msat={props.session.balanceMsat + props.gainMsat} />],
        [
          sessionActions.credit.after,
          <Show when={mineMsat() !== undefined} fallback={text.loading}>
            <Amount msat={(mineMsat() ?? 0) - props.gainMsat} />
          </Show>,
        ],
      ]}
    />
  )
}
