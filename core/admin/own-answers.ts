/** Queries that the dispatcher answers itself: they look at its own table, its own rights and what waits for a yes. */
import { z } from 'zod'
import { type CommandContext, type No, query, type Row } from './command'
import type { Confirmations } from './confirmations'
import { exportPage, exportsMake } from './exports/page'
import type { Permission } from './permission'
import type { Caller } from './principal'
import { simulated, simulateIn } from './simulate'
import type { Table } from './table'

const never = () => Promise.reject(new Error('the dispatcher answers this query'))

export const commandsWaiting = query({
  name: 'commands.waiting',
  in: z.object({}),
  /** The code goes its own way and never stands here. */
  out: z.object({
    rows: z.array(z.object({ id: z.string(), by: z.string(), what: z.string(), expires: z.int() })),
  }),
  run: never,
})

export const commandsSimulate = query({
  name: 'commands.simulate',
  in: simulateIn,
  /** A query's own answer, or what a command would meet: see simulate.ts. */
  out: z.unknown(),
  run: never,
})

type Answer = (params: unknown, context: CommandContext, caller: Caller) => Promise<unknown> | Promise<No>

export function createOwnAnswers(deps: {
  readonly table: Table
  readonly permission: Permission
  readonly confirmations: Confirmations
  readonly nowS: () => number
}): Readonly<Record<string, Answer>> {
  const { confirmations, nowS } = deps
  const waiting = async () => ({
    rows: confirmations
      .waiting(nowS())
      .map(({ sender, request, what, expiresS }) => ({ id: request.id, by: sender, what, expires: expiresS })),
  })
  const answers: Readonly<Record<string, Answer>> = {
    [commandsWaiting.name]: waiting,
    [exportsMake.name]: async (params, context) =>
      exportPage(params as z.output<typeof exportsMake.in>, context, deps.table.find),
    [commandsSimulate.name]: async (params, context, caller) => {
      const { name, params: wanted } = params as z.output<typeof simulateIn>
      const row: Row | undefined = deps.table.find(name)
      const own = row === undefined ? undefined : answers[row.name]
      return simulated({ row, name, params: wanted, own }, { context, caller, permission: deps.permission })
    },
  }
  return answers
}
