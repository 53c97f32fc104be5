/** Every payout: newest first, by state and kind; a row opens its steps. */
import { A, useLocation, useNavigate, useParams } from '@solidjs/router'
import type { Answer } from '../client'
import { paths } from '../paths'
import { text } from '../text/en'
import { withdrawText } from '../text/withdraw'
import { Age, Amount, type Column, Empty, Mark, Sheet, Table, type Tone, UnitName } from '../ui'
import { DayFields } from './day-range'
import { dayFilters } from './days'
import { choicesOf, type Filter, useList } from './list'
import { ListFilters, ListStates, OlderPager } from './list-parts'
import { ExportMenu } from './list-tools'
import styles from './page.module.css'
import withdrawStyles from './withdraw.module.css'

const words = withdrawText.payouts
export type PayoutRow = Answer<'payouts.list'>['rows'][number]
type State = PayoutRow['state']
const tones: Readonly<Record<State, Tone>> = {
  prepared: 'working',
  sent: 'working',
  unclear: 'working',
  paid: 'good',
  failed: 'bad',
  uncollected: 'look',
  collected: 'good',
  takenBack: 'off',
}
const filters = (): readonly Filter[] => [
  { name: 'state', shown: { label: words.state, choices: choicesOf(words.states, words.allStates) } },
  {
    name: 'kind',
    shown: { label: words.kind, choices: choicesOf(words.kinds, words.allKinds) },
    asks: (purpose) => ({ purpose }),
  },
  { name: 'mint' },
  ...dayFilters(),
]

export const kindOf = (purpose: string): string => words.kinds[purpose] ?? purpose

export function PayoutState(props: { readonly row: Pick<PayoutRow, 'state'> }) {
  return <Mark tone={tones[props.row.state]}>{words.states[props.row.state]}</Mark>
}

export function Payouts() {
  const location = useLocation()
  const navigate = useNavigate()
  const params = useParams<{ payout?: string }>()
  const list = useList('payouts.list', { pageRows: 50, filters, everyMs: () => 10_000, rowKey: 'payout' })
  const hasDays = ['from', 'to'].some((name) => list.address.read(name) !== '')
  return (
    <Sheet title={words.title} actions={<ExportMenu what="payouts" name={words.title} filter={list.filter} />}>
      <div class={styles.listFilters}>
        <ListFilters of={list} />
        <details class={withdrawStyles.why} open={hasDays}>
          <summary>{words.days}</summary>
          <div class={withdrawStyles.days}>
            <DayFields address={list.address} />
          </div>
        </details>
      </div>
      <ListStates
        of={list}
        lines={5}
        isEmpty={(data) => data.rows.length === 0 && list.isFirstPage()}
        empty={<Empty title={list.isFiltered() ? text.list.noMatch : words.empty} />}
      >
        {(data) => (
          <>
            <Table
              label={words.title}
              rows={data().rows}
              columns={columns(location.search)}
              card={(row) => <PayoutCard row={row} search={location.search} />}
              isChosen={(row) => row.payout === params.payout}
              usdPerBtcOf={(row) => row.usdPerBtc}
              onOpen={(row) => navigate(`${paths.payout(row.payout)}${location.search}`)}
            />
            <OlderPager address={list.address} next={data().next} />
          </>
        )}
      </ListStates>
    </Sheet>
  )
}

function PayoutLink(props: { readonly row: PayoutRow; readonly search: string }) {
  return (
    <A class={styles.handle} href={`${paths.payout(props.row.payout)}${props.search}`} data-handle>
      <Age atS={props.row.at} ago />
      <span class="sr-only"> {words.details(props.row.payout)}</span>
    </A>
  )
}

/** Out of the node: with its sign. */
const leaving = (row: PayoutRow): number => -Math.round(row.sat * 1000)

function columns(search: string): readonly Column<PayoutRow>[] {
  return [
    { key: 'at', name: words.time, head: words.time, cell: (row) => <PayoutLink row={row} search={search} /> },
    { key: 'kind', name: words.kind, head: words.kind, cell: (row) => kindOf(row.purpose) },
    {
      key: 'to',
      name: words.to,
      head: words.to,
      cell: (row) => (
        <span class={withdrawStyles.cap} title={row.to}>
          {row.to}
        </span>
      ),
    },
    {
      key: 'amount',
      name: words.amount,
      end: true,
      head: (
        <>
          {words.amount} <UnitName past />
        </>
      ),
      cell: (row) => <Amount bare msat={leaving(row)} />,
    },
    {
      key: 'fee',
      name: words.fee,
      end: true,
      wide: true,
      head: words.fee,
      cell: (row) => (row.feeSat === undefined ? '' : <Amount bare msat={Math.round(row.feeSat * 1000)} />),
    },
    { key: 'state', name: words.state, head: words.state, cell: (row) => <PayoutState row={row} /> },
  ]
}

function PayoutCard(props: { readonly row: PayoutRow; readonly search: string }) {
  return (
    <div class={styles.card}>
      <div class={styles.cardLine}>
        <A class={styles.cardLink} href={`${paths.payout(props.row.payout)}${props.search}`} data-handle>
          <Amount msat={leaving(props.row)} /> {kindOf(props.row.purpose)}
        </A>
        <PayoutState row={props.row} />
      </div>
      <div class={styles.cardLine}>
        <span class={styles.quiet}>{props.row.to}</span>
        <span class={styles.quiet}>
          <Age atS={props.row.at} ago />
        </span>
      </div>
    </div>
  )
}
