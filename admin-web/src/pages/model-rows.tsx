/** How one model reads, and its switch, which acts at once and can be undone from the toast. */
import { A } from '@solidjs/router'
import { For, Show } from 'solid-js'
import { type Answer, isConnected, send } from '../client'
import { cannot, sentenceOf } from '../errors'
import { count } from '../format'
import { paths } from '../paths'
import { columnText } from '../text/columns'
import { text } from '../text/en'
import { type Column, Mark, onDemand, Price, Switch, Tag, type Tone, toast, Unknown } from '../ui'
import { CreateAlias } from './create-alias'
import { customerColumns, Errors, Margin } from './model-use'
import styles from './page.module.css'

type Row = Answer<'models.list'>['rows'][number]
const columns = columnText.models

/** Acts on the node and says so; the row follows when the node has spoken. */
export async function enable(row: Row, on: boolean): Promise<void> {
  const models = [{ upstream: row.upstreamId, model: row.model }]
  const outcome = on ? await send('models.enable', { models }) : await send('models.disable', { models })
  if (!outcome.ok) return toast(sentenceOf(outcome.trouble).what)
  toast(on ? text.models.enabledToast(row.model) : text.models.disabledToast(row.model), {
    label: text.models.undo,
    run: () => void enable(row, !on),
  })
}

export function EnableSwitch(props: { readonly row: Row }) {
  // Hidden from clients until it has a price, whatever was chosen before.
  const isOn = () => props.row.enabled && props.row.state !== 'unpriced'
  return (
    <Switch
      label={text.models.enableAria(props.row.model)}
      on={isOn()}
      refused={cannot(props.row.can, isOn() ? 'disable' : 'enable', isConnected())}
      onChange={(on) => void enable(props.row, on)}
    />
  )
}

const tones: Readonly<Record<Row['state'], Tone>> = {
  sellable: 'good',
  off: 'off',
  paused: 'look',
  unpriced: 'bad',
  gone: 'off',
  rateOld: 'look',
  unconfirmed: 'look',
}

const customWord = (row: Row) => {
  if (row.free) return <Tag tone="look">{text.models.freeWord}</Tag>
  return row.custom ? <Tag>{text.models.customWord}</Tag> : <span class={styles.quiet}>{text.models.noCustom}</span>
}

function Name(props: { readonly row: Row; readonly search: string }) {
  return (
    <span class={styles.nameCell}>
      <A
        data-handle
        class={`${styles.handle} ${styles.cut}`}
        href={`${paths.model(props.row.upstreamId, props.row.model)}${props.search}`}
        title={props.row.model}
        aria-label={text.models.edit(props.row.model)}
        activeClass=""
        inactiveClass=""
      >
        {props.row.model}
      </A>
      <Show when={props.row.aliases.length > 0}>
        <span class={`${styles.quiet} ${styles.cut}`} title={props.row.aliases.join(', ')}>
          {text.models.alias}{' '}
          <For each={props.row.aliases}>{(alias, index) => `${index() > 0 ? ', ' : ''}${alias}`}</For>
        </span>
      </Show>
    </span>
  )
}

export function modelColumns(search: string, severalUpstreams: boolean): readonly Column<Row>[] {
  const { models } = text
  const all: Column<Row>[] = [
    { key: 'id', name: models.id, head: models.id, sort: 'model', cell: (row) => <Name row={row} search={search} /> },
    { key: 'enabled', name: models.enabled, head: models.enabled, cell: (row) => <EnableSwitch row={row} /> },
    {
      key: 'in',
      name: models.input,
      head: <span title={models.per}>{models.input}</span>,
      end: true,
      sort: 'inUsdPerM',
      cell: (row) => <Price usd={row.inUsdPerM} />,
    },
    {
      key: 'out',
      name: models.output,
      head: <span title={models.per}>{models.output}</span>,
      end: true,
      sort: 'outUsdPerM',
      cell: (row) => <Price usd={row.outUsdPerM} />,
    },
    { key: 'custom', name: models.custom, head: models.custom, cell: customWord },
    ...customerColumns,
    { key: 'state', name: models.state, head: models.state, cell: (row) => <StateMark row={row} /> },
    {
      key: 'alias',
      name: models.createAlias,
      head: <span class="sr-only">{models.createAlias}</span>,
      cell: (row) => <CreateAlias row={row} />,
    },
    ...furtherColumns,
  ]
  const upstream: Column<Row> = {
    key: 'upstream',
    name: models.upstreamFilter,
    head: models.upstreamFilter,
    wide: true,
    cell: (row) => row.upstream,
  }
  return severalUpstreams ? [...all.slice(0, 1), upstream, ...all.slice(1)] : all
}

const price = (usd: string | null | undefined) => (usd === null || usd === undefined ? '' : <Price usd={usd} />)

/** Seen by those who ask for them (dashboard 4.3). */
const furtherColumns = onDemand<Row>([
  ...(['cacheReadUsdPerM', 'cacheWriteUsdPerM', 'requestUsd', 'imageUsd', 'webSearchUsd'] as const).map((name) => ({
    key: name,
    name: columns.prices[name],
    end: true,
    cell: (row: Row) => price(row.otherUsd[name]),
  })),
  {
    key: 'context',
    name: text.models.context,
    end: true,
    sort: 'contextLength',
    cell: (row) => (row.contextLength === null ? <Unknown why={columns.noContext} /> : count(row.contextLength)),
  },
  { key: 'upstreamIn', name: columns.upstreamIn, end: true, cell: (row) => price(row.upstreamInUsdPerM) },
  { key: 'upstreamOut', name: columns.upstreamOut, end: true, cell: (row) => price(row.upstreamOutUsdPerM) },
])

function StateMark(props: { readonly row: Row }) {
  const why = () => {
    if (props.row.state === 'unpriced') return text.models.unpricedRow
    return props.row.state === 'unconfirmed' ? text.models.unconfirmedRow : undefined
  }
  return (
    <span title={why()}>
      <Mark tone={tones[props.row.state]}>{text.models.states[props.row.state]}</Mark>
    </span>
  )
}

export function ModelCard(props: { readonly row: Row; readonly search: string }) {
  return (
    <div class={styles.card} data-row>
      <div class={styles.cardLine}>
        <A
          data-handle
          class={styles.cardLink}
          href={`${paths.model(props.row.upstreamId, props.row.model)}${props.search}`}
          aria-label={text.models.edit(props.row.model)}
          activeClass=""
          inactiveClass=""
        >
          <span class={styles.cut} title={props.row.model}>
            {props.row.model}
          </span>
        </A>
        <span class={styles.row}>
          <CreateAlias row={props.row} />
          <EnableSwitch row={props.row} />
        </span>
      </div>
      <div class={styles.cardLine}>
        <span>
          <Show when={props.row.inUsdPerM ?? props.row.outUsdPerM} fallback={<Price usd={null} />}>
            {text.models.inShort} <Price usd={props.row.inUsdPerM} /> · {text.models.outShort}{' '}
            <Price usd={props.row.outUsdPerM} />
          </Show>
        </span>
        <Show when={props.row.state === 'sellable'} fallback={<StateMark row={props.row} />}>
          <Show when={props.row.custom || props.row.free}>{customWord(props.row)}</Show>
        </Show>
      </div>
      <Show when={props.row.requests7d > 0}>
        <div class={`${styles.cardLine} ${styles.quiet}`}>
          <span>
            {columns.margin} <Margin row={props.row} />
          </span>
          <span>
            {columns.errors} <Errors row={props.row} />
          </span>
        </div>
      </Show>
    </div>
  )
}
