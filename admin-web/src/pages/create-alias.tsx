/** The button of Create Alias with its dialog: at the head of the models, and small in each row. */
import { createSignal, Show } from 'solid-js'
import type { Answer } from '../client'
import { CreateAliasForm } from '../forms/alias-create'
import { text } from '../text/en'
import { Button, Dialog, Icon, IconButton } from '../ui'

export function CreateAlias(props: { readonly row?: Answer<'models.list'>['rows'][number] }) {
  const [isOpen, setOpen] = createSignal(false)
  const title = () => (props.row === undefined ? text.models.createAlias : text.models.createAliasFor(props.row.model))
  return (
    <>
      <Show
        when={props.row !== undefined}
        fallback={<Button onClick={() => setOpen(true)}>{text.models.createAlias}</Button>}
      >
        <IconButton label={title()} onClick={() => setOpen(true)}>
          <Icon name="add" />
        </IconButton>
      </Show>
      <Show when={isOpen()}>
        <Dialog title={title()} onClose={() => setOpen(false)}>
          <CreateAliasForm row={props.row} onDone={() => setOpen(false)} />
        </Dialog>
      </Show>
    </>
  )
}
