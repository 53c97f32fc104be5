/** The only place that prints time: an age that goes on by itself, the full instant on hover. */
import { createSignal, onCleanup, onMount, Show } from 'solid-js'
import { ageText, dateText, instantText, isoText } from '../format'
import { text } from '../text/en'
import styles from './age.module.css'

const [nowMs, setNowMs] = createSignal(Date.now())
const [offsetS, setOffsetS] = createSignal(0)
/** Seconds by which the node's clock is ahead of this browser's. */
export const setClockOffset = setOffsetS
let readers = 0
let timer: ReturnType<typeof setInterval> | undefined

/** The node's time in whole seconds, moving on while anyone reads it. */
export function useNow(): () => number {
  onMount(() => {
    readers += 1
    timer ??= setInterval(() => setNowMs(Date.now()), 1000)
  })
  onCleanup(() => {
    readers -= 1
    if (readers > 0) return
    clearInterval(timer)
    timer = undefined
  })
  return () => Math.floor(nowMs() / 1000) + offsetS()
}

const dayS = 86_400

/** "3 min", after a day the date; with `ago` as a sentence part. */
export function Age(props: { readonly atS: number; readonly ago?: boolean; readonly staleS?: number }) {
  const now = useNow()
  const age = () => Math.max(0, now() - props.atS)
  const words = () => {
    if (age() >= dayS) return dateText(props.atS, now())
    return props.ago === true ? text.ago(ageText(age())) : ageText(age())
  }
  return (
    <time
      dateTime={isoText(props.atS)}
      title={instantText(props.atS)}
      classList={{ [styles.stale ?? '']: props.staleS !== undefined && age() > props.staleS }}
    >
      {words()}
    </time>
  )
}

/** A day that lies behind or ahead; "never" when there is none. */
export function Day(props: { readonly atS: number | undefined }) {
  const now = useNow()
  return (
    <Show when={props.atS} fallback={<span>{text.never}</span>}>
      {(atS) => (
        <time dateTime={isoText(atS())} title={instantText(atS())}>
          {dateText(atS(), now())}
        </time>
      )}
    </Show>
  )
}
