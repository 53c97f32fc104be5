/** Card of the node, the key field, and the parts that belong to a key. */
import { createEffect, createSignal, Match, Show, Switch } from 'solid-js'
import { text } from '../text/en'
import { keyText as words } from '../text/key'
import { Segment, Toasts, UnitsProvider } from '../ui'
import { rateOf } from './api'
import { NodeCard, shownUnit } from './card'
import { Children } from './children'
import { FundForm } from './fund'
import styles from './key.module.css'
import { Models } from './models'
import { MyKey } from './my-key'
import { Recover } from './recover'
import { createKeyState } from './state'

const tabs = ['key', 'fund', 'children', 'models', 'recover'] as const
type Tab = (typeof tabs)[number]

export function CustomerPage() {
  const state = createKeyState()
  const asked = new URLSearchParams(location.search).get('tab')
  const [tab, setTab] = createSignal<Tab>(tabs.find((one) => one === asked) ?? 'key')
  createEffect(() => {
    document.title = words.title(state.node()?.name ?? text.product)
  })
  const choose = (next: Tab) => {
    setTab(next)
    // The part stands in the address, the key never does.
    history.replaceState(null, '', next === 'key' ? location.pathname : `?tab=${next}`)
  }
  return (
    <UnitsProvider units={{ unit: shownUnit, rate: () => rateOf(state.models()) }}>
      <main class={styles.page}>
        <NodeCard node={state.node()} models={state.models()?.length} />
        <Segment
          label={words.tabsName}
          value={tab()}
          choices={tabs.map((value) => ({ value, label: words.tabs[value] }))}
          onChange={choose}
        />
        <Switch>
          <Match when={tab() === 'key'}>
            <MyKey state={state} onFund={() => choose('fund')} />
          </Match>
          <Match when={tab() === 'fund'}>
            <section class={styles.sheet} aria-label={words.fund.title}>
              <h2>{words.fund.title}</h2>
              <FundForm state={state} onKey={(key) => void state.open(key)} onDone={() => choose('key')} />
            </section>
          </Match>
          <Match when={tab() === 'children'}>
            <Children state={state} />
          </Match>
          <Match when={tab() === 'models'}>
            <Models models={state.models()} />
          </Match>
          <Match when={tab() === 'recover'}>
            <Recover state={state} onDone={() => choose('key')} />
          </Match>
        </Switch>
        <Show when={state.node()}>
          {(node) => (
            <p class={styles.quiet}>
              {words.version} {node().version}
            </p>
          )}
        </Show>
      </main>
      <Toasts />
    </UnitsProvider>
  )
}
