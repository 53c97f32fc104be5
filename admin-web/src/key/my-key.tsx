/** One key: its balance and why, what it used, its refund, and how programs use it. */
import { createSignal, Match, Show, Switch } from 'solid-js'
import { count } from '../format'
import { text } from '../text/en'
import { keyText as words } from '../text/key'
import { Amount, Button, CopyText, Day, Facts, Field, Mark, Segment, TroubleBox } from '../ui'
import { endpointOf } from './api'
import { FundForm } from './fund'
import styles from './key.module.css'
import { RefundForm } from './refund'
import type { KeyState } from './state'
import { Usage } from './usage'

const parts = ['usage', 'topUp', 'refund', 'snippets'] as const
type Part = (typeof parts)[number]

export function MyKey(props: { readonly state: KeyState; readonly onFund: () => void }) {
  const [typed, setTyped] = createSignal('')
  const [shows, setShows] = createSignal(false)
  const open = () => {
    const wanted = typed().trim()
    setTyped('')
    if (wanted !== '') void props.state.open(wanted)
  }
  return (
    <section class={styles.sheet} aria-label={words.tabs.key}>
      <Show
        when={props.state.info() !== undefined && props.state.key()}
        fallback={
          <form
            class={styles.form}
            onSubmit={(event) => {
              event.preventDefault()
              open()
            }}
          >
            <Field
              label={words.yourKey}
              type="password"
              value={typed()}
              onInput={setTyped}
              placeholder="sk-"
              help={words.keyHelp}
              autofocus
            />
            <Show when={props.state.problem()}>{(what) => <TroubleBox what={what()} />}</Show>
            <div class={styles.row}>
              <Button type="submit" kind="primary" busy={props.state.busy() && words.opening}>
                {words.open}
              </Button>
              <Button onClick={props.onFund}>{words.fund.title}</Button>
            </div>
          </form>
        }
      >
        {(key) => (
          <>
            <div class={styles.row}>
              <Show when={shows()} fallback={<code>sk-…{key().slice(-4)}</code>}>
                <CopyText value={key()} name={words.yourKey} />
              </Show>
              <Button small onClick={() => setShows(!shows())}>
                {shows() ? words.hide : words.show}
              </Button>
              <Button small kind="quiet" onClick={props.state.forget}>
                {words.forget}
              </Button>
            </div>
            <Opened state={props.state} />
          </>
        )}
      </Show>
    </section>
  )
}

function Opened(props: { readonly state: KeyState }) {
  const [part, setPart] = createSignal<Part>('usage')
  const info = () => props.state.info()
  return (
    <Show when={info()}>
      {(now) => (
        <>
          <p class={styles.big}>
            <Amount msat={now().balance} />
          </p>
          <Show when={now().state !== 'open'}>
            <Mark tone="look">{words.states[now().state] ?? now().state}</Mark>
          </Show>
          <Show when={now().is_child}>
            <Mark tone="off">{words.child}</Mark>
          </Show>
          <Facts
            rows={[
              [words.reserved, <Amount msat={now().reserved} />],
              [words.available, <Amount msat={now().available} />],
              [words.spent, <Amount today msat={now().total_spent} />],
              [words.requests, count(now().total_requests)],
              [words.expires, <Day atS={now().validity_date ?? undefined} />],
              ...(now().balance_limit === null
                ? []
                : [[words.limit, <Amount msat={now().balance_limit ?? 0} />] as const]),
            ]}
          />
          <Segment
            label={words.tabsName}
            value={part()}
            choices={parts.map((value) => ({ value, label: words[value] }))}
            onChange={setPart}
          />
          <Switch>
            <Match when={part() === 'usage'}>
              <Usage keyText={props.state.key() ?? ''} info={now()} />
            </Match>
            <Match when={part() === 'topUp'}>
              <FundForm
                state={props.state}
                target={props.state.key()}
                onKey={props.state.refresh}
                onDone={() => {
                  props.state.refresh()
                  setPart('usage')
                }}
              />
            </Match>
            <Match when={part() === 'refund'}>
              <RefundForm keyText={props.state.key() ?? ''} info={now()} onDone={props.state.refresh} />
            </Match>
            <Match when={part() === 'snippets'}>
              <Snippets endpoint={endpointOf(props.state.node())} model={props.state.models()?.[0]?.id ?? 'gpt-4o'} />
            </Match>
          </Switch>
        </>
      )}
    </Show>
  )
}

/** With a placeholder: the key itself is copied from its own field. */
function Snippets(props: { readonly endpoint: string; readonly model: string }) {
  const curl = () =>
    `curl ${props.endpoint}/chat/completions -H "Authorization: Bearer $KEY" -H "content-type: application/json" -d '{"model":"${props.model}","messages":[{"role":"user","content":"Hello"}]}'`
  const openai = () =>
    `from openai import OpenAI\nclient = OpenAI(base_url="${props.endpoint}", api_key=KEY)\nprint(client.chat.completions.create(model="${props.model}", messages=[{"role": "user", "content": "Hello"}]))`
  return (
    <div class={styles.form}>
      <strong>{words.withCurl}</strong>
      <CopyText block value={curl()} name={words.withCurl} />
      <strong>{words.withOpenAi}</strong>
      <CopyText block value={openai()} name={words.withOpenAi} />
      <span class="sr-only">{text.copy}</span>
    </div>
  )
}
