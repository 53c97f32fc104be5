/** Where the one-time set-up link lands: it opens an owner device, then a password is offered (4.8, first step). */
import { A, useNavigate } from '@solidjs/router'
import { createSignal, Match, onMount, Switch } from 'solid-js'
import { takeSetupCode } from '../arrival'
import { refreshAll, transport } from '../client'
import { signInSentence } from '../errors'
import { PasswordForm } from '../forms/password'
import { paths } from '../paths'
import { text } from '../text/en'
import type { Entered } from '../transport/transport'
import { CopyText, Mark, TroubleBox, toast } from '../ui'
import { BarePage } from './bare-page'
import styles from './page.module.css'

export default function Setup() {
  const navigate = useNavigate()
  const [entered, setEntered] = createSignal<Entered>()
  const [name, setName] = createSignal<string>(text.product)
  onMount(async () => {
    document.title = text.title(text.setup.title, text.product, false)
    const code = takeSetupCode()
    void transport.ways().then((ways) => setName(ways?.name ?? text.product))
    setEntered(code === undefined ? { ok: false, why: 'wrong' } : await transport.enter({ way: 'setup', code }))
    refreshAll()
  })
  const failed = () => {
    const now = entered()
    return now === undefined || now.ok ? undefined : now
  }
  const leave = () => navigate(paths.overview, { replace: true })
  return (
    <BarePage name={name()} heading={entered()?.ok === true ? text.setup.passwordTitle : text.setup.title}>
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
          <div class={styles.stack}>
            <p>{text.setup.passwordLead}</p>
            <PasswordForm
              onDone={() => {
                toast(text.password.done)
                leave()
              }}
              later={{ label: text.setup.later, run: leave }}
            />
          </div>
        </Match>
      </Switch>
    </BarePage>
  )
}
