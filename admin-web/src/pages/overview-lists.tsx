/** Which models earn, and what went wrong, over the range. */
import { A } from '@solidjs/router'
import { For, type JSX, Match, Show, Switch } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { sentenceOf } from '../errors'
import { count } from '../format'
import { paths } from '../paths'
import { overviewText as words } from '../text/overview'
import { Age, Amount, BarList, Empty, Mark, Select, Sheet, Skeleton, TroubleBox } from '../ui'
import styles from './overview.module.css'
import type { RangeState } from './overview-range'
import pageStyles from './page.module.css'

type By = keyof typeof words.by
const orders = Object.keys(words.by) as By[]
type Models = Answer<'overview.models'>

export function TopModels(props: { readonly range: RangeState }) {
  const by = (): By => orders.find((one) => one === props.range.address.read('by')) ?? 'revenue'
  const models = useQuery('overview.models', () => ({ ...props.range.input(), metric: by() }), {
    everyMs: 60_000,
    rowKey: 'model',
  })
  return (
    <Sheet
      title={words.topModels}
      actions={
        <Select
          quiet
          label={words.byName}
          value={by()}
          choices={orders.map((value) => ({ value, label: words.by[value] }))}
          onChange={(value) => props.range.address.write({ by: value })}
        />
      }
      padded
    >
      <Switch fallback={<Skeleton lines={5} />}>
        <Match when={models.data()?.rows.length === 0}>
          <Empty title={words.noModels} />
        </Match>
        <Match when={models.data()}>{(data) => <Ranked data={data()} by={by()} />}</Match>
        <Match when={models.trouble()}>
          {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={models.refetch} />}
        </Match>
      </Switch>
    </Sheet>
  )
}

function Ranked(props: { readonly data: Models; readonly by: By }) {
  const sizeOf = (row: { readonly revenueMsat: number; readonly requests: number; readonly tokens: number }) =>
    ({ revenue: row.revenueMsat, requests: row.requests, tokens: row.tokens })[props.by]
  const most = () => Math.max(1, ...props.data.rows.map(sizeOf), sizeOf(props.data.others))
  const value = (row: Parameters<typeof sizeOf>[0]) =>
    props.by === 'revenue' ? <Amount today msat={row.revenueMsat} /> : count(sizeOf(row))
  const rows = () => [
    ...props.data.rows.map((row) => ({
      name: (
        <A
          class={pageStyles.link}
          href={paths.between(paths.requests, props.data.from, props.data.to, {
            model: row.model,
            upstream: row.upstream,
          })}
        >
          {row.model} <span class={pageStyles.quiet}>{words.trends[row.trend]}</span>
        </A>
      ),
      share: sizeOf(row) / most(),
      value: value(row),
    })),
    ...(props.data.others.models > 0
      ? [
          {
            name: words.others(props.data.others.models),
            share: sizeOf(props.data.others) / most(),
            value: value(props.data.others),
          },
        ]
      : []),
  ]
  const unknown = () => props.data.rows.reduce((sum, row) => sum + row.unknown, 0) + props.data.others.unknown
  return (
    <>
      <BarList label={words.topModels} rows={rows()} />
      <Show when={unknown() > 0}>
        <p class={pageStyles.quiet}>{words.unknownCost(unknown())}</p>
      </Show>
    </>
  )
}

type ErrorsAnswer = Answer<'overview.errors'>

/** By kind, and the newest of all: one question for both. */
export function Errors(props: { readonly range: RangeState }) {
  const errors = useQuery('overview.errors', props.range.input, { everyMs: 60_000, rowKey: 'kind' })
  const panel = (title: string, rowsOf: (data: ErrorsAnswer) => JSX.Element) => (
    <Sheet title={title}>
      <Switch fallback={<Skeleton lines={2} />}>
        <Match when={errors.data()?.rows.length === 0}>
          <Empty title={words.noErrors} />
        </Match>
        <Match when={errors.data()}>
          {(data) => (
            <ul class={styles.health} aria-label={title}>
              {rowsOf(data())}
            </ul>
          )}
        </Match>
        <Match when={errors.trouble()}>
          {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={errors.refetch} />}
        </Match>
      </Switch>
    </Sheet>
  )
  return (
    <>
      {panel(words.errors, (data) => (
        <For each={data.rows}>{(row) => <ErrorKind row={row} of={data} />}</For>
      ))}
      {panel(words.recentErrors, (data) => (
        <For each={data.recent}>{(row) => <RecentError row={row} />}</For>
      ))}
    </>
  )
}

const kindText = (kind: string): string => words.errorKinds[kind] ?? kind

function ErrorKind(props: { readonly row: ErrorsAnswer['rows'][number]; readonly of: ErrorsAnswer }) {
  const rows = () => paths.between(paths.requests, props.of.from, props.of.to, { error: props.row.kind })
  return (
    <li class={pageStyles.line}>
      <Mark tone="bad">{kindText(props.row.kind)}</Mark>
      <A class={pageStyles.link} href={rows()}>
        {count(props.row.count)}
      </A>
      <span class={pageStyles.lineEnd}>
        <A class={pageStyles.link} href={paths.request(props.row.requestId)}>
          <Age atS={props.row.lastAt} ago />
        </A>
      </span>
    </li>
  )
}

function RecentError(props: { readonly row: ErrorsAnswer['recent'][number] }) {
  return (
    <li class={pageStyles.line}>
      <span>
        {kindText(props.row.kind)}{' '}
        <span class={pageStyles.quiet}>
          {props.row.model} · {props.row.upstream}
        </span>
      </span>
      <span class={pageStyles.lineEnd}>
        <A class={pageStyles.link} href={paths.request(props.row.requestId)}>
          <Age atS={props.row.at} ago />
        </A>
      </span>
    </li>
  )
}
