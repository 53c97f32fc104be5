/** What the shell tells its pages: the two queries they share, and how they name themselves. */
import { createContext, createEffect, useContext } from 'solid-js'
import type { Answer, Query } from '../client'

export type Page = {
  readonly setTitle: (title: string) => void
  readonly overview: Query<Answer<'overview.get'>>
  readonly status: Query<Answer<'node.status'>>
  readonly openPassword: () => void
}
export const PageContext = createContext<Page>()

/** For a page inside the shell; `title` becomes its heading. */
export function usePage(title: () => string): Page {
  const page = useContext(PageContext)
  if (page === undefined) throw new Error('a page outside the shell')
  createEffect(() => page.setTitle(title()))
  return page
}
