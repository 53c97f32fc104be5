/** What was charged, newest first, and what came in and went out: together they are the balance. */
import { createResource, createSignal, For, Show } from 'solid-js'
import { count } from '../format'
import { keyText } from '../text/key'
import { Age, Amount, Button, type Column, Mark, Table, TroubleBox } from '../ui'
import { api, type KeyInfo } from './api'
import styles from './key.module.css'

const words = keyText.usageList
type Charge = {
  readonly id: string
  readonly model: string
  readonly created_at: number
  readonly cost_msats: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly estimated: boolean
}
type Movement = {
  readonly id: string
  readonly type: 'in' | 'out'
  readonly source: string
  readonly amount: number
  readonly unit: string
  readonly created_at: number
  readonly status: string
}
type Page<Row> = { readonly transactions: readonly Row[]; readonly next: string | null }

/** Asked again with each request that the key makes. */
export function Usage(props: { readonly keyText: string; readonly info: KeyInfo }) {
  const [before, setBefore] = createSignal<string>()
  const version = () => `${props.info.total_requests} ${props.info.balance} ${before() ?? ''}`
  const [charges] = createResource(version, () =>
    api<Page<Charge>>(
      `/v1/balance/history?type=charge&limit=50${before() === undefined ? '' : `&before=${before()}`}`,
      {
        key: props.keyText,
      },
    ),
  )
  const [moves] = createResource(version, () =>
    api<Page<Movement>>('/v1/balance/history?limit=50', { key: props.keyText }),
  )
  const page = () => bodyOf(charges.latest)
  const movements = () => bodyOf(moves.latest)?.transactions ?? []
  return (
    <div class={styles.form}>
      <Show when={charges.latest !== undefined && !charges.latest.ok && charges.latest.sentence}>
        {(what) => <TroubleBox what={what()} />}
      </Show>
      <Show when={(page()?.transactions.length ?? 0) > 0} fallback={<p class={styles.quiet}>{words.empty}</p>}>
        <Table
          label={keyText.usage}
          rows={page()?.transactions ?? []}
          columns={columns}
          card={(row) => <Card row={row} />}
        />
      </Show>
      <Show when={page()?.next}>
        {(next) => (
          <div class={styles.row}>
            <Button small onClick={() => setBefore(next())}>
              {words.more}
            </Button>
          </div>
        )}
      </Show>
      <strong>{words.movements}</strong>
      <ul class={styles.lines}>
        <For each={movements()}>
          {(move) => (
            <li>
              <span>
                {words.kinds[move.type] ?? move.type} · {move.source} · {move.status}
              </span>
              <Amount
                today
                msat={(move.unit === 'msat' ? move.amount : move.amount * 1000) * (move.type === 'out' ? -1 : 1)}
                signed
              />
              <Age atS={move.created_at} ago />
            </li>
          )}
        </For>
      </ul>
    </div>
  )
}

const bodyOf = <Body,>(
  answer: { readonly ok: true; readonly body: Body } | { readonly ok: false } | undefined,
): Body | undefined => (answer?.ok === true ? answer.body : undefined)

const tokens = (row: Charge): string => `${count(row.input_tokens)} / ${count(row.output_tokens)}`
const columns: readonly Column<Charge>[] = [
  { key: 'at', name: words.time, head: words.time, cell: (row) => <Age atS={row.created_at} ago /> },
  { key: 'model', name: words.model, head: words.model, cell: (row) => row.model },
  { key: 'tokens', name: words.tokens, head: words.tokens, end: true, cell: tokens },
  { key: 'cost', name: words.cost, head: words.cost, end: true, cell: (row) => <Amount today msat={row.cost_msats} /> },
]

function Card(props: { readonly row: Charge }) {
  return (
    <div class={styles.lineCard}>
      <span>
        {props.row.model} · {tokens(props.row)}
      </span>
      <Amount today msat={props.row.cost_msats} />
      <Show when={props.row.estimated}>
        <Mark tone="off">{words.estimated}</Mark>
      </Show>
    </div>
  )
}
