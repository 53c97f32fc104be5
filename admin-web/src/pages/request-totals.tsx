/** The sums under the list of requests: each is what a figure of the Overview says of the same range (D-025). */
import { For, Show } from 'solid-js'
import type { Answer } from '../client'
import { count, pointText } from '../format'
import { columnText } from '../text/columns'
import { logsText } from '../text/logs'
import { Amount, Unknown } from '../ui'
import styles from './page.module.css'

const words = logsText.requests
const tokenParts = ['input', 'cached', 'output'] as const

/** Over the whole filter, not the page. */
export function RequestTotals(props: { readonly totals: Answer<'requests.list'>['totals'] | undefined }) {
  return (
    <Show when={props.totals}>
      {(totals) => (
        <p class={styles.totals}>
          <span data-requests>{words.sum(totals().requests)}</span>
          <span data-charged>
            <Amount today msat={totals().costMsat} /> {words.charged}
          </span>
          <span data-cost>
            <Show when={totals().upstreamCostMsat !== null} fallback={<Unknown why={columnText.noReportedCost} />}>
              <Amount today msat={totals().upstreamCostMsat ?? 0} />
            </Show>{' '}
            {words.cost}
          </span>
          <span data-margin>
            <Show when={totals().marginMsat !== null} fallback={<Unknown why={columnText.noReportedCost} />}>
              <Amount today msat={totals().marginMsat ?? 0} />
            </Show>{' '}
            {words.margin}
          </span>
          <Show when={totals().unknown > 0}>
            <span>{words.uncosted(totals().unknown)}</span>
          </Show>
          <Show when={totals().shortfallMsat > 0}>
            <span data-shortfall>
              <Amount today msat={totals().shortfallMsat} /> {words.shortfall}
            </span>
          </Show>
          <span>
            <span data-tokens>{words.tokensSum(totals().inputTokens + totals().outputTokens)}</span>:{' '}
            <For each={tokenParts}>
              {(part, nth) => (
                <>
                  {nth() === 0 ? '' : ', '}
                  <span data-tokens-of={part}>
                    {count(totals()[`${part}Tokens`])} {words.tokensOf[part]}
                  </span>
                </>
              )}
            </For>
          </span>
          <Show when={totals().since}>{(sinceS) => <span>{words.since(pointText(sinceS()))}</span>}</Show>
        </p>
      )}
    </Show>
  )
}
