/** The keys that may sign in or command over Nostr, with their roles (dashboard 4.4, Security). */
import { createSignal, For, Match, Show, Switch } from 'solid-js'
import { isConnected, useQuery } from '../../client'
import { cannot } from '../../errors'
import { shortKey } from '../../format'
import { OperatorForm } from '../../forms/operator'
import { ChangeOperatorForm, nameOf, type Operator, RemoveOperatorForm } from '../../forms/operator-change'
import { operatorsText } from '../../text/operators'
import { settingsText } from '../../text/settings'
import { Button, Dialog, Empty, Reasons, Sheet, Tag } from '../../ui'
import styles from './settings.module.css'

const words = settingsText.security
type Layer = { readonly what: 'add' } | { readonly what: 'change' | 'remove'; readonly operator: Operator }

export function Operators() {
  const admins = useQuery('admins.list', () => ({}), { everyMs: 60_000, rowKey: 'npub' })
  const [layer, setLayer] = createSignal<Layer>()
  return (
    <>
      <Sheet
        title={words.operators}
        actions={<Button onClick={() => setLayer({ what: 'add' })}>{words.addOperator}</Button>}
      >
        <Show when={(admins.data()?.rows.length ?? 0) > 0} fallback={<Empty title={words.noOperators} />}>
          <ul class={styles.list} aria-label={words.operators}>
            <For each={admins.data()?.rows}>
              {(operator) => <One operator={operator} onOpen={(what) => setLayer({ what, operator })} />}
            </For>
          </ul>
        </Show>
      </Sheet>
      <Show when={layer()} keyed>
        {(open) => <Layers layer={open} onClose={() => setLayer(undefined)} />}
      </Show>
    </>
  )
}

function Layers(props: { readonly layer: Layer; readonly onClose: () => void }) {
  const operator = () => (props.layer.what === 'add' ? undefined : props.layer.operator)
  const title = () => {
    const { layer } = props
    if (layer.what === 'add') return words.addOperator
    const name = nameOf(layer.operator)
    return { change: operatorsText.changeTitle(name), remove: operatorsText.removeTitle(name) }[layer.what]
  }
  return (
    <Dialog title={title()} onClose={props.onClose}>
      <Switch
        fallback={
          <>
            <p>{words.operatorsHelp}</p>
            <OperatorForm onDone={props.onClose} />
          </>
        }
      >
        <Match when={props.layer.what === 'change' && operator()}>
          {(one) => <ChangeOperatorForm operator={one()} onDone={props.onClose} />}
        </Match>
        <Match when={props.layer.what === 'remove' && operator()}>
          {(one) => <RemoveOperatorForm operator={one()} onDone={props.onClose} />}
        </Match>
      </Switch>
    </Dialog>
  )
}

function One(props: { readonly operator: Operator; readonly onOpen: (what: 'change' | 'remove') => void }) {
  const refused = (action: 'setRole' | 'remove') => cannot(props.operator.can, action, isConnected())
  return (
    <li class={styles.item}>
      <div class={styles.itemHead}>
        <strong>{nameOf(props.operator)}</strong>
        <Tag>{words.roles[props.operator.role]}</Tag>
      </div>
      <div class={styles.itemFacts}>
        <span title={props.operator.npub}>{shortKey(props.operator.npub)}</span>
      </div>
      <Reasons class={styles.actions}>
        <Button
          small
          label={operatorsText.changeAria(nameOf(props.operator))}
          refused={refused('setRole')}
          onClick={() => props.onOpen('change')}
        >
          {operatorsText.change}
        </Button>
        <Button
          small
          kind="quiet"
          label={operatorsText.removeAria(nameOf(props.operator))}
          refused={refused('remove')}
          onClick={() => props.onOpen('remove')}
        >
          {operatorsText.remove}
        </Button>
      </Reasons>
    </li>
  )
}
