/** The suppliers: what each says of itself, and what can be done with it (dashboard 4.4, Upstream). */
import { createSignal, For, Match, Show, Switch } from 'solid-js'
import { type Answer, isConnected, useQuery } from '../../client'
import { cannot, sentenceOf } from '../../errors'
import { count } from '../../format'
import { useCommand } from '../../forms/command'
import { AddUpstreamForm, ChangeUpstreamForm, RemoveUpstreamForm, ReplaceKeyForm } from '../../forms/upstream'
import { settingsText } from '../../text/settings'
import { Button, Dialog, Empty, Mark, Sheet, Skeleton, Tag, type Tone, TroubleBox, toast } from '../../ui'
import styles from './settings.module.css'

const words = settingsText.upstreams
type Row = Answer<'upstreams.list'>['rows'][number]
const tones: Readonly<Record<string, Tone>> = {
  connected: 'good',
  'refused-key': 'bad',
  down: 'look',
  'no-list': 'look',
}
type Layer = { readonly what: 'add' } | { readonly what: 'edit' | 'key' | 'remove'; readonly row: Row }

export function Upstreams() {
  const list = useQuery('upstreams.list', () => ({}), { everyMs: 10_000 })
  const [layer, setLayer] = createSignal<Layer>()
  const close = () => setLayer(undefined)
  return (
    <>
      <Sheet
        title={settingsText.sections.upstream}
        actions={
          <Button
            kind="primary"
            refused={cannot(list.data()?.can ?? {}, 'add', isConnected())}
            onClick={() => setLayer({ what: 'add' })}
          >
            {words.add}
          </Button>
        }
      >
        <Switch fallback={<Skeleton lines={4} />}>
          <Match when={list.data()?.rows.length === 0}>
            <Empty title={words.empty} />
          </Match>
          <Match when={list.data()}>
            {(data) => (
              <ul class={styles.list} aria-label={settingsText.sections.upstream}>
                <For each={data().rows}>
                  {(row) => <Upstream row={row} onOpen={(what) => setLayer({ what, row })} />}
                </For>
              </ul>
            )}
          </Match>
          <Match when={list.trouble()}>
            {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={list.refetch} />}
          </Match>
        </Switch>
      </Sheet>
      <Show when={layer()} keyed>
        {(open) => <Layers layer={open} onClose={close} />}
      </Show>
    </>
  )
}

function Layers(props: { readonly layer: Layer; readonly onClose: () => void }) {
  const row = () => (props.layer.what === 'add' ? undefined : props.layer.row)
  const title = () => {
    const { layer } = props
    if (layer.what === 'add') return words.addTitle
    const { name } = layer.row
    return { edit: words.editTitle(name), key: words.replaceTitle(name), remove: words.removeTitle(name) }[layer.what]
  }
  return (
    <Dialog title={title()} onClose={props.onClose}>
      <Switch fallback={<AddUpstreamForm onDone={props.onClose} />}>
        <Match when={props.layer.what === 'edit' && row()}>
          {(one) => <ChangeUpstreamForm row={one()} onDone={props.onClose} />}
        </Match>
        <Match when={props.layer.what === 'key' && row()}>
          {(one) => <ReplaceKeyForm row={one()} onDone={props.onClose} />}
        </Match>
        <Match when={props.layer.what === 'remove' && row()}>
          {(one) => <RemoveUpstreamForm row={one()} onDone={props.onClose} />}
        </Match>
      </Switch>
    </Dialog>
  )
}

function Upstream(props: { readonly row: Row; readonly onOpen: (what: 'edit' | 'key' | 'remove') => void }) {
  const test = useCommand('upstreams.test', (answer) => toast(answer.sentence))
  const pause = useCommand('upstreams.pause')
  const resume = useCommand('upstreams.resume')
  const refused = (action: string) => cannot(props.row.can, action, isConnected())
  const isPaused = () => props.row.state === 'paused'
  const trouble = () => test.sentence() ?? pause.sentence() ?? resume.sentence()
  return (
    <li class={styles.item} data-upstream={props.row.name}>
      <div class={styles.itemHead}>
        <strong>{props.row.name}</strong>
        <Mark tone={tones[props.row.state] ?? 'off'}>{props.row.sentence}</Mark>
        <Show when={props.row.privateAddress}>
          <Tag>{words.private}</Tag>
        </Show>
      </div>
      <div class={styles.itemFacts}>
        <span>{props.row.baseUrl}</span>
        <span>
          {words.models} {count(props.row.models)}
        </span>
        <span>
          {words.priority} {props.row.priority}
        </span>
        <Show when={props.row.fee}>{(fee) => <span>× {fee()}</span>}</Show>
        <span>{props.row.keyLast4.length === 0 ? words.noKey : props.row.keyLast4.map(words.keyEnds).join(', ')}</span>
      </div>
      <div class={styles.actions}>
        <Button
          small
          busy={test.busy() && words.testing}
          refused={refused('test')}
          onClick={() => void test.run({ upstream: props.row.id })}
        >
          {words.test}
        </Button>
        <Button small refused={refused('change')} onClick={() => props.onOpen('edit')}>
          {words.edit}
        </Button>
        <Button small refused={refused('replaceKey')} onClick={() => props.onOpen('key')}>
          {words.replaceKey}
        </Button>
        <Show
          when={isPaused()}
          fallback={
            <Button small refused={refused('pause')} onClick={() => void pause.run({ upstream: props.row.id })}>
              {words.pause}
            </Button>
          }
        >
          <Button small refused={refused('resume')} onClick={() => void resume.run({ upstream: props.row.id })}>
            {words.resume}
          </Button>
        </Show>
        <Button small kind="quiet" refused={refused('remove')} onClick={() => props.onOpen('remove')}>
          {words.remove}
        </Button>
      </div>
      <Show when={trouble()}>{(said) => <TroubleBox what={said().what} id={said().id} />}</Show>
    </li>
  )
}
