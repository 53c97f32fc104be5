/** How one session reads: as a row with the owner's columns, as a card on a narrow page. */
import { A } from '@solidjs/router'
import { type JSX, Show } from 'solid-js'
import type { Answer } from '../client'
import { count, plural } from '../format'
import { paths } from '../paths'
import { columnText } from '../text/columns'
import { text } from '../text/en'
import { keyStates } from '../text/key-states'
import { Age, Amount, type Column, Day, Icon, onDemand, Tag, UnitName } from '../ui'
import styles from './page.module.css'

type List = Answer<'sessions.list'>
type Row = List['rows'][number]

export const StateTag = (props: { readonly state: Row['state'] }) => (
  <Tag tone={props.state === 'open' ? 'good' : 'off'}>{keyStates[props.state]}</Tag>
)

const money = (words: string, isSum = false): JSX.Element => (
  <span>
    {words}{' '}
    <span class={styles.quiet}>
      <UnitName today={isSum} />
    </span>
  </span>
)

const { sessions } = text
const further = columnText.sessions

export const sessionColumns = (search: string, totals: List['totals'] | undefined): readonly Column<Row>[] => [
  ...nameColumns(search),
  ...moneyColumns(totals),
  ...timeColumns,
  ...furtherColumns,
]

function nameColumns(search: string): readonly Column<Row>[] {
  return [
    {
      key: 'hash',
      name: sessions.hash,
      head: sessions.hash,
      cell: (row) => (
        <A
          data-handle
          class={`${styles.handle} ${styles.mono}`}
          href={`${paths.session(row.key12)}${search}`}
          aria-label={sessions.detailsAction(row.key12)}
          activeClass=""
          inactiveClass=""
        >
          {row.key12}
        </A>
      ),
    },
    {
      key: 'label',
      name: sessions.label,
      head: sessions.label,
      wide: true,
      cell: (row) => (
        <span class={styles.nameCell}>
          <span class={styles.cut} title={row.label}>
            {row.label}
          </span>
        </span>
      ),
    },
  ]
}

function moneyColumns(totals: List['totals'] | undefined): readonly Column<Row>[] {
  // Without an answer there is no table either.
  const sum = (name: keyof List['totals']) => totals?.[name] ?? 0
  return [
    {
      key: 'balance',
      name: sessions.balance,
      head: money(sessions.balance),
      end: true,
      sort: 'balanceMsat',
      cell: (row) => <Amount msat={row.balanceMsat} bare />,
      total: () => <Amount msat={sum('balanceMsat')} bare />,
    },
    {
      key: 'reserved',
      sort: 'heldMsat',
      name: sessions.reserved,
      head: sessions.reserved,
      end: true,
      wide: true,
      cell: (row) => <Amount msat={row.heldMsat} bare />,
      total: () => <Amount msat={sum('heldMsat')} bare />,
    },
    {
      key: 'available',
      sort: 'availableMsat',
      name: sessions.available,
      head: sessions.available,
      end: true,
      wide: true,
      cell: (row) => <Amount msat={row.availableMsat} bare />,
    },
    {
      key: 'spent',
      name: sessions.spent,
      head: money(sessions.spent, true),
      end: true,
      sort: 'spentMsat',
      cell: (row) => <Amount msat={row.spentMsat} bare />,
      total: () => <Amount msat={sum('spentMsat')} bare />,
    },
    {
      key: 'requests',
      name: sessions.requests,
      head: sessions.requests,
      end: true,
      sort: 'requests',
      cell: (row) => count(row.requests),
      total: () => count(sum('requests')),
    },
  ]
}

const timeColumns: readonly Column<Row>[] = [
  {
    key: 'created',
    name: sessions.created,
    head: sessions.created,
    end: true,
    sort: 'createdAt',
    cell: (row) => <Age atS={row.createdAt} ago />,
  },
  {
    key: 'used',
    name: sessions.used,
    head: sessions.used,
    end: true,
    wide: true,
    sort: 'lastUsedAt',
    cell: (row) => (
      <Show when={row.lastUsedAt} fallback={text.never}>
        {(atS) => <Age atS={atS()} ago />}
      </Show>
    ),
  },
  {
    key: 'expires',
    sort: 'expiresAt',
    name: sessions.expires,
    head: sessions.expires,
    end: true,
    cell: (row) => <Day atS={row.expiresAt} />,
  },
  { key: 'status', name: sessions.status, head: sessions.status, cell: (row) => <StateTag state={row.state} /> },
]

/** Seen by those who ask for them (dashboard 4.2). */
const furtherColumns = onDemand<Row>([
  {
    key: 'parent',
    name: further.parent,
    cell: (row) => (
      <Show when={row.parent}>
        {(parent) => (
          <A class={`${styles.mono} ${styles.link}`} href={paths.session(parent())}>
            {parent()}
          </A>
        )}
      </Show>
    ),
  },
  {
    key: 'deposited',
    name: sessions.deposited,
    head: money(sessions.deposited, true),
    end: true,
    cell: (row, onCard) => <Amount today msat={row.depositedMsat} bare={onCard !== true} />,
  },
  {
    key: 'refunded',
    name: further.refunded,
    head: money(further.refunded, true),
    end: true,
    cell: (row, onCard) => <Amount today msat={row.refundedMsat} bare={onCard !== true} />,
  },
  { key: 'origin', name: sessions.origin, cell: (row) => sessions.origins[row.origin] ?? row.origin },
  { key: 'refundMint', name: sessions.refundMint, cell: (row) => row.refundMint ?? '' },
  {
    key: 'limit',
    name: sessions.spendingLimit,
    end: true,
    cell: (row, onCard) => (
      <Show when={row.limitMsat !== undefined} fallback={sessions.noLimit}>
        <Amount msat={row.limitMsat ?? 0} bare={onCard !== true} />
      </Show>
    ),
  },
])

export function SessionCard(props: { readonly row: Row; readonly search: string }) {
  return (
    <div class={styles.card} data-row>
      <div class={styles.cardLine}>
        <A
          data-handle
          class={styles.cardLink}
          href={`${paths.session(props.row.key12)}${props.search}`}
          aria-label={text.sessions.detailsAction(props.row.key12)}
          activeClass=""
          inactiveClass=""
        >
          <span class={styles.mono}>{props.row.key12}</span>
          <span>{props.row.label}</span>
        </A>
        <StateTag state={props.row.state} />
        <Icon name="right" />
      </div>
      <div class={styles.cardLine}>
        <Amount msat={props.row.balanceMsat} />
        <span>
          {text.sessions.spentCard} <Amount today msat={props.row.spentMsat} />
        </span>
      </div>
      <div class={`${styles.cardLine} ${styles.quiet}`}>
        <span>
          {plural(props.row.requests, 'request', 'requests')}
          <Show when={props.row.lastUsedAt}>
            {(atS) => (
              <>
                {' · '}
                <Age atS={atS()} ago />
              </>
            )}
          </Show>
        </span>
        <span>
          {text.sessions.expires} <Day atS={props.row.expiresAt} />
        </span>
      </div>
    </div>
  )
}
