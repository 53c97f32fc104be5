/** What a model costs beside its tokens in and out: an empty field is the upstream's price times both fees (dashboard 4.3). */
import { createSignal, For } from 'solid-js'
import { type Answer, isConnected } from '../client'
import { cannot } from '../errors'
import { decimalOf, perMillion, typedDecimal } from '../format'
import { modelMore } from '../text/model-more'
import type { Proof } from '../transport/transport'
import { Button, Field, toast } from '../ui'
import { useCommand } from './command'
import styles from './forms.module.css'
import { Gates } from './gates'
import { FormButtons, FormShell } from './shell'

type Model = Answer<'models.get'>
const words = modelMore.prices
/** By the names of the command; `field` is that of the model's price, of one token or one piece. */
const prices = {
  cacheReadUsdPerM: { field: 'inputCacheRead', perToken: true },
  cacheWriteUsdPerM: { field: 'inputCacheWrite', perToken: true },
  requestUsd: { field: 'request', perToken: false },
  imageUsd: { field: 'image', perToken: false },
  webSearchUsd: { field: 'webSearch', perToken: false },
} as const
type Name = keyof typeof prices
const names = Object.keys(prices) as Name[]
const shape = /^\d{1,5}(\.\d{1,12})?$/

export function MorePricesForm(props: { readonly row: Model }) {
  /** The operator's own, as it is typed; empty where the upstream's counts. */
  const own = (name: Name): string => {
    const { field, perToken } = prices[name]
    const price = props.row.prices[field]
    if (price?.source !== 'custom') return ''
    return typedDecimal(perToken ? perMillion(price.usd) : price.usd)
  }
  const [typed, setTyped] = createSignal<Readonly<Partial<Record<Name, string>>>>({})
  const [checked, setChecked] = createSignal(false)
  const value = (name: Name): string => typed()[name] ?? own(name)
  const changed = () => names.filter((name) => value(name).trim() !== own(name))
  const set = useCommand('models.setPrice', () => {
    setTyped({})
    toast(words.saved(props.row.model))
  })
  const isWrong = (name: Name): boolean => {
    const text = value(name).trim()
    return text !== '' && !(shape.test(decimalOf(text)) && Number(decimalOf(text)) <= 10_000)
  }
  function submit(proof?: Proof) {
    setChecked(true)
    if (changed().length === 0 || names.some(isWrong)) return
    const wanted = changed().map((name) => [name, value(name).trim() === '' ? null : decimalOf(value(name))])
    void set.run({ upstream: props.row.upstreamId, model: props.row.model, ...Object.fromEntries(wanted) }, proof)
  }
  function type(name: Name, text: string) {
    setTyped({ ...typed(), [name]: text })
    // The question and its code belong to the values they were asked for.
    set.drop()
  }
  return (
    <FormShell busy={set.busy()} trouble={set.sentence()} onSubmit={() => submit()}>
      <div>
        <strong>{words.title}</strong>
        <p class={styles.quiet}>{words.help}</p>
      </div>
      <For each={names}>
        {(name) => (
          <Field
            label={words.fields[name]}
            suffix={prices[name].perToken ? words.perMillion : words.each}
            inputMode="decimal"
            value={value(name)}
            placeholder={props.row.otherUsd[name]}
            onInput={(text) => type(name, text)}
            error={set.errorAt(name) ?? (checked() && isWrong(name) ? words.shape : undefined)}
          />
        )}
      </For>
      <Gates of={set} verb={words.save} busyWord={modelMore.saving} onProof={submit}>
        <FormButtons>
          <Button
            type="submit"
            busy={set.busy() && modelMore.saving}
            refused={cannot(props.row.can, 'setPrice', isConnected())}
          >
            {words.save}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}
