/** Withdraw: what is yours, what of it may go, the ways out, and every payout there was (dashboard 4.5). */
import { useLocation, useNavigate, useParams } from '@solidjs/router'
import { createSignal, Match, Show, Switch } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { sentenceOf } from '../errors'
import { WithdrawLightningForm } from '../forms/withdraw-lightning'
import { useFloor, WhyNotAll } from '../forms/withdraw-purse'
import { WithdrawTokenForm } from '../forms/withdraw-token'
import { paths } from '../paths'
import { withdrawText as words } from '../text/withdraw'
import { Amount, isNarrow, Segment, Sheet, Skeleton, TroubleBox } from '../ui'
import { usePage } from './page'
import pageStyles from './page.module.css'
import { PayoutDrawer } from './payout'
import { Payouts } from './payouts'
import { Refunds } from './refunds'
import { SweepCard } from './sweep'
import styles from './withdraw.module.css'

export default function Withdraw() {
  usePage(() => words.title)
  const params = useParams<{ payout?: string }>()
  const navigate = useNavigate()
  const location = useLocation()
  const floor = useFloor()
  return (
    <>
      <Switch fallback={<Skeleton lines={4} />}>
        <Match when={floor.data()}>{(data) => <Ways floor={data()} />}</Match>
        <Match when={floor.trouble()}>
          {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={floor.refetch} />}
        </Match>
      </Switch>
      <div class={styles.lists} classList={{ [styles.held ?? '']: floor.loading() }}>
        <Payouts />
        <Refunds />
      </div>
      <Show when={params.payout}>
        {(payout) => <PayoutDrawer payout={payout()} onClose={() => navigate(`${paths.withdraw}${location.search}`)} />}
      </Show>
    </>
  )
}

const ways = ['lightning', 'token', 'sweep'] as const
type Way = (typeof ways)[number]

function Ways(props: { readonly floor: Answer<'withdraw.get'> }) {
  const sweep = useQuery('sweep.get', () => ({}), { everyMs: 30_000 })
  const [way, setWay] = createSignal<Way>('lightning')
  const mine = () => props.floor.perMint.reduce((sum, one) => sum + one.mineSat, 0)
  const safe = () => props.floor.perMint.reduce((sum, one) => sum + one.safeSat, 0)
  const shows = (one: Way) => !isNarrow() || way() === one
  return (
    <>
      <div class={pageStyles.summary}>
        <span>
          {words.yours} <Amount msat={Math.round(mine() * 1000)} />
        </span>
        <span>
          {words.available} <Amount msat={Math.round(safe() * 1000)} />
        </span>
        <details class={styles.why}>
          <summary>{words.whyNot}</summary>
          <WhyNotAll floor={props.floor} />
        </details>
        <span class={pageStyles.summaryEnd}>
          {words.leftToday} <Amount msat={Math.round(props.floor.limits.leftToday * 1000)} />
        </span>
      </div>
      <Show when={isNarrow()}>
        <Segment
          label={words.title}
          value={way()}
          choices={[
            { value: 'lightning', label: words.lightning.title },
            { value: 'token', label: words.token.title },
            { value: 'sweep', label: words.sweep.title },
          ]}
          onChange={setWay}
        />
      </Show>
      <div class={styles.ways}>
        <Show when={shows('lightning')}>
          <Sheet title={words.lightning.title} padded>
            <WithdrawLightningForm floor={props.floor} address={sweep.data()?.address ?? ''} />
          </Sheet>
        </Show>
        <Show when={shows('token')}>
          <Sheet title={words.token.title} padded>
            <WithdrawTokenForm floor={props.floor} />
          </Sheet>
        </Show>
        <Show when={shows('sweep')}>
          <Sheet title={words.sweep.title} padded>
            <SweepCard sweep={sweep.data()} />
          </Sheet>
        </Show>
      </div>
    </>
  )
}
