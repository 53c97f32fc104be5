/** The suppliers: what each says of itself, and what can be done with it (dashboard 4.4, Upstream). */
import { Show } from 'solid-js'
import { type Answer, isConnected, useQuery } from '../../client'
import { cannot } from '../../errors'
import { count } from '../../format'
import { useCommand } from '../../forms/command'
import { AddUpstreamForm, ChangeUpstreamForm, RemoveUpstreamForm, ReplaceKeyForm } from '../../forms/upstream'
import { settingsText } from '../../text/settings'
import { Button, Mark, Tag, type Tone, TroubleBox, toast } from '../../ui'
import { ManagedList } from './managed-list'
import styles from './settings.module.css'

const words = settingsText.upstreams
type Row = Answer<'upstreams.list'>['rows'][number]
const tones: Readonly<Record<string, Tone>> = {
  connected: 'good',
  'refused-key': 'bad',
  down: 'look',
  'no-list': 'look',
}
const layers = {
  edit: {
    title: (row: Row) => words.editTitle(row.name),
    form: (row: Row, onDone: () => void) => <ChangeUpstreamForm row={row} onDone={onDone} />,
  },
  key: {
    title: (row: Row) => words.replaceTitle(row.name),
    form: (row: Row, onDone: () => void) => <ReplaceKeyForm row={row} onDone={onDone} />,
  },
  remove: {
    title: (row: Row) => words.removeTitle(row.name),
    form: (row: Row, onDone: () => void) => <RemoveUpstreamForm row={row} onDone={onDone} />,
  },
} as const

export function Upstreams() {
  const list = useQuery('upstreams.list', () => ({}), { everyMs: 10_000 })
  return (
    <ManagedList
      title={settingsText.sections.upstream}
      list={list}
      empty={words.empty}
      add={{
        button: words.add,
        title: words.addTitle,
        refused: cannot(list.data()?.can ?? {}, 'add', isConnected()),
        form: (onDone) => <AddUpstreamForm onDone={onDone} />,
      }}
      layers={layers}
      item={(row, onOpen) => <Upstream row={row} onOpen={onOpen} />}
    />
  )
}

function Upstream(props: { readonly row: Row; readonly onOpen: (what: keyof typeof layers) => void }) {
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
