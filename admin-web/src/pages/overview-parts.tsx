/** The lists behind the Wallet Summary, as drawers with addresses of their own; each total is its figure (D-025). */
import { A } from '@solidjs/router'
import { For, type JSX, Show } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { ageText, plural } from '../format'
import { paths } from '../paths'
import { text } from '../text/en'
import { walletParts as words } from '../text/wallet-parts'
import { Amount, Dialog, Empty, Mark, useNow } from '../ui'
import { ListStates } from './list-parts'
import { type WalletPart, walletViews } from './overview-views'
import styles from './page.module.css'

export default function WalletPartDrawer(props: { readonly part: WalletPart; readonly onClose: () => void }) {
  return (
    <Dialog drawer title={text.overview[walletViews[props.part]]} onClose={props.onClose}>
      <Show when={props.part !== 'running' ? props.part : undefined} keyed fallback={<Running />}>
        {(part) => <Purses part={part} />}
      </Show>
    </Dialog>
  )
}

function Purses(props: { readonly part: Exclude<WalletPart, 'running'> }) {
  const list = useQuery('overview.wallet', () => ({ part: props.part }), { everyMs: 10_000 })
  return (
    <div class={styles.stack}>
      <ListStates of={list} lines={4} isEmpty={({ rows }) => rows.length === 0} empty={<Empty title={words.nothing} />}>
        {(data) => (
          <Summed label={text.overview[walletViews[props.part]]} msat={data().totals.msat} rows={data().rows}>
            {(row) => (
              <>
                <span>
                  {words.whats[row.what]}{' '}
                  <span class={styles.quiet}>
                    {row.mint.replace(/^https?:\/\//, '')} · {row.unit}
                  </span>
                </span>
                <Amount msat={row.msat} />
              </>
            )}
          </Summed>
        )}
      </ListStates>
      <Show when={props.part === 'users'}>
        <A class={styles.link} href={paths.sessions}>
          {words.sessions}
        </A>
      </Show>
    </div>
  )
}

/** What is held for each request that is under way; its age goes on between two answers. */
function Running() {
  const list = useQuery('requests.running', () => ({}), { everyMs: 2000, rowKey: 'requestId' })
  const now = useNow()
  const sinceS = () => Math.max(0, now() - Math.floor(list.at() / 1000))
  return (
    <ListStates
      of={list}
      lines={4}
      isEmpty={({ totals }) => totals.requests === 0}
      empty={<Empty title={words.idle} />}
    >
      {(data) => (
        <Summed
          label={plural(data().totals.requests, 'request', 'requests')}
          msat={data().totals.heldMsat}
          rows={data().rows}
        >
          {(row: Answer<'requests.running'>['rows'][number]) => (
            <>
              <span>
                <Mark tone="working">{row.model}</Mark>
                <span class={styles.whyMore}>
                  {row.upstream} · {ageText(row.ageS + sinceS())} ·{' '}
                  <A class={`${styles.mono} ${styles.link}`} href={paths.session(row.key12)}>
                    {row.key12}
                  </A>
                </span>
              </span>
              <Amount msat={row.heldMsat} />
            </>
          )}
        </Summed>
      )}
    </ListStates>
  )
}

function Summed<Row>(props: {
  readonly label: string
  readonly msat: number
  readonly rows: readonly Row[]
  readonly children: (row: Row) => JSX.Element
}) {
  return (
    <ul class={styles.why}>
      <For each={props.rows}>{(row) => <li class={styles.whyLine}>{props.children(row)}</li>}</For>
      <li class={`${styles.whyLine} ${styles.whySum}`} data-total>
        <span>{props.label}</span>
        <Amount msat={props.msat} />
      </li>
    </ul>
  )
}
