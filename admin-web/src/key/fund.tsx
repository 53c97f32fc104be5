/** Money in: a Cashu token, or a Lightning invoice with its recovery line (dashboard 4.10). */
import { createSignal, onCleanup, Show } from 'solid-js'
import { amountParts, msatOf } from '../format'
import { keyText } from '../text/key'
import {
  Button,
  CopyText,
  Field,
  Mark,
  MoneyField,
  QrCode,
  Segment,
  Select,
  saveFile,
  TextArea,
  TroubleBox,
  useNow,
} from '../ui'
import { dayEnd, zoneName } from '../zone'
import { api } from './api'
import styles from './key.module.css'
import type { KeyState } from './state'

const words = keyText.fund
type Created = { readonly api_key?: string; readonly credited_msats: number; readonly fee_msats: number }
type Invoice = {
  readonly invoice_id: string
  readonly bolt11: string
  readonly amount_sats: number
  readonly expires_at: number
}
type Status = {
  readonly status: 'pending' | 'settlement_pending' | 'paid' | 'expired'
  readonly api_key: string | null
}
const pollMs = 3000

export const satText = (msat: number): string => {
  const { whole, fraction } = amountParts(msat, 'sat', undefined)
  return `${whole}${fraction}`
}

/** `target`: the key that is topped up; without one a new key is made. */
export function FundForm(props: {
  readonly state: KeyState
  readonly target?: string | undefined
  readonly onKey: (key: string) => void
  readonly onDone: () => void
}) {
  const [way, setWay] = createSignal<'token' | 'lightning'>('token')
  const [token, setToken] = createSignal('')
  const [amount, setAmount] = createSignal('')
  const [limits, setLimits] = createSignal<Readonly<Record<string, unknown>>>({})
  const [busy, setBusy] = createSignal(false)
  const [problem, setProblem] = createSignal<string>()
  const [made, setMade] = createSignal<Created>()
  const [invoice, setInvoice] = createSignal<Invoice>()

  async function byToken() {
    if (token().trim() === '') return setProblem(words.noToken)
    const answer = await (props.target === undefined
      ? api<Created>('/v1/balance/create', { body: { initial_balance_token: token().trim(), ...limits() } })
      : api<Created>('/v1/balance/topup', { key: props.target, body: { cashu_token: token().trim() } }))
    if (!answer.ok) return setProblem(answer.sentence)
    setToken('')
    setMade(answer.body)
    props.onKey(answer.body.api_key ?? props.target ?? '')
  }
  async function byInvoice() {
    const msat = msatOf(amount())
    if (msat === undefined || msat < 1000 || msat % 1000 !== 0) return setProblem(words.noAmount)
    const purpose = props.target === undefined ? 'create' : 'topup'
    const answer = await api<Invoice>('/lightning/invoice', {
      key: props.target,
      body: { amount_sats: msat / 1000, purpose, ...(props.target === undefined ? limits() : {}) },
    })
    if (answer.ok) setInvoice(answer.body)
    else setProblem(answer.sentence)
  }
  async function submit() {
    if (busy()) return
    setBusy(true)
    setProblem(undefined)
    await (way() === 'token' ? byToken() : byInvoice())
    setBusy(false)
  }
  return (
    <Show when={made() === undefined} fallback={<Made made={made() as Created} onDone={props.onDone} />}>
      <Show
        when={invoice() === undefined}
        fallback={
          <InvoiceCard
            invoice={invoice() as Invoice}
            onPaid={(key) => {
              if (key !== null) props.onKey(key)
              setMade({
                ...(key === null || props.target !== undefined ? {} : { api_key: key }),
                credited_msats: (invoice()?.amount_sats ?? 0) * 1000,
                fee_msats: 0,
              })
            }}
          />
        }
      >
        <form
          class={styles.form}
          onSubmit={(event) => {
            event.preventDefault()
            void submit()
          }}
        >
          <Segment
            label={words.way}
            value={way()}
            choices={[
              { value: 'token', label: words.token },
              { value: 'lightning', label: words.lightning },
            ]}
            onChange={setWay}
          />
          <Show
            when={way() === 'token'}
            fallback={
              <MoneyField label={words.amount} value={amount()} onInput={setAmount} whole help={words.amountHelp} />
            }
          >
            <TextArea
              label={words.tokenField}
              value={token()}
              onInput={setToken}
              placeholder="cashuB…"
              help={words.tokenHelp(props.state.node()?.mints.join(', ') ?? '')}
            />
          </Show>
          <Show when={props.target === undefined}>
            <Limits onChange={setLimits} />
          </Show>
          <Show when={problem()}>{(what) => <TroubleBox what={what()} />}</Show>
          <div class={styles.row}>
            <Button type="submit" kind="primary" busy={busy() && keyText.busy}>
              {way() === 'lightning' ? words.invoice : props.target === undefined ? words.create : words.topUp}
            </Button>
          </div>
        </form>
      </Show>
    </Show>
  )
}

/** What a new key may spend, and until when (contract 3.5). */
export function Limits(props: { readonly onChange: (limits: Readonly<Record<string, unknown>>) => void }) {
  const [limit, setLimit] = createSignal('')
  const [renewal, setRenewal] = createSignal('')
  const [until, setUntil] = createSignal('')
  const tell = () => {
    const msat = msatOf(limit())
    const at = dayEnd(until())
    props.onChange({
      ...(msat === undefined ? {} : { balance_limit: msat }),
      ...(renewal() === '' ? {} : { balance_limit_reset: renewal() }),
      ...(Number.isFinite(at) ? { validity_date: at } : {}),
    })
  }
  const type = (write: (value: string) => void) => (value: string) => {
    write(value)
    tell()
  }
  return (
    <details class={styles.more}>
      <summary>{words.limits}</summary>
      <div class={styles.form}>
        <MoneyField label={words.limit} value={limit()} onInput={type(setLimit)} help={words.limitHelp} />
        <Select
          label={words.renewal}
          value={renewal()}
          choices={Object.entries(words.renewals).map(([value, label]) => ({ value, label }))}
          onChange={type(setRenewal)}
        />
        <Field label={words.until(zoneName())} type="date" value={until()} onInput={type(setUntil)} />
      </div>
    </details>
  )
}

function Made(props: { readonly made: Created; readonly onDone: () => void }) {
  return (
    <div class={styles.form} role="status">
      <Mark tone="good">{words.credited(satText(props.made.credited_msats))}</Mark>
      <Show when={props.made.fee_msats > 0}>
        <p class={styles.quiet}>{words.feeOf(satText(props.made.fee_msats))}</p>
      </Show>
      <Show when={props.made.api_key}>
        {(key) => (
          <>
            <p>{words.saveKey}</p>
            <CopyText block value={key()} name={keyText.yourKey} />
            <div class={styles.row}>
              <Button onClick={() => saveFile('routstr-key.txt', key())}>{words.file}</Button>
            </div>
          </>
        )}
      </Show>
      <div class={styles.row}>
        <Button kind="primary" onClick={props.onDone}>
          {keyText.open}
        </Button>
      </div>
    </div>
  )
}

function InvoiceCard(props: { readonly invoice: Invoice; readonly onPaid: (key: string | null) => void }) {
  const now = useNow()
  const [status, setStatus] = createSignal<Status['status']>('pending')
  const left = () => Math.max(0, props.invoice.expires_at - now())
  const timer = setInterval(async () => {
    const answer = await api<Status>(`/lightning/invoice/${props.invoice.invoice_id}/status`)
    if (!answer.ok) return
    setStatus(answer.body.status)
    if (answer.body.status !== 'paid') return
    clearInterval(timer)
    props.onPaid(answer.body.api_key)
  }, pollMs)
  onCleanup(() => clearInterval(timer))
  const clock = () => `${Math.floor(left() / 60)}:${String(left() % 60).padStart(2, '0')}`
  return (
    <div class={styles.form}>
      <p>{words.recovery}</p>
      <CopyText block value={`invoice ${props.invoice.invoice_id}`} name={words.recoveryName} />
      <QrCode text={props.invoice.bolt11.toUpperCase()} name={words.invoiceQr} />
      <CopyText block value={props.invoice.bolt11} name={words.invoiceText} />
      <div role="status">
        <Mark tone={status() === 'expired' ? 'look' : 'working'}>
          {status() === 'settlement_pending'
            ? words.settling
            : status() === 'expired'
              ? words.expired
              : words.waiting(clock())}
        </Mark>
      </div>
    </div>
  )
}
