/** Add a mint once it was tried, change what is wanted of one, drain one, remove one (dashboard 4.4, Cashu Mints). */
import { createSignal, Show } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { msatOf, satText } from '../format'
import { settingsText } from '../text/settings'
import type { Proof } from '../transport/transport'
import { Button, Field, MoneyField, Select, Switch, toast } from '../ui'
import { useCommand } from './command'
import { CommandForm } from './command-form'
import styles from './forms.module.css'
import { Gates } from './gates'
import { type MintTest, MintTested } from './mint-test'
import { FormButtons, FormShell } from './shell'

const words = settingsText.mints
type Row = Answer<'mints.list'>['rows'][number]

export function AddMintForm(props: { readonly onDone: () => void }) {
  const [url, setUrl] = createSignal('')
  const [tested, setTested] = createSignal<MintTest & { readonly url: string }>()
  const test = useCommand('mints.test')
  const add = useCommand('mints.add', (row) => {
    toast(words.added(row.mint))
    props.onDone()
  })
  const isTested = () => tested()?.ok === true && tested()?.url === url().trim()
  const tryIt = () => {
    const asked = url().trim()
    setTested(undefined)
    if (asked !== '')
      void test.run({ url: asked }, undefined, { onAnswer: (answer) => setTested({ ...answer, url: asked }) })
  }
  const submit = (proof?: Proof) => (isTested() ? void add.run({ url: url().trim() }, proof) : tryIt())
  return (
    <FormShell busy={add.busy() || test.busy()} trouble={add.sentence() ?? test.sentence()} onSubmit={() => submit()}>
      <Field
        label={words.url}
        value={url()}
        onInput={setUrl}
        placeholder="https://"
        help={words.urlHelp}
        error={add.errorAt('url') ?? test.errorAt('url')}
        autofocus
      />
      <Show when={tested()}>{(result) => <MintTested result={result()} />}</Show>
      <Gates of={add} verb={words.addButton} busyWord={words.working} onProof={submit}>
        <FormButtons>
          <Button kind={isTested() ? 'plain' : 'primary'} busy={test.busy() && words.testing} onClick={tryIt}>
            {words.test}
          </Button>
          <Button
            kind={isTested() ? 'primary' : 'plain'}
            busy={add.busy() && words.working}
            refused={isTested() ? undefined : words.testFirst}
            onClick={() => submit()}
          >
            {words.addButton}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}

export function ChangeMintForm(props: { readonly row: Row; readonly onDone: () => void }) {
  const [deposits, setDeposits] = createSignal(props.row.deposits)
  const [cap, setCap] = createSignal(props.row.capSat === null ? '' : String(props.row.capSat))
  const change = useCommand('mints.change', (row) => {
    toast(words.saved(row.mint))
    props.onDone()
  })
  const capSat = () => {
    const msat = msatOf(cap())
    return cap().trim() === '' ? null : msat === undefined || msat % 1000 !== 0 ? undefined : msat / 1000
  }
  const submit = (proof?: Proof) => {
    const wanted = capSat()
    if (wanted === undefined) return
    const changes = {
      ...(deposits() === props.row.deposits ? {} : { deposits: deposits() }),
      ...(wanted === props.row.capSat ? {} : { capSat: wanted }),
    }
    if (Object.keys(changes).length === 0) return props.onDone()
    void change.run({ mint: props.row.mint, ...changes }, proof)
  }
  return (
    <CommandForm of={change} verb={words.save} onSubmit={submit}>
      <div class={styles.row}>
        <span>
          <strong>{words.depositsOn}</strong>
          <p class={styles.quiet}>{words.depositsHelp}</p>
        </span>
        <Switch label={words.depositsOn} on={deposits()} onChange={setDeposits} />
      </div>
      <MoneyField
        label={words.cap}
        value={cap()}
        onInput={setCap}
        whole
        help={words.capHelp}
        error={change.errorAt('capSat')}
      />
    </CommandForm>
  )
}

export function RemoveMintForm(props: { readonly row: Row; readonly onDone: () => void }) {
  const remove = useCommand('mints.remove', (row) => {
    const rest = row.writtenOffMsat === undefined ? [] : [words.writtenOff(satText(row.writtenOffMsat))]
    toast([words.removed(row.mint), ...rest].join(' '))
    props.onDone()
  })
  const submit = (proof?: Proof) => void remove.run({ mint: props.row.mint }, proof)
  return (
    <CommandForm of={remove} verb={words.remove} danger onBack={props.onDone} onSubmit={submit}>
      <p>{words.removeLead}</p>
      <p class={styles.quiet}>{props.row.mint}</p>
    </CommandForm>
  )
}

/** Coins of an expired keyset, one keyset at a time: the amount is said, so that no other one is given up (wallet 8.1). */
export function ConfirmLossForm(props: { readonly row: Row; readonly onDone: () => void }) {
  const [expired] = props.row.expired
  const loss = useCommand('wallet.confirmLoss', () => {
    toast(words.lossDone)
    props.onDone()
  })
  const submit = (proof?: Proof) => {
    if (expired !== undefined)
      void loss.run({ mint: props.row.mint, keyset: expired.keyset, msat: expired.msat }, proof)
  }
  return (
    <CommandForm
      of={loss}
      verb={words.lossButton(satText(expired?.msat ?? 0))}
      danger
      onBack={props.onDone}
      onSubmit={submit}
    >
      <p>{words.lossLead}</p>
      <p class={styles.quiet}>{props.row.mint}</p>
      <p class={styles.quiet}>{words.lossKeyset(expired?.keyset ?? '')}</p>
    </CommandForm>
  )
}

/** Everything there leaves; customers' balances follow by themselves (wallet 5.6). */
export function DrainForm(props: { readonly row: Row; readonly onDone: () => void }) {
  const others = useQuery('mints.list', () => ({}), { rowKey: 'mint' })
  const [to, setTo] = createSignal('lightning')
  const [unit, setUnit] = createSignal(props.row.units[0] ?? 'sat')
  const [fee, setFee] = createSignal('')
  const drain = useCommand('mints.drain', () => {
    toast(words.drainStarted)
    props.onDone()
  })
  const maxFeeSat = () => {
    const msat = msatOf(fee())
    return msat === undefined || msat % 1000 !== 0 ? undefined : msat / 1000
  }
  const submit = (proof?: Proof) => {
    const most = maxFeeSat()
    if (most !== undefined)
      void drain.run({ mint: props.row.mint, unit: unit() as 'sat', to: to(), maxFeeSat: most }, proof)
  }
  return (
    <CommandForm of={drain} verb={words.drainButton} danger onBack={props.onDone} onSubmit={submit}>
      <p>{words.drainLead}</p>
      <Select
        label={words.drainTo}
        value={to()}
        choices={[
          { value: 'lightning', label: words.drainLightning },
          ...(others.data()?.rows ?? [])
            .filter((row) => row.mint !== props.row.mint)
            .map((row) => ({ value: row.mint, label: row.mint })),
        ]}
        onChange={setTo}
      />
      <Show when={props.row.units.length > 1}>
        <Select
          label={words.unit}
          value={unit()}
          choices={props.row.units.map((value) => ({ value, label: value }))}
          onChange={setUnit}
        />
      </Show>
      <MoneyField label={words.drainFee} value={fee()} onInput={setFee} whole error={drain.errorAt('maxFeeSat')} />
    </CommandForm>
  )
}
