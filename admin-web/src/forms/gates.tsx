/** What the node may ask before it runs a command: a second yes, a code, a fresh proof (dashboard 6, Step-up). */
import { createSignal, type JSX, Match, onMount, Show, Switch } from 'solid-js'
import { text } from '../text/en'
import { hasExtension } from '../transport/extension'
import type { Proof } from '../transport/transport'
import { Button, CopyText, Field, Mark } from '../ui'
import type { Command } from './command'
import styles from './forms.module.css'
import { FormButtons } from './shell'

/** Stands where the buttons of the form would; they come back when nothing is asked. */
export function Gates(props: {
  readonly of: Command
  /** On the button of the proof: what it does, with the amount where money moves. */
  readonly verb: string
  readonly busyWord: string
  /** Sends the same command again, proved. */
  readonly onProof: (proof: Proof) => void
  readonly children: JSX.Element
}) {
  const busy = () => props.of.busy() && props.busyWord
  return (
    <Switch fallback={props.children}>
      <Match when={props.of.waitingYes()}>
        {(question) => (
          <SecondYes what={question().what} busy={busy()} onYes={() => void props.of.confirm()} onNo={props.of.drop} />
        )}
      </Match>
      <Match when={props.of.waitingCode()}>
        {(question) => <Code of={props.of} what={question().what} verb={props.verb} busy={busy()} />}
      </Match>
      <Match when={props.of.stepUp()}>
        {(ways) => (
          <StepUp
            ways={ways()}
            tried={props.of.wasProved()}
            verb={props.verb}
            busy={busy()}
            onProof={props.onProof}
            onNo={props.of.drop}
          />
        )}
      </Match>
    </Switch>
  )
}

/** The button that was pressed is gone: the focus moves to what is asked now. `autofocus` alone counts once a page (D-085). */
const takeFocus = (box: HTMLElement): void =>
  onMount(() => (box.querySelector<HTMLElement>('[autofocus]') ?? box.querySelector('button'))?.focus())

/** The node wants a second yes; the focus starts on the safe choice. */
function SecondYes(props: {
  readonly what: string
  readonly busy: string | false
  readonly onYes: () => void
  readonly onNo: () => void
}) {
  return (
    <div ref={takeFocus} class={styles.question} role="alertdialog" aria-label={props.what}>
      <Mark tone="look">{props.what}</Mark>
      <FormButtons>
        <Button onClick={props.onNo} autofocus>
          {text.confirm.back}
        </Button>
        <Button kind="danger" busy={props.busy} onClick={props.onYes}>
          {text.confirm.again}
        </Button>
      </FormButtons>
    </div>
  )
}

/** The code came to the terminal of the node, and as a message to its owners. */
function Code(props: {
  readonly of: Command
  readonly what: string
  readonly verb: string
  readonly busy: string | false
}) {
  const [code, setCode] = createSignal('')
  return (
    <div ref={takeFocus} class={styles.question} role="alertdialog" aria-label={text.confirm.codeTitle}>
      <strong>{props.what}</strong>
      <Field
        label={text.confirm.code}
        value={code()}
        onInput={setCode}
        help={text.confirm.codeHelp}
        error={props.of.codeError()}
        autofocus
      />
      <FormButtons>
        <Button onClick={props.of.drop}>{text.confirm.back}</Button>
        <Button kind="primary" busy={props.busy} onClick={() => void props.of.enterCode(code())}>
          {props.verb}
        </Button>
      </FormButtons>
    </div>
  )
}

/** A proof by the owner serves one command and is not kept. */
function StepUp(props: {
  readonly ways: readonly string[]
  readonly tried: boolean
  readonly verb: string
  readonly busy: string | false
  readonly onProof: (proof: Proof) => void
  readonly onNo: () => void
}) {
  return (
    <div ref={takeFocus} class={styles.question}>
      <Switch fallback={<OnTheNode />}>
        <Match when={props.ways.includes('password')}>
          <ByPassword {...props} />
        </Match>
        <Match when={props.ways.includes('nip98')}>
          <p>{text.stepUp.signer}</p>
          <FormButtons>
            <Button onClick={props.onNo}>{text.confirm.back}</Button>
            <Button
              kind="primary"
              busy={props.busy}
              refused={hasExtension() ? undefined : text.signIn.noExtension}
              onClick={() => props.onProof({ sign: true })}
            >
              {text.stepUp.sign(props.verb)}
            </Button>
          </FormButtons>
          <Show when={props.tried}>
            <Mark tone="bad">{text.stepUp.notOwner}</Mark>
          </Show>
        </Match>
      </Switch>
    </div>
  )
}

function ByPassword(props: {
  readonly tried: boolean
  readonly verb: string
  readonly busy: string | false
  readonly onProof: (proof: Proof) => void
  readonly onNo: () => void
}) {
  const [password, setPassword] = createSignal('')
  const give = () => {
    // The second press of a double click finds this button in the place of the first one.
    if (password() === '') return
    props.onProof({ password: password() })
    setPassword('')
  }
  return (
    <>
      <Field
        label={text.stepUp.password}
        type="password"
        autocomplete="current-password"
        value={password()}
        onInput={setPassword}
        onEnter={give}
        help={text.stepUp.help}
        error={props.tried ? text.stepUp.wrong : undefined}
        autofocus
      />
      <FormButtons>
        <Button onClick={props.onNo}>{text.confirm.back}</Button>
        <Button kind="primary" busy={props.busy} onClick={give}>
          {props.verb}
        </Button>
      </FormButtons>
    </>
  )
}

function OnTheNode() {
  return (
    <>
      <p>{text.stepUp.console}</p>
      <CopyText block value="bun run node-admin call" name={text.stepUp.console} />
    </>
  )
}
