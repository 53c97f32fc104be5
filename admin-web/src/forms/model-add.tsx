/** A model by hand, for an upstream that lists none: its id, and its prices or none yet. */
import { createSignal } from 'solid-js'
import type { Answer } from '../client'
import { decimalOf } from '../format'
import { text } from '../text/en'
import { modelMore as words } from '../text/model-more'
import type { Proof } from '../transport/transport'
import { Button, Field, Select, toast } from '../ui'
import { useCommand } from './command'
import styles from './forms.module.css'
import { Gates } from './gates'
import { FormButtons, FormShell } from './shell'

export function AddModelForm(props: {
  readonly upstreams: Answer<'upstreams.list'>['rows']
  readonly onDone: () => void
}) {
  const [upstream, setUpstream] = createSignal(props.upstreams[0]?.id ?? '')
  const [model, setModel] = createSignal('')
  const [input, setInput] = createSignal('')
  const [output, setOutput] = createSignal('')
  const [checked, setChecked] = createSignal(false)
  const add = useCommand('models.add', (row) => {
    toast(words.added(row.model))
    props.onDone()
  })
  const isId = () => /^\S{1,200}$/.test(model().trim())
  const isPriced = () => input().trim() !== '' || output().trim() !== ''
  const submit = (proof?: Proof) => {
    setChecked(true)
    if (!isId()) return
    const prices = isPriced() ? { prices: { inUsdPerM: decimalOf(input()), outUsdPerM: decimalOf(output()) } } : {}
    void add.run({ upstream: upstream(), model: model().trim(), ...prices }, proof)
  }
  return (
    <FormShell busy={add.busy()} trouble={add.sentence()} onSubmit={() => submit()}>
      <p>{words.addLead}</p>
      <Select
        label={words.upstream}
        value={upstream()}
        choices={props.upstreams.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={setUpstream}
      />
      <Field
        label={words.id}
        value={model()}
        onInput={setModel}
        error={add.errorAt('model') ?? (checked() && !isId() ? words.badId : undefined)}
        autofocus
      />
      <div class={styles.pair}>
        <Field
          label={words.input}
          suffix={text.models.promptUnit}
          inputMode="decimal"
          value={input()}
          onInput={setInput}
          error={add.errorAt('prices')}
        />
        <Field
          label={words.output}
          suffix={text.models.completionUnit}
          inputMode="decimal"
          value={output()}
          onInput={setOutput}
        />
      </div>
      <Gates of={add} verb={words.addButton} busyWord={words.saving} onProof={submit}>
        <FormButtons>
          <Button type="submit" kind="primary" busy={add.busy() && words.saving}>
            {words.addButton}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}
