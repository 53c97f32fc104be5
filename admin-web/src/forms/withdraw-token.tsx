/** The owner's money out as a Cashu token, in the four steps of the owner's document (dashboard 4.5). */
import { createEffect, createMemo, createSignal, onCleanup, Show } from 'solid-js'
import { type Answer, isConnected } from '../client'
import { count } from '../format'
import { text } from '../text/en'
import { withdrawText } from '../text/withdraw'
import type { Proof } from '../transport/transport'
import { Button, CopyText, Mark, MoneyField, saveFile, TokenQr } from '../ui'
import { useCommand } from './command'
import styles from './forms.module.css'
import { Gates } from './gates'
import { Costs, useQuote } from './quote'
import { FormButtons, FormShell } from './shell'
import { type Floor, MintSelect, usePurse } from './withdraw-purse'

/** After the last digit; each one would be a query. */
const typingMs = 300

export function WithdrawTokenForm(props: { readonly floor: Floor }) {
  const words = withdrawText.token
  const purse = usePurse(() => props.floor)
  const [checked, setChecked] = createSignal(false)
  const [made, setMade] = createSignal<Answer<'payouts.toToken'>>()
  const command = useCommand('payouts.toToken', setMade)
  const quote = useQuote()
  const wish = createMemo(
    () => (purse.sat() === undefined || purse.above() !== undefined ? undefined : purse.asked()),
    undefined,
    { equals: (before, now) => JSON.stringify(before) === JSON.stringify(now) },
  )
  createEffect(() => {
    const known = wish()
    quote.drop()
    if (known === undefined) return
    const timer = setTimeout(() => void quote.askFor(known), typingMs)
    onCleanup(() => clearTimeout(timer))
  })
  const submit = (proof?: Proof) => {
    setChecked(true)
    if (purse.sat() !== undefined && purse.above() === undefined) void command.run(purse.asked(), proof)
  }
  const start = () => {
    setMade(undefined)
    setChecked(false)
    purse.setAmount('')
  }
  const verb = () => words.generate(count(purse.sat() ?? 0))
  return (
    <Show when={purse.purses().length > 0} fallback={<p>{words.none}</p>}>
      <Show
        when={made()}
        fallback={
          <FormShell busy={command.busy()} trouble={command.sentence()} onSubmit={() => submit()}>
            <MintSelect of={purse} label={`1 ${words.one}`} />
            <MoneyField
              label={`2 ${words.two}`}
              value={purse.amount()}
              onInput={(value) => {
                purse.setAmount(value)
                command.drop()
              }}
              whole
              fills={purse.fills()}
              error={
                command.errorAt('sat') ??
                purse.above() ??
                (checked() && purse.sat() === undefined ? withdrawText.notWhole : undefined)
              }
            />
            <Costs of={quote} to={withdrawText.payouts.kinds['withdraw-token']} sat={purse.sat() ?? 0} />
            <Gates of={command} verb={verb()} busyWord={withdrawText.busy} onProof={submit}>
              <FormButtons>
                <Button
                  type="submit"
                  kind="primary"
                  busy={command.busy() && withdrawText.busy}
                  refused={isConnected() ? purse.above() : text.notConnectedAction}
                >
                  3 {words.three}
                </Button>
              </FormButtons>
            </Gates>
          </FormShell>
        }
      >
        {(payout) => <Redeem token={payout().token} sentence={payout().sentence} onDone={start} />}
      </Show>
    </Show>
  )
}

/** Shown on purpose and once; it stays under Payouts until it is collected. */
export function Redeem(props: {
  readonly token: string | undefined
  readonly sentence?: string | undefined
  readonly onDone: () => void
}) {
  const words = withdrawText.token
  const save = (token: string) => saveFile('cashu-token.txt', token)
  return (
    <div class={styles.form}>
      <strong>4 {words.four}</strong>
      <Show when={props.token} fallback={<Mark tone="working">{props.sentence ?? words.pending}</Mark>}>
        {(token) => (
          <>
            <TokenQr token={token()} name={words.qr} />
            <CopyText block value={token()} name={words.copy} />
            <p class={styles.quiet}>
              {words.redeem} {words.kept}
            </p>
          </>
        )}
      </Show>
      <FormButtons>
        <Show when={props.token}>{(token) => <Button onClick={() => save(token())}>{words.file}</Button>}</Show>
        <Button kind="primary" onClick={props.onDone}>
          {words.done}
        </Button>
      </FormButtons>
    </div>
  )
}
