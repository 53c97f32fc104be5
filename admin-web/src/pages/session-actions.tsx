/** The actions on one key; what its state or a role forbids stays in place and says why (D-021). */
import { createSignal, For, Match, Show, Switch } from 'solid-js'
import { type Answer, isConnected } from '../client'
import { cannot } from '../errors'
import { ExtendForm, FreezeForm, LimitsForm } from '../forms/session-actions'
import { AdjustForm, RevokeForm } from '../forms/session-money'
import { sessionActions } from '../text/session-actions'
import { Button, Dialog, Reasons } from '../ui'
import styles from './page.module.css'

type Session = Answer<'sessions.get'>
const all = ['extend', 'credit', 'debit', 'limits', 'freeze', 'unfreeze', 'revoke'] as const
type Action = (typeof all)[number]
/** By the name that `can` has. */
const named: Readonly<Record<Action, string>> = {
  extend: 'extend',
  credit: 'credit',
  debit: 'debit',
  limits: 'setLimits',
  freeze: 'freeze',
  unfreeze: 'unfreeze',
  revoke: 'revoke',
}

export function SessionActions(props: { readonly session: Session }) {
  const [open, setOpen] = createSignal<Action>()
  const close = () => setOpen(undefined)
  const isFrozen = () => cannot(props.session.can, 'unfreeze', true) === undefined
  const shown = () => all.filter((action) => action !== (isFrozen() ? 'freeze' : 'unfreeze'))
  return (
    <>
      <Reasons class={styles.row}>
        <For each={shown()}>
          {(action) => (
            <Button
              small
              refused={cannot(props.session.can, named[action], isConnected())}
              onClick={() => setOpen(action)}
            >
              {sessionActions[action].open}
            </Button>
          )}
        </For>
      </Reasons>
      <Show when={open()} keyed>
        {(action) => (
          <Dialog title={sessionActions[action].title} onClose={close}>
            <Switch>
              <Match when={action === 'revoke'}>
                <RevokeForm session={props.session} onDone={close} />
              </Match>
              <Match when={action === 'extend'}>
                <ExtendForm session={props.session} onDone={close} />
              </Match>
              <Match when={action === 'limits'}>
                <LimitsForm session={props.session} onDone={close} />
              </Match>
              <Match when={action === 'credit' || action === 'debit'}>
                <AdjustForm session={props.session} credit={action === 'credit'} onDone={close} />
              </Match>
              <Match when={action === 'freeze' || action === 'unfreeze'}>
                <FreezeForm session={props.session} freeze={action === 'freeze'} onDone={close} />
              </Match>
            </Switch>
          </Dialog>
        )}
      </Show>
    </>
  )
}
