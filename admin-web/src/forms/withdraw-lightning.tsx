/** The owner's money out by Lightning, once its highest fee is known (dashboard 4.5, D-062). */
import { createEffect, createMemo, createSignal, on, Show } from 'solid-js'
import { count } from '../format'
import { withdrawText } from '../text/withdraw'
import type { Proof } from '../transport/transport'
import { Button, Field, MoneyField, toast } from '../ui'
import { useCommand } from './command'
import { Gates } from './gates'
import { Costs, useQuote } from './quote'
import { FormButtons, FormShell } from './shell'
import { type Floor, MintSelect, usePurse } from './withdraw-purse'

export function WithdrawLightningForm(props: { readonly floor: Floor; readonly address: string }) {
  const words = withdrawText.lightning
  const purse = usePurse(() => props.floor)
  const [to, setTo] = createSignal(props.address)
  const [checked, setChecked] = createSignal(false)
  const quote = useQuote()
  const chosen = createMemo(() => `${purse.asked().unit} ${purse.asked().mint}`)
  createEffect(on(chosen, () => quote.drop(), { defer: true }))
  const command = useCommand('payouts.toLightning', (answer) => {
    toast(words.done(withdrawText.payouts.states[answer.state as 'paid'] ?? answer.state))
    purse.setAmount('')
    quote.drop()
    setChecked(false)
  })
  const type = (write: (value: string) => void) => (value: string) => {
    write(value)
    quote.drop()
    command.drop()
  }
  const isReady = () => purse.sat() !== undefined && purse.above() === undefined && to().trim() !== ''
  const askQuote = () => {
    setChecked(true)
    if (isReady() && !quote.busy()) void quote.askFor({ ...purse.asked(), to: to().trim() })
  }
  const submit = (proof?: Proof) => {
    const known = quote.quote()
    if (known === undefined || !quote.isGood()) return askQuote()
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
        <Costs of={quote} to={to()} sat={purse.sat() ?? 0} />
        <Gates of={command} verb={verb()} busyWord={withdrawText.busy} onProof={submit}>
          <FormButtons>
            <Show
              when={quote.isGood()}
              fallback={
                <Button busy={quote.busy() && words.quoting} onClick={askQuote}>
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
