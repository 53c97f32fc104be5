/** What happened: commands of every door, events of the log, requests, lines of the process log. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { findRequest, listCommands, listRequests, newestVersion, type RequestRow, totalRequests } from '../../../events'
import { countLines, listLines } from '../../lines'
import { query, type RunContext } from '../command'
import { numberOf, page, secondsOf } from '../rows'

const range = { from: z.int().optional(), to: z.int().optional() }
const inMs = (seconds: number | undefined): number | undefined => (seconds === undefined ? undefined : seconds * 1000)
const positionOf = (cursor: string | undefined): bigint | undefined =>
  cursor !== undefined && /^\d{1,18}$/.test(cursor) ? BigInt(cursor) : undefined

export const commandsGet = query({
  name: 'commands.get',
  aliases: ['request.get'],
  in: z.object({ id: z.string().min(8).max(64) }),
  out: z.object({ state: z.enum(['open', 'done', 'unknown', 'notRun', 'absent']), outcome: z.unknown().optional() }),
  async run({ id }, { node, principal }) {
    const stream = `command-${createHash('sha256').update(`${principal.admin}\0${id}`).digest('hex')}`
    const state = await node.engine.state('command', stream)
    if (state.is === 'absent') return { state: 'absent' as const }
    if (state.is === 'open') return { state: 'open' as const }
    const word = { done: 'done', refused: 'done', 'not-run': 'notRun', unknown: 'unknown' } as const
    return { state: word[state.finished.state], outcome: JSON.parse(state.finished.outcome) as unknown }
  },
})

export const commandsList = query({
  name: 'commands.list',
  in: z.object({
    by: z.string().max(100).optional(),
    door: z.string().max(20).optional(),
    outcome: z.string().max(20).optional(),
    ...range,
    ...page,
  }),
  out: z.object({
    rows: z.array(
      z.object({
        at: z.int(),
        admin: z.string(),
        principal: z.string(),
        door: z.string(),
        name: z.string(),
        params: z.unknown(),
        outcome: z.string(),
        position: z.int(),
        proof: z.unknown().optional(),
      }),
    ),
    next: z.string().optional(),
  }),
  async run({ by, door, outcome, from, to, cursor, limit }, { node }) {
    const filter = { by, door, outcome, fromMs: inMs(from), toMs: inMs(to), before: positionOf(cursor), limit }
    const found = await listCommands(node.views.sql, filter)
    const last = found.length === limit ? found.at(-1) : undefined
    const rows = found.map((row) => ({
      at: secondsOf(row.at) ?? 0,
      admin: row.admin,
      principal: row.principal,
      door: row.door,
      name: row.name,
      params: JSON.parse(row.params) as unknown,
      outcome: row.outcome,
      position: numberOf(row.position),
      ...(row.proof === null ? {} : { proof: JSON.parse(row.proof) as unknown }),
    }))
    return { rows, ...(last === undefined ? {} : { next: String(last.position) }) }
  },
})

export const eventsList = query({
  name: 'events.list',
  in: z.object({
    stream: z.string().max(200).optional(),
    type: z
      .string()
      .max(100)
      .refine((type) => newestVersion(type) > 0, 'there is no such event')
      .optional(),
    by: z.string().max(100).optional(),
    ...range,
    ...page,
  }),
  out: z.object({
    rows: z.array(
      z.object({
        position: z.int(),
        stream: z.string(),
        type: z.string(),
        at: z.int(),
        by: z.string(),
        door: z.string(),
        data: z.unknown(),
      }),
    ),
    next: z.string().optional(),
  }),
  async run({ stream, type, by, from, to, cursor, limit }, { node }) {
    const found = await node.log.list({
      stream,
      type,
      by,
      fromMs: inMs(from),
      toMs: inMs(to),
      before: positionOf(cursor),
      limit,
    })
    const last = found.length === limit ? found.at(-1) : undefined
    const rows = found.map((event) => ({
      position: numberOf(event.position),
      stream: event.stream,
      type: event.type,
      at: Math.floor(event.at / 1000),
      by: event.meta.actor,
      door: event.meta.door,
      data: event.type === 'password.set' || event.type === 'device.opened' ? withoutHashes(event.data) : event.data,
    }))
    return { rows, ...(last === undefined ? {} : { next: String(last.position) }) }
  },
})

/** Hashes are no secrets to the log, but nothing that guesses could start from is shown. */
function withoutHashes(data: unknown): unknown {
  return Object.fromEntries(Object.entries(data as object).filter(([key]) => !key.toLowerCase().includes('hash')))
}

const requestRow = z.object({
  requestId: z.string(),
  at: z.int(),
  status: z.int(),
  path: z.string(),
  model: z.string(),
  upstream: z.string(),
  key12: z.string(),
  tokens: z.object({ input: z.int(), output: z.int() }),
  costMsat: z.int(),
  firstTokenMs: z.int().optional(),
  ms: z.int(),
  outcome: z.string(),
  marks: z.array(z.string()),
})

export const requestsList = query({
  name: 'requests.list',
  in: z.object({
    ...range,
    text: z.string().max(300).optional(),
    status: z.int().optional(),
    model: z.string().max(300).optional(),
    upstream: z.string().max(100).optional(),
    session: z
      .string()
      .regex(/^[0-9a-f]{12,64}$/)
      .optional(),
    outcome: z.string().max(30).optional(),
    minMsat: z.int().min(0).optional(),
    ...page,
  }),
  out: z.object({
    rows: z.array(requestRow),
    next: z.string().optional(),
    totals: z.object({ requests: z.int(), costMsat: z.int(), inputTokens: z.int(), outputTokens: z.int() }),
  }),
  async run({ from, to, cursor, session, ...given }, { node }) {
    const filter = {
      ...given,
      key12: session?.slice(0, 12),
      fromMs: inMs(from),
      toMs: inMs(to),
      before: positionOf(cursor),
    }
    const found = await listRequests(node.views.sql, filter)
    const totals = await totalRequests(node.views.sql, filter)
    const last = found.length === given.limit ? found.at(-1) : undefined
    return {
      rows: found.map(shownRequest),
      ...(last === undefined ? {} : { next: String(last.position) }),
      totals: {
        requests: numberOf(totals.requests),
        costMsat: numberOf(totals.costMsat),
        inputTokens: numberOf(totals.inputTokens),
        outputTokens: numberOf(totals.outputTokens),
      },
    }
  },
})

export const requestsGet = query({
  name: 'requests.get',
  in: z.object({ requestId: z.uuid() }),
  out: requestRow.extend({ trace: z.unknown(), sentence: z.string(), lines: z.array(z.unknown()) }),
  async run({ requestId }, context) {
    const { node } = context
    const row = await findRequest(node.views.sql, requestId)
    if (row === undefined) return { notFound: `request ${requestId}` }
    const [event] = await node.log.after(row.position - 1n, 1)
    const lines = await listLines(node.views.sql, { requestId, limit: 50 })
    return { ...shownRequest(row), trace: event?.data ?? {}, sentence: sentenceOf(row), lines: lines.map(shownLine) }
  },
})

function shownRequest(row: RequestRow): z.input<typeof requestRow> {
  const marks = [
    row.stream ? 'stream' : '',
    row.tries > 1 ? 'failed over' : '',
    row.estimated ? 'estimated' : '',
    row.shortfallMsat > 0n ? 'shortfall' : '',
  ]
  return {
    requestId: row.requestId,
    at: secondsOf(row.at) ?? 0,
    status: row.status,
    path: row.path,
    model: row.model,
    upstream: row.upstream,
    key12: row.key12,
    tokens: { input: numberOf(row.inputTokens), output: numberOf(row.outputTokens) },
    costMsat: numberOf(row.costMsat),
    ...(row.firstByteMs === null ? {} : { firstTokenMs: row.firstByteMs }),
    ms: row.ms,
    outcome: row.outcome,
    marks: marks.filter((mark) => mark !== ''),
  }
}

function sentenceOf(row: RequestRow): string {
  const sat = `${numberOf(row.costMsat) / 1000} sat`
  const tries = row.tries === 1 ? 'at the first try' : `after ${row.tries} tries`
  switch (row.outcome) {
    case 'answered':
      return `Answered ${tries}. ${sat} for ${row.inputTokens} input and ${row.outputTokens} output tokens.`
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

const level = z.enum(['debug', 'info', 'warn', 'error'])
const shownLine = (line: {
  readonly at: bigint
  readonly level: string
  readonly message: string
  readonly requestId: string | null
  readonly fields: string
}) => ({
  at: numberOf(line.at),
  level: line.level,
  message: line.message,
  ...(line.requestId === null ? {} : { requestId: line.requestId }),
  fields: JSON.parse(line.fields) as unknown,
})

export const logsList = query({
  name: 'logs.list',
  in: z.object({
    level: level.optional(),
    ...range,
    text: z.string().max(200).optional(),
    requestId: z.string().max(64).optional(),
    ...page,
  }),
  out: z.object({
    rows: z.array(
      z.object({
        at: z.int(),
        level: z.string(),
        message: z.string(),
        requestId: z.string().optional(),
        fields: z.unknown(),
      }),
    ),
    counts: z.record(z.string(), z.int()),
    next: z.string().optional(),
  }),
  async run({ cursor, from, to, ...given }, { node }: RunContext) {
    const filter = { ...given, fromMs: inMs(from), toMs: inMs(to), before: positionOf(cursor) }
    const found = await listLines(node.views.sql, filter)
    const last = found.length === given.limit ? found.at(-1) : undefined
    return {
      rows: found.map(shownLine),
      counts: await countLines(node.views.sql, filter),
      ...(last === undefined ? {} : { next: String(last.n) }),
    }
  },
})
