/** Where both doors end: may they, was it done already, run it once, remember the outcome (remote-admin 3). */
import { createHmac } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { LogUnavailable } from '../../events'
import { createLanes, type Lanes } from '../lanes'
import { limits } from '../limits'
import type { Trace } from '../trace'
import { canonical } from './canonical'
import { commandStream, isNo, type Row } from './command'
import type { Confirmations } from './confirmations'
import { type AdminRequest, adminError, type Enveloped, enveloped, type Stored } from './envelope'
import { type Command, createExecution, type Identity, refusal } from './execution'
import { tooOldOrNew } from './freshness'
import type { AdminNode } from './node-port'
import { createOwnAnswers } from './own-answers'
import { createPermission, provenByCode, type Ready } from './permission'
import type { Caller } from './principal'
import { createRates } from './rates'
import { undecidedError, wasDecided } from './refusals'
import type { Table } from './table'

export type Dispatch = {
  /** `together`: several rows as one command, in place of the row that the request names (remote-admin 9.6). */
  readonly dispatch: (request: AdminRequest, caller: Caller, together?: Row) => Promise<Enveloped>
  /** A query of somebody who was let in already: what goes on by itself is not counted, and checked anew. */
  readonly look: (request: AdminRequest, caller: Caller) => Promise<Enveloped>
  /** Closes what was received and not finished when the node died; answers how many. */
  readonly closeOpen: () => Promise<number>
}

export function createDispatch(deps: {
  readonly node: AdminNode
  readonly table: Table
  readonly confirmations: Confirmations
  readonly fingerprintKey: Uint8Array
  readonly now: () => number
  readonly trace: Trace
}): Dispatch {
  const { node, table, confirmations, now } = deps
  const permission = createPermission(node, table, now)
  const execution = createExecution({ ...deps, permission })
  const rates = createRates(now)
  const serial = createLanes(1)
  const outside = createLanes(limits.commandOutsideLanes)
  const queries = createLanes(limits.queriesAtOnce)
  const running = new Map<string, { readonly fingerprint: string; readonly answer: Promise<Enveloped> }>()
  /** A yes that is sent again gets its answer again: the code itself is gone with its first use. */
  const confirmed = new LRUCache<string, { readonly fingerprint: string; readonly answer: Promise<Enveloped> }>({
    max: limits.confirmsKept,
  })
  const nowS = () => Math.floor(now() / 1000)
  const own = createOwnAnswers({ table, permission, confirmations, nowS })

  async function dispatch(request: AdminRequest, caller: Caller, together?: Row): Promise<Enveloped> {
    if ((request.v ?? 1) !== 1)
      return answer(request.id, adminError('UNSUPPORTED_VERSION', 'only version 1 is spoken here', { supported: [1] }))
    const row = together ?? table.find(request.method)
    const isMutation = row !== undefined && row.class !== '-' && row.class !== 'm'
    const limited = overRate(caller, 'requests')
    if (limited !== undefined) return answer(request.id, limited)
    if (row === undefined || row.role === 'none')
      return answer(request.id, adminError('NO_METHOD', `there is no command ${request.method.slice(0, 60)}`))
    try {
      if (row.name === 'commands.confirm') return await confirmOnce(row, request, caller)
      return isMutation ? await mutate(row, request, caller, false) : await ask(row, request, caller)
    } catch (error) {
      if (!(error instanceof LogUnavailable)) return failed(row, request, error)
      const sentence = 'The log cannot be written. Nothing was done.'
      return answer(request.id, adminError('UNAVAILABLE', sentence, { kind: 'later' }))
    }
  }

  async function look(request: AdminRequest, caller: Caller): Promise<Enveloped> {
    const row = table.find(request.method)
    if (row?.class !== '-') return answer(request.id, adminError('NO_METHOD', 'there is no such query'))
    return ask(row, request, caller).catch((error: unknown) => failed(row, request, error))
  }

  /** A bug is an answer too, on both doors: who asked learns an id, the log of the process says why (2.3). */
  function failed(row: Row, request: AdminRequest, error: unknown): Enveloped {
    const id = crypto.randomUUID()
    deps.trace.error('A command failed for a reason nobody foresaw', { id, method: row.name, why: String(error) })
    return answer(request.id, adminError('INTERNAL', `Internal error; quote ${id}`, { id }))
  }

  /** Queries and what lives in memory only: no event, no stored outcome. */
  async function ask(row: Row, request: AdminRequest, caller: Caller): Promise<Enveloped> {
    const late = tooOldOrNew(row, request, caller, nowS())
    if (late !== undefined) return answer(request.id, late)
    const ready = await permission.prepare(row, request, caller)
    if ('error' in ready) return answer(request.id, ready)
    if (row.name === 'commands.cancel')
      return answer(request.id, { result: { cancelled: confirmations.drop(caller.principal.name) } })
    return queries(async () => {
      await caughtUp(request)
      const context = { ...ready.context, execute: neverExecute }
      const result = await (own[row.name]?.(ready.params, context, caller) ?? row.run(ready.params, context))
      return answer(request.id, isNo(result) ? refusal(result) : { result: row.out.parse(result) })
    })
  }

  /** What was committed before the question is in its answer, unless the tables are far behind. */
  const caughtUp = ({ notBefore }: AdminRequest): Promise<boolean> =>
    notBefore === undefined
      ? node.views.caughtUp(node.log.head(), limits.viewsFreshMs)
      : node.views.caughtUp(BigInt(notBefore), limits.viewsWaitMs)

  async function confirmOnce(row: Row, request: AdminRequest, caller: Caller): Promise<Enveloped> {
    const key = `${caller.principal.admin}\0${request.id}`
    const fingerprint = canonical(request.params ?? {})
    const known = confirmed.get(key)
    if (known !== undefined)
      return known.fingerprint === fingerprint
        ? { ...(await known.answer), replayed: true }
        : answer(request.id, conflict())
    const work = confirm(row, request, caller)
    confirmed.set(key, { fingerprint, answer: work })
    // What was not yet decided may be tried again under the same id.
    const done = await work.catch((error: unknown) => {
      confirmed.delete(key)
      throw error
    })
    if (!wasDecided(done)) confirmed.delete(key)
    return done
  }

  async function confirm(row: Row, request: AdminRequest, caller: Caller): Promise<Enveloped> {
    const late = tooOldOrNew(row, request, caller, nowS())
    if (late !== undefined) return answer(request.id, late)
    const ready = await permission.prepare(row, request, caller)
    if ('error' in ready) return answer(request.id, ready)
    const { code } = ready.params as { readonly code: string }
    const held = confirmations.claim(caller.principal.name, code, nowS())
    if ('refused' in held) return answer(request.id, undecidedError(held.refused))
    return { ...(await mutate(held.row, held.request, caller, true)), id: request.id }
  }

  /** A command that was seen before gets its stored answer, whatever its age now. */
  async function mutate(row: Row, request: AdminRequest, caller: Caller, confirmed: boolean): Promise<Enveloped> {
    const stream = commandStream(caller.principal.admin, request.id)
    const fingerprint = createHmac('sha256', deps.fingerprintKey)
      .update(canonical([row.name, request.params ?? {}]))
      .digest('hex')
    const underway = running.get(stream)
    if (underway !== undefined)
      return underway.fingerprint === fingerprint
        ? { ...(await underway.answer), replayed: true }
        : answer(request.id, conflict())
    const work = attempt(row, request, caller, { stream, fingerprint, confirmed }).finally(() => running.delete(stream))
    running.set(stream, { fingerprint, answer: work })
    return work
  }

  async function attempt(
    row: Row,
    request: AdminRequest,
    caller: Caller,
    identity: Identity & { readonly confirmed: boolean },
  ): Promise<Enveloped> {
    const command = { row, request, caller, identity }
    const known = await node.log.command(identity.stream)
    if (known !== undefined)
      return known.fingerprint === identity.fingerprint
        ? revealed(command, repeated(request.id, known.outcome))
        : answer(request.id, conflict())
    const late = identity.confirmed ? undefined : tooOldOrNew(row, request, caller, nowS())
    // Burnt also over the rate: else the same message could run once its time has come.
    if (late?.error.data.reason === 'FUTURE' && permission.stillAllowed(row, caller.principal))
      await execution.burn(command, late)
    const limited = overRate(caller, 'mutations')
    const refused = limited ?? late
    if (refused !== undefined) return answer(request.id, refused)
    const allowed = await permission.prepare(row, request, caller)
    if ('error' in allowed) return answer(request.id, allowed)
    const ready = identity.confirmed && allowed.wantsCode ? provenByCode(allowed) : allowed
    const asked = identity.confirmed ? undefined : await confirmation(command, ready)
    if (asked !== undefined) return answer(request.id, asked)
    if (row.lane !== undefined && !node.money.isBalanced())
      return answer(request.id, undecidedError('books-unbalanced'))
    await row.warm?.(ready.params, ready.context)
    const lane = row.class === 'O' ? outside : serial
    const run = () => lane(() => execution.run(command, ready))
    // The money lane first: who waits for it holds up no other command.
    const { outcome, position } = await laneOf(row)(run)
    return revealed(command, answer(request.id, outcome, position))
  }

  function laneOf({ lane }: Row): Lanes {
    if (lane === 'coins') return node.money.coinsLane
    return lane === 'money' ? node.money.lane : (work) => work()
  }

  /** What must be said yes to first: a slip is guarded by a code in the answer, money by one that comes another way. */
  async function confirmation({ row, request, caller }: Pick<Command, 'row' | 'request' | 'caller'>, ready: Ready) {
    const { principal } = caller
    const byCode = ready.wantsCode ? `Run ${row.name} from the set-up page?` : undefined
    const money = (await row.secondWay?.(ready.params, ready.context)) ?? byCode
    const what = money ?? (await row.check?.(ready.params, ready.context))
    if (what === undefined) return undefined
    const { code, expiresS } = confirmations.hold(principal.name, { request, row, what }, nowS())
    if (money === undefined)
      return adminError('CONFIRM_REQUIRED', what, { kind: 'check', what, code, expires: expiresS })
    node.tellCode(what, code)
    return adminError('CONFIRM_REQUIRED', what, { kind: 'second-way', what, expires: expiresS })
  }

  /** Secrets of once are in no stored outcome: they are looked for at each answer. */
  async function revealed({ row, request, caller }: Command, answered: Enveloped): Promise<Enveloped> {
    if (row.reveal === undefined || !('result' in answered)) return answered
    const ready = await permission.prepare(row, request, caller)
    if ('error' in ready) return answered
    return { ...answered, result: row.out.parse(await row.reveal(answered.result, ready.context)) }
  }

  function overRate({ principal, door }: Caller, what: 'requests' | 'mutations') {
    const retryAfterMs = rates.wait(principal.name, door, what)
    return retryAfterMs === undefined
      ? undefined
      : adminError('RATE_LIMITED', 'too many requests at once', { retryAfterMs })
  }

  function repeated(id: string, outcome: string | null): Enveloped {
    if (outcome === null) return { v: 1, id, pending: true, retryAfterMs: 1500, now: nowS() }
    return enveloped(id, JSON.parse(outcome) as Stored, { rev: node.revisions.rev(), nowMs: now(), replayed: true })
  }

  const answer = (id: string, what: Stored, position?: bigint): Enveloped =>
    enveloped(id, what, { position: position ?? node.log.head(), rev: node.revisions.rev(), nowMs: now() })

  return { dispatch, look, closeOpen: execution.closeOpen }
}

const neverExecute = () => Promise.reject(new Error('a query appends nothing'))
const conflict = () => adminError('ID_CONFLICT', 'this id was used for another command')
