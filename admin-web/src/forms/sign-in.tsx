/** Ways into the node; only those it offers are enabled (dashboard 4.9). Knows nothing of pages. */
import { createSignal, onMount, Show } from 'solid-js'
import { setSignedOut, transport } from '../client'
import { signInSentence } from '../errors'
import { text } from '../text/en'
import { hasExtension } from '../transport/extension'
import type { Entry, Ways } from '../transport/transport'
import { Button, CopyText, Field, Mark, TroubleBox, useNow } from '../ui'
import styles from './forms.module.css'
import { FormButtons } from './shell'

export function SignInForm(props: { readonly onDone: () => void; readonly onWays?: (ways: Ways) => void }) {
  const [ways, setWays] = createSignal<Ways>()
  const [password, setPassword] = createSignal('')
  const [busy, setBusy] = createSignal<Entry['way']>()
  const [problem, setProblem] = createSignal<string>()
  const [pausedUntil, setPausedUntil] = createSignal(0)
  const now = useNow()
  const waitS = () => Math.max(0, pausedUntil() - now())

  async function look() {
    const found = await transport.ways()
    setWays(found)
    if (found === undefined) setProblem(text.signIn.unreachable)
    else props.onWays?.(found)
  }
  onMount(() => void look())

  async function enter(entry: Entry) {
    if (busy() !== undefined) return
    setBusy(entry.way)
    setProblem(undefined)
    const entered = await transport.enter(entry)
    setBusy(undefined)
    if (entered.ok) {
      setPassword('')
      setSignedOut(false)
      return props.onDone()
    }
    if (entered.why === 'paused') setPausedUntil(now() + entered.waitS)
    else setProblem(signInSentence(entered, entry.way))
    if (ways() === undefined) void look()
  }
  const noExtension = () => {
    if (!hasExtension()) return text.signIn.noExtension
    return ways()?.nostr === false ? text.signIn.noOperator : undefined
  }
  return (
    <form
      class={styles.form}
      novalidate
      onSubmit={(event) => {
        event.preventDefault()
        if (ways()?.password !== false && waitS() === 0) void enter({ way: 'password', password: password() })
      }}
    >
      <Field
        label={text.signIn.password}
        type="password"
        name="password"
        autocomplete="current-password"
        value={password()}
        onInput={(value) => {
          setPassword(value)
          setProblem(undefined)
        }}
        disabled={ways()?.password === false}
        help={ways()?.password === false ? text.signIn.noPassword : undefined}
        autofocus
      />
      <Show when={problem()}>{(words) => <TroubleBox what={words()} />}</Show>
      <Show when={waitS() > 0}>
        <div role="status">
          <Mark tone="look">{text.signIn.paused(waitS())}</Mark>
        </div>
      </Show>
      <FormButtons>
        <Button
          type="submit"
          kind="primary"
          busy={busy() === 'password' && text.signIn.busy}
          refused={ways()?.password === false ? '' : undefined}
        >
          {text.signIn.button}
        </Button>
      </FormButtons>
      <FormButtons>
        <Button
          busy={busy() === 'extension' && text.signIn.busy}
          refused={noExtension()}
          onClick={() => void enter({ way: 'extension' })}
        >
          {text.signIn.extension}
        </Button>
      </FormButtons>
      <details class={styles.lost}>
        <summary>{text.signIn.lost}</summary>
        <LostHelp />
      </details>
    </form>
  )
}

export function LostHelp() {
  return (
    <div class={styles.form}>
      <p class={styles.lead}>{text.signIn.lostHelp}</p>
      <CopyText block value="bun run node-admin link" name={text.signIn.lostLink} />
      <CopyText block value="bun run node-admin password <new-password>" name={text.signIn.lostPassword} />
    </div>
  )
}
