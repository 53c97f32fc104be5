/** The way of one request: tries, times, tokens times prices, from hold to charge (D-069). */
import { A } from '@solidjs/router'
import { For, Match, Show, Switch } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { sentenceOf } from '../errors'
import { count, dollarsText, perMillion } from '../format'
import { paths } from '../paths'
import { logsText } from '../text/logs'
import { Amount, AmountsAt, CopyText, Dialog, Facts, Mark, Skeleton, TroubleBox } from '../ui'
import { LogLine } from './logs'
import logStyles from './logs.module.css'
import styles from './page.module.css'

const words = logsText.trace
type Detail = Answer<'requests.get'>
/** What the trace of a charge holds (the event as the log has it). */
type Trace = {
  readonly holdMsat: number
  readonly costMsat: number
  readonly shortfallMsat: number
  readonly path: string
  readonly prices: Readonly<Record<string, string>>
  readonly fees: { readonly exchange: string; readonly upstream: string }
  readonly usdPerBtc: string | null
  readonly priceSource: keyof typeof words.origins
  readonly billing: 'list' | 'reported'
  readonly upstreamCostUsd?: string
  readonly costUnreported?: boolean
  readonly raisedMsat?: number
  readonly usage: Readonly<Record<Exclude<Bucket, 'images'>, number>> & {
    /** Absent: no image had a price. */
    readonly images?: number
    readonly estimated: boolean
  }
  readonly attempts: readonly {
    readonly upstream: string
    readonly model: string
    readonly status: number | null
    readonly why?: string
    readonly ms: number
  }[]
  readonly firstByteMs?: number
  readonly ms: number
}

export function TraceDrawer(props: { readonly requestId: string; readonly onClose: () => void }) {
  const request = useQuery('requests.get', () => ({ requestId: props.requestId }), { everyMs: 10_000 })
  const isMissing = () => {
    const trouble = request.trouble()
    return trouble?.kind === 'answered' && (trouble.reason === 'NOT_FOUND' || trouble.reason === 'PARAMS')
  }
  return (
    <Dialog drawer title={words.title(props.requestId)} onClose={props.onClose}>
      <Switch fallback={<Skeleton lines={8} />}>
        <Match when={isMissing()}>
          <TroubleBox what={words.notFound} />
        </Match>
        <Match when={request.data()}>
          {(detail) => (
            <AmountsAt usdPerBtc={detail().usdPerBtc}>
              <Shown detail={detail()} trace={detail().trace as Trace} />
            </AmountsAt>
          )}
        </Match>
        <Match when={request.trouble()}>
          {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={request.refetch} />}
        </Match>
      </Switch>
    </Dialog>
  )
}

function Shown(props: { readonly detail: Detail; readonly trace: Trace }) {
  const released = () => Math.max(0, props.trace.holdMsat - props.trace.costMsat)
  return (
    <div class={styles.stack}>
      <strong>{props.detail.sentence}</strong>
      <Waterfall trace={props.trace} />
      <Facts
        rows={[
          [words.hold, <Amount msat={props.trace.holdMsat} />],
          [words.charge, <Amount msat={props.trace.costMsat} />],
          [words.released, <Amount msat={released()} />],
          ...(props.trace.shortfallMsat > 0
            ? [[words.shortfall, <Amount msat={props.trace.shortfallMsat} />] as const]
            : []),
          [words.origin, originOf(props.trace)],
          ...(props.trace.usdPerBtc === null ? [] : [[words.rate, dollarsText(props.trace.usdPerBtc)] as const]),
          [words.path, props.trace.path],
          [words.id, <CopyText value={props.detail.requestId} name={words.id} />],
          [
            words.links,
            <A class={styles.link} href={paths.session(props.detail.key12)}>
              {words.session}
            </A>,
          ],
        ]}
      />
      <h3 class={styles.keyTitle}>{words.prices}</h3>
      <Buckets trace={props.trace} />
      <h3 class={styles.keyTitle}>{words.lines}</h3>
      <Show when={props.detail.lines.length > 0} fallback={<p class={styles.quiet}>{words.noLines}</p>}>
        <ul class={logStyles.lines}>
          <For each={props.detail.lines as Answer<'logs.list'>['rows']}>{(line) => <LogLine line={line} />}</For>
        </ul>
      </Show>
    </div>
  )
}

/** One bar for each try, on the time of the whole request. */
function Waterfall(props: { readonly trace: Trace }) {
  const rows = () => {
    let begun = 0
    return props.trace.attempts.map((attempt, index) => {
      const from = begun
      begun += attempt.ms
      const isLast = index === props.trace.attempts.length - 1
      return { attempt, from, ms: isLast ? Math.max(attempt.ms, props.trace.ms - from) : attempt.ms, isLast }
    })
  }
  const all = () => Math.max(1, props.trace.ms, ...rows().map(({ from, ms }) => from + ms))
  const isFailed = (attempt: Trace['attempts'][number]) => attempt.why !== undefined
  return (
    <ul class={logStyles.bars} aria-label={words.tries}>
      <For each={rows()}>
        {({ attempt, from, ms, isLast }, index) => (
          <li class={logStyles.bar}>
            <span>{words.try(index() + 1)}</span>
            <span class={logStyles.track}>
              <span
                class={logStyles.fill}
                classList={{ [logStyles.failed ?? '']: isFailed(attempt) }}
                ref={(bar) => {
                  bar.style.insetInlineStart = `${(from / all()) * 100}%`
                  bar.style.inlineSize = `${Math.max(1, (ms / all()) * 100)}%`
                }}
              />
            </span>
            <span class={logStyles.barWords}>
              <Mark tone={isFailed(attempt) ? 'bad' : 'good'}>
                {attempt.upstream} · {attempt.model} · {attempt.status ?? '–'} ·{' '}
                {isFailed(attempt) ? words.failed(attempt.why ?? '') : words.answered}
              </Mark>{' '}
              <Show when={isLast && props.trace.firstByteMs !== undefined}>
                {words.first} {logsText.seconds(props.trace.firstByteMs ?? 0)},{' '}
              </Show>
              {words.end} {logsText.seconds(ms)}
            </span>
          </li>
        )}
      </For>
    </ul>
  )
}

/** USD that the upstream took, where the charge is made of it and of no list price (contract 6.6). */
function reportedUsd({ priceSource, billing, upstreamCostUsd, costUnreported }: Trace): string | undefined {
  return billing === 'reported' && costUnreported !== true && priceSource === 'upstream' ? upstreamCostUsd : undefined
}

/** Where the unit prices come from; those of an operator's own have no fee on them (contract 2.4). */
const originOf = (trace: Trace): string =>
  reportedUsd(trace) === undefined ? words.origins[trace.priceSource](trace.fees) : words.reported

/** What is counted of a request, and the name of its price. */
const buckets = {
  input: 'prompt',
  cacheRead: 'inputCacheRead',
  cacheWrite: 'inputCacheWrite',
  cacheWrite1h: 'inputCacheWrite1h',
  output: 'completion',
  searches: 'webSearch',
  images: 'image',
} as const
type Bucket = keyof typeof buckets
const pieces: readonly Bucket[] = ['searches', 'images']
const bucketNames = Object.keys(buckets) as Bucket[]

function Buckets(props: { readonly trace: Trace }) {
  const of = (bucket: Bucket) => props.trace.usage[bucket] ?? 0
  /** Tokens, sound among them, are then told and not multiplied. */
  const reported = () => reportedUsd(props.trace)
  const used = () => bucketNames.filter((bucket) => of(bucket) > 0)
  const priceOf = (bucket: Bucket) => {
    const price = props.trace.prices[buckets[bucket]]
    if (price === undefined || reported() !== undefined) return ''
    return pieces.includes(bucket) ? words.each(price) : words.perMillion(perMillion(price))
  }
  return (
    <ul class={styles.why}>
      <For each={used()}>
        {(bucket) => (
          <li class={styles.whyLine}>
            <span>
              {words[bucket]} {count(of(bucket))}
            </span>
            <span class={styles.quiet}>{priceOf(bucket)}</span>
          </li>
        )}
      </For>
      <Show when={reported()}>
        {(usd) => (
          <li class={styles.whyLine}>
            <span>{words.cost}</span>
            <span class={styles.quiet}>{words.costWithFees(usd(), props.trace.fees)}</span>
          </li>
        )}
      </Show>
      <Show when={reported() === undefined && Number(props.trace.prices.request ?? 0) > 0}>
        <li class={styles.whyLine}>
          <span>{words.perRequest}</span>
          <span class={styles.quiet}>{words.each(props.trace.prices.request ?? '0')}</span>
        </li>
      </Show>
      <Show when={props.trace.prices.fixedMsat}>
        {(msat) => (
          <li class={styles.whyLine}>
            <span>{words.perRequest}</span>
            <Amount msat={Number(msat())} />
          </li>
        )}
      </Show>
      <Show when={props.trace.raisedMsat}>
        {(msat) => (
          <li class={styles.whyLine}>
            <span>{words.raised}</span>
            <Amount signed msat={msat()} />
          </li>
        )}
      </Show>
      <Show when={props.trace.usage.estimated}>
        <li>
          <Mark tone="look">{words.estimated}</Mark>
        </li>
      </Show>
      <Show when={props.trace.shortfallMsat > 0}>
        <li class={styles.whyLine}>
          <span>{words.shortfall}</span>
          <Amount msat={-props.trace.shortfallMsat} />
        </li>
      </Show>
      <li class={`${styles.whyLine} ${styles.whySum}`}>
        <span>{words.charge}</span>
        <Amount msat={props.trace.costMsat} />
      </li>
    </ul>
  )
}
