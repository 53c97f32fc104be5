/** Old and new of every change, before one command saves them all (D-049). */
import { For, Show } from 'solid-js'
import { momentText } from '../../format'
import { useCommand } from '../../forms/command'
import { Gates } from '../../forms/gates'
import { FormButtons, FormShell } from '../../forms/shell'
import { text } from '../../text/en'
import { settingsText as words } from '../../text/settings'
import type { Proof } from '../../transport/transport'
import { Button, Dialog, toast } from '../../ui'
import type { Draft, SettingRow, Value } from './draft'
import { labelOf, shownValue } from './field'
import styles from './settings.module.css'

export function useSave(draft: Draft, onSaved: () => void) {
  const save = useCommand('settings.apply', (answer) => {
    const laterAtS = Math.max(0, ...Object.values(answer.later ?? {}))
    draft.clear()
    onSaved()
    toast(laterAtS === 0 ? words.saved(answer.changed.length) : words.savedLater(momentText(laterAtS)))
  })
  const submit = (proof?: Proof) => {
    const changes = Object.fromEntries(draft.changed().map(({ row, value }) => [row.key, value]))
    void save.run({ changes }, proof, { ifRev: draft.ifRev() })
  }
  return { save, submit }
}

/** By the node's word on which other value of this setting waits. */
function isLater({ waits, value: now }: SettingRow, value: Value): boolean {
  if (waits === 'up') return Number(value) > Number(now)
  if (waits === 'off') return value === false
  return waits === 'any' && value !== ''
}

export function ReviewDialog(props: {
  readonly draft: Draft
  readonly saving: ReturnType<typeof useSave>
  readonly onClose: () => void
}) {
  const changed = () => props.draft.changed()
  const later = () =>
    changed()
      .filter(({ row, value }) => isLater(row, value))
      .map(({ row }) => labelOf(row.key))
      .join(', ')
  return (
    <Dialog title={words.reviewTitle} onClose={props.onClose} held={props.saving.save.busy()}>
      <FormShell
        busy={props.saving.save.busy()}
        trouble={props.saving.save.sentence()}
        onSubmit={() => props.saving.submit()}
      >
        <p>{later() === '' ? words.reviewLead : words.reviewLeadLater}</p>
        <ul class={styles.review}>
          <For each={changed()}>
            {({ row, value }) => (
              <li>
                <strong>{labelOf(row.key)}</strong>
                <span class={styles.diff}>
                  <del>{shownValue(row.value, row.unit)}</del>
                  <span aria-hidden="true">→</span>
                  <span class="sr-only">{words.arrow}</span>
                  <ins>{shownValue(value, row.unit)}</ins>
                </span>
                <Show when={props.saving.save.errorAt('changes', row.key)}>
                  {(error) => <span class={styles.error}>{error()}</span>}
                </Show>
              </li>
            )}
          </For>
        </ul>
        <Show when={later() !== ''}>
          <p class={styles.help}>{words.reviewLater(later())}</p>
        </Show>
        <Gates
          of={props.saving.save}
          verb={words.save(changed().length)}
          busyWord={words.saving}
          onProof={props.saving.submit}
        >
          <FormButtons>
            <Button onClick={props.onClose} autofocus>
              {text.confirm.back}
            </Button>
            <Button type="submit" kind="primary" busy={props.saving.save.busy() && words.saving}>
              {words.save(changed().length)}
            </Button>
          </FormButtons>
        </Gates>
      </FormShell>
    </Dialog>
  )
}
