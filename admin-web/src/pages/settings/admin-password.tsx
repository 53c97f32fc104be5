/** Admin Password: not set, or set by whom and when, with Change and Clear (dashboard 4.4, Security). */
import { createSignal, Match, Show, Switch } from 'solid-js'
import { useQuery } from '../../client'
import { PasswordForm } from '../../forms/password'
import { ClearPasswordForm } from '../../forms/password-clear'
import { text } from '../../text/en'
import { settingsText } from '../../text/settings'
import { Age, Button, Dialog, Mark, Sheet, toast } from '../../ui'
import styles from './settings.module.css'

const words = settingsText.security

export function AdminPassword() {
  const me = useQuery('me.get', () => ({}), { everyMs: 60_000 })
  const changes = useQuery('settings.history', () => ({ key: 'security.password', limit: 1 }), { everyMs: 60_000 })
  const last = () => changes.data()?.rows[0]
  const [open, setOpen] = createSignal<'set' | 'clear'>()
  const done = (said: string) => () => {
    setOpen(undefined)
    toast(said)
  }
  return (
    <>
      <Sheet title={words.password} label={words.password} padded>
        <Switch>
          <Match when={me.data()?.passwordSet === true}>
            <p>
              <Mark tone="good">
                {words.passwordSet}
                <Show when={last()}>
                  {(row) => (
                    <>
                      {' '}
                      {settingsText.lastSet(row().byName, settingsText.doors[row().door] ?? row().door)}{' '}
                      <Age atS={row().at} ago />
                    </>
                  )}
                </Show>
              </Mark>
            </p>
            <p class={styles.help}>{words.passwordUse}</p>
            <div class={styles.actions}>
              <Button onClick={() => setOpen('set')}>{words.changePassword}</Button>
              <Button kind="quiet" onClick={() => setOpen('clear')}>
                {words.clearPassword}
              </Button>
            </div>
          </Match>
          <Match when={me.data()}>
            <p>{words.passwordHelp}</p>
            <div class={styles.actions}>
              <Button kind="primary" onClick={() => setOpen('set')}>
                {words.setPassword}
              </Button>
            </div>
          </Match>
        </Switch>
      </Sheet>
      <Show when={open() === 'set'}>
        <Dialog
          title={me.data()?.passwordSet === true ? text.password.changeTitle : text.password.title}
          onClose={() => setOpen(undefined)}
        >
          <PasswordForm onDone={done(text.password.done)} />
        </Dialog>
      </Show>
      <Show when={open() === 'clear'}>
        <Dialog title={words.clearTitle} onClose={() => setOpen(undefined)}>
          <ClearPasswordForm onCancel={() => setOpen(undefined)} onDone={done(words.cleared)} />
        </Dialog>
      </Show>
    </>
  )
}
