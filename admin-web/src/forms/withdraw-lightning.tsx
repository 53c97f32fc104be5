/** The owner's money out by Lightning, once its highest fee is known (dashboard 4.5, D-062). */
import { createSignal, Match, Show, Switch } from 'solid-js'
import { type Answer, ask } from '../client'
import { refusal } from '../errors'
import { count } from '../format'
import { withdrawText } from '../text/withdraw'
import type { Proof } from '../transport/transport'
import { Amount, Button, Facts, Field, Mark, MoneyField, toast } from '../ui'
import { useCommand } from './command'
import { Gates } from './gates'
import { FormButtons, FormShell } from './shell'
import { type Floor, MintSelect, usePurse } from './withdraw-purse'

type Quote = Answer<'payouts.quote'>

export function WithdrawLightningForm(props: { readonly floor: Floor; readonly address: string }) {
  const words = withdrawText.lightning
  const purse = usePurse(() => props.floor)
  const [to, setTo] = createSignal(props.address)
  const [checked, setChecked] = createSignal(false)
  const [quote, setQuote] = createSignal<Quote>()
  const [quoting, setQuoting] = createSignal(false)
  const command = useCommand('payouts.toLightning', (answer) => {
    toast(words.done(withdrawText.payouts.states[answer.state as 'paid'] ?? answer.state))
    purse.setAmount('')
    setQuote(undefined)
    setChecked(false)
  })
  const type = (write: (value: string) => void) => (value: string) => {
    write(value)
    // What the mint said belongs to the values it was asked for.
    setQuote(undefined)
    command.drop()
  }
  const isReady = () => purse.sat() !== undefined && purse.above() === undefined && to().trim() !== ''
  async function askQuote() {
    setChecked(true)
    if (!isReady() || quoting()) return
    setQuoting(true)
    setQuote(await ask('payouts.quote', { ...purse.asked(), to: to().trim() }).catch(() => undefined))
    setQuoting(false)
  }
  const submit = (proof?: Proof) => {
    const known = quote()
    if (known === undefined || known.refusal !== undefined) return void askQuote()
    void command.run({ ...purse.asked(), to: to().trim(), maxFeeSat: Math.ceil(known.feeMaxSat) }, proof)
  }
  const verb = () => words.button(count(purse.sat() ?? 0))
  return (
    <Show when={purse.purses().length > 0} fallback={<p>{withdrawText.token.none}</p>}>
      <FormShell busy={command.busy()} trouble={command.sentence()} onSubmit={() => submit()}>
        <Field label={words.to} value={to()} onInput={type(setTo)} help={words.toHelp} error={command.errorAt('to')} />
        <MintSelect of={purse} label={withdrawText.token.one} />
        <MoneyField
          label={words.amount}
          value={purse.amount()}
          onInput={type(purse.setAmount)}
          whole
          fills={purse.fills().slice(2)}
          error={
            command.errorAt('sat') ??
            purse.above() ??
            (checked() && purse.sat() === undefined ? withdrawText.notWhole : undefined)
          }
        />
        <Switch>
          <Match when={quote()?.refusal}>{(no) => <Mark tone="bad">{refusalText(no())}</Mark>}</Match>
          <Match when={quote()}>{(known) => <Costs quote={known()} to={to()} sat={purse.sat() ?? 0} />}</Match>
        </Switch>
        <Gates of={command} verb={verb()} busyWord={withdrawText.busy} onProof={submit}>
          <FormButtons>
            <Show
              when={quote() !== undefined && quote()?.refusal === undefined}
              fallback={
                <Button busy={quoting() && words.quoting} onClick={() => void askQuote()}>
                  {words.quote}
                </Button>
              }
            >
              <Button type="submit" kind="primary" busy={command.busy() && withdrawText.busy}>
                {verb()}
              </Button>
            </Show>
          </FormButtons>
        </Gates>
      </FormShell>
    </Show>
  )
}

function Costs(props: { readonly quote: Quote; readonly to: string; readonly sat: number }) {
  return (
    <Facts
      rows={[
        [withdrawText.lightning.amount, <Amount msat={props.sat * 1000} />],
        [withdrawText.payouts.to, props.to],
        [withdrawText.lightning.fee, <Amount msat={props.quote.feeMaxSat * 1000} />],
        [withdrawText.lightning.after, <Amount msat={props.quote.mineAfterMsat} />],
      ]}
    />
  )
}

const refusalText = (no: Readonly<Record<string, unknown>>): string =>
  typeof no.refused === 'string' ? refusal(no.refused, no) : String(no.sentence ?? refusal(''))
