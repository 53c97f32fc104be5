/** requests.list and requests.get: what was asked, for how much, and how it went. */
import { z } from 'zod'
import {
  findRequest,
  listRequests,
  type RequestFilter,
  type RequestRow,
  type RequestTotals,
  satText,
  totalRequests,
} from '../../../events'
import { listLines } from '../../line-list'
import { isNo, query, type RunContext } from '../command'
import { boundsOf, fitting, keyHash, numberOf, page, positionOf, range, requestPath, secondsOf } from '../rows'
import { shownLines } from './logs'
import { marginOf, upstreamCostOf } from './series'
import { rowNamed } from './session-named'

const requestRow = z.object({
  requestId: z.string(),
  at: z.int(),
  status: z.int(),
  path: z.string(),
  model: z.string(),
  upstream: z.string(),
  key12: z.string(),
  tokens: z.object({ input: z.int(), cached: z.int(), output: z.int() }),
  costMsat: z.int(),
  /** As the upstream reported it; absent: unknown, and so is the margin. */
  upstreamCostMsat: z.int().optional(),
  marginMsat: z.int().optional(),
  /** What a bitcoin cost then, decimal text; null: nobody knew. */
  usdPerBtc: z.string().nullable(),
  firstTokenMs: z.int().optional(),
  ms: z.int(),
  outcome: z.string(),
  /** Kind of the error, in the words of overview.errors. */
  error: z.string().optional(),
  marks: z.array(z.string()),
})

const totals = z.object({
  requests: z.int(),
  costMsat: z.int(),
  inputTokens: z.int(),
  /** Of the input. */
  cachedTokens: z.int(),
  outputTokens: z.int(),
  shortfallMsat: z.int(),
  /** As far as upstreams reported it; null: none did. */
  upstreamCostMsat: z.int().nullable(),
  /** Of the requests whose cost is known; null: it is known of none that was served. */
  marginMsat: z.int().nullable(),
  /** Served at a cost nobody told us. */
  unknown: z.int(),
  /** Unix seconds from which on they were counted, where counting all would have taken too long. */
  since: z.int().optional(),
})

const filterIn = z.object({
  ...range,
  /** A request id, a hashed key or its first 12 digits, else the name of a model. */
  text: z.string().trim().max(300).optional(),
  status: z.int().min(0).max(999).optional(),
  method: z.string().max(10).optional(),
  path: requestPath.optional(),
  model: z.string().max(300).optional(),
  upstream: z.string().max(100).optional(),
  /** The key that paid; of a child key what it asked for itself. */
  session: keyHash.optional(),
  outcome: z.string().max(30).optional(),
  /** Kind of the error, in the words of overview.errors, or `any`. */
  error: z.string().max(30).optional(),
  minMsat: z.int().min(0).optional(),
  /** Charged by tokens that the node counted itself, or for more than could be taken. */
  mark: z.enum(['estimated', 'shortfall']).optional(),
  /** With those of the owner's own test keys; asked for one key, they are there in any case. */
  tests: z.boolean().optional(),
  ...page,
})
type Asked = Omit<z.output<typeof filterIn>, 'cursor'>

export const requestsList = query({
  name: 'requests.list',
  in: filterIn,
  out: z.object({ rows: z.array(requestRow), next: z.string().optional(), totals }),
  async run({ cursor, ...asked }, context) {
    const { sql } = context.node.views
    const filter = await filterOf(asked, context)
    if (filter === undefined) return { rows: [], totals: none }
    if ('requestId' in filter) {
      const row = await findRequest(sql, filter.requestId)
      const isThere = row !== undefined && positionOf(cursor) === undefined
      return isThere ? { rows: [shownRequest(row)], totals: shownTotals(totalsOf(row)) } : { rows: [], totals: none }
    }
    const found = await listRequests(sql, { ...filter, before: positionOf(cursor) })
    const rows = fitting(found.map(shownRequest), context.door)
    const last = found.length === asked.limit || rows.length < found.length ? found[rows.length - 1] : undefined
    return {
      rows: [...rows],
      ...(last === undefined ? {} : { next: String(last.position) }),
      totals: shownTotals(await totalRequests(sql, filter)),
    }
  },
})

const none = {
  requests: 0,
  costMsat: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  shortfallMsat: 0,
  upstreamCostMsat: 0,
  marginMsat: 0,
  unknown: 0,
}
const totalsOf = (row: RequestRow): RequestTotals => ({
  ...row,
  requests: 1n,
  failed: row.outcome === 'upstream-failed' ? 1n : 0n,
  upstreamCostMsat: row.upstreamCostMsat ?? 0n,
  costedRevenueMsat: row.upstreamCostMsat === null ? 0n : row.costMsat,
  uncosted: row.upstreamCostMsat === null && row.outcome !== 'upstream-failed' ? 1n : 0n,
})

function shownTotals(found: RequestTotals): z.input<typeof totals> {
  return {
    requests: numberOf(found.requests),
    costMsat: numberOf(found.costMsat),
    inputTokens: numberOf(found.inputTokens),
    cachedTokens: numberOf(found.cachedTokens),
    outputTokens: numberOf(found.outputTokens),
    shortfallMsat: numberOf(found.shortfallMsat),
    upstreamCostMsat: upstreamCostOf(found),
    marginMsat: marginOf(found),
    unknown: numberOf(found.uncosted),
    ...(found.sinceMs === undefined ? {} : { since: Math.floor(found.sinceMs / 1000) }),
  }
}

/** undefined: nothing can match. */
async function filterOf(
  { text = '', session, method, from, to, ...asked }: Asked,
  context: RunContext,
): Promise<RequestFilter | { readonly requestId: string } | undefined> {
  // Whatever reaches an upstream was posted.
  if (method !== undefined && method.toUpperCase() !== 'POST') return undefined
  const { status, path, upstream, outcome, error, minMsat, mark, tests, limit } = asked
  const bounds = boundsOf({ from, to }, context.node)
  const filter = { status, path, upstream, outcome, error, minMsat, mark, tests, limit, ...bounds }
  if (z.uuid().safeParse(text).success) return { requestId: text.toLowerCase() }
  const isHash = keyHash.safeParse(text).success
  if (isHash && session !== undefined && session.slice(0, 12) !== text.slice(0, 12)) return undefined
  const hash = session ?? (isHash ? text : undefined)
  const model = text === '' || isHash ? asked.model : modelNamed(text, context)
  if (asked.model !== undefined && model !== asked.model) return undefined
  if (hash === undefined) return { ...filter, model }
  const found = await rowNamed(hash, context)
  if (isNo(found)) return undefined
  const { stream, parent } = found
  return { ...filter, model, session: parent === null ? { payer: stream } : { payer: parent, child: stream } }
}

/** A model by its id, or by any name that a customer may call it. */
const modelNamed = (text: string, { node }: RunContext): string => {
  const named = node.upstreams.models().find(({ model, aliases }) => model === text || aliases.includes(text))
  return named?.model ?? text
}

export const requestsGet = query({
  name: 'requests.get',
  in: z.object({ requestId: z.uuid() }),
  out: requestRow.extend({ trace: z.unknown(), sentence: z.string(), lines: z.array(z.unknown()) }),
  async run({ requestId }, context) {
    const { node } = context
    const row = await findRequest(node.views.sql, requestId)
    if (row === undefined) return { notFound: `request ${requestId}` }
    const [event] = await node.log.after(row.position - 1n, 1)
    const { rows: lines } = await listLines(node.views.sql, { requestId, limit: 50 })
    const shown = [...(await shownLines(lines, context))]
    return { ...shownRequest(row), trace: event?.data ?? {}, sentence: sentenceOf(row), lines: shown }
  },
})

function shownRequest(row: RequestRow): z.input<typeof requestRow> {
  const marks = [
    row.stream ? 'stream' : '',
    row.tries > 1 ? 'failed over' : '',
    row.estimated ? 'estimated' : '',
    row.shortfallMsat > 0n ? 'shortfall' : '',
    row.test ? 'test' : '',
  ]
  return {
    requestId: row.requestId,
    at: secondsOf(row.at) ?? 0,
    status: row.status,
    path: row.path,
    model: row.model,
    upstream: row.upstream,
    key12: row.key12,
    tokens: {
      input: numberOf(row.inputTokens),
      cached: numberOf(row.cachedTokens),
      output: numberOf(row.outputTokens),
    },
    costMsat: numberOf(row.costMsat),
    ...(row.upstreamCostMsat === null
      ? {}
      : {
          upstreamCostMsat: numberOf(row.upstreamCostMsat),
          marginMsat: numberOf(row.costMsat - row.upstreamCostMsat),
        }),
    usdPerBtc: row.usdPerBtc,
    ...(row.firstByteMs === null ? {} : { firstTokenMs: row.firstByteMs }),
    ms: row.ms,
    outcome: row.outcome,
    ...(row.error === null ? {} : { error: row.error }),
    marks: marks.filter((mark) => mark !== ''),
  }
}

function sentenceOf(row: RequestRow): string {
  const sat = satText(row.costMsat)
  const tries = row.tries === 1 ? 'at the first try' : `after ${row.tries} tries`
  switch (row.outcome) {
    case 'answered':
      return `Answered ${tries}. ${sat} for ${counted(row.inputTokens)} input and ${counted(row.outputTokens)} output tokens.`
    case 'empty':
      return `The upstream answered nothing. ${sat} were charged.`
    case 'client-left':
      return `The client left; ${sat} for what the upstream delivered.`
    case 'upstream-failed':
      return `The upstream failed ${tries}. Nothing was charged.`
    default:
      return row.outcome satisfies never
  }
}

const counted = (tokens: bigint): string => tokens.toLocaleString('en-US')
