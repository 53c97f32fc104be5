/** What is sold and what a small request costs. */
import { createSignal, Show } from 'solid-js'
import { count } from '../format'
import { keyText } from '../text/key'
import { Amount, type Column, Empty, Price, SearchField, Table } from '../ui'
import type { PublicModel } from './api'
import styles from './key.module.css'

const words = keyText.modelList
/** USD per 1M tokens as decimal text, from the JSON number per token. */
const perMillion = (price: number): string => String(Number((price * 1_000_000).toPrecision(12)))

export function Models(props: { readonly models: readonly PublicModel[] | undefined }) {
  const [find, setFind] = createSignal('')
  const found = () => (props.models ?? []).filter((model) => model.id.toLowerCase().includes(find().toLowerCase()))
  return (
    <section class={styles.sheet} aria-label={keyText.tabs.models}>
      <SearchField label={words.search} value={find()} onInput={setFind} />
      <Show when={found().length > 0} fallback={<Empty title={words.none} />}>
        <Table label={keyText.tabs.models} rows={found()} columns={columns} card={(row) => <Card row={row} />} />
      </Show>
    </section>
  )
}

/** Whole msat of 1,000 tokens each way at the node's present rate. */
function exampleMsat({ sats_pricing: sats }: PublicModel): number | undefined {
  return sats === null ? undefined : Math.ceil((sats.prompt + sats.completion) * 1_000_000 + sats.request * 1000)
}

const Example = (props: { readonly row: PublicModel }) => (
  <Show when={exampleMsat(props.row)}>{(msat) => <Amount msat={msat()} />}</Show>
)

const columns: readonly Column<PublicModel>[] = [
  { key: 'id', name: words.id, head: words.id, cell: (row) => row.id },
  {
    key: 'in',
    name: words.input,
    head: words.input,
    end: true,
    cell: (row) => <Price usd={perMillion(row.pricing.prompt)} />,
  },
  {
    key: 'out',
    name: words.output,
    head: words.output,
    end: true,
    cell: (row) => <Price usd={perMillion(row.pricing.completion)} />,
  },
  { key: 'example', name: words.example, head: words.example, end: true, cell: (row) => <Example row={row} /> },
  {
    key: 'context',
    name: words.context,
    head: words.context,
    end: true,
    wide: true,
    cell: (row) => count(row.context_length),
  },
]

function Card(props: { readonly row: PublicModel }) {
  return (
    <div class={styles.lineCard}>
      <span>{props.row.id}</span>
      <span>
        <Price usd={perMillion(props.row.pricing.prompt)} /> / <Price usd={perMillion(props.row.pricing.completion)} />
      </span>
      <span class={styles.quiet}>
        {words.example} <Example row={props.row} />
      </span>
    </div>
  )
}
