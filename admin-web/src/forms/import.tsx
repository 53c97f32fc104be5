/** Import of an upstream's model list: first what would change, then what was chosen (D-038). */
import { createSignal, For, Show } from 'solid-js'
import { type Answer, isConnected } from '../client'
import { changePercent, count } from '../format'
import { text } from '../text/en'
import type { Proof } from '../transport/transport'
import { Button, Mark, Price, Select, toast } from '../ui'
import { useCommand } from './command'
import styles from './forms.module.css'
import { Gates } from './gates'
import { FormButtons, FormShell } from './shell'

type Preview = Answer<'models.importPreview'>
/** Rows of one group on the page; the rest is applied or left with its group. */
const mostShown = 200

export function ImportForm(props: {
  readonly upstreams: Answer<'upstreams.list'>['rows']
  readonly chosen: string
  readonly onChoose: (upstream: string) => void
  readonly onDone: () => void
}) {
  const [preview, setPreview] = createSignal<Preview>()
  const [left, setLeft] = createSignal<ReadonlySet<string>>(new Set())
  const fetchList = useCommand('models.importPreview', (found) => {
    // A model that is gone upstream stays until somebody says so.
    // Nor is a price outside the guard sold before it is named.
    const wild = wildIn(found)
    setLeft(new Set([...found.gone.map((model) => `gone ${model}`), ...wild.map((model) => `changed ${model}`)]))
    setPreview(found)
  })
  const apply = useCommand('models.applyImport', ({ counts }) => {
    toast(text.models.imported(counts.new, counts.changed, counts.gone))
    props.onDone()
  })
  const upstream = () => props.chosen || (props.upstreams[0]?.id ?? '')
  const pick = (kind: string, models: readonly string[]) => models.filter((model) => !left().has(`${kind} ${model}`))
  const accept = () => {
    const found = preview()
    const changed = [
      ...new Set(found?.changed.map((row) => row.model) ?? []),
      ...(found === undefined ? [] : wildIn(found)),
    ]
    return {
      new: pick('new', found?.new.map((row) => row.model) ?? []),
      changed: pick('changed', changed),
      gone: pick('gone', found?.gone ?? []),
    }
  }
  const changes = () => accept().new.length + accept().changed.length + accept().gone.length
  const applyIt = (found: Preview, proof?: Proof) => void apply.run({ diff: found.diff, accept: accept() }, proof)
  const toggle = (key: string) => {
    // The question belongs to what was ticked when it was asked.
    apply.drop()
    const next = new Set(left())
    if (!next.delete(key)) next.add(key)
    setLeft(next)
  }
  return (
    <FormShell
      busy={fetchList.busy() || apply.busy()}
      trouble={apply.sentence() ?? fetchList.sentence()}
      onSubmit={() => {
        const found = preview()
        if (found === undefined) void fetchList.run({ upstream: upstream() })
        else if (changes() > 0) applyIt(found)
      }}
    >
      <p class={styles.lead}>{text.models.importLead}</p>
      <Select
        label={text.models.importFrom}
        value={upstream()}
        choices={props.upstreams.map((row) => ({ value: row.id, label: row.name }))}
        onChange={(value) => {
          setPreview(undefined)
          props.onChoose(value)
        }}
      />
      <Show
        when={preview()}
        fallback={
          <FormButtons>
            <Button
              type="submit"
              kind="primary"
              busy={fetchList.busy() && text.models.importFetching}
              refused={isConnected() ? undefined : text.notConnectedAction}
            >
              {text.models.importFetch}
            </Button>
          </FormButtons>
        }
      >
        {(found) => (
          <>
            <Groups preview={found()} isLeft={(key) => left().has(key)} onToggle={toggle} />
            <Show
              when={found().new.length + found().changed.length + found().gone.length + wildIn(found()).length > 0}
              fallback={<Mark tone="good">{text.models.importNothing}</Mark>}
            >
              <Gates
                of={apply}
                verb={text.models.importApply(changes())}
                busyWord={text.models.importApplying}
                onProof={(proof) => applyIt(found(), proof)}
              >
                <FormButtons>
                  <Button
                    type="submit"
                    kind="primary"
                    busy={apply.busy() && text.models.importApplying}
                    refused={changes() === 0 ? text.models.importNone : undefined}
                  >
                    {text.models.importApply(changes())}
                  </Button>
                </FormButtons>
              </Gates>
            </Show>
          </>
        )}
      </Show>
    </FormShell>
  )
}

function Groups(props: {
  readonly preview: Preview
  readonly isLeft: (key: string) => boolean
  readonly onToggle: (key: string) => void
}) {
  const changed = () => {
    const rows = new Map<string, Preview['changed']>()
    for (const row of props.preview.changed) rows.set(row.model, [...(rows.get(row.model) ?? []), row])
    return [...rows]
  }
  return (
    <div class={styles.groups}>
      <Group title={text.models.importNew} kind="new" models={props.preview.new.map((row) => row.model)} {...props}>
        {(model) => {
          const row = props.preview.new.find((one) => one.model === model)
          return (
            <Show when={row?.inUsdPerM ?? row?.outUsdPerM} fallback={<Price usd={null} />}>
              <Price usd={row?.inUsdPerM ?? null} /> / <Price usd={row?.outUsdPerM ?? null} />
            </Show>
          )
        }}
      </Group>
      <Group title={text.models.importChanged} kind="changed" models={changed().map(([model]) => model)} {...props}>
        {(model) => <For each={changed().find(([id]) => id === model)?.[1] ?? []}>{(row) => <Change row={row} />}</For>}
      </Group>
      <Group title={text.models.importGone} kind="gone" models={props.preview.gone} {...props}>
        {() => null}
      </Group>
      <Show when={props.preview.refused.length > 0}>
        <fieldset class={styles.group} aria-label={text.models.importRefused}>
          <legend>
            {text.models.importRefused} {count(props.preview.refused.length)}
          </legend>
          <For each={props.preview.refused.slice(0, mostShown)}>{(row) => <Refused {...props} row={row} />}</For>
        </fieldset>
      </Show>
    </div>
  )
}

const wildIn = (found: Preview): readonly string[] =>
  found.refused.flatMap((row) => (row.code === 'outside-guard' ? [row.model] : []))

/** A price outside the guard can still be ticked; the node asks once more before it is sold. */
function Refused(props: {
  readonly row: Preview['refused'][number]
  readonly isLeft: (key: string) => boolean
  readonly onToggle: (key: string) => void
}) {
  const key = () => `changed ${props.row.model}`
  const why = () => <span class={styles.quiet}>{text.models.importWhy[props.row.code]}</span>
  return (
    <Show
      when={props.row.prices}
      fallback={
        <p class={styles.line}>
          <span>{props.row.model}</span> {why()}
        </p>
      }
    >
      {(prices) => (
        <>
          <label class={styles.pick}>
            <input type="checkbox" checked={!props.isLeft(key())} onChange={() => props.onToggle(key())} />
            <span>{props.row.model}</span>
            <span>
              <For each={prices()}>{(row) => <Change row={row} />}</For>
            </span>
          </label>
          <p>{why()}</p>
        </>
      )}
    </Show>
  )
}

function Change(props: { readonly row: Preview['changed'][number] }) {
  const percent = () => changePercent(props.row.old, props.row.new)
  return (
    <span class={styles.quiet}>
      {props.row.field === 'input' ? text.models.inShort : text.models.outShort} <Price usd={props.row.old} />
      {' → '}
      <Price usd={props.row.new} />
      <Show when={percent()}>{(change) => ` ${change() > 0 ? '+' : ''}${count(change())} % `}</Show>
    </span>
  )
}

function Group(props: {
  readonly title: string
  readonly kind: string
  readonly models: readonly string[]
  readonly isLeft: (key: string) => boolean
  readonly onToggle: (key: string) => void
  readonly children: (model: string) => import('solid-js').JSX.Element
}) {
  return (
    <Show when={props.models.length > 0}>
      <fieldset class={styles.group}>
        <legend>
          {props.title} {count(props.models.length)}
        </legend>
        <For each={props.models.slice(0, mostShown)}>
          {(model) => (
            <label class={styles.pick}>
              <input
                type="checkbox"
                checked={!props.isLeft(`${props.kind} ${model}`)}
                onChange={() => props.onToggle(`${props.kind} ${model}`)}
              />
              <span>{model}</span>
              <span>{props.children(model)}</span>
            </label>
          )}
        </For>
        <Show when={props.models.length > mostShown}>
          <p class={styles.quiet}>{text.models.more(props.models.length - mostShown)}</p>
        </Show>
      </fieldset>
    </Show>
  )
}
