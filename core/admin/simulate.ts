/** What a command would meet, without running it (remote-admin 10, commands.simulate): appends nothing, asks nobody. */
import { z } from 'zod'
import type { Wish } from '../../events'
import { type CommandContext, isNo, type Row } from './command'
import { AsksOutside, dryNode } from './dry-node'
import { type AdminError, type AdminRequest, adminError } from './envelope'
import { refusal } from './execution'
import type { Permission, Ready } from './permission'
import type { Caller } from './principal'
import { refusedError } from './refusals'

export const simulateIn = z.object({
  name: z.string().min(1).max(100),
  params: z.record(z.string(), z.unknown()).default({}),
})

/** What the caller must bring beside the command; `outside`: how it ends is for a mint or an upstream to say. */
type Need = 'step-up' | 'check' | 'second-way' | 'outside'
type Simulated = {
  /** Once its needs are met. */
  readonly wouldRun: boolean
  readonly needs: readonly Need[]
  /** The error that it would be answered. */
  readonly refusal?: AdminError['data'] & { readonly message: string }
}

type Asked = {
  readonly row: Row | undefined
  readonly name: string
  readonly params: Readonly<Record<string, unknown>>
  /** Of a query that the dispatcher answers itself. */
  readonly own: ((params: unknown, context: CommandContext, caller: Caller) => Promise<unknown>) | undefined
}
type By = { readonly context: CommandContext; readonly caller: Caller; readonly permission: Permission }

export async function simulated(asked: Asked, by: By): Promise<unknown> {
  const { row, name, params } = asked
  if (row === undefined || row.role === 'none')
    return refusedBy(adminError('NO_METHOD', `there is no command ${name.slice(0, 60)}`).error)
  // A guess at a code would be one of its three tries, and a simulation of a simulation says nothing new.
  if (['commands.confirm', 'commands.cancel', 'commands.simulate'].includes(row.name))
    return refusedBy(refusedError('not-simulated').error)
  const { ifRev, commandId } = by.context
  const request = { id: commandId, method: row.name, params, ...(ifRev === undefined ? {} : { ifRev: Number(ifRev) }) }
  const { ready, needs } = await allowed(row, request, by)
  if ('error' in ready) return refusedBy(ready.error, needs)
  if (row.class !== '-') return tried(row, ready, needs)
  const context = { ...ready.context, execute: by.context.execute }
  const answer = await (asked.own?.(ready.params, context, by.caller) ?? row.run(ready.params, context))
  return isNo(answer) ? answer : row.out.parse(answer)
}

/** As the dispatcher asks; a missing proof is a need, and what else stands in the way is said all the same. */
async function allowed(row: Row, request: AdminRequest, { caller, permission }: By) {
  const ready = await permission.prepare(row, request, caller)
  if (!('error' in ready)) {
    const needs: Need[] = ready.wantsCode ? ['second-way'] : []
    return { ready, needs }
  }
  if (ready.error.data.reason !== 'STEP_UP_REQUIRED') return { ready, needs: [] as Need[] }
  const proved = { ...caller, principal: { ...caller.principal, stepUp: true } }
  return { ready: await permission.prepare(row, request, proved), needs: ['step-up'] as Need[] }
}

/** Runs the row on a node that changes nothing; its wishes are decided on the state as it is, and forgotten. */
async function tried(row: Row, ready: Ready, needs: readonly Need[]): Promise<Simulated> {
  const node = dryNode(ready.context.node)
  const context = { ...ready.context, node }
  if (row.lane !== undefined && !node.money.isBalanced())
    return refusedBy(refusedError('books-unbalanced').error, needs)
  const wishes: Wish[] = []
  const execute: CommandContext['execute'] = async (wished) => {
    const added = [wished].flat() as Wish[]
    const outcome = await node.engine.simulate([...wishes, ...added])
    if (!('refused' in outcome)) wishes.push(...added)
    return outcome
  }
  const asks = [...needs]
  try {
    asks.push(...(await confirmations(row, ready.params, context, needs)))
    const result = await row.run(ready.params, { ...context, execute })
    if (!isNo(result)) return { wouldRun: true, needs: asks }
    const stored = refusal(result)
    return 'error' in stored ? refusedBy(stored.error, asks) : { wouldRun: true, needs: asks }
  } catch (error) {
    if (error instanceof AsksOutside) return { wouldRun: true, needs: [...asks, 'outside'] }
    throw error
  }
}

async function confirmations(row: Row, params: unknown, context: Ready['context'], needs: readonly Need[]) {
  if (needs.includes('second-way') || (await row.secondWay?.(params, context)) !== undefined)
    return needs.includes('second-way') ? [] : (['second-way'] as const)
  return (await row.check?.(params, context)) === undefined ? [] : (['check'] as const)
}

const refusedBy = ({ data, message }: AdminError, needs: readonly Need[] = []): Simulated => ({
  wouldRun: false,
  needs,
  refusal: { ...data, message },
})
