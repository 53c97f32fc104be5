/** A bearer for scripts: shown once, stored as a hash (remote-admin 9.4, D-059). */
import { createSignal, Show } from 'solid-js'
import { settingsText } from '../text/settings'
import type { Proof } from '../transport/transport'
import { Button, CopyText, Field, Select } from '../ui'
import { useCommand } from './command'
import styles from './forms.module.css'
import { Gates } from './gates'
import { FormButtons, FormShell } from './shell'
import { ShownOnce } from './shown-once'

const words = settingsText.security

export function AccessTokenForm(props: { readonly onDone: () => void }) {
  const [name, setName] = createSignal('')
  const [role, setRole] = createSignal('viewer')
  const [days, setDays] = createSignal('90')
  const [made, setMade] = createSignal<string>()
  const create = useCommand('tokens.create', (answer) => setMade(answer.token))
  const isDays = () => /^\d{1,3}$/.test(days().trim()) && Number(days()) >= 1 && Number(days()) <= 365
  const submit = (proof?: Proof) => {
    if (name().trim() !== '' && isDays())
      void create.run({ name: name().trim(), role: role() as 'viewer', days: Number(days()) }, proof)
  }
  return (
    <Show
      when={made()}
      fallback={
        <FormShell busy={create.busy()} trouble={create.sentence()} onSubmit={() => submit()}>
          <Field label={words.tokenName} value={name()} onInput={setName} error={create.errorAt('name')} autofocus />
          <div class={styles.pair}>
            <Select
              label={words.role}
              value={role()}
              choices={Object.entries(words.roles).map(([value, label]) => ({ value, label }))}
              onChange={setRole}
            />
            <Field
              label={words.tokenDays}
              value={days()}
              onInput={setDays}
              help={words.tokenDaysHelp}
              error={create.errorAt('days') ?? (isDays() ? undefined : words.tokenDaysHelp)}
            />
          </div>
          <Gates of={create} verb={words.addToken} busyWord={words.working} onProof={submit}>
            <FormButtons>
              <Button type="submit" kind="primary" busy={create.busy() && words.working}>
                {words.addToken}
              </Button>
            </FormButtons>
          </Gates>
        </FormShell>
      }
    >
      {(token) => (
        <ShownOnce saved={words.tokenSaved} onSaved={props.onDone}>
          <p>{words.tokenOnce}</p>
          <CopyText block value={token()} name={words.tokens} />
        </ShownOnce>
      )}
    </Show>
  )
}
