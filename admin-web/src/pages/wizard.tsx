/** The first run: eight steps whose state is the node's, so that any browser goes on where another stopped (4.8). */
import { useNavigate, useSearchParams } from '@solidjs/router'
import { For, Match, Show, Switch } from 'solid-js'
import { useQuery } from '../client'
import { sentenceOf } from '../errors'
import { useCommand } from '../forms/command'
import { AddMintForm } from '../forms/mint'
import { OperatorForm } from '../forms/operator'
import { PasswordForm } from '../forms/password'
import { FirstRequestForm, MarginForm, PayoutForm, WordsForm } from '../forms/setup'
import { AddUpstreamForm } from '../forms/upstream'
import { paths } from '../paths'
import { settingsText } from '../text/settings'
import { type SetupStepName, wizardText as words } from '../text/wizard'
import { Button, Mark, Skeleton, type Tone, TroubleBox } from '../ui'
import styles from './wizard.module.css'

const names = Object.keys(words.steps) as SetupStepName[]
const tones: Readonly<Record<string, Tone>> = { done: 'good', open: 'off', skipped: 'look' }

export function Wizard(props: { readonly name: string }) {
  const navigate = useNavigate()
  const [params, setParams] = useSearchParams()
  const setup = useQuery('setup.get', () => ({}), { everyMs: 5000, rowKey: 'name' })
  const skip = useCommand('setup.skip', () => next())
  const steps = () => setup.data()?.steps ?? []
  const here = (): SetupStepName =>
    names.find((one) => one === params.step) ?? steps().find(({ state }) => state === 'open')?.name ?? 'request'
  const at = () => names.indexOf(here())
  const go = (step: SetupStepName | undefined) =>
    step === undefined ? navigate(paths.overview, { replace: true }) : setParams({ step }, { replace: true })
  function next(): void {
    go(names[at() + 1])
  }
  const stateOf = (name: SetupStepName) => steps().find((one) => one.name === name)
  return (
    <Switch fallback={<Skeleton lines={6} />}>
      <Match when={setup.trouble()}>
        {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={setup.refetch} />}
      </Match>
      <Match when={setup.data()}>
        <div class={styles.wizard}>
          <p class={styles.quiet}>{words.of(at() + 1, names.length)}</p>
          <ol class={styles.steps} aria-label={words.title(props.name)}>
            <For each={names}>
              {(name) => (
                <li>
                  <button
                    type="button"
                    class={styles.step}
                    aria-current={name === here() ? 'step' : undefined}
                    onClick={() => go(name)}
                  >
                    <Mark tone={name === here() ? 'working' : (tones[stateOf(name)?.state ?? 'open'] ?? 'off')}>
                      {words.steps[name]}
                    </Mark>
                  </button>
                </li>
              )}
            </For>
          </ol>
          <section class={styles.body} aria-label={words.steps[here()]}>
            <p>{words.leads[here()]}</p>
            <Show when={stateOf(here())?.state === 'done'}>
              <Mark tone="good">{words.done}</Mark>
            </Show>
            <Show when={here()} keyed>
              {(step) => <Step name={step} onDone={next} />}
            </Show>
          </section>
          <div class={styles.foot}>
            <Show when={stateOf(here())?.state === 'open'}>
              <Button kind="quiet" onClick={() => void skip.run({ step: here() })}>
                {words.skip}
              </Button>
            </Show>
            <span class={styles.end}>
              <Show when={at() > 0}>
                <Button onClick={() => go(names[at() - 1])}>{words.back}</Button>
              </Show>
              <Button onClick={next}>{at() === names.length - 1 ? words.finish : words.next}</Button>
            </span>
          </div>
        </div>
      </Match>
    </Switch>
  )
}

function Step(props: { readonly name: SetupStepName; readonly onDone: () => void }) {
  return (
    <Switch>
      <Match when={props.name === 'you'}>
        <PasswordForm onDone={props.onDone} />
        <details class={styles.more}>
          <summary>{settingsText.security.addOperator}</summary>
          <OperatorForm onDone={props.onDone} />
        </details>
      </Match>
      <Match when={props.name === 'words'}>
        <WordsForm onDone={props.onDone} />
      </Match>
      <Match when={props.name === 'upstream'}>
        <AddUpstreamForm onDone={props.onDone} />
      </Match>
      <Match when={props.name === 'mints'}>
        <AddMintForm onDone={props.onDone} />
      </Match>
      <Match when={props.name === 'margin'}>
        <MarginForm onDone={props.onDone} />
      </Match>
      <Match when={props.name === 'payout'}>
        <PayoutForm onDone={props.onDone} />
      </Match>
      <Match when={props.name === 'request'}>
        <FirstRequestForm />
      </Match>
    </Switch>
  )
}
