/** A Nostr key that may sign in or command: who it is, and what it may. */
import { createSignal } from 'solid-js'
import { settingsText } from '../text/settings'
import type { Proof } from '../transport/transport'
import { Button, Field, Select, toast } from '../ui'
import { useCommand } from './command'
import { Gates } from './gates'
import { FormButtons, FormShell } from './shell'

const words = settingsText.security

export function OperatorForm(props: { readonly onDone: () => void }) {
  const [npub, setNpub] = createSignal('')
  const [role, setRole] = createSignal('owner')
  const [label, setLabel] = createSignal('')
  const add = useCommand('admins.add', () => {
    toast(words.added)
    props.onDone()
  })
  const submit = (proof?: Proof) => {
    if (npub().trim() !== '')
      void add.run({ npub: npub().trim(), role: role() as 'owner', label: label().trim() }, proof)
  }
  return (
    <FormShell busy={add.busy()} trouble={add.sentence()} onSubmit={() => submit()}>
      <Field label={words.npub} value={npub()} onInput={setNpub} error={add.errorAt('npub')} autofocus />
      <Select
        label={words.role}
        value={role()}
        choices={Object.entries(words.roles).map(([value, shown]) => ({ value, label: shown }))}
        onChange={setRole}
      />
      <Field label={words.label} value={label()} onInput={setLabel} error={add.errorAt('label')} />
      <Gates of={add} verb={words.addButton} busyWord={words.working} onProof={submit}>
        <FormButtons>
          <Button type="submit" kind="primary" busy={add.busy() && words.working}>
            {words.addButton}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}
