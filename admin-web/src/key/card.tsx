/** Who sells here: name, endpoint, mints. */
import { For, Show } from 'solid-js'
import { shortKey } from '../format'
import { text } from '../text/en'
import { keyText as words } from '../text/key'
import { CopyText } from '../ui'
import { endpointOf, type NodeInfo } from './api'
import styles from './key.module.css'

export function NodeCard(props: { readonly node: NodeInfo | undefined; readonly models: number | undefined }) {
  return (
    <header class={styles.card}>
      <div class={styles.brand}>
        <span class={styles.seal} aria-hidden="true">
          ◉
        </span>
        <h1>{props.node?.name ?? text.product}</h1>
        <span class={styles.quiet}>{words.lead}</span>
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
