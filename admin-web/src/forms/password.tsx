/** Set or change the dashboard's password. The old one is asked only where the node asks for it. */
import { createSignal } from 'solid-js'
import { text } from '../text/en'
import type { Proof } from '../transport/transport'
import { Button, Field } from '../ui'
import { useCommand } from './command'
import { Gates } from './gates'
import { FormButtons, FormShell } from './shell'

export function PasswordForm(props: { readonly onDone: () => void }) {
  const [password, setPassword] = createSignal('')
  const [checked, setChecked] = createSignal(false)
  const set = useCommand('security.setPassword', () => props.onDone())
  const isShort = () => password().length < 8 || password().length > 128
  const submit = (proof?: Proof) => {
    setChecked(true)
    if (isShort()) return
    void set.run({ password: password() }, proof)
  }
  return (
    <FormShell busy={set.busy()} trouble={set.sentence()} onSubmit={() => submit()}>
      <Field
        label={text.password.field}
        type="password"
        name="new-password"
        autocomplete="new-password"
        value={password()}
        onInput={setPassword}
        onBlur={() => setChecked(password() !== '')}
        help={text.password.help}
        error={set.errorAt('password') ?? (checked() && isShort() ? text.password.short : undefined)}
        autofocus
      />
      <Gates of={set} verb={text.password.button} busyWord={text.password.busy} onProof={submit}>
        <FormButtons>
          <Button type="submit" kind="primary" busy={set.busy() && text.password.busy}>
            {text.password.button}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}
