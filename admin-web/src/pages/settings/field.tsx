/** One setting: its control, its help, where its value comes from, and how to take the last change back. */
import { Show } from 'solid-js'
import { ask, isConnected } from '../../client'
import { cannot } from '../../errors'
import { fields } from '../../text/setting-fields'
import { settingsText as words } from '../../text/settings'
import { Age, Button, Day, Field, Mark, Select, Switch, TextArea } from '../../ui'
import { type Draft, type SettingRow, textOf, valueIn } from './draft'
import styles from './settings.module.css'

export const labelOf = (key: string): string => fields[key]?.label ?? key
/** A value as a sentence names it. */
export function shownValue(value: SettingRow['value'], unit?: string): string {
  if (typeof value === 'boolean') return value ? words.on : words.off
  const text = textOf(value).replaceAll('\n', ', ')
  return text === '' ? words.empty : `${text}${unit === undefined ? '' : ` ${unit}`}`
}

export function SettingField(props: {
  readonly row: SettingRow
  readonly draft: Draft
  readonly error?: string | undefined
  /** Why it has no effect now. */
  readonly idle?: string | undefined
}) {
  const refused = () => cannot(props.row.can, 'apply', isConnected()) ?? props.idle
  return (
    <div class={styles.setting} data-setting={props.row.key}>
      <Control {...props} refused={refused()} />
      <Source {...props} />
      <Show when={props.draft.clashes(props.row)}>
        <div class={styles.clash} role="alert">
          <Mark tone="look">
            {words.clash(shownValue(props.row.value, props.row.unit), props.row.byName ?? words.sources.operator)}
          </Mark>
          <Button small onClick={() => props.draft.keepMine(props.row)}>
            {words.keepMine}
          </Button>
          <Button small onClick={() => props.draft.drop(props.row)}>
            {words.useTheirs}
          </Button>
        </div>
      </Show>
    </div>
  )
}

function Control(props: Parameters<typeof SettingField>[0] & { readonly refused: string | undefined }) {
  const label = () => labelOf(props.row.key)
  const help = () => fields[props.row.key]?.help ?? props.row.bounds
  const error = () => {
    const typed = props.draft.text(props.row)
    return valueIn(typed, props.row) === undefined ? words.notNumber : props.error
  }
  const type = (text: string) => props.draft.type(props.row, valueIn(text, props.row), text)
  const choices = () => choicesOf[props.row.key]
  return (
    <Show
      when={typeof props.row.value === 'boolean'}
      fallback={
        <Show
          when={choices()}
          fallback={
            <Show
              when={Array.isArray(props.row.value)}
              fallback={
                <Field
                  label={label()}
                  value={props.draft.text(props.row)}
                  onInput={type}
                  inputMode={typeof props.row.value === 'number' || props.row.default === null ? 'decimal' : 'text'}
                  suffix={props.row.unit}
                  help={props.refused ?? help()}
                  error={error()}
                  disabled={props.refused !== undefined}
                />
              }
            >
              <TextArea
                label={label()}
                value={props.draft.text(props.row)}
                onInput={type}
                help={props.refused ?? help()}
                error={error()}
                disabled={props.refused !== undefined}
              />
            </Show>
          }
        >
          {(list) => (
            <Select
              label={label()}
              value={props.draft.text(props.row)}
              choices={list().map((value) => ({ value, label: value }))}
              onChange={type}
              help={help()}
            />
          )}
        </Show>
      }
    >
      <div class={styles.switchRow}>
        <span>
          <strong>{label()}</strong>
          <span class={styles.help}>{help()}</span>
        </span>
        <Switch
          label={label()}
          on={props.draft.value(props.row) === true}
          refused={props.refused}
          onChange={(on) => props.draft.type(props.row, on)}
        />
      </div>
    </Show>
  )
}

const choicesOf: Readonly<Record<string, readonly string[]>> = {
  'logs.level': ['error', 'warn', 'info', 'debug'],
  'security.secondWay': ['dm', 'console'],
}

/** Default, environment or who set it last, and by which door (D-048). */
function Source(props: { readonly row: SettingRow; readonly draft: Draft }) {
  const undo = async () => {
    const { rows } = await ask('settings.history', { key: props.row.key, limit: 1 })
    const before = rows[0]?.old
    if (before !== undefined) props.draft.type(props.row, before)
  }
  return (
    <p class={styles.source}>
      <span>
        {props.row.source === 'default'
          ? words.sources.default
          : `${words.byDefault(shownValue(props.row.default, props.row.unit))} · ${words.sources[props.row.source]}`}
      </span>
      <Show when={props.row.source === 'operator' && props.row.at}>
        {(at) => (
          <span>
            {words.lastSet(props.row.byName ?? '', words.doors[props.row.door ?? ''] ?? props.row.door ?? '')}{' '}
            <Age atS={at()} ago />
          </span>
        )}
      </Show>
      <Show when={props.row.pending}>
        {(pending) => (
          <Mark tone="working">
            {words.pending(shownValue(pending().value, props.row.unit))} <Day atS={pending().at} />
          </Mark>
        )}
      </Show>
      <Show when={props.row.change !== undefined && props.row.source === 'operator'}>
        <Button small kind="quiet" label={words.undoOf(labelOf(props.row.key))} onClick={() => void undo()}>
          {words.undo}
        </Button>
      </Show>
    </p>
  )
}
