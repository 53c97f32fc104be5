/** The ways in: the password and the keys of operators (dashboard 4.4, Security). */
import { createSignal, For, Show } from 'solid-js'
import { useQuery } from '../../client'
import { shortKey } from '../../format'
import { OperatorForm } from '../../forms/operator'
import { settingsText } from '../../text/settings'
import { Button, Dialog, Empty, Sheet, Tag } from '../../ui'
import { usePage } from '../page'
import { Devices, Tokens } from './access'
import styles from './settings.module.css'

const words = settingsText.security

export function Security() {
  const page = usePage(() => settingsText.sections.security)
  const admins = useQuery('admins.list', () => ({}), { everyMs: 60_000, rowKey: 'npub' })
  const [adds, setAdds] = createSignal(false)
  return (
    <>
      <Sheet title={words.password} padded>
        <p>{words.passwordHelp}</p>
        <div class={styles.actions}>
          <Button kind="primary" onClick={page.openPassword}>
            {words.setPassword}
          </Button>
        </div>
      </Sheet>
      <Sheet title={words.operators} actions={<Button onClick={() => setAdds(true)}>{words.addOperator}</Button>}>
        <Show when={(admins.data()?.rows.length ?? 0) > 0} fallback={<Empty title={words.noOperators} />}>
          <ul class={styles.list} aria-label={words.operators}>
            <For each={admins.data()?.rows}>
              {(admin) => (
                <li class={styles.item}>
                  <div class={styles.itemHead}>
                    <strong>{admin.label === '' ? shortKey(admin.npub) : admin.label}</strong>
                    <Tag>{words.roles[admin.role]}</Tag>
                  </div>
                  <div class={styles.itemFacts}>
                    <span title={admin.npub}>{shortKey(admin.npub)}</span>
                  </div>
                </li>
              )}
            </For>
          </ul>
        </Show>
      </Sheet>
      <Devices />
      <Tokens />
      <Show when={adds()}>
        <Dialog title={words.addOperator} onClose={() => setAdds(false)}>
          <p>{words.operatorsHelp}</p>
          <OperatorForm onDone={() => setAdds(false)} />
        </Dialog>
      </Show>
    </>
  )
}
