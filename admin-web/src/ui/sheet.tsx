/** White paper with hairlines: what every part of a page stands on; and what stands there when there is nothing. */
import { createSignal, For, type JSX, onCleanup, Show } from 'solid-js'
import { text } from '../text/en'
import { Button } from './button'
import { Mark } from './mark'
import styles from './sheet.module.css'

export function Sheet(props: {
  readonly title?: JSX.Element
  readonly label?: string
  readonly actions?: JSX.Element
  readonly padded?: boolean
  readonly children: JSX.Element
}) {
  return (
    <section class={styles.sheet} aria-label={props.label}>
      <Show when={props.title}>
        <header class={styles.head}>
          <h2>{props.title}</h2>
          <div class={styles.actions}>{props.actions}</div>
        </header>
      </Show>
      <div classList={{ [styles.padded ?? '']: props.padded === true }}>{props.children}</div>
    </section>
  )
}

/** One sentence that says why, one action, one example (dashboard 2, Empty). */
export function Empty(props: { readonly title: string; readonly children?: JSX.Element }) {
  return (
    <div class={styles.empty}>
      <p class={styles.emptyTitle}>{props.title}</p>
      {props.children}
    </div>
  )
}

/** A trouble stands where the data or the action was, never in a toast. */
export function TroubleBox(props: {
  readonly what: string
  readonly id?: string | undefined
  readonly onRetry?: () => void
}) {
  return (
    <div class={styles.trouble} role="alert">
      <Mark tone="bad">{props.what}</Mark>
      <div class={styles.troubleFoot}>
        <Show when={props.onRetry}>
          {(retry) => (
            <Button small onClick={() => retry()()}>
              {text.trouble.retry}
            </Button>
          )}
        </Show>
        <Show when={props.id}>
          {(id) => (
            <span class={styles.troubleId}>
              {text.trouble.id} <code>{id()}</code>
            </span>
          )}
        </Show>
      </div>
    </div>
  )
}

/** First load only, and not before 150 ms: a quick answer must not flicker. */
export function Skeleton(props: { readonly lines: number }) {
  const [late, setLate] = createSignal(false)
  const timer = setTimeout(() => setLate(true), 150)
  onCleanup(() => clearTimeout(timer))
  return (
    <div class={styles.skeleton} aria-busy="true">
      <span class="sr-only">{text.loading}</span>
      <For each={Array.from({ length: props.lines })}>
        {() => <span class={styles.bone} classList={{ [styles.shown ?? '']: late() }} />}
      </For>
    </div>
  )
}

/** Term and value, one under the other. */
export function Facts(props: { readonly rows: readonly (readonly [string, JSX.Element])[] }) {
  return (
    <dl class={styles.facts}>
      <For each={props.rows}>
        {([term, value]) => (
          <div class={styles.fact}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        )}
      </For>
    </dl>
  )
}

export function Pager(props: {
  readonly from: number
  readonly shown: number
  readonly all: number
  readonly onPrevious: (() => void) | undefined
  readonly onNext: (() => void) | undefined
}) {
  return (
    <nav class={styles.pager} aria-label={text.list.rows}>
      <span class={styles.range}>
        {text.list.range(props.shown === 0 ? 0 : props.from + 1, props.from + props.shown, props.all)}
      </span>
      <Show when={props.onPrevious !== undefined || props.onNext !== undefined}>
        <button
          type="button"
          class={styles.turn}
          aria-disabled={props.onPrevious === undefined ? 'true' : undefined}
          onClick={() => props.onPrevious?.()}
        >
          {text.list.previous}
        </button>
        <button
          type="button"
          class={styles.turn}
          aria-disabled={props.onNext === undefined ? 'true' : undefined}
          onClick={() => props.onNext?.()}
        >
          {text.list.next}
        </button>
      </Show>
    </nav>
  )
}
