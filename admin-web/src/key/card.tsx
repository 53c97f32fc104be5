/** Who sells here: name, endpoint, mints. */
import { For, Show } from 'solid-js'
import { shortKey } from '../format'
import { unit } from '../preferences'
import { text } from '../text/en'
import { keyText as words } from '../text/key'
import { CopyText, Segment } from '../ui'
import { endpointOf, type NodeInfo } from './api'
import styles from './key.module.css'

const units = ['sat', 'usd'] as const
/** Of all amounts of the page; who chose msat in the dashboard reads sat here. */
export const shownUnit = (): (typeof units)[number] => (unit.value() === 'usd' ? 'usd' : 'sat')

export function NodeCard(props: { readonly node: NodeInfo | undefined; readonly models: number | undefined }) {
  return (
    <header class={styles.card}>
      <div class={styles.brand}>
        <span class={styles.seal} aria-hidden="true">
          ◉
        </span>
        <h1>{props.node?.name ?? text.product}</h1>
        <span class={styles.quiet}>{words.lead}</span>
        <span class={styles.brandEnd}>
          <Segment
            label={text.unit.name}
            value={shownUnit()}
            choices={units.map((value) => ({ value, label: text.unit[value] }))}
            onChange={unit.choose}
          />
        </span>
      </div>
      <Show when={props.node?.description}>
        <p>{props.node?.description}</p>
      </Show>
      <dl class={styles.facts}>
        <div>
          <dt>{words.endpoint}</dt>
          <dd>
            <CopyText value={endpointOf(props.node)} name={words.endpoint} />
          </dd>
        </div>
        <Show when={props.node?.npub}>
          {(npub) => (
            <div>
              <dt>{words.npub}</dt>
              <dd>
                <CopyText value={npub()} shown={shortKey(npub())} name={words.npub} />
              </dd>
            </div>
          )}
        </Show>
        <div>
          <dt>{words.mints}</dt>
          <dd>
            <For each={props.node?.mints} fallback={text.none}>
              {(mint) => <CopyText value={mint} name={words.mints} />}
            </For>
          </dd>
        </div>
        <Show when={props.models !== undefined}>
          <div>
            <dt>{text.models.title}</dt>
            <dd>{words.models(props.models ?? 0)}</dd>
          </div>
        </Show>
      </dl>
    </header>
  )
}
