/** What the business did over a range in numbers, each with its change and the list that it is the sum of (D-025, D-026). */
import { A } from '@solidjs/router'
import { createUniqueId, For, Match, Show, Switch } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { sentenceOf } from '../errors'
import { count } from '../format'
import { paths } from '../paths'
import { overviewText as words } from '../text/overview'
import { Amount, TroubleBox, Unknown } from '../ui'
import styles from './overview.module.css'
import type { RangeState } from './overview-range'
import { useWalletView } from './overview-views'
import pageStyles from './page.module.css'

type Tile = Answer<'overview.numbers'>['tiles'][number]
const shownTiles = ['revenue', 'margin', 'requests', 'errorRate']

type Rows = {
  readonly list: typeof paths.requests | typeof paths.money | typeof paths.logs | typeof paths.sessions
  readonly filters?: Readonly<Record<string, string>>
}
const requests = (filters: Readonly<Record<string, string>> = {}): Rows => ({ list: paths.requests, filters })
const summedIn: Readonly<Record<string, Rows>> = {
  revenue: requests(),
  margin: requests(),
  requests: requests(),
  errorRate: requests({ error: 'any' }),
  errors: requests({ error: 'any' }),
  answered: requests({ outcome: 'answered' }),
  empty: requests({ outcome: 'empty' }),
  upstreamFailed: requests({ outcome: 'upstream-failed' }),
  clientLeft: requests({ outcome: 'client-left' }),
  tokens: requests(),
  tokensIn: requests(),
  tokensCached: requests(),
  tokensOut: requests(),
  upstreamCost: requests(),
  shortfall: requests({ mark: 'shortfall' }),
  estimated: requests({ mark: 'estimated' }),
  refused: { list: paths.logs, filters: { outcome: 'refused' } },
  paymentsIn: { list: paths.money, filters: { kind: 'deposit' } },
  paymentsOut: { list: paths.money, filters: { kind: 'out' } },
  sessions: { list: paths.sessions, filters: { kind: 'prepaid', sort: '-createdAt' } },
}

export function Numbers(props: { readonly range: RangeState }) {
  const numbers = useQuery('overview.numbers', props.range.input, { everyMs: 30_000, rowKey: 'name' })
  const tile = (name: string) => numbers.data()?.tiles.find((one) => one.name === name)
  const view = useWalletView()
  /** A cost that was not told leaves cost and margin open; the others are parts of what there was none of. */
  const whyUnknown = (name: string) => {
    const untold = numbers.data()?.unknown ?? 0
    return ['margin', 'upstreamCost'].includes(name) && untold > 0 ? words.costNotTold(untold) : words.nothingToDivide
  }
  /** The list that it is the sum of; undefined: it is a share, an average, or a part that no list sums (D-025). */
  const rowsOf = (name: string): string | undefined => {
    if (name === 'running') return view.addressOf('running')
    const { from = 0, to = 0 } = numbers.data() ?? {}
    const rows = summedIn[name]
    return rows === undefined ? undefined : paths.between(rows.list, from, to, rows.filters)
  }
  const others = () => numbers.data()?.tiles.filter(({ name }) => !shownTiles.includes(name)) ?? []
  return (
    <Switch fallback={<NumbersRoom />}>
      <Match when={numbers.data()}>
        <section class={styles.numbers} aria-label={words.more}>
          <For each={shownTiles}>
            {(name) => (
              <Show when={tile(name)}>
                {(one) => <NumberTile tile={one()} why={whyUnknown(name)} rows={rowsOf(name) ?? paths.requests} />}
              </Show>
            )}
          </For>
        </section>
        <details class={styles.more}>
          <summary>{words.more}</summary>
          <dl class={styles.moreList}>
            <For each={others()}>
              {(one) => (
                <div>
                  <dt>{words.tiles[one.name] ?? one.name}</dt>
                  <dd>
                    <Show when={rowsOf(one.name)} fallback={<Value tile={one} why={whyUnknown(one.name)} />}>
                      {(rows) => (
                        <A class={pageStyles.link} href={rows()} data-opens={one.name}>
                          <Value tile={one} why={whyUnknown(one.name)} />
                        </A>
                      )}
                    </Show>
                  </dd>
                </div>
              )}
            </For>
          </dl>
        </details>
      </Match>
      <Match when={numbers.trouble()}>
        {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={numbers.refetch} />}
      </Match>
    </Switch>
  )
}

/** The names are known; the values come into the room that is kept for them (N7). */
function NumbersRoom() {
  return (
    <>
      <section class={styles.numbers} aria-busy="true">
        <For each={shownTiles}>
          {(name) => (
            <div class={styles.number}>
              <h2 class={styles.tileName}>{words.tiles[name]}</h2>
              <p class={styles.numberValue}>{space}</p>
              <p class={styles.tileFoot}>{space}</p>
            </div>
          )}
        </For>
      </section>
      <div class={styles.moreRoom} />
    </>
  )
}
/** One that keeps its line open. */
const space = '\u00a0'

function Value(props: { readonly tile: Tile; readonly why: string }) {
  return (
    <Show when={props.tile.value !== null} fallback={<Unknown why={props.why} />}>
      <Show
        when={props.tile.unit === 'msat'}
        fallback={
          props.tile.unit === 'share' ? words.percent(props.tile.value ?? 0) : count(Math.round(props.tile.value ?? 0))
        }
      >
        <Amount today msat={Math.round(props.tile.value ?? 0)} />
      </Show>
    </Show>
  )
}

function NumberTile(props: { readonly tile: Tile; readonly why: string; readonly rows: string }) {
  const id = createUniqueId()
  const foot = () => {
    if (props.tile.value === null) return props.why
    const { change: moved, unit } = props.tile
    if (moved === null) return words.noEarlier
    const shown = unit === 'share' ? words.points(Math.abs(moved)) : words.percent(Math.abs(moved))
    return moved === 0 ? `${words.trends.flat} ${shown}` : `${moved > 0 ? words.trends.up : words.trends.down} ${shown}`
  }
  return (
    <div class={styles.number}>
      <h2 id={`${id}-name`} class={styles.tileName}>
        {words.tiles[props.tile.name] ?? props.tile.name}
      </h2>
      <p class={styles.numberValue}>
        <A
          id={id}
          class={styles.figure}
          href={props.rows}
          aria-labelledby={`${id}-name ${id}`}
          data-opens={props.tile.name}
        >
          <Value tile={props.tile} why={props.why} />
        </A>
      </p>
      <p class={styles.tileFoot}>{foot()}</p>
    </div>
  )
}
