/** `GET /admin/api/export/<what>.csv|json`: the pages of exports.make one after the other, none kept (D-072). */
import { limits } from '../../limits'
import { guarded } from '../../page-files'
import { problem } from '../answers'
import type { Row } from '../command'
import type { Dispatch } from '../dispatch'
import type { Enveloped } from '../envelope'
import { resultOf } from '../paths/path-route'
import type { Principal } from '../principal'
import { callerOf } from '../who-asks'
import { lists, type What, whats } from './lists'
import { shapeOf, wrongFilter } from './page'

type Format = 'csv' | 'json'
type Asked = { readonly what: What; readonly format: Format }

/** The list that a path names; undefined: it names none. */
export function exportIn(path: string): Asked | undefined {
  const [, name, format] = /^\/export\/([a-z]+)\.(csv|json)$/.exec(path) ?? []
  const what = whats.find((one) => one === name)
  return what === undefined || (format !== 'csv' && format !== 'json') ? undefined : { what, format }
}

type Deps = {
  readonly dispatch: Dispatch
  readonly find: (name: string) => Row | undefined
  readonly now: () => number
}
type Page = { readonly text: string; readonly next?: string }

const types = { csv: 'text/csv; charset=utf-8', json: 'application/json' } as const

export async function exported(deps: Deps, url: URL, { what, format }: Asked, principal: Principal): Promise<Response> {
  const row = deps.find(lists[what].query)
  const filter = row === undefined ? {} : filterOf(row, url.searchParams)
  const wrong = row === undefined ? undefined : wrongFilter(row, filter)
  if (wrong !== undefined) return problem(400, 'params', `${wrong.slice(0, 100)}: there is no such filter`)
  const request = (cursor?: string) => ({
    id: crypto.randomUUID(),
    method: 'exports.make',
    params: { what, format, filter, limit: limits.exportRows, ...(cursor === undefined ? {} : { cursor }) },
  })
  const first = resultOf(await deps.dispatch.dispatch(request(), callerOf(deps, principal)))
  if (first instanceof Response) return first
  const next = (cursor: string) => deps.dispatch.look(request(cursor), callerOf(deps, principal))
  const day = new Date(deps.now()).toISOString().slice(0, 10)
  return new Response(pagesFrom(first as Page, next), {
    headers: {
      ...guarded,
      'content-type': types[format],
      'content-disposition': `attachment; filename="${what}-${day}.${format}"`,
      'cache-control': 'no-store',
    },
  })
}

/** A page is asked for when the one before it was taken; a file that broke off has no totals. */
function pagesFrom(first: Page, ask: (cursor: string) => Promise<Enveloped>): ReadableStream<Uint8Array> {
  const text = new TextEncoder()
  let page: Page | undefined = first
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (page === undefined) return controller.close()
        controller.enqueue(text.encode(page.text))
        const { next } = page
        if (next === undefined) {
          page = undefined
          return
        }
        const answer = await ask(next)
        if ('result' in answer) page = answer.result as Page
        else controller.error(new Error('the export broke off'))
      },
    },
    { highWaterMark: 0 },
  )
}

/** A query string knows texts only: numbers, yes or no, and lists are read where the list wants them. */
function filterOf(row: Row, search: URLSearchParams): Record<string, unknown> {
  const shape = shapeOf(row)
  return Object.fromEntries(
    [...search].map(([name, text]) => {
      const isBoolean = text === 'true' || text === 'false'
      const readings = [text, Number(text), isBoolean ? text === 'true' : text, text.split(',')]
      const fits = (one: unknown) => Object.hasOwn(shape, name) && shape[name]?.safeParse(one).success === true
      return [name, readings.find(fits) ?? text]
    }),
  )
}
