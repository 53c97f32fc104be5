/** What customers made of a model: its margin, its errors, its requests (dashboard 4.3). */
import { Show } from 'solid-js'
import type { Answer } from '../client'
import { count, exactText, share } from '../format'
import { columnText } from '../text/columns'
import { text } from '../text/en'
import { type Column, Unknown } from '../ui'
import styles from './page.module.css'

type Row = Answer<'models.list'>['rows'][number]
const columns = columnText.models

export const customerColumns: readonly Column<Row>[] = [
  {
    key: 'margin',
    name: columns.margin,
    head: columns.margin,
    end: true,
    wide: true,
    sort: 'marginMsat7d',
    cell: (row) => <Margin row={row} />,
  },
  {
    key: 'errors',
    name: columns.errors,
    head: columns.errors,
    end: true,
    wide: true,
    sort: 'errors24h',
    cell: (row) => <Errors row={row} />,
  },
  {
    key: 'requests',
    name: text.models.requests,
    head: text.models.requests,
    end: true,
    wide: true,
    sort: 'requests7d',
    cell: (row) => count(row.requests7d),
  },
]

/** Of the requests whose cost is known; the share is rounded once, its amount is on hover. */
export function Margin(props: { readonly row: Row }) {
  const partly = () => (props.row.unknown7d > 0 ? columns.partly(props.row.unknown7d) : '')
  return (
    <Show when={props.row.requests7d > 0} fallback={<span class={styles.quiet}>{columns.noRequests}</span>}>
      <Show
        when={props.row.marginMsat7d !== undefined && props.row.costedRevenueMsat7d > 0}
        fallback={<Unknown why={columns.noCost(props.row.unknown7d)} />}
      >
        <span title={`${exactText(props.row.marginMsat7d ?? 0)}${partly()}`}>
          {share((props.row.marginMsat7d ?? 0) / props.row.costedRevenueMsat7d)}
          <Show when={props.row.unknown7d > 0}>
            <span class={styles.quiet} aria-hidden="true">
              {' '}
              *
            </span>
            <span class="sr-only">{partly()}</span>
          </Show>
        </span>
      </Show>
    </Show>
  )
}

export function Errors(props: { readonly row: Row }) {
  return (
    <Show when={props.row.requests24h > 0} fallback={<span class={styles.quiet}>{columns.noRequests}</span>}>
      <span title={columns.errorsOf(props.row.errors24h, props.row.requests24h)}>
        {share(props.row.errors24h / props.row.requests24h)}
      </span>
    </Show>
  )
}
