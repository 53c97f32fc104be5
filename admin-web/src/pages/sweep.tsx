/** The automatic sweep: when it ran, when it runs next, and in one line why not now (D-064). */
import { A } from '@solidjs/router'
import { Show } from 'solid-js'
import { type Answer, isConnected } from '../client'
import { count } from '../format'
import { useCommand } from '../forms/command'
import { Gates } from '../forms/gates'
import { FormButtons, FormShell } from '../forms/shell'
import { paths } from '../paths'
import { text } from '../text/en'
import { withdrawText } from '../text/withdraw'
import type { Proof } from '../transport/transport'
import { Age, Button, Facts, Mark, Skeleton, toast } from '../ui'
import styles from './page.module.css'

const words = withdrawText.sweep
type Sweep = Answer<'sweep.get'>

export function SweepCard(props: { readonly sweep: Sweep | undefined }) {
  return (
    <Show when={props.sweep} fallback={<Skeleton lines={4} />}>
      {(sweep) => (
        <Show
          when={sweep().address !== ''}
          fallback={
            <div class={styles.stack}>
              <p>{words.none}</p>
              <A class={styles.link} href={paths.section('lightning')}>
                {words.open}
              </A>
            </div>
          }
        >
          <Running sweep={sweep()} />
        </Show>
      )}
    </Show>
  )
}

const whyText = (why: string): string => words.words[why] ?? why

function Running(props: { readonly sweep: Sweep }) {
  const run = useCommand('sweep.run', (answer) =>
    toast(answer.payout === undefined ? `${words.why}: ${whyText(answer.whyNot ?? '')}` : words.began),
  )
  const pause = useCommand('sweep.pause')
  const resume = useCommand('sweep.resume')
  const lost = () => (isConnected() ? undefined : text.notConnectedAction)
  const submit = (proof?: Proof) => void run.run({}, proof)
  const trouble = () => run.sentence() ?? pause.sentence() ?? resume.sentence()
  return (
    <FormShell busy={run.busy()} trouble={trouble()} onSubmit={() => submit()}>
      <strong class={styles.mono}>{props.sweep.address}</strong>
      <Mark tone={props.sweep.enabled ? 'good' : 'off'}>
        {props.sweep.enabled ? words.on(count(props.sweep.thresholdSat)) : words.off}
      </Mark>
      <Facts
        rows={[
          [
            words.last,
            <Show when={props.sweep.last} fallback={words.never}>
              {(at) => <Age atS={at()} ago />}
            </Show>,
          ],
          [
            words.next,
            <Show when={props.sweep.next} fallback={words.never}>
              {(at) => <Age atS={at()} />}
            </Show>,
          ],
          ...(props.sweep.whyNot === undefined ? [] : [[words.why, whyText(props.sweep.whyNot)] as const]),
        ]}
      />
      <Gates of={run} verb={words.run} busyWord={words.running} onProof={submit}>
        <FormButtons>
          <Button type="submit" kind="primary" busy={run.busy() && words.running} refused={lost()}>
            {words.run}
          </Button>
          <Show
            when={props.sweep.enabled}
            fallback={
              <Button refused={lost()} onClick={() => void resume.run({})}>
                {words.resume}
              </Button>
            }
          >
            <Button refused={lost()} onClick={() => void pause.run({})}>
              {words.pause}
            </Button>
          </Show>
          <A class={styles.link} href={paths.section('lightning')}>
            {words.edit}
          </A>
        </FormButtons>
      </Gates>
    </FormShell>
  )
}
