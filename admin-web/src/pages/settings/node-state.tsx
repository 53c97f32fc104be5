/** What the node does now, at the foot of every section: pause, drain, check the books, export (dashboard 4.4). */
import { createSignal, Show } from 'solid-js'
import { type Answer, ask, isConnected } from '../../client'
import { sentenceOf } from '../../errors'
import { useCommand } from '../../forms/command'
import { ConfigImportForm } from '../../forms/config-import'
import { DrainNodeForm } from '../../forms/drain-node'
import { configImportText } from '../../text/config-import'
import { text } from '../../text/en'
import { nodeStateText as words } from '../../text/node-state'
import type { Trouble } from '../../transport/transport'
import { Button, Dialog, Mark, Sheet, saveFile, type Tone, TroubleBox, toast } from '../../ui'
import { usePage } from '../page'
import { labelOf, shownValue } from './field'
import styles from './settings.module.css'

type Status = Answer<'node.status'>
const tones: Readonly<Record<Status['state'], Tone>> = {
  running: 'good',
  paused: 'look',
  draining: 'look',
  locked: 'bad',
}

export function NodeState(props: { readonly title: string }) {
  const page = usePage(() => props.title)
  return <Show when={page.status.data()}>{(status) => <State status={status()} />}</Show>
}

function State(props: { readonly status: Status }) {
  const [drains, setDrains] = createSignal(false)
  const [imports, setImports] = createSignal(false)
  const pause = useCommand('node.pause', () => toast(words.paused))
  const resume = useCommand('node.resume', () => toast(words.resumed))
  const undrain = useCommand('node.drain', () => toast(words.drainEnded))
  const books = useCommand('books.check', (answer) => toast(answer.sentence))
  const lost = () => (isConnected() ? undefined : text.notConnectedAction)
  const is = (state: Status['state']) => props.status.state === state
  const trouble = () => pause.sentence() ?? resume.sentence() ?? undrain.sentence() ?? books.sentence()
  return (
    <Sheet title={words.title} padded>
      <Mark tone={tones[props.status.state]}>{words.states[props.status.state]}</Mark>
      <p class={styles.help}>{words.running(props.status.totals.running)}</p>
      <div class={styles.actions}>
        <Show
          when={is('paused')}
          fallback={
            <Button refused={lost()} busy={pause.busy() && words.working} onClick={() => void pause.run({})}>
              {words.pause}
            </Button>
          }
        >
          <Button refused={lost()} busy={resume.busy() && words.working} onClick={() => void resume.run({})}>
            {words.resume}
          </Button>
        </Show>
        <Show
          when={is('draining')}
          fallback={
            <Button refused={lost()} onClick={() => setDrains(true)}>
              {words.drain}
            </Button>
          }
        >
          <Button
            refused={lost()}
            busy={undrain.busy() && words.working}
            onClick={() => void undrain.run({ on: false })}
          >
            {words.endDrain}
          </Button>
        </Show>
        <Button refused={lost()} busy={books.busy() && words.checking} onClick={() => void books.run({})}>
          {words.books}
        </Button>
        <Export name={props.status.name} refused={lost()} />
        <Button refused={lost()} onClick={() => setImports(true)}>
          {configImportText.open}
        </Button>
      </div>
      <Show when={trouble()}>{(said) => <TroubleBox what={said().what} id={said().id} />}</Show>
      <Show when={drains()}>
        <Dialog title={words.drainTitle} onClose={() => setDrains(false)}>
          <DrainNodeForm
            name={props.status.name}
            running={props.status.totals.running}
            onDone={() => setDrains(false)}
          />
        </Dialog>
      </Show>
      <Show when={imports()}>
        <Dialog title={configImportText.title} onClose={() => setImports(false)}>
          <ConfigImportForm labelOf={labelOf} shown={(value) => shownValue(value)} onDone={() => setImports(false)} />
        </Dialog>
      </Show>
    </Sheet>
  )
}

/** A file on this computer: what the operator has set, without secrets. */
function Export(props: { readonly name: string; readonly refused: string | undefined }) {
  const [busy, setBusy] = createSignal(false)
  const [trouble, setTrouble] = createSignal<Trouble>()
  async function save(): Promise<void> {
    if (busy()) return
    setBusy(true)
    setTrouble(undefined)
    try {
      const { document } = await ask('config.export', {})
      saveFile(words.file(props.name), JSON.stringify(document, null, 2))
      toast(words.exported)
    } catch (error) {
      setTrouble((error as Error).cause as Trouble)
    }
    setBusy(false)
  }
  return (
    <>
      <Button refused={props.refused} busy={busy() && words.exporting} onClick={() => void save()}>
        {words.export}
      </Button>
      <Show when={trouble()}>
        {(said) => <TroubleBox what={sentenceOf(said()).what} onRetry={() => void save()} />}
      </Show>
    </>
  )
}
