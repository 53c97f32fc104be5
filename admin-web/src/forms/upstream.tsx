/** Add an upstream, or change one that is there: address, fee, priority (dashboard 4.4, Upstream). */
import { createSignal, For } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { decimalOf, typedDecimal } from '../format'
import { settingsText } from '../text/settings'
import type { Proof } from '../transport/transport'
import { Button, Field, Select, toast } from '../ui'
import { useCommand } from './command'
import { CommandForm, TestResult } from './command-form'
import styles from './forms.module.css'
import { Gates } from './gates'
import { FormButtons, FormShell } from './shell'

const words = settingsText.upstreams
type Row = Answer<'upstreams.list'>['rows'][number]
const slug = /^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$/
const fromHost = (url: string): string => {
  const host = URL.parse(url)?.hostname ?? ''
  return host
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
}

export function AddUpstreamForm(props: { readonly onDone: () => void }) {
  const types = useQuery('upstreams.types', () => ({}), { rowKey: 'kind' })
  const [kind, setKind] = createSignal('openai')
  const [baseUrl, setBaseUrl] = createSignal('')
  const [typedName, setName] = createSignal<string>()
  const [apiKey, setApiKey] = createSignal('')
  const [checked, setChecked] = createSignal(false)
  const type = () => types.data()?.rows.find((row) => row.kind === kind())
  const url = () => (baseUrl() === '' ? (type()?.baseUrl ?? '') : baseUrl())
  const name = () => typedName() ?? fromHost(url())
  const add = useCommand('upstreams.add', (row) => {
    toast(words.added(row.name))
    props.onDone()
  })
  const test = useCommand('upstreams.test')
  const [tested, setTested] = createSignal<{ readonly ok: boolean; readonly sentence: string }>()
  const asked = () => ({ kind: kind() as 'openai', baseUrl: url() })
  const submit = (proof?: Proof) => {
    setChecked(true)
    if (!slug.test(name()) || url() === '') return
    const apiKeys = apiKey().trim() === '' ? [] : [apiKey().trim()]
    void add.run({ ...asked(), name: name(), apiKeys }, proof)
  }
  const tryIt = async () => {
    setTested(undefined)
    await test.run({ ...asked(), ...(apiKey().trim() === '' ? {} : { apiKey: apiKey().trim() }) }, undefined, {
      onAnswer: setTested,
    })
  }
  return (
    <FormShell busy={add.busy()} trouble={add.sentence() ?? test.sentence()} onSubmit={() => submit()}>
      <Select
        label={words.type}
        value={kind()}
        choices={(types.data()?.rows ?? []).map((row) => ({ value: row.kind, label: row.name }))}
        onChange={setKind}
      />
      <Field
        label={words.baseUrl}
        value={baseUrl()}
        onInput={setBaseUrl}
        placeholder={type()?.baseUrl ?? 'https://'}
        help={words.baseUrlHelp}
        error={add.errorAt('baseUrl') ?? test.errorAt('baseUrl')}
        autofocus
      />
      <Field
        label={words.apiKey}
        type="password"
        value={apiKey()}
        onInput={setApiKey}
        help={words.apiKeyHelp}
        error={add.errorAt('apiKeys')}
      />
      <Field
        label={words.name}
        value={name()}
        onInput={setName}
        help={words.nameHelp}
        error={add.errorAt('name') ?? (checked() && !slug.test(name()) ? words.nameHelp : undefined)}
      />
      <TestResult of={tested()} />
      <Gates of={add} verb={words.add} busyWord={words.working} onProof={submit}>
        <FormButtons>
          <Button busy={test.busy() && words.testing} onClick={() => void tryIt()}>
            {words.test}
          </Button>
          <Button type="submit" kind="primary" busy={add.busy() && words.working}>
            {words.add}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}

export function ChangeUpstreamForm(props: { readonly row: Row; readonly onDone: () => void }) {
  const [name, setName] = createSignal(props.row.name)
  const [baseUrl, setBaseUrl] = createSignal(props.row.baseUrl)
  const [fee, setFee] = createSignal(typedDecimal(props.row.fee ?? ''))
  const [priority, setPriority] = createSignal(String(props.row.priority))
  const [checked, setChecked] = createSignal(false)
  const change = useCommand('upstreams.change', (row) => {
    toast(words.saved(row.name))
    props.onDone()
  })
  const isOtherHost = () => URL.parse(baseUrl())?.origin !== URL.parse(props.row.baseUrl)?.origin
  const isWhole = () => /^-?\d{1,4}$/.test(priority().trim())
  const changes = () => ({
    ...(name() === props.row.name ? {} : { name: name() }),
    ...(baseUrl() === props.row.baseUrl ? {} : { baseUrl: baseUrl() }),
    ...(fee() === typedDecimal(props.row.fee ?? '') ? {} : { fee: fee().trim() === '' ? null : decimalOf(fee()) }),
    ...(priority() === String(props.row.priority) ? {} : { priority: Number(priority()) }),
  })
  const submit = (proof?: Proof) => {
    setChecked(true)
    if (!isWhole()) return
    // An untouched form sends nothing.
    if (Object.keys(changes()).length === 0) return props.onDone()
    void change.run({ upstream: props.row.id, ...changes() }, proof)
  }
  return (
    <CommandForm of={change} verb={words.save} onSubmit={submit}>
      <Field label={words.name} value={name()} onInput={setName} help={words.nameHelp} error={change.errorAt('name')} />
      <Field
        label={words.baseUrl}
        value={baseUrl()}
        onInput={setBaseUrl}
        help={isOtherHost() ? words.otherHost : words.baseUrlHelp}
        error={change.errorAt('baseUrl')}
      />
      <div class={styles.pair}>
        <Field
          label={words.fee}
          suffix="×"
          inputMode="decimal"
          value={fee()}
          onInput={setFee}
          help={words.feeHelp}
          error={change.errorAt('fee')}
        />
        <Field
          label={words.priority}
          value={priority()}
          onInput={setPriority}
          help={words.priorityHelp}
          error={change.errorAt('priority') ?? (checked() && !isWhole() ? settingsText.notNumber : undefined)}
        />
      </div>
    </CommandForm>
  )
}

/** The old key is erased with the append that brings the new one. */
export function ReplaceKeyForm(props: { readonly row: Row; readonly onDone: () => void }) {
  const [key, setKey] = createSignal('')
  const replace = useCommand('upstreams.replaceKey', (row) => {
    setKey('')
    toast(words.replaceDone(row.name))
    props.onDone()
  })
  const submit = (proof?: Proof) => {
    if (key().trim() === '') return
    const remove = props.row.keyLast4.length === 0 ? [] : ['all']
    void replace.run({ upstream: props.row.id, apiKeys: { add: [key().trim()], remove } }, proof)
  }
  return (
    <CommandForm of={replace} verb={words.replaceKey} onSubmit={submit}>
      <Field
        label={words.apiKey}
        type="password"
        value={key()}
        onInput={setKey}
        help={words.apiKeyHelp}
        error={replace.errorAt('apiKeys')}
        autofocus
      />
    </CommandForm>
  )
}

/** Names the models that vanish. */
export function RemoveUpstreamForm(props: { readonly row: Row; readonly onDone: () => void }) {
  const detail = useQuery('upstreams.get', () => ({ upstream: props.row.id }))
  const remove = useCommand('upstreams.remove', () => {
    toast(words.removed(props.row.name))
    props.onDone()
  })
  const submit = (proof?: Proof) => void remove.run({ upstream: props.row.id }, proof)
  return (
    <CommandForm
      of={remove}
      verb={words.removeButton(props.row.name)}
      danger
      onBack={props.onDone}
      back={settingsText.discard}
      onSubmit={submit}
    >
      <p>{words.removeLead(props.row.models)}</p>
      <ul class={styles.names}>
        <For each={detail.data()?.listed.slice(0, 50)}>{(model) => <li>{model}</li>}</For>
      </ul>
    </CommandForm>
  )
}
