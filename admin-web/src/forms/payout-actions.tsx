/** What may be done with one payout: ask, cancel, show again, take back; and with a refund nobody collected. */
import { createSignal, Show } from 'solid-js'
import { type Answer, isConnected } from '../client'
import { cannot } from '../errors'
import { count } from '../format'
import { text } from '../text/en'
import { withdrawText } from '../text/withdraw'
import type { Proof } from '../transport/transport'
import { Button, Field, toast } from '../ui'
import { useCommand } from './command'
import { Gates } from './gates'
import { FormButtons, FormShell } from './shell'
import { Redeem } from './withdraw-token'

const words = withdrawText.payouts
type Payout = Answer<'payouts.list'>['rows'][number]
type Refund = Answer<'refunds.list'>['rows'][number]

/** Only what its state allows is offered; an unclear one has no retry (D-065). */
export function PayoutActions(props: { readonly row: Payout }) {
  const [token, setToken] = createSignal<string>()
  const ask = useCommand('payouts.ask', (answer) => toast(withdrawText.lightning.done(shown(answer.state))))
  const cancel = useCommand('payouts.cancel', () => toast(words.cancelled))
  const show = useCommand('payouts.showToken', (answer) => setToken(answer.token))
  const takeBack = useCommand('payouts.takeBack', () => toast(words.tookBack))
  const may = (action: string) => cannot(props.row.can, action, true) === undefined
  const lost = () => (isConnected() ? undefined : text.notConnectedAction)
  const asked = () => ({ payout: props.row.payout })
  const all = [ask, cancel, show, takeBack]
  const trouble = () => all.map((one) => one.sentence()).find((one) => one !== undefined)
  const busy = () => all.some((one) => one.busy())
  return (
    <Show when={token() === undefined} fallback={<Redeem token={token()} onDone={() => setToken(undefined)} />}>
      <FormShell busy={busy()} trouble={trouble()} onSubmit={() => undefined}>
        <Gates
          of={show}
          verb={words.show}
          busyWord={words.working}
          onProof={(proof: Proof) => void show.run(asked(), proof)}
        >
          <Gates
            of={takeBack}
            verb={words.takeBack}
            busyWord={words.working}
            onProof={(proof: Proof) => void takeBack.run(asked(), proof)}
          >
            <FormButtons>
              <Show when={may('ask')}>
                <Button busy={ask.busy() && words.asking} refused={lost()} onClick={() => void ask.run(asked())}>
                  {words.ask}
                </Button>
              </Show>
              <Show when={may('showToken')}>
                <Button kind="primary" refused={lost()} onClick={() => void show.run(asked())}>
                  {words.show}
                </Button>
              </Show>
              <Show when={may('takeBack')}>
                <Button refused={lost()} onClick={() => void takeBack.run(asked())}>
                  {words.takeBack}
                </Button>
              </Show>
              <Show when={may('cancel')}>
                <Button
                  kind="danger"
                  busy={cancel.busy() && words.working}
                  refused={lost()}
                  onClick={() => void cancel.run(asked())}
                >
                  {words.cancel}
                </Button>
              </Show>
            </FormButtons>
          </Gates>
        </Gates>
      </FormShell>
    </Show>
  )
}

const shown = (state: string): string => (words.states as Readonly<Record<string, string>>)[state] ?? state

export function TakeRefundForm(props: { readonly row: Refund; readonly onDone: () => void }) {
  const [reason, setReason] = createSignal('')
  const [checked, setChecked] = createSignal(false)
  const take = useCommand('refunds.take', () => {
    toast(withdrawText.refunds.taken)
    props.onDone()
  })
  const isShort = () => reason().trim().length < 3
  const submit = (proof?: Proof) => {
    setChecked(true)
    if (!isShort()) void take.run({ refund: props.row.refund, reason: reason().trim() }, proof)
  }
  const verb = () => withdrawText.refunds.takeButton(count(props.row.sat))
  return (
    <FormShell busy={take.busy()} trouble={take.sentence()} onSubmit={() => submit()}>
      <p>{withdrawText.refunds.takeLead}</p>
      <Field
        label={withdrawText.refunds.reason}
        value={reason()}
        onInput={setReason}
        help={withdrawText.refunds.reasonHelp}
        error={take.errorAt('reason') ?? (checked() && isShort() ? withdrawText.refunds.reasonHelp : undefined)}
      />
      <Gates of={take} verb={verb()} busyWord={words.working} onProof={submit}>
        <FormButtons>
          <Button onClick={props.onDone} autofocus>
            {text.confirm.back}
          </Button>
          <Button type="submit" kind="danger" busy={take.busy() && words.working}>
            {verb()}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}
