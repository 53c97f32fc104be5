/** A model beside its prices: lock, free, how it is described, and what no list names (dashboard 4.3, More fields). */
import { createSignal, Show } from 'solid-js'
import { type Answer, isConnected } from '../client'
import { cannot } from '../errors'
import { modelMore as words } from '../text/model-more'
import type { Proof } from '../transport/transport'
import { Button, Field, Switch, TroubleBox, toast } from '../ui'
import { useCommand } from './command'
import styles from './forms.module.css'
import { Gates } from './gates'
import { FormButtons, FormShell } from './shell'

type Model = Answer<'models.get'>
type Props = { readonly row: Model }
const named = ({ row }: Props) => ({ upstream: row.upstreamId, model: row.model })

export function LockSwitch(props: Props) {
  const lock = useCommand('models.lock', () => toast(words.locked(props.row.model)))
  const unlock = useCommand('models.unlock', () => toast(words.unlocked(props.row.model)))
  const trouble = () => lock.sentence() ?? unlock.sentence()
  return (
    <>
      <div class={styles.row}>
        <div>
          <strong>{words.lock}</strong>
          <p class={styles.quiet}>{words.lockHelp}</p>
        </div>
        <Switch
          label={words.lock}
          on={props.row.locked}
          refused={cannot(props.row.can, props.row.locked ? 'unlock' : 'lock', isConnected())}
          onChange={(on) => void (on ? lock : unlock).run({ models: [named(props)] })}
        />
      </div>
      <Show when={trouble()}>{(said) => <TroubleBox what={said().what} id={said().id} />}</Show>
    </>
  )
}

/** The only way to price 0: the id is typed, so that no slip gives a model away (P-12). */
export function FreeForm(props: Props) {
  const [typed, setTyped] = createSignal('')
  const set = useCommand('models.setPrice', (answer) => {
    setTyped('')
    toast(answer.new.free ? words.freeDone(props.row.model) : words.freeEnded(props.row.model))
  })
  const submit = (proof?: Proof) => void set.run({ ...named(props), free: !props.row.free }, proof)
  const isNamed = () => props.row.free || typed().trim() === props.row.model
  return (
    <FormShell busy={set.busy()} trouble={set.sentence()} onSubmit={() => isNamed() && submit()}>
      <div>
        <strong>{words.free}</strong>
        <p class={styles.quiet}>{words.freeHelp}</p>
      </div>
      <Show when={!props.row.free}>
        <Field label={words.freeField} value={typed()} onInput={setTyped} />
      </Show>
      <Gates of={set} verb={props.row.free ? words.freeOff : words.freeOn} busyWord={words.saving} onProof={submit}>
        <FormButtons>
          <Button
            type="submit"
            busy={set.busy() && words.saving}
            refused={cannot(props.row.can, 'setFree', isConnected())}
          >
            {props.row.free ? words.freeOff : words.freeOn}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}

/** undefined: what was typed is no number of tokens. */
const tokensOf = (typed: string): number | null | undefined => {
  const plain = typed.trim().replace(/[\s,.’']/g, '')
  if (plain === '') return null
  return /^\d{1,8}$/.test(plain) && Number(plain) >= 1 && Number(plain) <= 10_000_000 ? Number(plain) : undefined
}

export function DescribeForm(props: Props) {
  const own = (field: string, value: string | number | null) =>
    props.row.described.includes(field) ? String(value ?? '') : ''
  const [name, setName] = createSignal(own('name', props.row.name))
  const [description, setDescription] = createSignal(own('description', props.row.description))
  const [context, setContext] = createSignal(own('contextLength', props.row.contextLength))
  const [longest, setLongest] = createSignal(own('maxOutput', props.row.maxOutput))
  const [upstreamModel, setUpstreamModel] = createSignal(own('upstreamModel', props.row.upstreamModel))
  const describe = useCommand('models.describe', () => toast(words.saved(props.row.model)))
  const text = (typed: string) => (typed.trim() === '' ? null : typed.trim())
  const badTokens = (typed: string) => (tokensOf(typed) === undefined ? words.badTokens : undefined)
  const submit = (proof?: Proof) => {
    const [contextLength, maxOutput] = [tokensOf(context()), tokensOf(longest())]
    if (contextLength === undefined || maxOutput === undefined) return
    const said = { name: text(name()), description: text(description()), upstreamModel: text(upstreamModel()) }
    void describe.run({ ...named(props), ...said, contextLength, maxOutput }, proof)
  }
  return (
    <FormShell busy={describe.busy()} trouble={describe.sentence()} onSubmit={() => submit()}>
      <Field
        label={words.name}
        value={name()}
        onInput={setName}
        placeholder={props.row.name}
        help={words.describeHelp}
        error={describe.errorAt('name')}
      />
      <Field
        label={words.description}
        value={description()}
        onInput={setDescription}
        placeholder={props.row.description}
        error={describe.errorAt('description')}
      />
      <div class={styles.pair}>
        <Field
          label={words.context}
          suffix={words.tokens}
          value={context()}
          onInput={setContext}
          placeholder={String(props.row.contextLength ?? '')}
          error={describe.errorAt('contextLength') ?? badTokens(context())}
        />
        <Field
          label={words.longest}
          suffix={words.tokens}
          value={longest()}
          onInput={setLongest}
          placeholder={String(props.row.maxOutput ?? '')}
          error={describe.errorAt('maxOutput') ?? badTokens(longest())}
        />
      </div>
      <Field
        label={words.upstreamModel}
        value={upstreamModel()}
        onInput={setUpstreamModel}
        placeholder={props.row.model}
        error={describe.errorAt('upstreamModel')}
      />
      <Gates of={describe} verb={words.save} busyWord={words.saving} onProof={submit}>
        <FormButtons>
          <Button
            type="submit"
            busy={describe.busy() && words.saving}
            refused={cannot(props.row.can, 'describe', isConnected())}
          >
            {words.save}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}

export function RemoveModel(props: Props & { readonly onDone: () => void }) {
  const remove = useCommand('models.remove', () => {
    toast(words.removed(props.row.model))
    props.onDone()
  })
  return (
    <FormShell busy={remove.busy()} trouble={remove.sentence()} onSubmit={() => void remove.run(named(props))}>
      <FormButtons>
        <Button
          type="submit"
          kind="danger"
          busy={remove.busy() && words.saving}
          refused={cannot(props.row.can, 'remove', isConnected())}
        >
          {words.remove}
        </Button>
      </FormButtons>
    </FormShell>
  )
}
