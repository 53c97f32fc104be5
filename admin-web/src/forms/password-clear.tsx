/** Clear the dashboard's password: what ends with it is said before, and a proof is asked for. */
import { settingsText } from '../text/settings'
import type { Proof } from '../transport/transport'
import { useCommand } from './command'
import { CommandForm } from './command-form'

export function ClearPasswordForm(props: { readonly onCancel: () => void; readonly onDone: () => void }) {
  const clear = useCommand('security.clearPassword', props.onDone)
  const submit = (proof?: Proof) => void clear.run({}, proof)
  return (
    <CommandForm of={clear} verb={settingsText.security.clearButton} danger onBack={props.onCancel} onSubmit={submit}>
      <p>{settingsText.security.clearLead}</p>
    </CommandForm>
  )
}
