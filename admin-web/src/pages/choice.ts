/** Rows that were chosen to be told the same; they stay chosen over pages and filters, each as it was seen last. */
import { createSignal } from 'solid-js'

/** More is more than one command takes. */
const most = 100

export function useChoice<Row>(wish: {
  readonly rows: () => readonly Row[] | undefined
  readonly keyOf: (row: Row) => string
  readonly name: (row: Row) => string
}) {
  const [chosen, setChosen] = createSignal<ReadonlyMap<string, Row>>(new Map())
  const has = (row: Row) => chosen().has(wish.keyOf(row))
  const change = (rows: readonly Row[], on: boolean) => {
    const next = new Map(chosen())
    for (const row of rows) {
      if (on) next.set(wish.keyOf(row), row)
      else next.delete(wish.keyOf(row))
    }
    setChosen(next)
  }
  return {
    /** For the table. */
    choosing: {
      has,
      toggle: (row: Row) => change([row], !has(row)),
      toggleAll: (rows: readonly Row[]) => change(rows, !rows.every(has)),
      name: wish.name,
    },
    count: () => chosen().size,
    rows: (): readonly Row[] => {
      const seen = new Map(wish.rows()?.map((row) => [wish.keyOf(row), row]))
      return [...chosen()].map(([key, row]) => seen.get(key) ?? row)
    },
    isTooMany: () => chosen().size > most,
    most,
    clear: () => setChosen(new Map()),
  }
}
export type Choice<Row> = ReturnType<typeof useChoice<Row>>
