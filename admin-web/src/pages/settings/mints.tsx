/** Where money may come from, and where it lies: test, change, drain, remove (dashboard 4.4, Cashu Mints). */
import { createSignal, For, Show } from 'solid-js'
import { type Answer, isConnected, useQuery } from '../../client'
import { cannot } from '../../errors'
import { satText } from '../../format'
import { useCommand } from '../../forms/command'
import { AddMintForm, ChangeMintForm, ConfirmLossForm, DrainForm, RemoveMintForm } from '../../forms/mint'
import { type MintTest, MintTested } from '../../forms/mint-test'
import { text } from '../../text/en'
import { settingsText } from '../../text/settings'
import { Amount, Button, Mark, Tag, type Tone, TroubleBox, toast } from '../../ui'
import { ManagedList } from './managed-list'
import styles from './settings.module.css'

const words = settingsText.mints
type Row = Answer<'mints.list'>['rows'][number]
const tones: Readonly<Record<string, Tone>> = { connected: 'good', limited: 'look', down: 'look', suspended: 'bad' }
const layers = {
  change: {
    title: (row: Row) => words.changeTitle(row.mint),
    form: (row: Row, onDone: () => void) => <ChangeMintForm row={row} onDone={onDone} />,
  },
  drain: {
    title: (row: Row) => words.drainTitle(row.mint),
    form: (row: Row, onDone: () => void) => <DrainForm row={row} onDone={onDone} />,
  },
  loss: {
    title: () => words.lossTitle,
    form: (row: Row, onDone: () => void) => <ConfirmLossForm row={row} onDone={onDone} />,
  },
  remove: {
    title: () => words.removeTitle,
    form: (row: Row, onDone: () => void) => <RemoveMintForm row={row} onDone={onDone} />,
  },
} as const

export function Mints() {
  const list = useQuery('mints.list', () => ({}), { everyMs: 10_000, rowKey: 'mint' })
  return (
    <ManagedList
      title={settingsText.sections.mints}
      list={list}
      empty={words.empty}
      add={{ button: words.add, title: words.addTitle, form: (onDone) => <AddMintForm onDone={onDone} /> }}
      layers={layers}
      item={(row, onOpen, index) => <Mint row={row} isFirst={index() === 0} onOpen={onOpen} />}
    />
  )
}

function Mint(props: {
  readonly row: Row
  readonly isFirst: boolean
  readonly onOpen: (what: keyof typeof layers) => void
}) {
  const [tested, setTested] = createSignal<MintTest>()
  const test = useCommand('mints.test', setTested)
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
      <For each={props.row.expired}>{(one) => <Mark tone="bad">{words.expired(satText(one.msat))}</Mark>}</For>
      <For each={props.row.warnings}>{(warning) => <Mark tone="look">{warning}</Mark>}</For>
      <div class={styles.actions}>
        <Button
          small
          busy={test.busy() && words.testing}
          refused={lost()}
          onClick={() => {
            setTested(undefined)
            void test.run({ mint: props.row.mint })
          }}
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
        <Show when={props.row.expired[0]}>
          {(one) => (
            <Button
              small
              refused={cannot(one().can, 'confirmLoss', isConnected())}
              onClick={() => props.onOpen('loss')}
            >
              {words.loss}
            </Button>
          )}
        </Show>
        <Button small kind="quiet" refused={lost()} onClick={() => props.onOpen('remove')}>
          {words.remove}
        </Button>
      </div>
      <Show when={tested()}>{(result) => <MintTested result={result()} />}</Show>
      <Show when={trouble()}>{(said) => <TroubleBox what={said().what} id={said().id} />}</Show>
    </li>
  )
}
