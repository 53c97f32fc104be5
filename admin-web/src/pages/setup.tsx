/** Where the one-time set-up link lands: it opens an owner device, and the first run begins or goes on (4.8). */
import { A } from '@solidjs/router'
import { createSignal, Match, onMount, Switch } from 'solid-js'
import { takeSetupCode } from '../arrival'
import { ask, refreshAll, transport } from '../client'
import { signInSentence } from '../errors'
import { paths } from '../paths'
import { text } from '../text/en'
import { wizardText } from '../text/wizard'
import type { Entered } from '../transport/transport'
import { CopyText, Mark, TroubleBox } from '../ui'
import { BarePage } from './bare-page'
import styles from './page.module.css'
import { Wizard } from './wizard'

export default function Setup() {
  const [entered, setEntered] = createSignal<Entered>()
  const [name, setName] = createSignal<string>(text.product)
  onMount(async () => {
    document.title = text.title(text.setup.title, text.product, false)
    const code = takeSetupCode()
    void transport.ways().then((ways) => setName(ways?.name ?? text.product))
    setEntered(code === undefined ? await signedIn() : await transport.enter({ way: 'setup', code }))
    refreshAll()
  })
  const failed = () => {
    const now = entered()
    return now === undefined || now.ok ? undefined : now
  }
  return (
    <BarePage
      wide={entered()?.ok === true}
      name={name()}
      heading={entered()?.ok === true ? wizardText.title(name()) : text.setup.title}
    >
      <Switch fallback={<Mark tone="working">{text.setup.opening}</Mark>}>
        <Match when={failed()}>
          {(why) => (
            <div class={styles.stack}>
              <TroubleBox what={signInSentence(why(), 'setup')} />
              <p>{text.setup.spentLead}</p>
              <CopyText block value="bun run node-admin link" name={text.signIn.lostLink} />
              <A class={styles.link} href={paths.signIn}>
                {text.setup.signIn}
              </A>
            </div>
          )}
        </Match>
        <Match when={entered()?.ok === true}>
          <Wizard name={name()} />
        </Match>
      </Switch>
    </BarePage>
  )
}

/** Without a link the first run goes on for whoever is signed in. */
const signedIn = async (): Promise<Entered> =>
  ask('setup.get', {}).then(
    () => ({ ok: true }),
    () => ({ ok: false, why: 'wrong' }),
  )
