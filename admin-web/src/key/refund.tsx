/** What is left goes back: as a token, or by Lightning; a refund that was made is shown again (contract 4.4). */
import { createSignal, Show } from 'solid-js'
import { keyText } from '../text/key'
import { Button, CopyText, Field, Mark, Segment, saveFile, TokenQr, TroubleBox } from '../ui'
import { api, type KeyInfo } from './api'
import { satText } from './fund'
import styles from './key.module.css'

const words = keyText.refundForm
type Refund = {
  readonly token?: string
  readonly status?: string
  readonly sats?: string
  readonly fee_sats?: string
}

export function RefundForm(props: { readonly keyText: string; readonly info: KeyInfo; readonly onDone: () => void }) {
  const [way, setWay] = createSignal<'token' | 'lightning'>('token')
  const [address, setAddress] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  const [problem, setProblem] = createSignal<string>()
  const [made, setMade] = createSignal<Refund>()
  const whole = () => Math.floor(props.info.available / 1000) * 1000
  async function refund() {
    if (busy()) return
    setBusy(true)
    setProblem(undefined)
    const body = way() === 'lightning' ? { lightning_address: address().trim() } : {}
    const answer = await api<Refund>('/v1/balance/refund', { key: props.keyText, body })
    setBusy(false)
    if (answer.ok) setMade(answer.body)
    else setProblem(answer.sentence)
    props.onDone()
  }
  return (
    <form
      class={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        void refund()
      }}
    >
      <Show when={made() === undefined} fallback={<Made refund={made() as Refund} />}>
        <p>{words.lead}</p>
        <Segment
          label={keyText.refund}
          value={way()}
          choices={[
            { value: 'token', label: words.toToken },
            { value: 'lightning', label: words.toLightning },
          ]}
          onChange={setWay}
        />
        <Show when={way() === 'lightning'}>
          <Field label={words.address} value={address()} onInput={setAddress} placeholder="name@host" />
        </Show>
        <Show when={problem()}>{(what) => <TroubleBox what={what()} />}</Show>
        <div class={styles.row}>
          <Button type="submit" kind="primary" busy={busy() && keyText.busy}>
            {whole() === 0 ? words.again : words.button(satText(whole()))}
          </Button>
        </div>
        <Show when={props.info.available % 1000 > 0}>
          <p class={styles.quiet}>{words.stays(satText(props.info.available % 1000))}</p>
        </Show>
      </Show>
    </form>
  )
}

function Made(props: { readonly refund: Refund }) {
  return (
    <Show
      when={props.refund.token}
      fallback={
        <Mark tone={props.refund.status === 'paid' ? 'good' : 'working'}>
          {props.refund.status === 'paid'
            ? words.sent(props.refund.sats ?? '', props.refund.fee_sats ?? '0')
            : words.pending}
        </Mark>
      }
    >
      {(token) => (
        <>
          <TokenQr token={token()} name={words.qr} />
          <CopyText block value={token()} name={words.token} />
          <div class={styles.row}>
            <Button onClick={() => saveFile('cashu-token.txt', token())}>{keyText.fund.file}</Button>
          </div>
        </>
      )}
    </Show>
  )
}
