/** The operator's own name for a key; the customer never sees it. */
import { createSignal } from 'solid-js'
import { type Answer, isConnected } from '../client'
import { cannot } from '../errors'
import { text } from '../text/en'
import { Button, Field, toast } from '../ui'
import { useCommand } from './command'
import styles from './forms.module.css'
import { FormShell } from './shell'

export function RenameForm(props: { readonly row: Answer<'sessions.get'> }) {
  const [label, setLabel] = createSignal(props.row.label)
  const rename = useCommand('sessions.rename', () => toast(text.sessions.renamed(label().trim())))
  return (
    <FormShell
      busy={rename.busy()}
      trouble={rename.sentence()}
      onSubmit={() => {
        if (label().trim() !== props.row.label) void rename.run({ session: props.row.hash, label: label().trim() })
      }}
    >
      <div class={styles.adder}>
        <Field
          label={text.sessions.renameField}
          value={label()}
          onInput={(value) => setLabel(value.slice(0, 60))}
          help={text.sessions.renameHelp}
          error={rename.errorAt('label')}
        />
        <Button
          type="submit"
          busy={rename.busy() && text.sessions.renameBusy}
          refused={cannot(props.row.can, 'rename', isConnected())}
        >
          {text.sessions.rename}
        </Button>
      </div>
    </FormShell>
  )
}
