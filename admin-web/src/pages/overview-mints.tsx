/** Mint Status: one row for each mint and unit, with its connection, its balance and a test (D-024). */
import { createSignal, For, Show } from 'solid-js'
import { type Answer, isConnected, send } from '../client'
import { sentenceOf } from '../errors'
import { count } from '../format'
import { text } from '../text/en'
import { Age, Amount, Button, type Column, Empty, Mark, Sheet, Table, type Tone, UnitName } from '../ui'
import styles from './overview.module.css'

type Row = Answer<'overview.get'>['wallet'][number]
const tones: Readonly<Record<string, Tone>> = {
  connected: 'good',
  limited: 'look',
  down: 'look',
  suspended: 'bad',
  unknown: 'off',
}
const hostOf = (mint: string): string => mint.replace(/^https?:\/\//, '')

export function MintStatus(props: { readonly rows: readonly Row[] }) {
  const [running, setRunning] = createSignal<ReadonlySet<string>>(new Set())
  const [said, setSaid] = createSignal<readonly string[]>([])
  async function test(mint: string) {
    if (running().has(mint)) return
    setRunning((before) => new Set([...before, mint]))
    const outcome = await send('mints.test', { mint })
    setRunning((before) => new Set([...before].filter((one) => one !== mint)))
    const words = outcome.ok ? outcome.result.sentence : sentenceOf(outcome.trouble).what
    setSaid((before) => [...before.filter((one) => !one.startsWith(`${hostOf(mint)}: `)), `${hostOf(mint)}: ${words}`])
  }
  const mints = () => [...new Set(props.rows.map((row) => row.mint))]
  const refused = () => (isConnected() ? undefined : text.notConnectedAction)
  const testButton = (row: Row) => (
    <Button
      small
      label={text.overview.testAria(hostOf(row.mint))}
      busy={running().has(row.mint) && text.overview.testing}
      onClick={() => void test(row.mint)}
    >
      {text.overview.test}
    </Button>
  )
  return (
    <Sheet
      title={text.overview.mintStatus}
      actions={
        <Show when={mints().length > 1}>
          <Button
            small
            refused={refused()}
            onClick={() => {
              for (const mint of mints()) void test(mint)
            }}
          >
            {text.overview.testAll}
          </Button>
        </Show>
      }
    >
      <Show when={props.rows.length > 0} fallback={<Empty title={text.overview.noMints} />}>
        <Table
          label={text.overview.mintStatus}
          rows={props.rows}
          columns={columns(testButton)}
          card={(row) => <Card row={row} test={testButton} />}
        />
      </Show>
      <div role="status" class={styles.said}>
        <For each={said()}>{(words) => <p>{words}</p>}</For>
      </div>
    </Sheet>
  )
}

const moneyHead = (words: string) => (
  <>
    {words}{' '}
    <span class={styles.unit}>
      <UnitName />
    </span>
  </>
)

const columns = (test: (row: Row) => import('solid-js').JSX.Element): readonly Column<Row>[] => [
  {
    key: 'mint',
    name: text.overview.mint,
    head: text.overview.mint,
    cell: (row) => <span class={styles.mint}>{hostOf(row.mint)}</span>,
  },
  { key: 'status', name: text.overview.status, head: text.overview.status, cell: (row) => <Status row={row} /> },
  {
    key: 'balance',
    name: text.overview.balance,
    head: moneyHead(text.overview.balance),
    end: true,
    cell: (row) => <Amount msat={row.totalMsat} bare />,
  },
  {
    key: 'users',
    name: text.overview.usersPart,
    head: moneyHead(text.overview.usersPart),
    end: true,
    wide: true,
    cell: (row) => <Amount msat={row.owedMsat} bare />,
  },
  {
    key: 'yours',
    name: text.overview.yoursPart,
    head: moneyHead(text.overview.yoursPart),
    end: true,
    cell: (row) => <Amount msat={row.mineMsat} bare />,
  },
  { key: 'unit', name: text.overview.unitColumn, head: text.overview.unitColumn, cell: (row) => row.unit },
  {
    key: 'test',
    name: text.overview.test,
    head: <span class="sr-only">{text.overview.test}</span>,
    end: true,
    cell: test,
  },
]

function Status(props: { readonly row: Row }) {
  const isUp = () => props.row.state === 'connected'
  return (
    <span title={props.row.sentence}>
      <Mark tone={tones[props.row.state] ?? 'off'}>
        {text.mintStates[props.row.state] ?? props.row.state}
        <Show when={isUp() ? props.row.roundTripMs : undefined}>{(ms) => ` ${count(ms())} ms`}</Show>
        {/* A mint that stopped answering keeps its last balance, with the age of its last word. */}
        <Show when={isUp() ? undefined : props.row.at}>
          {(atS) => (
            <>
              {' · '}
              <Age atS={atS()} ago />
            </>
          )}
        </Show>
      </Mark>
    </span>
  )
}

function Card(props: { readonly row: Row; readonly test: (row: Row) => import('solid-js').JSX.Element }) {
  return (
    <div class={styles.card}>
      <div class={styles.cardLine}>
        <strong class={styles.mint}>{hostOf(props.row.mint)}</strong>
        {props.test(props.row)}
      </div>
      <div class={styles.cardLine}>
        <Status row={props.row} />
        <span class={styles.unit}>{props.row.unit}</span>
      </div>
      <div class={styles.cardLine}>
        <span>
          {text.overview.balance} <Amount msat={props.row.totalMsat} />
        </span>
        <span>
          {text.overview.yoursPart} <Amount msat={props.row.mineMsat} />
        </span>
      </div>
    </div>
  )
}
