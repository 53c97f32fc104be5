/** Drains the whole node: no deposits any more, whatever is owed goes on; its name is typed by hand (dashboard 4.4). */
import { createSignal } from 'solid-js'
import { text } from '../text/en'
import { nodeStateText as words } from '../text/node-state'
import { Button, Field, toast } from '../ui'
import { useCommand } from './command'
import { Gates } from './gates'
import { FormButtons, FormShell } from './shell'

export function DrainNodeForm(props: { readonly name: string; readonly running: number; readonly onDone: () => void }) {
  const [typed, setTyped] = createSignal('')
  const [note, setNote] = createSignal('')
  const [checked, setChecked] = createSignal(false)
  const drain = useCommand('node.drain', () => {
    toast(words.drained)
    props.onDone()
  })
  const isNamed = () => typed().trim() === props.name
  const submit = () => {
    setChecked(true)
    if (isNamed()) void drain.run({ on: true, ...(note().trim() === '' ? {} : { note: note().trim() }) })
  }
  return (
    <FormShell busy={drain.busy()} trouble={drain.sentence()} onSubmit={submit}>
      <p>{words.drainLead}</p>
      <p>{words.drainRunning(props.running)}</p>
      <Field
        label={words.drainName(props.name)}
        value={typed()}
        onInput={setTyped}
        error={checked() && !isNamed() ? words.drainNameDiffers : undefined}
        autofocus
      />
      <Field label={words.drainNote} value={note()} onInput={setNote} error={drain.errorAt('note')} />
      <Gates of={drain} verb={words.drainButton} busyWord={words.working} onProof={submit}>
        <FormButtons>
          <Button onClick={props.onDone}>{text.confirm.back}</Button>
          <Button type="submit" kind="danger" busy={drain.busy() && words.working}>
            {words.drainButton}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}
