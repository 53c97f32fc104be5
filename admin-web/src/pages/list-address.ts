/** A list's place in the address: search, filters, sort and page, so that a reload or a copy shows the same (D-002). */
import { useIsRouting, useSearchParams } from '@solidjs/router'
import { createSignal, onCleanup } from 'solid-js'
import { searchTerm } from '../search-term'

/** After the last letter; each one would be a query (N6). */
const typingMs = 250

/**
 * Acts once nobody types any more. While another page is on its way it waits: what is written meanwhile would land in
 * that page's address, and when it came, this one and its wait are gone.
 */
export function createTyping() {
  const isRouting = useIsRouting()
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = () => clearTimeout(timer)
  const later = (act: () => void): void => {
    stop()
    timer = setTimeout(() => (isRouting() ? later(act) : act()), typingMs)
  }
  onCleanup(stop)
  return { later, stop }
}

export type ListAddress = ReturnType<typeof useListAddress>

export function useListAddress() {
  const [params, setParams] = useSearchParams()
  const read = (name: string): string => {
    const value = params[name]
    return typeof value === 'string' ? value : ''
  }
  /** A changed filter starts at the first page again. */
  const write = (
    changes: Readonly<Record<string, string | undefined>>,
    keepPage = false,
    replace = !keepPage,
  ): void => {
    const next = { ...(keepPage ? {} : { cursor: undefined, n: undefined }), ...changes }
    setParams(Object.fromEntries(Object.entries(next).map(([key, value]) => [key, value === '' ? undefined : value])), {
      replace,
    })
  }
  const [trail, setTrail] = createSignal<readonly { readonly cursor: string; readonly n: string }[]>([])
  const [typed, setTyped] = createSignal(read('q'))
  const typing = createTyping()
  return {
    read,
    write,
    typed,
    /** A pasted key is hashed before it goes anywhere, the field included (D-016). */
    type(value: string): void {
      const term = searchTerm(value)
      setTyped(term === value.trim() ? value : term)
      typing.later(() => write({ q: term }))
    },
    clear(): void {
      typing.stop()
      setTyped('')
      write(Object.fromEntries(Object.keys(params).map((key) => [key, undefined])))
    },
    /**
     * Pages by a cursor that only the node reads. The address keeps where one is; the way back is known as long as the
     * page lives, after a reload it leads to the first one.
     */
    turns: (pageRows: number) => {
      const from = () => Math.max(0, Number.parseInt(read('n'), 10) || 0)
      const previous = () => {
        if (read('cursor') === '') return undefined
        const before = trail().at(-1)
        return () => {
          setTrail(trail().slice(0, -1))
          write({ cursor: before?.cursor, n: before?.n }, true)
        }
      }
      const next = (cursor: string | undefined) =>
        cursor === undefined
          ? undefined
          : () => {
              setTrail([...trail(), { cursor: read('cursor'), n: read('n') }])
              write({ cursor, n: String(from() + pageRows) }, true)
            }
      return {
        cursor: () => read('cursor'),
        /** What the pager under the rows wants to know. */
        pager: (shown: number, all: number, cursor: string | undefined) => ({
          from: from(),
          shown,
          all,
          onPrevious: previous(),
          onNext: next(cursor),
        }),
      }
    },
  }
}
