/** Forms of the first run that stand nowhere else: the words asked back, the margin, the payout, the first request. */
import { createSignal, For, Show } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { decimalOf, priceText, productText, typedDecimal } from '../format'
import { fields } from '../text/setting-fields'
import { settingsText } from '../text/settings'
import { wizardText as words } from '../text/wizard'
import type { Proof } from '../transport/transport'
import { Amount, Button, CopyText, Field, Mark, toast } from '../ui'
import { useCommand } from './command'
import styles from './forms.module.css'
import { Gates } from './gates'
import { AddressTested, useAddressTest } from './lightning-test'
import { FormButtons, FormShell } from './shell'
import { useShownOnce } from './shown-once'

/** Shown once for a proof; two of them are asked back, so that somebody has written them down. */
export function WordsForm(props: { readonly onDone: () => void }) {
  const [shown, setShown] = createSignal<readonly string[]>([])
  const [third, setThird] = createSignal('')
  const [ninth, setNinth] = createSignal('')
  const show = useCommand('wallet.showWords', (answer) => setShown(answer.words.split(' ')))
  const confirm = useCommand('wallet.confirmWords', () => {
    setShown([])
    toast(words.confirmed)
    props.onDone()
  })
  const submitShow = (proof?: Proof) => void show.run({}, proof)
  useShownOnce(() => shown().length > 0)
  const submit = () => void confirm.run({ words: [third().trim().toLowerCase(), ninth().trim().toLowerCase()] })
  return (
    <>
      <FormShell busy={show.busy()} trouble={show.sentence()} onSubmit={() => submitShow()}>
        <Show
          when={shown().length === 0}
          fallback={
            <ol class={styles.words}>
              <For each={shown()}>{(word) => <li>{word}</li>}</For>
            </ol>
          }
        >
          <Gates of={show} verb={words.showWords} busyWord={words.working} onProof={submitShow}>
            <FormButtons>
              <Button type="submit" kind="primary">
                {words.showWords}
              </Button>
            </FormButtons>
          </Gates>
        </Show>
      </FormShell>
      <FormShell busy={confirm.busy()} trouble={confirm.sentence()} onSubmit={submit}>
        <p>{words.confirm}</p>
        <div class={styles.pair}>
          <Field label={words.third} value={third()} onInput={setThird} />
          <Field label={words.ninth} value={ninth()} onInput={setNinth} />
        </div>
        <FormButtons>
          <Button type="submit" busy={confirm.busy() && words.working}>
            {words.confirmButton}
          </Button>
        </FormButtons>
      </FormShell>
    </>
  )
}

type Settings = Answer<'settings.get'>
const shownValue = (rows: Settings | undefined, key: string): string =>
  typedDecimal(String(rows?.find((row) => row.key === key)?.value ?? ''))

export function MarginForm(props: { readonly onDone: () => void }) {
  const keys = ['pricing.exchangeFee', 'pricing.upstreamFee']
  const settings = useQuery('settings.get', () => ({ keys }), { rowKey: 'key' })
  const [exchange, setExchange] = createSignal<string>()
  const [upstream, setUpstream] = createSignal<string>()
  const save = useCommand('settings.apply', () => {
    toast(words.saved)
    props.onDone()
  })
  const exchangeFee = () => exchange() ?? shownValue(settings.data(), 'pricing.exchangeFee')
  const upstreamFee = () => upstream() ?? shownValue(settings.data(), 'pricing.upstreamFee')
  const submit = (proof?: Proof) =>
    void save.run(
      {
        changes: {
          'pricing.exchangeFee': Number(decimalOf(exchangeFee())),
          'pricing.upstreamFee': Number(decimalOf(upstreamFee())),
        },
      },
      proof,
    )
  const usd = () => productText('30', decimalOf(exchangeFee()), decimalOf(upstreamFee()))
  return (
    <FormShell busy={save.busy()} trouble={save.sentence()} onSubmit={() => submit()}>
      <div class={styles.pair}>
        <Field
          label={fields['pricing.exchangeFee']?.label ?? ''}
          suffix="×"
          inputMode="decimal"
          value={exchangeFee()}
          onInput={setExchange}
          error={save.errorAt('changes', 'pricing.exchangeFee')}
        />
        <Field
          label={fields['pricing.upstreamFee']?.label ?? ''}
          suffix="×"
          inputMode="decimal"
          value={upstreamFee()}
          onInput={setUpstream}
          error={save.errorAt('changes', 'pricing.upstreamFee')}
        />
      </div>
      <Show when={usd()}>
        {(price) => (
          <p class={styles.example}>{settingsText.example(exchangeFee(), upstreamFee(), priceText(price()))}</p>
        )}
      </Show>
      <Gates of={save} verb={words.save} busyWord={words.working} onProof={submit}>
        <FormButtons>
          <Button type="submit" kind="primary" busy={save.busy() && words.working}>
            {words.save}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}

export function PayoutForm(props: { readonly onDone: () => void }) {
  const [address, setAddress] = createSignal('')
  const tries = useAddressTest(address)
  const save = useCommand('settings.apply', () => {
    toast(words.saved)
    props.onDone()
  })
  const submit = (proof?: Proof) => void save.run({ changes: { 'sweep.address': address().trim() } }, proof)
  return (
    <FormShell busy={save.busy()} trouble={save.sentence() ?? tries.test.sentence()} onSubmit={() => submit()}>
      <Field
        label={words.address}
        value={address()}
        onInput={setAddress}
        placeholder="name@host"
        help={words.addressHelp}
        error={save.errorAt('changes', 'sweep.address') ?? tries.test.errorAt('address')}
      />
      <AddressTested of={tries} />
      <Gates of={save} verb={words.save} busyWord={words.working} onProof={submit}>
        <FormButtons>
          <Button busy={tries.test.busy() && words.testing} onClick={tries.run}>
            {words.test}
          </Button>
          <Button type="submit" kind="primary" busy={save.busy() && words.working}>
            {words.save}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}

/** A real paid request: the page waits for its answer. */
export function FirstRequestForm() {
  const [made, setMade] = createSignal<Answer<'setup.testKey'>>()
  const make = useCommand('setup.testKey', setMade)
  const submit = (proof?: Proof) => void make.run({}, proof)
  const answered = useQuery('requests.list', () => ({ limit: 1, outcome: 'answered' }), {
    everyMs: 2000,
    rowKey: 'requestId',
  })
  return (
    <FormShell busy={make.busy()} trouble={make.sentence()} onSubmit={() => submit()}>
      <Show when={answered.data()?.rows[0]} fallback={<Mark tone="working">{words.waiting}</Mark>}>
        {(row) => (
          <p role="status">
            <Mark tone="good">{words.answered(row().model)}</Mark> <Amount msat={row().costMsat} />
          </p>
        )}
      </Show>
      <Show
        when={made()}
        fallback={
          <Gates of={make} verb={words.testKey} busyWord={words.working} onProof={submit}>
            <p class={styles.quiet}>{words.testKeyHelp}</p>
            <FormButtons>
              <Button type="submit" kind="primary" busy={make.busy() && words.working}>
                {words.testKey}
              </Button>
            </FormButtons>
          </Gates>
        }
      >
        {(key) => (
          <>
            <p>{words.curl}</p>
            <CopyText block value={key().curl} name={words.curl} />
          </>
        )}
      </Show>
    </FormShell>
  )
}
