/** A small call to one model: what it gives, how long it takes, what a customer would pay (D-044). */
import { createSignal, Show } from 'solid-js'
import { type Answer, isConnected } from '../client'
import { cannot } from '../errors'
import { count } from '../format'
import { modelMore as words } from '../text/model-more'
import { Amount, Button, Field, Mark } from '../ui'
import { useCommand } from './command'
import { FormButtons, FormShell } from './shell'

type Tried = Answer<'models.test'>

export function TestModelForm(props: { readonly row: Answer<'models.get'> }) {
  const [text, setText] = createSignal<string>(words.testText)
  const [tried, setTried] = createSignal<Tried>()
  const test = useCommand('models.test', setTried)
  const submit = () => {
    setTried(undefined)
    void test.run({ upstream: props.row.upstreamId, model: props.row.model, text: text().trim() || words.testText })
  }
  return (
    <FormShell busy={test.busy()} trouble={test.sentence()} onSubmit={submit}>
      <Field
        label={words.testField}
        value={text()}
        onInput={setText}
        help={words.testHelp}
        error={test.errorAt('text')}
      />
      <FormButtons>
        <Button
          type="submit"
          busy={test.busy() && words.testing}
          refused={cannot(props.row.can, 'test', isConnected())}
        >
          {words.test}
        </Button>
      </FormButtons>
      <Show when={tried()}>
        {(result) => (
          <div role="status">
            <Mark tone={result().ok ? 'good' : 'bad'}>{result().sentence}</Mark>
            <Show when={result().usage}>
              {(usage) => (
                <p>
                  {words.testUsage(count(usage().input), count(usage().output))}{' '}
                  <Show when={result().costMsat !== undefined}>
                    <Amount msat={result().costMsat ?? 0} />
                  </Show>
                </p>
              )}
            </Show>
          </div>
        )}
      </Show>
    </FormShell>
  )
}
