/** logs.list and logs.tail: the process log without a shell on the machine (dashboard 4.6). */
import { z } from 'zod'
import { knownRequests } from '../../../events'
import { limits } from '../../limits'
import { countLines, listLines, tailLines } from '../../line-list'
import type { StoredLine } from '../../lines'
import { query, type RunContext } from '../command'
import { boundsOf, fitting, numberOf, page, positionOf, range, requestPath } from '../rows'

const level = z.enum(['debug', 'info', 'warn', 'error'])
const lineRow = z.object({
  /** Unix ms. */
  at: z.int(),
  level: z.string(),
  message: z.string(),
  requestId: z.string().optional(),
  /** The request has a trace: one that was refused before it was let in has none. */
  traced: z.boolean().optional(),
  fields: z.unknown(),
})

const requestIdForm = z.uuid()

/** Lines with what is known of their requests. */
export async function shownLines(
  lines: readonly StoredLine[],
  { node }: Pick<RunContext, 'node'>,
): Promise<readonly z.input<typeof lineRow>[]> {
  const ids = lines.flatMap(({ requestId }) => (requestIdForm.safeParse(requestId).success ? [requestId ?? ''] : []))
  const known = await knownRequests(node.views.sql, [...new Set(ids)])
  return lines.map((line) => shownLine(line, known))
}

const shownLine = (line: StoredLine, known: ReadonlySet<string>): z.input<typeof lineRow> => ({
  at: numberOf(line.at),
  level: line.level,
  message: line.message,
  ...(line.requestId === null ? {} : { requestId: line.requestId, traced: known.has(line.requestId) }),
  fields: JSON.parse(line.fields) as unknown,
})

export const logsList = query({
  name: 'logs.list',
  in: z.object({
    /** And above. */
    level: level.optional(),
    ...range,
    text: z.string().max(200).optional(),
    requestId: z.string().max(64).optional(),
    /** Of the request that a line tells of. */
    status: z.int().min(0).max(999).optional(),
    method: z.string().max(10).optional(),
    path: requestPath.optional(),
    /** 'refused': of requests that no upstream was asked for. */
    outcome: z.enum(['refused']).optional(),
    ...page,
  }),
  out: z.object({
    rows: z.array(lineRow),
    counts: z.record(z.string(), z.int()),
    /** Unix seconds from which on they were counted, where there are too many. */
    countedSince: z.int().optional(),
    /** Also after a page that is not full: the search goes on behind it. */
    next: z.string().optional(),
    /** Days after which a line is gone. */
    keepDays: z.int(),
  }),
  async run({ cursor, from, to, ...given }, { node, door }) {
    const filter = { ...given, ...boundsOf({ from, to }, node), before: positionOf(cursor) }
    const found = await listLines(node.views.sql, filter)
    const rows = fitting(await shownLines(found.rows, { node }), door)
    const next = rows.length < found.rows.length ? found.rows[rows.length - 1]?.n : found.next
    const { counts, sinceMs } = await countLines(node.views.sql, filter)
    return {
      rows: [...rows],
      counts,
      ...(sinceMs === undefined ? {} : { countedSince: Math.floor(sinceMs / 1000) }),
      ...(next === undefined ? {} : { next: String(next) }),
      keepDays: node.settings('logs.keepDays'),
    }
  },
})

export const logsTail = query({
  name: 'logs.tail',
  in: z.object({
    /** As the answer before named it; absent: the newest lines. */
    after: z.string().max(20).optional(),
    level: level.optional(),
    text: z.string().max(200).optional(),
  }),
  out: z.object({ rows: z.array(lineRow), after: z.string() }),
  async run({ after, level, text }, { node, door }) {
    const found = await tailLines(node.views.sql, { level, text, limit: limits.linesTailed }, positionOf(after))
    const rows = fitting(await shownLines(found.rows, { node }), door)
    // What does not fit comes with the next question.
    const last = rows.length < found.rows.length ? found.rows[rows.length - 1]?.n : found.after
    return { rows: [...rows], after: String(last) }
  },
})
