/** New rows never move what the reader sees: they slide in at the top of the page, else they are counted (D-070). */
import { createEffect, createSignal, onCleanup, onMount, untrack } from 'solid-js'

/** Below this the reader has scrolled into the list. */
const topPx = 80

export function useLiveRows<Row>(
  list: { readonly isEarlier: () => boolean; readonly rows: () => readonly Row[] | undefined },
  keyOf: (row: Row) => string,
) {
  const [shown, setShown] = createSignal<readonly Row[]>()
  const [waiting, setWaiting] = createSignal<readonly Row[]>()
  const [hovered, setHovered] = createSignal(false)
  const [focused, setFocused] = createSignal(false)
  const [top, setTop] = createSignal(true)
  /** Another filter or page was asked for, and its answer is what the reader wants to see. */
  let isAwaited = true

  onMount(() => {
    const look = () => setTop(window.scrollY < topPx)
    window.addEventListener('scroll', look, { passive: true })
    onCleanup(() => window.removeEventListener('scroll', look))
  })
  createEffect(() => {
    const found = list.rows()
    if (found === undefined) return
    if (list.isEarlier()) {
      isAwaited = true
      return
    }
    // A copy: the list that is asked for changes in place.
    const now = [...found]
    if (isAwaited || untrack(() => top() && !hovered() && !focused())) {
      isAwaited = false
      setShown(now)
      setWaiting(undefined)
    } else setWaiting(now)
  })
  const fresh = () => {
    const known = new Set(shown()?.map(keyOf))
    return waiting()?.filter((row) => !known.has(keyOf(row))).length ?? 0
  }
  return {
    rows: shown,
    fresh,
    show(): void {
      setShown(() => waiting() ?? shown())
      setWaiting(undefined)
    },
    hover: setHovered,
    /** Who reads by the keyboard is in the middle of a row. */
    focus: setFocused,
  }
}
