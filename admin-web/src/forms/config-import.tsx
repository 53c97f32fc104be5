/** A configuration from a file: what would change, looked at before one command applies it (dashboard 4.4, Node state). */
import { createSignal, For, Show } from 'solid-js'
import type { Answer, Input } from '../client'
import { momentText } from '../format'
import { configImportText as words } from '../text/config-import'
import { settingsText } from '../text/settings'
import type { Proof } from '../transport/transport'
import { Button, FileField, toast } from '../ui'
import { useCommand } from './command'
import styles from './forms.module.css'
import { Gates } from './gates'
import { FormButtons, FormShell } from './shell'

type Document = Input<'config.import'>['document']
type Difference = Answer<'config.import'>['diff'][number]
type Value = Difference['new']

export function ConfigImportForm(props: {
  /** How a setting is called, and how its value reads. */
  readonly labelOf: (key: string) => string
  readonly shown: (value: Exclude<Value, undefined>) => string
  readonly onDone: () => void
}) {
  const [document, setDocument] = createSignal<Document>()
  const [isUnread, setUnread] = createSignal(false)
  const [diff, setDiff] = createSignal<readonly Difference[]>()
  const compare = useCommand('config.import', (answer) => setDiff(answer.diff))
  const apply = useCommand('config.import', (answer) => {
    const laterAtS = Math.max(0, ...Object.values(answer.later ?? {}))
    toast(laterAtS === 0 ? words.applied(changing().length) : words.appliedLater(momentText(laterAtS)))
    props.onDone()
  })
  const changing = () => (diff() ?? []).filter(({ left }) => left === undefined)
  const byHand = () => (diff() ?? []).filter(({ left }) => left !== undefined)
  const take = (text: string) => {
    const read = parsed(text)
    setDiff(undefined)
    setDocument(() => read)
    setUnread(read === undefined)
  }
  const isReady = () => diff() !== undefined && changing().length > 0
  const command = () => (isReady() ? apply : compare)
  const verb = () => (isReady() ? words.apply(changing().length) : words.compare)
  const submit = (proof?: Proof) => {
    const wanted = document()
    if (wanted === undefined) return setUnread(true)
    void command().run({ document: wanted, apply: isReady() }, proof)
  }
  return (
    <FormShell busy={command().busy()} trouble={command().sentence()} onSubmit={() => submit()}>
      <p>{words.lead}</p>
      <FileField
        label={words.file}
        accept="application/json,.json"
        onText={take}
        error={isUnread() || compare.errorAt('document') !== undefined ? words.notJson : undefined}
      />
      <Show when={diff()?.length === 0}>
        <p role="status">{words.nothing}</p>
      </Show>
      <Changes rows={changing()} labelOf={props.labelOf} shown={props.shown} />
      <ByHand rows={byHand()} />
      <Gates of={command()} verb={verb()} busyWord={isReady() ? words.applying : words.comparing} onProof={submit}>
        <FormButtons>
          <Button type="submit" kind="primary" busy={command().busy() && words.comparing}>
            {verb()}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}

function Changes(props: {
  readonly rows: readonly Difference[]
  readonly labelOf: (key: string) => string
  readonly shown: (value: Exclude<Value, undefined>) => string
}) {
  return (
    <Show when={props.rows.length > 0}>
      <strong>{words.changes}</strong>
      <ul class={styles.differences} aria-label={words.changes}>
        <For each={props.rows}>
          {(row) => (
            <li>
              <span>{row.kind === 'setting' ? props.labelOf(row.name) : named(row)}</span>{' '}
              <del>{props.shown(row.old ?? null)}</del> <span aria-hidden="true">→</span>
              <span class="sr-only">{settingsText.arrow}</span> <ins>{props.shown(row.new ?? null)}</ins>
            </li>
          )}
        </For>
      </ul>
    </Show>
  )
}

function ByHand(props: { readonly rows: readonly Difference[] }) {
  const why = ({ kind, left }: Difference) =>
    left === 'by-hand' ? words.left['by-hand'][kind] : words.left[left ?? 'unknown']
  return (
    <Show when={props.rows.length > 0}>
      <strong>{words.byHand}</strong>
      <ul class={styles.differences} aria-label={words.byHand}>
        <For each={props.rows}>
          {(row) => (
            <li>
              {named(row)}
              <span class={styles.quiet}> {why(row)}</span>
            </li>
          )}
        </For>
      </ul>
    </Show>
  )
}

const named = ({ kind, name, field }: Difference): string =>
  field === undefined ? `${words.kinds[kind]} ${name}` : words.field(words.kinds[kind], name, field)

/** The node judges the document; here only whether it is one. */
function parsed(text: string): Document | undefined {
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' && read !== null && 'format' in read ? (read as Document) : undefined
  } catch {
    return undefined
  }
}
