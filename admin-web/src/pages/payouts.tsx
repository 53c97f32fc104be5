/** Every payout: newest first, by state and kind; a row opens its steps. */
import { A, useLocation, useNavigate, useParams } from '@solidjs/router'
import { Match, Show, Switch } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { sentenceOf } from '../errors'
import { paths } from '../paths'
import { withdrawText } from '../text/withdraw'
import {
  Age,
  Amount,
  Button,
  type Column,
  Empty,
  Mark,
  Select,
  Sheet,
  Skeleton,
  Table,
  type Tone,
  TroubleBox,
  UnitName,
} from '../ui'
import { useListAddress } from './list-address'
import styles from './page.module.css'
import withdrawStyles from './withdraw.module.css'

const words = withdrawText.payouts
export type PayoutRow = Answer<'payouts.list'>['rows'][number]
type State = PayoutRow['state']
const states = Object.keys(words.states) as State[]
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
const pageRows = 50

export const kindOf = (purpose: string): string => words.kinds[purpose] ?? purpose

export function PayoutState(props: { readonly row: Pick<PayoutRow, 'state'> }) {
  return <Mark tone={tones[props.row.state]}>{words.states[props.row.state]}</Mark>
}

export function Payouts() {
  const address = useListAddress()
  const location = useLocation()
  const navigate = useNavigate()
  const params = useParams<{ payout?: string }>()
  const list = useQuery(
    'payouts.list',
    () => {
      const state = states.find((one) => one === address.read('state'))
      return {
        limit: pageRows,
        ...(state === undefined ? {} : { state }),
        ...(address.read('kind') === '' ? {} : { purpose: address.read('kind') }),
        ...(address.read('cursor') === '' ? {} : { cursor: address.read('cursor') }),
      }
    },
    { everyMs: 10_000, rowKey: 'payout' },
  )
  const open = (row: PayoutRow) => navigate(`${paths.payout(row.payout)}${location.search}`)
  return (
    <Sheet title={words.title}>
      <Switch fallback={<Skeleton lines={5} />}>
        <Match when={list.data()?.rows.length === 0 && address.read('cursor') === ''}>
          <Filters address={address} />
          <Empty title={words.empty} />
        </Match>
        <Match when={list.data()}>
          {(data) => (
            <>
              <Filters address={address} />
              <Table
                label={words.title}
                rows={data().rows}
                columns={columns(location.search)}
                card={(row) => <PayoutCard row={row} search={location.search} />}
                isChosen={(row) => row.payout === params.payout}
                onOpen={open}
              />
              <div class={styles.filters}>
                <Show when={address.read('cursor') !== ''}>
                  <Button small onClick={() => address.write({ cursor: undefined })}>
                    {words.newest}
                  </Button>
                </Show>
                <Show when={data().next}>
                  {(next) => (
                    <Button small onClick={() => address.write({ cursor: next() }, true)}>
                      {words.older}
                    </Button>
                  )}
                </Show>
              </div>
            </>
          )}
        </Match>
        <Match when={list.trouble()}>
          {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={list.refetch} />}
        </Match>
      </Switch>
    </Sheet>
  )
}

function Filters(props: { readonly address: ReturnType<typeof useListAddress> }) {
  return (
    <div class={styles.listFilters}>
      <Select
        quiet
        label={words.state}
        value={props.address.read('state')}
        choices={[
          { value: '', label: words.allStates },
          ...states.map((value) => ({ value, label: words.states[value] })),
        ]}
        onChange={(state) => props.address.write({ state })}
      />
      <Select
        quiet
        label={words.kind}
        value={props.address.read('kind')}
        choices={[
          { value: '', label: words.allKinds },
          ...Object.entries(words.kinds).map(([value, label]) => ({ value, label })),
        ]}
        onChange={(kind) => props.address.write({ kind })}
      />
    </div>
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
          {words.amount} <UnitName />
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
