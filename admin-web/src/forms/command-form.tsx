/** A form with one command behind it: fields, then the button that sends it, or what the node asks before (dashboard 6). */
import { type JSX, Show } from 'solid-js'
import { text } from '../text/en'
import { listText } from '../text/lists'
import type { Proof } from '../transport/transport'
import { Button, Mark } from '../ui'
import type { Command } from './command'
import { Gates } from './gates'
import { FormButtons, FormShell } from './shell'

export function CommandForm(props: {
  readonly of: Command
  /** On the button: what it does, with the amount where money moves. */
  readonly verb: string
  /** Destroys something: the focus starts on the way back. */
  readonly danger?: boolean
  readonly onBack?: () => void
  readonly back?: string
  readonly refused?: string | undefined
  readonly onSubmit: (proof?: Proof) => void
  readonly children: JSX.Element
}) {
  const busy = () => props.of.busy() && listText.working
  return (
    <FormShell busy={props.of.busy()} trouble={props.of.sentence()} onSubmit={() => props.onSubmit()}>
      {props.children}
      <Gates of={props.of} verb={props.verb} busyWord={listText.working} onProof={props.onSubmit}>
        <FormButtons>
          <Show when={props.onBack}>
            {(back) => (
              <Button onClick={() => back()()} autofocus={props.danger === true}>
                {props.back ?? text.confirm.back}
              </Button>
            )}
          </Show>
          <Button
            type="submit"
            kind={props.danger === true ? 'danger' : 'primary'}
            busy={busy()}
            refused={props.refused}
          >
            {props.verb}
          </Button>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}

/** What a test of an address found out, read out when it comes. */
export function TestResult(props: { readonly of: { readonly ok: boolean; readonly sentence: string } | undefined }) {
  return (
    <Show when={props.of}>
      {(result) => (
        <div role="status">
          <Mark tone={result().ok ? 'good' : 'bad'}>{result().sentence}</Mark>
        </div>
      )}
    </Show>
  )
}
