/** A list of the node behind its address: what its filters ask for, its order and its page (dashboard 4). */
import { type Answer, type Input, type QueryName, useQuery } from '../client'
import { type ListAddress, useListAddress } from './list-address'

/** One filter: a name in the address that the query knows too. */
export type Filter = {
  readonly name: string
  /** As a select, whose first choice asks for all. One that is not shown was set by a link, and any text counts. */
  readonly shown?: { readonly label: string; readonly choices: readonly Choice[] }
  /** As a field among the further filters. */
  readonly typed?: Typed
  /** A select that stands among the further filters too. */
  readonly further?: boolean
  /** What the query is asked by it, where that is not the text itself. */
  readonly asks?: (value: string) => Readonly<Record<string, unknown>>
}

export type Typed = {
  readonly label: string
  /** Under the field while what stands in it is no value. */
  readonly shape: string
  /** What the address holds of it; undefined: it is no value. */
  readonly kept: (typed: string) => string | undefined
  /** What stands in the field for what the address holds, where that differs. */
  readonly read?: (kept: string) => string
  readonly isAmount?: boolean
}
type Choice = { readonly value: string; readonly label: string }
type Rows = { readonly rows: readonly unknown[]; readonly next?: string | undefined }
export type ListName = { [Name in QueryName]: Answer<Name> extends Rows ? Name : never }[QueryName]

export type ListWish = {
  readonly pageRows: number
  readonly filters?: () => readonly Filter[]
  /** What the query calls the text that stands as `q` in the address. */
  readonly search?: 'search' | 'text'
  /** Words that the node sorts by, and the order that is not asked for. */
  readonly sorts?: { readonly known: readonly string[]; readonly usual: string }
  /** What is asked beside the filters, as the range of the logs. */
  readonly more?: () => Readonly<Record<string, unknown>>
  /** ms; undefined: it is not asked anew by itself. */
  readonly everyMs: (isFirstPage: boolean) => number | undefined
  readonly rowKey?: string
  /** Where the page reads it for itself too. */
  readonly address?: ListAddress
}

export function useList<Name extends ListName>(name: Name, wish: ListWish) {
  const address = wish.address ?? useListAddress()
  const turns = address.turns(wish.pageRows)
  const filters = () => wish.filters?.() ?? []
  const isFirstPage = () => turns.cursor() === ''
  /** Which rows, whatever the page and the order: what an export holds. */
  const filter = (): Readonly<Record<string, unknown>> => {
    const text = wish.search === undefined ? '' : address.read('q').slice(0, 100)
    return {
      ...wish.more?.(),
      ...(text === '' || wish.search === undefined ? {} : { [wish.search]: text }),
      ...Object.assign({}, ...filters().map((one) => askedBy(one, address.read(one.name)))),
    }
  }
  const sort = () => {
    const asked = address.read('sort')
    return wish.sorts?.known.includes(asked.replace('-', '')) === true ? asked : wish.sorts?.usual
  }
  const query = useQuery(
    name,
    // Filters and sorts are data: their names are the query's own, and it refuses what it does not know.
    () =>
      ({
        ...filter(),
        limit: wish.pageRows,
        ...(sort() === undefined ? {} : { sort: sort() }),
        ...(isFirstPage() ? {} : { cursor: turns.cursor() }),
      }) as unknown as Input<Name>,
    {
      get everyMs() {
        return wish.everyMs(isFirstPage())
      },
      ...(wish.rowKey === undefined ? {} : { rowKey: wish.rowKey }),
    },
  )
  return {
    ...query,
    address,
    turns,
    filters,
    filter,
    sort,
    isFirstPage,
    isFiltered: () => ['q', ...filters().map((one) => one.name)].some((one) => address.read(one) !== ''),
  }
}

function askedBy({ name, shown, asks }: Filter, value: string): Readonly<Record<string, unknown>> {
  const isKnown = shown === undefined || shown.choices.some((choice) => choice.value === value)
  if (value === '' || !isKnown) return {}
  return asks?.(value) ?? { [name]: value }
}

/** Choices from words: the query's name of each, and how it reads. */
export const choicesOf = (words: Readonly<Record<string, string>>, all?: string): readonly Choice[] => [
  ...(all === undefined ? [] : [{ value: '', label: all }]),
  ...Object.entries(words).map(([value, label]) => ({ value, label })),
]
