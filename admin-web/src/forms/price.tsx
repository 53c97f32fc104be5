/** Prompt Price and Completion Price of one model: both or neither; empty means upstream price times fees. */
import { createSignal, Show } from 'solid-js'
import { type Answer, isConnected } from '../client'
import { cannot } from '../errors'
import { decimalOf, typedDecimal } from '../format'
import { text } from '../text/en'
import type { Proof } from '../transport/transport'
import { Amount, Button, Field, Price, toast, useUnits } from '../ui'
import { useCommand } from './command'
import styles from './forms.module.css'
import { Gates } from './gates'
import { FormButtons, FormShell } from './shell'

type Model = Answer<'models.get'>
const shape = /^\d{1,5}(\.\d{1,6})?$/

export function PriceForm(props: { readonly row: Model; readonly fees: Answer<'models.list'>['fees'] | undefined }) {
  const own = (side: 'prompt' | 'completion') => props.row.prices[side]?.source === 'custom'
  const [input, setInput] = createSignal(own('prompt') ? typedDecimal(props.row.inUsdPerM ?? '') : '')
  const [output, setOutput] = createSignal(own('completion') ? typedDecimal(props.row.outUsdPerM ?? '') : '')
  const [checked, setChecked] = createSignal(false)
  const isReset = () => input().trim() === '' && output().trim() === ''
  const set = useCommand('models.setPrice', (answer) =>
    toast(
      answer.new.inUsdPerM === null ? text.models.priceReset(props.row.model) : text.models.priceSaved(props.row.model),
    ),
  )
  const errorOf = (typed: string, other: string): string | undefined => {
    if (!checked()) return undefined
    if (typed.trim() === '') return other.trim() === '' ? undefined : text.models.bothOrNeither
    return shape.test(decimalOf(typed)) && Number(decimalOf(typed)) <= 10_000 ? undefined : text.models.priceShape
  }
  const params = () => ({
    upstream: props.row.upstreamId,
    model: props.row.model,
    inUsdPerM: isReset() ? null : decimalOf(input()),
    outUsdPerM: isReset() ? null : decimalOf(output()),
  })
  function submit(proof?: Proof) {
    setChecked(true)
    if (errorOf(input(), output()) === undefined && errorOf(output(), input()) === undefined)
      void set.run(params(), proof)
  }
  function reset() {
    setInput('')
    setOutput('')
    submit()
  }
  const type = (write: (value: string) => void) => (value: string) => {
    write(value)
    // The question and its code belong to the values they were asked for.
    set.drop()
  }
  return (
    <FormShell busy={set.busy()} trouble={set.sentence()} onSubmit={() => submit()}>
      <div class={styles.pair}>
        <Field
          label={text.models.prompt}
          suffix={text.models.promptUnit}
          inputMode="decimal"
          value={input()}
          onInput={type(setInput)}
          onBlur={() => setChecked(input() !== '' && output() !== '')}
          help={text.models.promptHelp}
          error={set.errorAt('inUsdPerM') ?? errorOf(input(), output())}
        />
        <Field
          label={text.models.completion}
          suffix={text.models.completionUnit}
          inputMode="decimal"
          value={output()}
          onInput={type(setOutput)}
          onBlur={() => setChecked(input() !== '' && output() !== '')}
          help={text.models.completionHelp}
          error={set.errorAt('outUsdPerM') ?? errorOf(output(), input())}
        />
      </div>
      <WorkedExample
        row={props.row}
        fees={props.fees}
        next={isReset() ? undefined : [decimalOf(input()), decimalOf(output())]}
      />
      <Gates of={set} verb={text.models.savePrice} busyWord={text.models.saving} onProof={submit}>
        <FormButtons>
          <Button
            type="submit"
            kind="primary"
            busy={set.busy() && text.models.saving}
            refused={cannot(props.row.can, 'setPrice', isConnected())}
          >
            {text.models.savePrice}
          </Button>
          <Show when={props.row.custom}>
            <Button onClick={reset} refused={cannot(props.row.can, 'setPrice', isConnected())}>
              {text.models.reset}
            </Button>
          </Show>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}

/** What customers pay now by the node's own numbers, and what the typed price would come to (an example, not a rule). */
function WorkedExample(props: {
  readonly row: Model
  readonly fees: Answer<'models.list'>['fees'] | undefined
  readonly next: readonly [string, string] | undefined
}) {
  const units = useUnits()
  const msatOf = (pair: readonly [string | null, string | null]): number | undefined => {
    const rate = units.rate()
    const usd = (Number(pair[0] ?? Number.NaN) + Number(pair[1] ?? Number.NaN)) / 1000
    return rate === undefined || !Number.isFinite(usd) ? undefined : Math.round((usd * 1e11) / Number(rate.usdPerBtc))
  }
  const nowMsat = () => msatOf([props.row.inUsdPerM, props.row.outUsdPerM])
  const nextMsat = () => (props.next === undefined ? undefined : msatOf(props.next))
  return (
    <div class={styles.example}>
      <p class={styles.line}>
        <span>{text.models.upstreamNow}</span>
        <span>
          <Price usd={props.row.upstreamInUsdPerM} /> / <Price usd={props.row.upstreamOutUsdPerM} />
        </span>
      </p>
      <p class={styles.line}>
        <span>{text.models.now}</span>
        <strong>
          <Price usd={props.row.inUsdPerM} /> / <Price usd={props.row.outUsdPerM} />
        </strong>
      </p>
      <p class={styles.quiet}>
        {props.row.custom
          ? text.models.nowCustom
          : props.fees === undefined
            ? text.models.followsUpstream
            : text.models.nowFrom(String(props.fees.exchange), String(props.fees.upstream))}
      </p>
      <Show when={nowMsat()}>
        {(before) => (
          <p class={styles.line}>
            <span>{text.models.examplePer}</span>
            <span>
              ≈ <Amount msat={before()} />
              <Show when={nextMsat() !== undefined && nextMsat() !== before() ? nextMsat() : undefined}>
                {(after) => (
                  <>
                    {' → '}≈ <Amount msat={after()} />
                  </>
                )}
              </Show>
            </span>
          </p>
        )}
      </Show>
    </div>
  )
}
