/** Wallet Summary: five numbers, exact, each with what stands behind it (D-022, D-023). */
import { A } from '@solidjs/router'
import { createUniqueId, type JSX, Show } from 'solid-js'
import type { Answer } from '../client'
import { plural } from '../format'
import { paths } from '../paths'
import { text } from '../text/en'
import { Age, Amount, Mark } from '../ui'
import styles from './overview.module.css'
import { useWalletView, type WalletPart, walletViews } from './overview-views'

type Overview = Answer<'overview.get'>
/** A mint is asked at least every 30 s while it is down; older than three such looks is stale. */
const staleS = 90

export function WalletSummary(props: { readonly totals: Overview['totals']; readonly wallet: Overview['wallet'] }) {
  const mints = () => new Set(props.wallet.map((row) => row.mint)).size
  const oldestS = () => {
    const known = props.wallet.flatMap((row) => (row.at === undefined ? [] : [row.at]))
    return known.length === 0 ? undefined : Math.min(...known)
  }
  const lockedMsat = () => Math.max(0, props.totals.mineMsat) - props.totals.availableMsat
  return (
    <section class={styles.tiles} aria-label={text.overview.wallet} data-wallet>
      <Tile part="total" msat={props.totals.totalMsat}>
        {text.overview.mints(mints())}
        <Show when={oldestS()}>
          {(atS) => (
            <>
              {' · '}
              <Age atS={atS()} ago staleS={staleS} />
            </>
          )}
        </Show>
      </Tile>
      <Tile part="users" msat={props.totals.owedMsat}>
        <A class={styles.tileLink} href={paths.sessions}>
          {text.overview.sessions(props.totals.sessions)}
        </A>
      </Tile>
      <Tile part="yours" msat={props.totals.mineMsat} bad={props.totals.mineMsat < 0}>
        <Show when={props.totals.mineMsat >= 0} fallback={<Mark tone="bad">{text.overview.negative}</Mark>}>
          <Amount today msat={props.totals.mine7dMsat} signed /> {text.overview.in7d}
        </Show>
      </Tile>
      <Tile part="available" msat={props.totals.availableMsat}>
        <Show when={lockedMsat() > 0} fallback={text.overview.allYours}>
          <Amount msat={lockedMsat()} /> {text.overview.locked}
        </Show>
      </Tile>
      <Tile part="running" msat={props.totals.inFlightMsat}>
        {plural(props.totals.running, 'request', 'requests')}
      </Tile>
    </section>
  )
}

function Tile(props: {
  readonly part: WalletPart
  readonly msat: number
  readonly bad?: boolean
  readonly children: JSX.Element
}) {
  const view = useWalletView()
  const id = createUniqueId()
  return (
    <div class={styles.tile}>
      <h2 id={`${id}-name`} class={styles.tileName}>
        {text.overview[walletViews[props.part]]}
      </h2>
      <p class={styles.tileValue} classList={{ [styles.tileBad ?? '']: props.bad === true }}>
        <Show when={props.bad}>
          <Mark tone="bad" />
        </Show>
        <A
          id={id}
          class={styles.figure}
          href={view.addressOf(props.part)}
          aria-labelledby={`${id}-name ${id}`}
          data-opens={props.part}
        >
          <Amount msat={props.msat} />
        </A>
      </p>
      <p class={styles.tileFoot}>{props.children}</p>
    </div>
  )
}
