/** Who is signed in, and which scripts may speak: each can be ended at once (dashboard 4.4, Security). */
import { createSignal, For, Show } from 'solid-js'
import { type Answer, isConnected, useQuery } from '../../client'
import { cannot } from '../../errors'
import { AccessTokenForm } from '../../forms/access-token'
import { useCommand } from '../../forms/command'
import { settingsText } from '../../text/settings'
import { Age, Button, Day, Dialog, Empty, Sheet, Tag, TroubleBox, toast } from '../../ui'
import styles from './settings.module.css'

const words = settingsText.security

export function Devices() {
  const devices = useQuery('devices.list', () => ({}), { everyMs: 30_000, rowKey: 'device' })
  const endAll = useCommand('devices.end', () => toast(words.ended))
  return (
    <Sheet
      title={words.devices}
      actions={<Button onClick={() => void endAll.run({ all: true })}>{words.endAll}</Button>}
    >
      <div class={styles.item}>
        <p class={styles.lead}>{words.devicesHelp}</p>
      </div>
      <ul class={styles.list} aria-label={words.devices}>
        <For each={devices.data()?.rows}>{(device) => <DeviceRow device={device} />}</For>
      </ul>
      <Show when={endAll.sentence()}>{(said) => <TroubleBox what={said().what} id={said().id} />}</Show>
    </Sheet>
  )
}

function DeviceRow(props: { readonly device: Answer<'devices.list'>['rows'][number] }) {
  const end = useCommand('devices.end', () => toast(words.ended))
  return (
    <li class={styles.item}>
      <div class={styles.itemHead}>
        <strong>{props.device.label}</strong>
        <Tag>{words.roles[props.device.role] ?? props.device.role}</Tag>
        <span class={styles.source}>
          {words.expires} <Day atS={props.device.expires} />
        </span>
        <Show when={props.device.lastSeen}>
          {(at) => (
            <span class={styles.source}>
              {words.seen} <Age atS={at()} ago />
            </span>
          )}
        </Show>
        <Button
          small
          label={words.endAria(props.device.label)}
          refused={cannot(props.device.can, 'end', isConnected())}
          onClick={() => void end.run({ device: props.device.device })}
        >
          {words.endDevice}
        </Button>
      </div>
      <Show when={end.sentence()}>{(said) => <TroubleBox what={said().what} id={said().id} />}</Show>
    </li>
  )
}

export function Tokens() {
  const tokens = useQuery('tokens.list', () => ({}), { everyMs: 60_000, rowKey: 'token' })
  const [adds, setAdds] = createSignal(false)
  return (
    <>
      <Sheet title={words.tokens} actions={<Button onClick={() => setAdds(true)}>{words.addToken}</Button>}>
        <Show when={(tokens.data()?.rows.length ?? 0) > 0} fallback={<Empty title={words.noTokens} />}>
          <ul class={styles.list} aria-label={words.tokens}>
            <For each={tokens.data()?.rows}>{(token) => <TokenRow token={token} />}</For>
          </ul>
        </Show>
      </Sheet>
      <Show when={adds()}>
        <Dialog title={words.addToken} onClose={() => setAdds(false)}>
          <p>{words.tokensHelp}</p>
          <AccessTokenForm onDone={() => setAdds(false)} />
        </Dialog>
      </Show>
    </>
  )
}

function TokenRow(props: { readonly token: Answer<'tokens.list'>['rows'][number] }) {
  const end = useCommand('tokens.end', () => toast(words.ended))
  return (
    <li class={styles.item}>
      <div class={styles.itemHead}>
        <strong>{props.token.name}</strong>
        <Tag>{words.roles[props.token.role] ?? props.token.role}</Tag>
        <span class={styles.source}>{words.tokenEnds(props.token.last4)}</span>
        <span class={styles.source}>
          {words.expires} <Day atS={props.token.expires} />
        </span>
        <Button
          small
          label={words.endAria(props.token.name)}
          refused={cannot(props.token.can, 'end', isConnected())}
          onClick={() => void end.run({ token: props.token.token })}
        >
          {words.endDevice}
        </Button>
      </div>
      <Show when={end.sentence()}>{(said) => <TroubleBox what={said().what} id={said().id} />}</Show>
    </li>
  )
}
