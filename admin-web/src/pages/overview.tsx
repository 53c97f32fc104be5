/** Overview: what the node holds, owes and earns, and how it is (dashboard 4.1). */
import { createEffect, lazy, Match, Show, Suspense, Switch } from 'solid-js'
import { type Answer, endpointOf, pollSeconds, useQuery } from '../client'
import { sentenceOf } from '../errors'
import { text } from '../text/en'
import { Age, CopyText, Empty, Mark, Sheet, Skeleton, TroubleBox } from '../ui'
import styles from './overview.module.css'
import { Checklist } from './overview-checklist'
import { MintStatus } from './overview-mints'
import { useWalletView } from './overview-views'
import { WalletSummary } from './overview-wallet'
import { usePage } from './page'

/** Not part of the first load: the Wallet Summary does not wait for it (N1). */
const Business = lazy(() => import('./overview-business'))
const WalletPartDrawer = lazy(() => import('./overview-parts'))

export default function Overview() {
  const { overview } = usePage(() => text.overview.title)
  const requests = useQuery('requests.list', () => ({ limit: 1 }), { everyMs: 30_000, rowKey: 'requestId' })
  const models = useQuery('models.list', () => ({ limit: 1, state: 'sellable' as const }), { everyMs: 60_000 })
  // Measured by N1: the moment the numbers stand on the page.
  let marked = false
  createEffect(() => {
    if (marked || overview.data() === undefined) return
    marked = true
    requestAnimationFrame(() => performance.mark('wallet-shown'))
  })
  const view = useWalletView()
  return (
    <>
      <Switch>
        <Match when={overview.data()}>
          {(data) => (
            <>
              <Checklist steps={data().checklist} />
              <WalletSummary totals={data().totals} wallet={data().wallet} />
              <Show when={!requests.loading()} fallback={<Skeleton lines={6} />}>
                <Show when={requests.data()?.totals.requests === 0}>
                  <FirstRequest
                    endpoint={endpointOf(data().endpoint)}
                    model={models.data()?.rows[0]?.model ?? 'gpt-4o-mini'}
                  />
                </Show>
                <Show when={(requests.data()?.totals.requests ?? 0) > 0}>
                  <Suspense fallback={<BusinessRoom />}>
                    <Business />
                  </Suspense>
                </Show>
                <div class={styles.columns}>
                  <MintStatus rows={data().wallet} />
                  <Health rows={data().health} />
                </div>
                <p class={styles.updated}>
                  {text.lastUpdate} <Age atS={Math.floor(overview.at() / 1000)} ago staleS={3 * pollSeconds} />
                </p>
              </Show>
            </>
          )}
        </Match>
        <Match when={overview.trouble()}>
          {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={overview.refetch} />}
        </Match>
        <Match when={overview.loading()}>
          <Sheet>
            <Skeleton lines={3} />
          </Sheet>
        </Match>
      </Switch>
      <Show when={view.part()}>
        {(part) => (
          <Suspense>
            <WalletPartDrawer part={part()} onClose={view.close} />
          </Suspense>
        )}
      </Show>
    </>
  )
}

/** As tall as the screen: what stands under it is not seen before it is where it stays (N7). */
function BusinessRoom() {
  return (
    <div class={styles.businessRoom}>
      <Skeleton lines={6} />
    </div>
  )
}

function Health(props: { readonly rows: Answer<'overview.get'>['health'] }) {
  return (
    <Sheet title={text.overview.health}>
      <ul class={styles.health}>
        {props.rows.map((row) => (
          <li class={styles.healthLine}>
            <Mark tone={row.ok ? 'good' : 'look'}>{text.overview.healthNames[row.name] ?? row.name}</Mark>
            <span class={styles.healthWords}>{row.sentence}</span>
          </li>
        ))}
      </ul>
    </Sheet>
  )
}

/** On a node without a request: where to send one, and the command that does (D-027). */
function FirstRequest(props: { readonly endpoint: string; readonly model: string }) {
  const curl = () =>
    [
      `curl ${props.endpoint}/chat/completions \\`,
      `  -H "Authorization: Bearer ${text.overview.placeholder}" \\`,
      `  -H "Content-Type: application/json" \\`,
      `  -d '{"model":"${props.model}","max_tokens":50,"messages":[{"role":"user","content":"Hello"}]}'`,
    ].join('\n')
  return (
    <Sheet label={text.overview.emptyTitle}>
      <Empty title={text.overview.emptyTitle}>
        <CopyText block value={props.endpoint} name={text.overview.endpoint} />
        <p>{text.overview.emptyLead}</p>
        <CopyText block value={curl()} name="curl" />
      </Empty>
    </Sheet>
  )
}
