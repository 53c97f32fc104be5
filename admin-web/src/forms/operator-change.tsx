/** Another role or name for an operator, or the end of one (R-092: never of the last owner). */
import { createSignal } from 'solid-js'
import type { Answer } from '../client'
import { shortKey } from '../format'
import { text } from '../text/en'
import { operatorsText as words } from '../text/operators'
import { settingsText } from '../text/settings'
import type { Proof } from '../transport/transport'
import { Button, Field, Select, toast } from '../ui'
import { useCommand } from './command'
import styles from './forms.module.css'
import { Gates } from './gates'
import { FormButtons, FormShell } from './shell'

export type Operator = Answer<'admins.list'>['rows'][number]
type Role = Operator['role']
type Props = { readonly operator: Operator; readonly onDone: () => void }

export const nameOf = ({ label, npub }: Operator): string => (label === '' ? shortKey(npub) : label)
const roles = Object.keys(words.effects) as Role[]

export function ChangeOperatorForm(props: Props) {
  const [role, setRole] = createSignal<Role>(props.operator.role)
  const [label, setLabel] = createSignal(props.operator.label)
  const change = useCommand('admins.setRole', (row) => {
    toast(words.saved(nameOf(row)))
    props.onDone()
  })
  const submit = (proof?: Proof) => {
    const { npub } = props.operator
    const changes = {
      ...(role() === props.operator.role ? {} : { role: role() }),
      ...(label().trim() === props.operator.label ? {} : { label: label().trim() }),
    }
    if (Object.keys(changes).length === 0) return props.onDone()
    void change.run({ npub, ...changes }, proof)
  }
  return (
    <FormShell busy={change.busy()} trouble={change.sentence()} onSubmit={() => submit()}>
      <Select
        label={settingsText.security.role}
        value={role()}
        choices={roles.map((value) => ({ value, label: settingsText.security.roles[value] ?? value }))}
        onChange={(value) => setRole(roles.find((one) => one === value) ?? props.operator.role)}
      />
      <p class={styles.quiet}>{words.effects[role()]}</p>
      <Field
        label={settingsText.security.label}
        value={label()}
        onInput={setLabel}
        error={change.errorAt('label')}
        autofocus
      />
      <Gates of={change} verb={words.save} busyWord={settingsText.security.working} onProof={submit}>
        <FormButtons>
          <Button type="submit" kind="primary" busy={change.busy() && settingsText.security.working}>
            {words.save}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}

export function RemoveOperatorForm(props: Props) {
  const remove = useCommand('admins.remove', () => {
    toast(words.removed(nameOf(props.operator)))
    props.onDone()
  })
  const submit = (proof?: Proof) => void remove.run({ npub: props.operator.npub }, proof)
  return (
    <FormShell busy={remove.busy()} trouble={remove.sentence()} onSubmit={() => submit()}>
      <p>{words.removeLead}</p>
      <p class={styles.quiet}>{props.operator.npub}</p>
      <Gates of={remove} verb={words.removeButton} busyWord={settingsText.security.working} onProof={submit}>
        <FormButtons>
          <Button onClick={props.onDone} autofocus>
            {text.confirm.back}
          </Button>
          <Button type="submit" kind="danger" busy={remove.busy() && settingsText.security.working}>
            {words.removeButton}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}
