/** What happened: commands of every door, events of the log. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { listCommands, newestVersion } from '../../../events'
import { query } from '../command'
import { boundsOf, numberOf, page, positionOf, range, secondsOf } from '../rows'

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
    const filter = { by, door, outcome, ...boundsOf({ from, to }, node), before: positionOf(cursor), limit }
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
      ...boundsOf({ from, to }, node),
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
      data: hashed.includes(event.type) ? withoutHashes(event.data) : event.data,
    }))
    return { rows, ...(last === undefined ? {} : { next: String(last.position) }) }
  },
})

const hashed = ['password.set', 'device.opened', 'token.created']

/** Hashes are no secrets to the log, but nothing that guesses could start from is shown. */
function withoutHashes(data: unknown): unknown {
  return Object.fromEntries(Object.entries(data as object).filter(([key]) => !key.toLowerCase().includes('hash')))
}
