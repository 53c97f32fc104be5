/** Keys that spend this balance, each with its own limit: the price is shown first (contract 3.8, 4.6). */
import { createSignal, For, Show } from 'solid-js'
import { keyText } from '../text/key'
import { Amount, Button, CopyText, Field, Mark, TroubleBox, toast } from '../ui'
import { api } from './api'
import { Limits, satText } from './fund'
import styles from './key.module.css'
import type { KeyState } from './state'

const words = keyText.children

export function Children(props: { readonly state: KeyState }) {
  const key = () => props.state.key()
  return (
    <section class={styles.sheet} aria-label={words.list}>
      <h2>{words.list}</h2>
      <p>{words.lead}</p>
      <Show when={key()} fallback={<Mark tone="off">{keyText.yourKey}</Mark>}>
        {(parent) => (
          <>
            <Create state={props.state} parent={parent()} />
            <ul class={styles.lines}>
              <For each={props.state.info()?.child_keys ?? []} fallback={<li>{words.none}</li>}>
                {(child) => (
                  <li>
                    <code>{child.key_id}</code>
                    <span>
                      {words.spent} <Amount msat={child.total_spent} />
                    </span>
                    <Show when={child.balance_limit !== null}>
                      <span>
                        {keyText.limit} <Amount msat={child.balance_limit ?? 0} />
                      </span>
                    </Show>
                  </li>
                )}
              </For>
            </ul>
            <Reset parent={parent()} />
          </>
        )}
      </Show>
    </section>
  )
}

function Create(props: { readonly state: KeyState; readonly parent: string }) {
  const [many, setMany] = createSignal('1')
  const [limits, setLimits] = createSignal<Readonly<Record<string, unknown>>>({})
  const [busy, setBusy] = createSignal(false)
  const [problem, setProblem] = createSignal<string>()
  const [made, setMade] = createSignal<readonly string[]>([])
  const wanted = () => (/^\d{1,2}$/.test(many().trim()) ? Number(many()) : 0)
  const priceMsat = () => props.state.node()?.child_key_cost_msats ?? 0
  async function create() {
    if (busy() || wanted() < 1 || wanted() > 50) return
    setBusy(true)
    setProblem(undefined)
    const answer = await api<{ api_keys: readonly string[] }>('/v1/balance/child-key', {
      key: props.parent,
      body: { count: wanted(), ...limits() },
    })
    setBusy(false)
    if (answer.ok) setMade(answer.body.api_keys)
    else setProblem(answer.sentence)
    props.state.refresh()
  }
  return (
    <form
      class={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        void create()
      }}
    >
      <Field
        label={words.count}
        value={many()}
        onInput={setMany}
        help={`${words.countHelp} ${priceMsat() === 0 ? words.free : words.price(satText(priceMsat()))}`}
        error={wanted() < 1 || wanted() > 50 ? words.countHelp : undefined}
      />
      <Limits onChange={setLimits} />
      <Show when={problem()}>{(what) => <TroubleBox what={what()} />}</Show>
      <div class={styles.row}>
        <Button type="submit" kind="primary" busy={busy() && keyText.busy}>
          {words.create(wanted())}
        </Button>
      </div>
      <Show when={made().length > 0}>
        <p>{words.made}</p>
        <CopyText block value={made().join('\n')} name={words.copyAll} />
      </Show>
    </form>
  )
}

function Reset(props: { readonly parent: string }) {
  const [child, setChild] = createSignal('')
  const [problem, setProblem] = createSignal<string>()
  async function reset() {
    const answer = await api('/v1/balance/child-key/reset', { key: props.parent, body: { child_key: child().trim() } })
    setProblem(answer.ok ? undefined : answer.sentence)
    if (!answer.ok) return
    setChild('')
    toast(words.resetDone)
  }
  return (
    <form
      class={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (child().trim() !== '') void reset()
      }}
    >
      <Field label={words.resetKey} type="password" value={child()} onInput={setChild} error={problem()} />
      <div class={styles.row}>
        <Button type="submit">{words.reset}</Button>
      </div>
    </form>
  )
}
