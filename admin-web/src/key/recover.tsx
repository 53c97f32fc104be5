/** A key that was paid for and lost sight of: by the invoice's id, or the invoice with its preimage (contract 5.2, 5.3). */
import { createSignal, Show } from 'solid-js'
import { keyText } from '../text/key'
import { Button, CopyText, Field, Mark, TextArea, TroubleBox } from '../ui'
import { api } from './api'
import styles from './key.module.css'
import type { KeyState } from './state'

const words = keyText.recover
type Status = { readonly status: string; readonly api_key: string | null }

export function Recover(props: { readonly state: KeyState; readonly onDone: () => void }) {
  const [id, setId] = createSignal('')
  const [invoice, setInvoice] = createSignal('')
  const [preimage, setPreimage] = createSignal('')
  const [problem, setProblem] = createSignal<string>()
  const [found, setFound] = createSignal<Status>()
  async function find() {
    setProblem(undefined)
    const wanted = id()
      .trim()
      .replace(/^invoice\s+/, '')
    const answer = await (wanted === ''
      ? api<Status>('/lightning/recover', { body: { bolt11: invoice().trim(), preimage: preimage().trim() } })
      : api<Status>(`/lightning/invoice/${encodeURIComponent(wanted)}/status`))
    if (answer.ok) setFound(answer.body)
    else setProblem(answer.sentence)
  }
  return (
    <section class={styles.sheet} aria-label={keyText.tabs.recover}>
      <p>{words.lead}</p>
      <form
        class={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          void find()
        }}
      >
        <Field label={words.id} value={id()} onInput={setId} />
        <TextArea label={words.invoice} value={invoice()} onInput={setInvoice} />
        <Field label={words.preimage} value={preimage()} onInput={setPreimage} />
        <Show when={problem()}>{(what) => <TroubleBox what={what()} />}</Show>
        <div class={styles.row}>
          <Button type="submit" kind="primary">
            {words.find}
          </Button>
        </div>
      </form>
      <Show when={found()}>
        {(status) => (
          <Show
            when={status().api_key}
            fallback={<Mark tone="look">{status().status === 'paid' ? words.gone : words.unpaid}</Mark>}
          >
            {(key) => (
              <>
                <CopyText block value={key()} name={keyText.yourKey} />
                <div class={styles.row}>
                  <Button
                    kind="primary"
                    onClick={() => {
                      void props.state.open(key())
                      props.onDone()
                    }}
                  >
                    {keyText.open}
                  </Button>
                </div>
              </>
            )}
          </Show>
        )}
      </Show>
    </section>
  )
}
