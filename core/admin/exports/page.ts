/** exports.make: one page of a list as text. All pages one after the other are the file, its last line the totals. */
import { z } from 'zod'
import { type CommandContext, isNo, query, type Row } from '../command'
import { added } from './cells'
import { type List, lists, whats } from './lists'
import { csvOf, jsonOf } from './text'

const never = () => Promise.reject(new Error('the dispatcher answers this query'))

export const exportsMake = query({
  name: 'exports.make',
  in: z.object({
    what: z.enum(whats),
    format: z.enum(['csv', 'json']).default('csv'),
    /** Parameters of the list's own query. */
    filter: z.record(z.string().max(100), z.unknown()).default({}),
    /** As the page before named it. */
    cursor: z.string().max(4000).optional(),
    limit: z.int().min(1).max(500).default(100),
  }),
  out: z.object({ text: z.string(), rows: z.int(), next: z.string().optional() }),
  run: never,
})
type Asked = z.output<typeof exportsMake.in>

/** Where the next page begins, and what the pages before it hold. */
const stateIn = z.object({
  cursor: z.string(),
  rows: z.int().min(0),
  sums: z.record(z.string(), z.string().regex(/^-?\d{1,30}$/)),
})
type State = z.output<typeof stateIn>

export async function exportPage(
  { what, format, filter, cursor, limit }: Asked,
  context: CommandContext,
  find: (name: string) => Row | undefined,
) {
  const list = lists[what]
  const row = find(list.query)
  if (row === undefined) return { notFound: `list ${what}` }
  const before = cursor === undefined ? undefined : stateOf(cursor)
  if (before === null) return { refused: 'cursor-invalid' }
  const wrong = wrongFilter(row, filter)
  if (wrong !== undefined) return { refused: 'filter-unknown', filter: wrong }
  const asked = row.in.safeParse(parameters(row, list, { filter, limit, cursor: before?.cursor }))
  if (!asked.success) return { refused: 'filter-invalid', filter: asked.error.issues[0]?.path.join('.') ?? '' }
  const answer = await row.run(asked.data, context)
  if (isNo(answer)) return answer
  const { rows, next } = listedIn(answer, list)
  const sums = added(list, rows, before?.sums ?? {})
  const count = (before?.rows ?? 0) + rows.length
  const page = { what, list, rows, count, sums, isFirst: before === undefined, isLast: next === undefined }
  const zone = context.node.settings('display.timeZone')
  return {
    text: format === 'csv' ? csvOf(page, zone) : jsonOf(page, zone),
    rows: rows.length,
    ...(next === undefined ? {} : { next: cursorOf({ cursor: next, rows: count, sums }) }),
  }
}

type Listed = { readonly rows: readonly unknown[]; readonly next?: string }

function listedIn(answer: unknown, { rowsOf }: List): Listed {
  if (rowsOf !== undefined) return { rows: rowsOf(answer) }
  return Array.isArray(answer) ? { rows: answer } : (answer as Listed)
}

export const shapeOf = (row: Row): Readonly<Record<string, z.ZodType>> =>
  row.in instanceof z.ZodObject ? row.in.shape : {}

/** A name that the list does not know would quietly filter nothing. */
export const wrongFilter = (row: Row, filter: Readonly<Record<string, unknown>>): string | undefined =>
  Object.keys(filter).find((name) => !Object.hasOwn(shapeOf(row), name) || name === 'cursor' || name === 'limit')

function parameters(
  row: Row,
  { sort }: List,
  { filter, limit, cursor }: Pick<Asked, 'filter' | 'limit' | 'cursor'>,
): Record<string, unknown> {
  const shape = shapeOf(row)
  return {
    ...('sort' in shape && sort !== undefined ? { sort } : {}),
    ...filter,
    ...('limit' in shape ? { limit } : {}),
    ...(cursor === undefined ? {} : { cursor }),
  }
}

const cursorOf = (state: State): string => Buffer.from(JSON.stringify(state)).toString('base64url')

function stateOf(cursor: string): State | null {
  try {
    return stateIn.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
  } catch {
    return null
  }
}
