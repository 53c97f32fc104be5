/** Refunds that nobody collected: customers' money, until its days are over (dashboard 4.5, D-066). */
import { A } from '@solidjs/router'
import { createSignal, For, Show } from 'solid-js'
import { type Answer, isConnected, useQuery } from '../client'
import { cannot } from '../errors'
import { ageText, count } from '../format'
import { useCommand } from '../forms/command'
import { TakeRefundForm } from '../forms/payout-actions'
import { paths } from '../paths'
import { withdrawText } from '../text/withdraw'
import { Amount, Button, Dialog, Empty, Sheet, TroubleBox, toast } from '../ui'
import { ListStates } from './list-parts'
import { ExportMenu } from './list-tools'
import styles from './page.module.css'

const words = withdrawText.refunds
type Row = Answer<'refunds.list'>['rows'][number]

export function Refunds() {
  const list = useQuery('refunds.list', () => ({}), { everyMs: 30_000, rowKey: 'refund' })
  const [taking, setTaking] = createSignal<Row>()
  return (
    <Sheet
      title={
        <>
          {words.title}{' '}
          <Show when={(list.data()?.total ?? 0) > 0}>
            <span class={styles.quiet}>
              {count(list.data()?.total ?? 0)} · <Amount msat={Math.round((list.data()?.totals.sat ?? 0) * 1000)} />
            </span>
          </Show>
        </>
      }
      actions={<ExportMenu what="refunds" name={words.title} filter={() => ({})} />}
    >
      <ListStates of={list} lines={2} isEmpty={(data) => data.rows.length === 0} empty={<Empty title={words.empty} />}>
        {(data) => (
          <ul aria-label={words.title}>
            <For each={data().rows}>
              {(row) => <Refund row={row} takeDays={data().takeDays} onTake={() => setTaking(row)} />}
            </For>
          </ul>
        )}
      </ListStates>
      <Show when={taking()} keyed>
        {(row) => (
          <Dialog title={words.takeTitle} onClose={() => setTaking(undefined)}>
            <TakeRefundForm row={row} onDone={() => setTaking(undefined)} />
          </Dialog>
        )}
      </Show>
    </Sheet>
  )
}

function Refund(props: { readonly row: Row; readonly takeDays: number; readonly onTake: () => void }) {
  const again = useCommand('refunds.makeAgain', () => toast(words.againDone))
  const tooYoung = () => {
    const word = props.row.can.take
    return word !== undefined && 'refused' in word && word.refused === 'refund-too-young'
  }
  return (
    <li class={styles.line}>
      <span class={styles.mono}>
        <Show when={props.row.key12} fallback={props.row.requestId}>
          {(hash) => (
            <A class={styles.link} href={paths.session(hash())}>
              {hash()}
            </A>
          )}
        </Show>
      </span>
      <Amount msat={Math.round(props.row.sat * 1000)} />
      <span>{ageText(props.row.ageS)}</span>
      <span class={styles.quiet}>{props.row.mint}</span>
      <span class={styles.lineEnd}>
        <Button
          small
          refused={cannot(props.row.can, 'makeAgain', isConnected())}
          onClick={() => void again.run({ refund: props.row.refund })}
        >
          {words.again}
        </Button>
        <Button
          small
          refused={tooYoung() ? words.takeFrom(props.takeDays) : cannot(props.row.can, 'take', isConnected())}
          onClick={props.onTake}
        >
          {words.take}
        </Button>
      </span>
      <Show when={again.sentence()}>{(said) => <TroubleBox what={said().what} id={said().id} />}</Show>
    </li>
  )
}
