/** Where money may come from, and where it lies: test, change, drain, remove (dashboard 4.4, Cashu Mints). */
import { createSignal, For, Match, Show, Switch } from 'solid-js'
import { type Answer, isConnected, useQuery } from '../../client'
import { sentenceOf } from '../../errors'
import { useCommand } from '../../forms/command'
import { AddMintForm, ChangeMintForm, DrainForm, RemoveMintForm } from '../../forms/mint'
import { text } from '../../text/en'
import { settingsText } from '../../text/settings'
import { Amount, Button, Dialog, Empty, Mark, Sheet, Skeleton, Tag, type Tone, TroubleBox, toast } from '../../ui'
import styles from './settings.module.css'

const words = settingsText.mints
type Row = Answer<'mints.list'>['rows'][number]
const tones: Readonly<Record<string, Tone>> = { connected: 'good', limited: 'look', down: 'look', suspended: 'bad' }
type Layer = { readonly what: 'add' } | { readonly what: 'change' | 'drain' | 'remove'; readonly row: Row }

export function Mints() {
  const list = useQuery('mints.list', () => ({}), { everyMs: 10_000, rowKey: 'mint' })
  const [layer, setLayer] = createSignal<Layer>()
  const close = () => setLayer(undefined)
  return (
    <>
      <Sheet
        title={settingsText.sections.mints}
        actions={
          <Button kind="primary" onClick={() => setLayer({ what: 'add' })}>
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
              <ul class={styles.list} aria-label={settingsText.sections.mints}>
                <For each={data().rows}>
                  {(row, index) => (
                    <Mint row={row} isFirst={index() === 0} onOpen={(what) => setLayer({ what, row })} />
                  )}
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
    const { mint } = layer.row
    return { change: words.changeTitle(mint), drain: words.drainTitle(mint), remove: words.removeTitle }[layer.what]
  }
  return (
    <Dialog title={title()} onClose={props.onClose}>
      <Switch fallback={<AddMintForm onDone={props.onClose} />}>
        <Match when={props.layer.what === 'change' && row()}>
          {(one) => <ChangeMintForm row={one()} onDone={props.onClose} />}
        </Match>
        <Match when={props.layer.what === 'drain' && row()}>
          {(one) => <DrainForm row={one()} onDone={props.onClose} />}
        </Match>
        <Match when={props.layer.what === 'remove' && row()}>
          {(one) => <RemoveMintForm row={one()} onDone={props.onClose} />}
        </Match>
      </Switch>
    </Dialog>
  )
}

function Mint(props: {
  readonly row: Row
  readonly isFirst: boolean
  readonly onOpen: (what: 'change' | 'drain' | 'remove') => void
}) {
  const test = useCommand('mints.test', (answer) => toast(answer.sentence))
  const first = useCommand('mints.change', (row) => toast(words.saved(row.mint)))
  const lost = () => (isConnected() ? undefined : text.notConnectedAction)
  const trouble = () => test.sentence() ?? first.sentence()
  return (
    <li class={styles.item} data-mint={props.row.mint}>
      <div class={styles.itemHead}>
        <strong>{props.row.mint}</strong>
        <Mark tone={tones[props.row.state] ?? 'off'}>{text.mintStates[props.row.state] ?? props.row.sentence}</Mark>
        <Show when={props.row.privateAddress}>
          <Tag>{settingsText.upstreams.private}</Tag>
        </Show>
        <Show when={props.isFirst}>
          <Tag>{words.isFirst}</Tag>
        </Show>
      </div>
      <div class={styles.itemFacts}>
        <span>
          {words.held} <Amount msat={props.row.heldSat * 1000} />
        </span>
        <span>
          {words.owed} <Amount msat={props.row.owedSat * 1000} />
        </span>
        <span>
          {words.unit} {props.row.units.join(', ')}
        </span>
        <Show when={props.row.feePpk !== undefined}>
          <span>
            {words.fee} {words.feePpk(props.row.feePpk ?? 0)}
          </span>
        </Show>
        <span>
          {words.deposits} {props.row.deposits ? settingsText.on : settingsText.off}
        </span>
        <Show when={props.row.capSat}>
          {(cap) => (
            <span>
              {words.cap} <Amount msat={cap() * 1000} />
            </span>
          )}
        </Show>
      </div>
      <For each={props.row.drains}>{(drain) => <Mark tone="working">{drain.sentence}</Mark>}</For>
      <For each={props.row.warnings}>{(warning) => <Mark tone="look">{warning}</Mark>}</For>
      <div class={styles.actions}>
        <Button
          small
          busy={test.busy() && words.testing}
          refused={lost()}
          onClick={() => void test.run({ mint: props.row.mint })}
        >
          {words.test}
        </Button>
        <Button small refused={lost()} onClick={() => props.onOpen('change')}>
          {words.change}
        </Button>
        <Show when={!props.isFirst}>
          <Button small refused={lost()} onClick={() => void first.run({ mint: props.row.mint, default: true })}>
            {words.makeFirst}
          </Button>
        </Show>
        <Button small refused={lost()} onClick={() => props.onOpen('drain')}>
          {words.drain}
        </Button>
        <Button small kind="quiet" refused={lost()} onClick={() => props.onOpen('remove')}>
          {words.remove}
        </Button>
      </div>
      <Show when={trouble()}>{(said) => <TroubleBox what={said().what} id={said().id} />}</Show>
    </li>
  )
}
